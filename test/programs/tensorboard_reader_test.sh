#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What `train --tensorboard` logs, read back by TensorBoard's own reader: by $SOFTLABEL_PYTHON or
# python3; skipped where that lacks it.
set -euo pipefail
python=${SOFTLABEL_PYTHON:-python3}
if ! "$python" -c 'import tensorboard' 2>/dev/null; then
  echo "tensorboard is not here"
  exit 77
fi
train=$1/bin/train
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
options=(--dataset fashion-mnist --train-limit 100 --val-limit 50 --batch-size 50
  --model resnet8 --epochs 3 --out "$run/b" --tensorboard)
"$train" "${options[@]}" 2>/dev/null
"$python" - "$run/b" <<'EOF'
import csv, glob, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
run = sys.argv[1]
log = EventAccumulator(run)
log.Reload()
rows = list(csv.DictReader(open(run + "/epochs.csv")))
assert len(rows) == 3 and len(glob.glob(run + "/events.out.tfevents.*")) == 1
tags = {"loss/train": "train_loss", "accuracy/train": "train_accuracy", "accuracy/validation": "val_accuracy",
        "nll/validation": "val_nll", "learning rate": "lr", "images per second": "images_per_s"}
assert set(log.Tags()["scalars"]) == set(tags), log.Tags()
for tag, column in tags.items():
    events = log.Scalars(tag)
    assert [e.step for e in events] == [1, 2, 3], (tag, events)
    for event, row in zip(events, rows):
        assert abs(event.value - float(row[column])) <= 1e-3 * abs(float(row[column])), (tag, event, row)
EOF
