#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the shapes of batch_norm_bench in PyTorch on the CPU: batch norm and ReLU, channels last.

Prints one line per direction and shape: the best and the median of many calls in microseconds. The
residual is added in place before the ReLU, also in place, as the usual ResNet code does.
"""
import peer_timing
import torch
import torch.nn.functional as F

DENSE = [(64, 32, 24), (64, 32, 48), (64, 32, 120), (64, 32, 216),
         (64, 16, 108), (64, 16, 300), (64, 8, 150), (64, 8, 342)]
RESIDUAL = [(128, 32, 16), (128, 16, 32), (128, 8, 64),
            (64, 32, 64), (64, 16, 128), (64, 8, 256), (64, 4, 512)]


def images(n, size, channels):
    return torch.randn(n, channels, size, size).to(memory_format=torch.channels_last)


def directions(name, n, size, channels, with_residual):
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
    shape = f"{name}/{n * size * size}/{channels}"
    yield f"forward/{shape}", forward
    yield f"backward/{shape}", lambda: torch.autograd.grad(y, inputs, dy, retain_graph=True)


def cases():
    for shape in DENSE + RESIDUAL:
        yield from directions("relu", *shape, False)
    for shape in RESIDUAL:
        yield from directions("add_relu", *shape, True)


if __name__ == "__main__":
    peer_timing.main(__doc__, cases)
