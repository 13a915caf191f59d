"""The peers' side of bench/peer.js in Python."""

import json
import resource
import sys
import time


def answer_tasks(ready, tasks):
    """Does a task a line; answers with seconds and the process's peak memory, or, to `values`, with the features."""
    answer({"ready": ready})
    for line in sys.stdin:
        name = line.strip()
        if name == "values":
            answer({"values": tasks["features"]().ravel().tolist()})
            continue
        start = time.perf_counter()
        tasks[name]()
        seconds = time.perf_counter() - start
        answer({"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})


def answer(value):
    print(json.dumps(value), flush=True)
