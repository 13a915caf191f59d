"""An exported image tower by onnxruntime from Python: a peer of bench/compare.js for the task features.

Needs numpy and onnxruntime.
"""

import sys

import numpy
import onnxruntime
from answer_tasks import answer_tasks


def main():
    model, pixels, threads = sys.argv[1:4]
    images = numpy.fromfile(pixels, dtype=numpy.float32).reshape(-1, 3, 224, 224)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    tasks = {"features": lambda: session.run(None, {"pixel_values": images})[0]}
    answer_tasks(f"onnxruntime {onnxruntime.__version__} from Python, {threads} threads", tasks)


main()
