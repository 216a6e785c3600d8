#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes optimizers.golden.safetensors of optimizer_golden_test.cpp with PyTorch, in float64.

    make_optimizer_golden.py [DIRECTORY]

Logistic regression, which is smooth, so that no rounding grows: for each setting the learning rates
and losses of twelve steps, of which three are an epoch, and the weights after them. Rates are those of
PyTorch's own schedulers, the one of warm-up after each step and the other after each epoch.
"""
import pathlib
import sys

import torch
import torch.nn.functional as F
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, MultiStepLR

from make_golden import write_safetensors

SAMPLES, FEATURES, CLASSES, STEPS, STEPS_IN_EPOCH, EPOCHS = 16, 7, 5, 12, 3, 4


def run(weight, bias, images, labels, make_optimizer, warmup=0, schedule=None, clip=0):
    weight, bias = weight.clone().requires_grad_(), bias.clone().requires_grad_()
    optimizer = make_optimizer([weight, bias])
    warm = LinearLR(optimizer, 1 / warmup, total_iters=warmup - 1) if warmup else None
    schedule = schedule(optimizer) if schedule else None
    rates, losses, clipped = [], [], 0
    for step in range(STEPS):
        loss = F.cross_entropy(images @ weight.T + bias, labels)
        optimizer.zero_grad()
        loss.backward()
        if clip:
            clipped += bool(torch.nn.utils.clip_grad_norm_([weight, bias], clip) > clip)
        rates.append(optimizer.param_groups[0]["lr"])
        losses.append(loss.item())
        optimizer.step()
        if warm:
            warm.step()
        if schedule and (step + 1) % STEPS_IN_EPOCH == 0:
            schedule.step()
    assert not clip or 0 < clipped < STEPS, f"{clipped} of {STEPS} steps were clipped"
    return {"rates": torch.tensor(rates, dtype=torch.float64),
            "losses": torch.tensor(losses, dtype=torch.float64),
            "weight": weight.detach(), "bias": bias.detach()}


SETTINGS = {
    "nesterov": dict(make_optimizer=lambda p: torch.optim.SGD(
        p, lr=0.1, momentum=0.9, weight_decay=1e-2, nesterov=True)),
    "clipped": dict(make_optimizer=lambda p: torch.optim.SGD(
        p, lr=0.1, momentum=0.9, weight_decay=1e-2), clip=0.625),
    "warm multi-step": dict(make_optimizer=lambda p: torch.optim.SGD(
        p, lr=0.1, momentum=0.9, weight_decay=1e-2), warmup=5,
        schedule=lambda o: MultiStepLR(o, [1, 3], 0.1)),
    "warm cosine": dict(make_optimizer=lambda p: torch.optim.SGD(
        p, lr=0.1, momentum=0.9, weight_decay=1e-2, nesterov=True), warmup=4,
        schedule=lambda o: CosineAnnealingLR(o, EPOCHS)),
    "adamw": dict(make_optimizer=lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1)),
    "adamw with all": dict(make_optimizer=lambda p: torch.optim.AdamW(
        p, lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1), warmup=4,
        schedule=lambda o: CosineAnnealingLR(o, EPOCHS), clip=0.625),
}


def main():
    directory = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    generator = torch.Generator().manual_seed(3)
    start = {"weight": torch.randn(CLASSES, FEATURES, generator=generator),
             "bias": torch.randn(CLASSES, generator=generator),
             "images": torch.randn(SAMPLES, FEATURES, generator=generator)}
    labels = torch.randint(0, CLASSES, (SAMPLES,), generator=generator)
    golden = {**start, "labels": labels}
    for name, setting in SETTINGS.items():
        values = run(labels=labels, **{k: v.double() for k, v in start.items()}, **setting)
        golden |= {f"{name}.{key}": value for key, value in values.items()}
    write_safetensors(directory / "optimizers.golden.safetensors", golden)


if __name__ == "__main__":
    main()
