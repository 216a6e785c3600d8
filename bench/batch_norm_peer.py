#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the shapes of batch_norm_bench in PyTorch on the CPU: batch norm and ReLU, channels last.

Prints one line per direction and shape: the best and the median of many calls in microseconds. The
residual is added in place before the ReLU, also in place, as the usual ResNet code does.
"""
import argparse
import statistics
import time

import torch
import torch.nn.functional as F

DENSE = [(64, 32, 24), (64, 32, 48), (64, 32, 120), (64, 32, 216),
         (64, 16, 108), (64, 16, 300), (64, 8, 150), (64, 8, 342)]
RESIDUAL = [(128, 32, 16), (128, 16, 32), (128, 8, 64),
            (64, 32, 64), (64, 16, 128), (64, 8, 256), (64, 4, 512)]


def images(n, size, channels):
    return torch.randn(n, channels, size, size).to(memory_format=torch.channels_last)


def microseconds(call, seconds):
    call()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(1e6 * (time.perf_counter() - start))
    return f"{min(times):.1f} {statistics.median(times):.1f}"


def report(name, n, size, channels, with_residual, seconds):
    x = images(n, size, channels).requires_grad_()
    residual = images(n, size, channels).requires_grad_() if with_residual else None
    dy = images(n, size, channels)
    norm = torch.nn.BatchNorm2d(channels)
    inputs = [x, norm.weight, norm.bias] + ([residual] if with_residual else [])

    def forward():
        y = norm(x)
        if with_residual:
            y += residual
        return F.relu_(y)

    y = forward()
    for direction, call in (("forward", forward),
                            ("backward", lambda: torch.autograd.grad(y, inputs, dy,
                                                                     retain_graph=True))):
        print(f"{direction}/{name}/{n * size * size}/{channels} {microseconds(call, seconds)}",
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.3, help="per direction and shape")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"PyTorch {torch.__version__}, {args.threads} threads; best and median in us")
    for shape in DENSE + RESIDUAL:
        report("relu", *shape, False, args.seconds)
    for shape in RESIDUAL:
        report("add_relu", *shape, True, args.seconds)


if __name__ == "__main__":
    main()
