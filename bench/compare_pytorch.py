#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times training steps of softlabel and of PyTorch, in turns, and prints a Markdown table.

    bench/compare_pytorch.py --binary build/release/bin/step_bench --rounds 5
    bench/compare_pytorch.py --binary build/cuda/bin/step_bench --device cuda --steps 20 --warm-up 10

Each round times a few steps of softlabel in each of its precisions and of PyTorch in each of its
modes, one after the other, so that what else the machine does falls on all alike. On the CPU those
are contiguous tensors and channels_last, each in float32 and under bf16 autocast; on a GPU
channels_last in float32, in TF32 and under bf16 autocast, and the last two as a CUDA graph too, and
each time is of 20 queued steps. --compile adds torch.compile; --float32 leaves out what computes
with less, for processors without bf16. The table has images/s by the median step of the median
round, and by the best step of all. The ratio is of softlabel's fastest to PyTorch's fastest, above
1 where softlabel is faster; the ratio in float32 of the fastest that are. The step of softlabel
includes the augmentation; PyTorch is given its batch ready made.
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
# Whether it is less than float32.
SOFTLABEL = {"cpu": {"exact": False, "f32": False, "bf16": True},
             "cuda": {"f32": False, "tf32": True, "bf16": True}}


def peer_modes(args):
    """(layout, precision, how it runs) of PyTorch, by title."""
    if args.device == "cpu":
        modes = [(layout, precision, "eager") for layout in LAYOUTS for precision in ("float32", "bf16")]
    else:
        modes = [("channels_last", precision, "eager") for precision in ("float32", "tf32", "bf16")]
        modes += [("channels_last", precision, "graph") for precision in ("tf32", "bf16")]
    if args.compile:
        modes += [(layout, precision, "compiled") for layout, precision, how in modes
                  if how == "eager" and (args.device == "cpu" or precision == "bf16")]
    if args.float32:
        modes = [mode for mode in modes if mode[1] == "float32"]
    return {", ".join(word for word in mode if word not in ("float32", "eager")): mode for mode in modes}


class TorchStep:
    def __init__(self, name, batch_size, layout, precision, how, args):
        height, width, channels = map(int, args.image.split("x"))
        torch.manual_seed(1)

        def make():
            model = softlabel_torch.make(name, channels, args.classes)
            model = model.to(args.device, memory_format=LAYOUTS[layout])
            return torch.compile(model) if how == "compiled" else model

        self.batch_size, self.precision, self.how, self.device = batch_size, precision, how, args.device
        self.model = make().train()
        self.teacher = make().eval() if args.loss == "sd" else None
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9,
                                         weight_decay=1e-4)
        self.images = torch.randn(batch_size, channels, height, width, device=args.device).contiguous(
            memory_format=LAYOUTS[layout])
        self.labels = torch.randint(args.classes, (batch_size,), device=args.device)
        self.graph = None

    def loss(self):
        logits = self.model(self.images)
        if self.teacher is None:
            return F.cross_entropy(logits, self.labels)
        with torch.no_grad():
            soft = F.softmax(self.teacher(self.images), 1)
        return -(soft * F.log_softmax(logits, 1)).sum(1).mean()

    def step(self):
        # What autocast keeps of the weights must not outlive the recording of a graph.
        with torch.autocast(self.device, torch.bfloat16, enabled=self.precision == "bf16",
                            cache_enabled=self.how != "graph"):
            loss = self.loss()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def record(self):
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):  # as its documentation asks for
            for _ in range(3):
                self.step()
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad()
        with torch.cuda.graph(self.graph):
            self.step()

    def images_per_s(self, warm_up, steps):
        """By the median and by the best step."""
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = self.precision != "float32"
        torch.backends.cudnn.benchmark = True
        if self.how == "graph" and self.graph is None:
            self.record()
        run = self.graph.replay if self.graph else self.step
        wait = torch.cuda.synchronize if self.device == "cuda" else lambda: None
        in_a_row = in_a_row_on(self.device)
        for _ in range(warm_up):
            run()
        times = []
        for _ in range(steps):
            wait()
            start = time.perf_counter()
            for _ in range(in_a_row):
                run()
            wait()
            times.append((time.perf_counter() - start) / in_a_row)
        return self.batch_size / statistics.median(times), self.batch_size / min(times)


def in_a_row_on(device):
    return 20 if device == "cuda" else 1


def softlabel_images_per_s(name, batch_size, precision, args):
    command = [args.binary, "--model", name, "--batch-size", batch_size, "--image", args.image,
               "--classes", args.classes, "--device", args.device, "--loss", args.loss,
               "--precision", precision, "--warm-up", args.warm_up, "--steps", args.steps,
               "--in-a-row", in_a_row_on(args.device)]
    if args.device == "cpu":
        command += ["--threads", args.threads]
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{args.binary} failed on {name}")
    result = json.loads(done.stdout)
    return result["images_per_s_median"], result["images_per_s_best"]


def machine(args):
    if args.device == "cuda":
        return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}"
    return f"{processor()}, {args.threads} threads"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="path of step_bench")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="default: %(default)s")
    parser.add_argument("--models", default="resnet20:128,resnet34:64,densenet-bc-100-12:64",
                        help="NAME:BATCH_SIZE,... (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--steps", type=int, default=5, help="in a round (default: %(default)s)")
    parser.add_argument("--warm-up", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--image", default="32x32x3", help="default: %(default)s")
    parser.add_argument("--classes", type=int, default=100, help="default: %(default)s")
    parser.add_argument("--compile", action="store_true", help="torch.compile too (needs minutes)")
    parser.add_argument("--float32", action="store_true", help="nothing that computes with less")
    parser.add_argument("--loss", choices=("ce", "sd"), default="ce", help="default: %(default)s")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    print(f"{machine(args)}, PyTorch {torch.__version__}; training steps on "
          f"{args.image}, {args.classes} classes, loss {args.loss}; images/s, {args.rounds} rounds "
          f"of {args.steps} steps: median (best)\n")
    modes = peer_modes(args)
    ours = {precision: less for precision, less in SOFTLABEL[args.device].items()
            if not (args.float32 and less)}
    # Whether a mode computes with less than float32.
    reduced = ours | {title: precision != "float32" for title, (_, precision, _) in modes.items()}
    print("| network | batch | " + " | ".join(reduced) + " | ratio | ratio in float32 |")
    print("|---|" + "--:|" * (3 + len(reduced)))
    for model in args.models.split(","):
        name, batch_size = model.rsplit(":", 1)
        peers = {title: TorchStep(name, int(batch_size), *mode, args)
                 for title, mode in modes.items()}
        rounds = []
        for _ in range(args.rounds):
            rates = {precision: softlabel_images_per_s(name, batch_size, precision, args)
                     for precision in ours}
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
            return fastest(ours) / fastest(modes)

        cells = [f"{median[who]:.1f} ({best[who]:.1f})" for who in reduced]
        cells += [f"{ratio(median, only):.2f} ({ratio(best, only):.2f})" for only in (False, True)]
        print(f"| {name} | {batch_size} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
