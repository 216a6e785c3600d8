#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times training steps of softlabel and of PyTorch on the CPU, in turns, and prints a Markdown table.

    bench/compare_pytorch.py --binary build/release/bin/step_bench --rounds 5

Each round times a few steps of softlabel, of PyTorch with contiguous tensors and of PyTorch with
channels_last, one after the other, so that what else the machine does falls on all alike. The table
has images/s by the median step of the median round, and by the best step of all. Ratios are softlabel's
to the faster PyTorch, above 1 where softlabel is faster. The step of softlabel includes the
augmentation; PyTorch is given its batch ready made.
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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "test" / "golden"))
import torch_models  # noqa: E402

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


class TorchStep:
    def __init__(self, name, batch_size, layout, args):
        height, width, channels = map(int, args.image.split("x"))
        torch.manual_seed(1)

        def make():
            return torch_models.make(name, channels, args.classes).to(memory_format=LAYOUTS[layout])

        self.batch_size = batch_size
        self.model = make().train()
        self.teacher = make().eval() if args.loss == "sd" else None
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9,
                                         weight_decay=1e-4)
        self.images = torch.randn(batch_size, channels, height, width).contiguous(
            memory_format=LAYOUTS[layout])
        self.labels = torch.randint(args.classes, (batch_size,))

    def run(self):
        logits = self.model(self.images)
        if self.teacher:
            with torch.no_grad():
                soft = F.softmax(self.teacher(self.images), 1)
            loss = -(soft * F.log_softmax(logits, 1)).sum(1).mean()
        else:
            loss = F.cross_entropy(logits, self.labels)
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


def softlabel_images_per_s(name, batch_size, args):
    command = [args.binary, "--model", name, "--batch-size", batch_size, "--image", args.image,
               "--classes", args.classes, "--device", "cpu", "--threads", args.threads,
               "--loss", args.loss, "--warm-up", args.warm_up, "--steps", args.steps]
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
    parser.add_argument("--loss", choices=("ce", "sd"), default="ce", help="default: %(default)s")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    print(f"{processor()}, {args.threads} threads, PyTorch {torch.__version__}; training steps on "
          f"{args.image}, {args.classes} classes, loss {args.loss}; images/s, {args.rounds} rounds "
          f"of {args.steps} steps: median (best)\n")
    print("| network | batch | softlabel | PyTorch | PyTorch channels_last | ratio |")
    print("|---|--:|--:|--:|--:|--:|")
    for model in args.models.split(","):
        name, batch_size = model.rsplit(":", 1)
        peers = {layout: TorchStep(name, int(batch_size), layout, args) for layout in LAYOUTS}
        rounds = []
        for _ in range(args.rounds):
            rates = {"softlabel": softlabel_images_per_s(name, batch_size, args)}
            for layout, peer in peers.items():
                rates[layout] = peer.images_per_s(args.warm_up, args.steps)
            print(name, *(f"{who} {median:.1f} ({best:.1f})"
                          for who, (median, best) in rates.items()), file=sys.stderr)
            rounds.append(rates)
        columns = ("softlabel", *LAYOUTS)
        median = [statistics.median(rates[c][0] for rates in rounds) for c in columns]
        best = [max(rates[c][1] for rates in rounds) for c in columns]
        cells = [f"{m:.1f} ({b:.1f})" for m, b in zip(median, best)]
        cells.append(f"{median[0] / max(median[1:]):.2f} ({best[0] / max(best[1:]):.2f})")
        print(f"| {name} | {batch_size} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
