"""Exports the image tower of a file of bench/peers/ours.js to ONNX, with the names that CLIP's exports have: pixel_values
to image_embeds. Writes the pictures beside it, float32, [N, 3, 224, 224]. Needs torch, onnx, onnxscript and safetensors.

    export_onnx.py tower.safetensors vision_model.onnx images.f32
"""

import sys

import torch
from torch_maple import read_shared


def main():
    source, target, pixels = sys.argv[1:4]
    tower, images = read_shared(source)
    images.numpy().tofile(pixels)
    names = {"input_names": ["pixel_values"], "output_names": ["image_embeds"]}
    with torch.no_grad():
        torch.onnx.export(tower, (images,), target, **names, dynamo=False)


main()
