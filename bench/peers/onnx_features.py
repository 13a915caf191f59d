"""The image tower of torch_maple.py, exported to ONNX, by onnxruntime: a peer of bench/compare.js for the task features.

Needs torch, onnx, onnxscript and onnxruntime.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import onnxruntime
import torch
from torch_maple import MaPLe


class ImageTower(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
        with torch.no_grad():
            self.register_buffer("shared", model.proj(model.ctx))
            deep = [layer(prompt) for layer, prompt in zip(model.projections, model.deep)]
        for index, prompt in enumerate(deep):
            self.register_buffer(f"deep_{index}", prompt)
        self.depth = len(deep)

    def forward(self, images):
        deep = [getattr(self, f"deep_{index}") for index in range(self.depth)]
        return self.model.image_features(images, self.shared, deep)


def main():
    _, _, pictures, threads = (int(value) for value in sys.argv[1:5])
    torch.manual_seed(0)
    tower = ImageTower(MaPLe(1).eval())
    images = torch.randn(pictures, 3, 224, 224)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "tower.onnx")
        with torch.no_grad():
            expected = tower(images)
            torch.onnx.export(tower, (images,), path, input_names=["images"], dynamo=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    pixels = images.numpy()
    difference = (torch.from_numpy(session.run(None, {"images": pixels})[0]) - expected).abs().max().item()
    assert difference < 1e-3, difference
    print(json.dumps({"ready": f"onnxruntime {onnxruntime.__version__}, {threads} threads"}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        session.run(None, {"images": pixels})
        seconds = time.perf_counter() - start
        # The peak is mostly the export's, in the same process.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "peak": peak}), flush=True)


main()
