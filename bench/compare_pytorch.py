#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times training steps of softlabel and of PyTorch on the CPU, in turns, and prints a Markdown table.

    bench/compare_pytorch.py --binary build/release/bin/step_bench --rounds 5

Each round times a few steps of softlabel in each of its precisions and of PyTorch in each of its
modes, one after the other, so that what else the machine does falls on all alike: PyTorch with
contiguous tensors and with channels_last, each in float32 and under bf16 autocast and, with
--compile, through torch.compile too. The table has images/s by the median step of the median round,
and by the best step of all. The ratio is of softlabel's fastest to PyTorch's fastest, above 1 where
softlabel is faster; the ratio in float32 of the fastest that are. The step of softlabel includes
the augmentation; PyTorch is given its batch ready made.
"""
import argparse
import json
import pathlib
import platform
import statistics
import subprocess
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "nn"))
import softlabel_torch  # noqa: E402

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
SOFTLABEL = {"exact": False, "f32": False, "bf16": True}  # whether it is less than float32


class TorchStep:
    def __init__(self, name, batch_size, layout, bf16, compiled, args):
        height, width, channels = map(int, args.image.split("x"))
        torch.manual_seed(1)

        def make():
            model = softlabel_torch.make(name, channels, args.classes)
            model = model.to(memory_format=LAYOUTS[layout])
            return torch.compile(model) if compiled else model

        self.batch_size = batch_size
        self.bf16 = bf16
        self.model = make().train()
        self.teacher = make().eval() if args.loss == "sd" else None
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9,
                                         weight_decay=1e-4)
        self.images = torch.randn(batch_size, channels, height, width).contiguous(
            memory_format=LAYOUTS[layout])
        self.labels = torch.randint(args.classes, (batch_size,))

    def loss(self):
        logits = self.model(self.images)
        if self.teacher is None:
            return F.cross_entropy(logits, self.labels)
        with torch.no_grad():
            soft = F.softmax(self.teacher(self.images), 1)
        return -(soft * F.log_softmax(logits, 1)).sum(1).mean()

    def run(self):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            loss = self.loss()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def images_per_s(self, warm_up, steps):
        """By the median and by the best step."""
        for _ in range(warm_up):
            self.run()
        times = []
        for _ in range(steps):
            start = time.perf_counter()
            self.run()
            times.append(time.perf_counter() - start)
        return self.batch_size / statistics.median(times), self.batch_size / min(times)


def softlabel_images_per_s(name, batch_size, precision, args):
    command = [args.binary, "--model", name, "--batch-size", batch_size, "--image", args.image,
               "--classes", args.classes, "--device", "cpu", "--threads", args.threads,
               "--loss", args.loss, "--precision", precision, "--warm-up", args.warm_up, "--steps", args.steps]
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{args.binary} failed on {name}")
    result = json.loads(done.stdout)
    return result["images_per_s_median"], result["images_per_s_best"]


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="path of step_bench")
    parser.add_argument("--models", default="resnet20:128,resnet34:64,densenet-bc-100-12:64",
                        help="NAME:BATCH_SIZE,... (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--steps", type=int, default=5, help="in a round (default: %(default)s)")
    parser.add_argument("--warm-up", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--image", default="32x32x3", help="default: %(default)s")
    parser.add_argument("--classes", type=int, default=100, help="default: %(default)s")
    parser.add_argument("--compile", action="store_true", help="torch.compile too (needs minutes)")
    parser.add_argument("--loss", choices=("ce", "sd"), default="ce", help="default: %(default)s")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    print(f"{processor()}, {args.threads} threads, PyTorch {torch.__version__}; training steps on "
          f"{args.image}, {args.classes} classes, loss {args.loss}; images/s, {args.rounds} rounds "
          f"of {args.steps} steps: median (best)\n")
    modes = {}  # of PyTorch, and whether it is less than float32
    for layout in LAYOUTS:
        for bf16 in (False, True):
            for compiled in (False, True) if args.compile else (False,):
                title = f"{layout}{', bf16' * bf16}{', compiled' * compiled}"
                modes[title] = (layout, bf16, compiled)
    reduced = SOFTLABEL | {title: bf16 for title, (_, bf16, _) in modes.items()}
    print("| network | batch | " + " | ".join(reduced) + " | ratio | ratio in float32 |")
    print("|---|" + "--:|" * (3 + len(reduced)))
    for model in args.models.split(","):
        name, batch_size = model.rsplit(":", 1)
        peers = {title: TorchStep(name, int(batch_size), *mode, args)
                 for title, mode in modes.items()}
        rounds = []
        for _ in range(args.rounds):
            rates = {precision: softlabel_images_per_s(name, batch_size, precision, args)
                     for precision in SOFTLABEL}
            for title, peer in peers.items():
                rates[title] = peer.images_per_s(args.warm_up, args.steps)
            print(name, *(f"{who} {median:.1f} ({best:.1f})"
                          for who, (median, best) in rates.items()), file=sys.stderr)
            rounds.append(rates)
        median = {who: statistics.median(rates[who][0] for rates in rounds) for who in reduced}
        best = {who: max(rates[who][1] for rates in rounds) for who in reduced}

        def ratio(of, float32_only):
            def fastest(names):
                return max(of[who] for who in names if not (float32_only and reduced[who]))
            return fastest(SOFTLABEL) / fastest(modes)

        cells = [f"{median[who]:.1f} ({best[who]:.1f})" for who in reduced]
        cells += [f"{ratio(median, only):.2f} ({ratio(best, only):.2f})" for only in (False, True)]
        print(f"| {name} | {batch_size} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
