#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the losses of soft_target_loss_bench in PyTorch, forward and backward, on the CPU.

Prints one line per loss and shape: the best and the median of many calls in microseconds. A loss that
PyTorch has is called, the others are composed the way training scripts do it.
"""
import peer_timing
import torch
import torch.nn.functional as F

ALPHA, SMOOTHING, TEMPERATURE, ENTROPY = 0.4, 0.1, 2.0, 0.1


def soft_cross_entropy(log_p, s):
    return -(s * log_p).sum(1).mean()


def with_hard_labels(z, y, s):
    return ALPHA * F.cross_entropy(z, y) + (1 - ALPHA) * soft_cross_entropy(F.log_softmax(z, 1), s)


def one_hot(z, y, u, b, q):
    return F.cross_entropy(z, y)


def smoothed(z, y, u, b, q):
    return F.cross_entropy(z, y, label_smoothing=SMOOTHING)


def teacher(z, y, u, b, q):
    return with_hard_labels(z, y, F.softmax(u / TEMPERATURE, 1))


def beta(z, y, u, b, q):
    s = ((1 - b) / (z.shape[1] - 1)).expand(-1, z.shape[1]).contiguous()
    return with_hard_labels(z, y, s.scatter_(1, y[:, None], b))


def probabilities(z, y, u, b, q):
    return ALPHA * F.cross_entropy(z, y) + (1 - ALPHA) * F.cross_entropy(z, q)


def entropy(z, y, u, b, q):
    log_p = F.log_softmax(z, 1)
    return F.nll_loss(log_p, y) + ENTROPY * (log_p.exp() * log_p).sum(1).mean()


def cases():
    for loss in (one_hot, smoothed, teacher, beta, probabilities, entropy):
        for rows, classes in ((128, 10), (128, 100), (1024, 100), (4096, 1000)):
            z = torch.randn(rows, classes, requires_grad=True)
            y = torch.randint(classes, (rows,))
            u = torch.randn(rows, classes)
            b = torch.rand(rows, 1)
            q = F.softmax(torch.randn(rows, classes), 1)
            yield (f"{loss.__name__}/{rows}/{classes}",
                   lambda: torch.autograd.grad(loss(z, y, u, b, q), z))


if __name__ == "__main__":
    peer_timing.main(__doc__, cases)
