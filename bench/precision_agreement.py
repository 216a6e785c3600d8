#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains small networks in every precision, and prints how far from `exact` their results are.

    bench/precision_agreement.py --train build/release/bin/train --out runs/precision --jobs 2

320 runs: three networks, four losses, two data sets and five seeds, each in exact, f32 and bf16, of
2,000 images and 12 epochs on one thread. A DenseNet is not run in f32: none of its convolutions is by
Winograd's algorithm, so that it is the same as exact, bit for bit. The same command goes on with what
is finished. Seeds that lack a run are left out.

In each group of a network and a data set the table has the mean of the paired differences of test
accuracy (points) and NLL (nats) from `exact`, over losses, with a 95 % interval by Student's t over
seeds, since the runs of a seed have split and first weights in common; in brackets the loss that is
farthest from 0. Differences are small where the interval lies within the margins, which were chosen
before the runs: 1 point and 0.03 nats.
"""
import argparse
import concurrent.futures
import itertools
import json
import math
import os
import pathlib
import statistics
import subprocess

from scipy import stats

MODELS = {"resnet8": ["exact", "f32", "bf16"], "resnet20": ["exact", "f32", "bf16"],
          "densenet-bc-40-12": ["exact", "bf16"]}
DATASETS = ["fashion-mnist", "cifar100"]
LOSSES = ["ce", "ls", "beta", "sd"]  # sd's teacher is ce's network
SEEDS = range(5)
MARGINS = {"accuracy": 1, "nll": 0.03}
UNITS = {"accuracy": 100, "nll": 1}  # of result.json in one point or nat


def directory(args, *of_run):
    return args.out / "-".join(str(word) for word in of_run)


def train(args, seed, dataset, model, precision):
    """The runs of one seed of one network, one after the other."""
    for loss in LOSSES:
        out = directory(args, dataset, model, loss, precision, seed)
        if (out / "result.json").exists():
            continue
        command = [args.train, "--dataset", dataset, "--model", model, "--loss", loss,
                   "--precision", precision, "--seed", seed, "--train-limit", 2000,
                   "--val-fraction", 0, "--epochs", 12, "--batch-size", 32, "--augment", "none",
                   "--threads", 1, "--device", "cpu", "--out", out]
        if loss == "sd":
            teacher = directory(args, dataset, model, "ce", precision, seed)
            command += ["--teacher", teacher / "best.safetensors"]
        made = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if made.returncode != 0:
            raise SystemExit(f"precision_agreement: {out}: {made.stderr.splitlines()[-1]}")
        print(out, flush=True)


def difference(args, metric, precision, seed, *of_run):
    """Of a run from the same in exact."""
    values = []
    for which in (precision, "exact"):
        file = directory(args, *of_run, which, seed) / "result.json"
        values.append(UNITS[metric] * json.loads(file.read_text())["test"][metric])
    return values[0] - values[1]


def interval(differences):
    """Mean and half width of the 95 % interval."""
    n = len(differences)
    error = statistics.stdev(differences) / math.sqrt(n)
    return statistics.mean(differences), stats.t.ppf(0.975, n - 1) * error


def cell(args, metric, precision, groups, seeds):
    groups = [group for group in groups if precision in MODELS[group[1]]]
    if not groups:
        return "the same"
    values = [[difference(args, metric, precision, seed, *group) for group in groups] for seed in seeds]
    mean, half = interval([statistics.mean(of_seed) for of_seed in values])
    digits = 2 if metric == "accuracy" else 3
    within = abs(mean) + half <= MARGINS[metric]
    farthest = max((statistics.mean(of_group) for of_group in zip(*values)), key=abs)
    return f"{mean:+.{digits}f} ± {half:.{digits}f}{'' if within else ' (outside)'} [{farthest:+.{digits}f}]"


def print_table(args):
    seeds = [seed for seed in SEEDS
             if all((directory(args, dataset, model, loss, precision, seed) / "result.json").exists()
                    for dataset, loss in itertools.product(DATASETS, LOSSES)
                    for model, precisions in MODELS.items() for precision in precisions)]
    if len(seeds) < 2:
        return print(f"{len(seeds)} of {len(SEEDS)} seeds are finished: too few for a table")
    print(f"{len(seeds)} seeds\n")
    columns = list(itertools.product(["f32", "bf16"], MARGINS))
    print("| network, data set |", " | ".join(f"{precision}: {metric}" for precision, metric in columns), "|")
    print("|---|" + "--:|" * len(columns))
    rows = {f"{model}, {dataset}": [(dataset, model, loss) for loss in LOSSES]
            for model, dataset in itertools.product(MODELS, DATASETS)}
    rows["all"] = [group for groups in rows.values() for group in groups]
    for title, groups in rows.items():
        cells = [cell(args, metric, precision, groups, seeds) for precision, metric in columns]
        print(f"| {title} |", " | ".join(cells), "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=pathlib.Path, default="build/release/bin/train", help="the program")
    parser.add_argument("--out", type=pathlib.Path, default="runs/precision", help="where the runs are kept")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at once")
    parser.add_argument("--table", action="store_true", help="train nothing, print the table")
    args = parser.parse_args()
    if not args.table:
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            work = [pool.submit(train, args, seed, dataset, model, precision)
                    for seed, dataset in itertools.product(SEEDS, DATASETS)
                    for model, precisions in reversed(MODELS.items()) for precision in precisions]
            for job in concurrent.futures.as_completed(work):
                job.result()
    print_table(args)


main()
