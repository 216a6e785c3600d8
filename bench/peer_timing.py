# SPDX-License-Identifier: MIT
"""The command line and the timing loop that the PyTorch peers of benches share."""
import argparse
import statistics
import time

import torch


def microseconds(call, seconds):
    """The best and the median of as many calls as fit into `seconds`."""
    call()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(1e6 * (time.perf_counter() - start))
    return min(times), statistics.median(times)


def main(description, cases):
    """Times each (name, call) of the generator `cases`, as it comes, and prints a line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--threads", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=0.3, help="per case (default: %(default)s)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"PyTorch {torch.__version__}, {args.threads} threads; best and median in us")
    for name, call in cases():
        best, median = microseconds(call, args.seconds)
        print(f"{name} {best:.1f} {median:.1f}", flush=True)
