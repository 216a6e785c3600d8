#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What export writes, in the hands of those it is for: ONNX's checker, ONNX Runtime, PyTorch with
softlabel_torch.py, torchvision. Its answers are those of evaluate and predict.

    export_python_test.py DIRECTORY_OF_PROGRAMS     exit status 77: a package is not here
"""
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile

PACKAGES = ["numpy", "onnx", "onnxruntime", "PIL.Image", "safetensors", "torch", "torchvision"]
try:
    np, onnx, onnxruntime, Image, safetensors, torch, torchvision = map(importlib.import_module,
                                                                       PACKAGES)
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)
from safetensors.torch import load_file  # noqa: E402

programs = pathlib.Path(sys.argv[1])
CLASSES = ['fox "red"', "jay", "żaba"]


def run(program, *arguments):
    command = [programs / program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def make_pictures(directory):
    """Those in train and test have the side that images of 32 pixels are cut out of, so that their
    pixels are never rounded; those in photos have any size, and are pixels of x.5 here and there."""
    numbers = np.random.default_rng(1)
    for part, count, sides in (("train", 12, (37, 38)), ("test", 5, (37, 38)), ("photos", 5, (20, 90))):
        for c, name in enumerate(CLASSES):
            (directory / part / name).mkdir(parents=True)
            for i in range(count):
                height = numbers.integers(*sides)
                size = (height, height + numbers.integers(0, 20))
                pixels = numbers.integers(0, 150 + 50 * c, (*size[::i % 2 * 2 - 1], 3), np.uint8)
                Image.fromarray(pixels).save(directory / part / name / f"{i:02}.png")


def answers(file, images):
    onnx.checker.check_model(onnx.load(file), full_check=True)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    one_by_one = [session.run(None, {"images": image[None]})[0] for image in images]
    together = session.run(None, {"images": images})[0]
    close(np.concatenate(one_by_one), together, "any batch")
    return together, session.get_modelmeta().custom_metadata_map


def close(got, want, what, tolerance=1e-5):
    worst = np.abs(np.asarray(got) - np.asarray(want)).max()
    assert worst <= tolerance * max(1, np.abs(want).max()), f"{what}: {worst} off"
    print(f"  {what}: {worst:.1e} off")


def check(model, work, pictures):
    print(model)
    out = work / model
    best = out / "best.safetensors"
    run("train", "--dataset", "image-folder", "--data-dir", pictures, "--image-size", 32, "--model",
        model, "--epochs", 2, "--batch-size", 6, "--lr", 0.01, "--cache-dir", work / "cache",
        "--out", out)
    run("evaluate", "--weights", best, "--data-dir", pictures, "--cache-dir", work / "cache",
        "--save-logits", work / "logits", "--precision", "exact")
    want = load_file(work / "logits")["logits"].numpy()

    run("export", "--weights", best, "--onnx", work / "pixels.onnx", "--huggingface",
        work / f"{model}-hf", "--temperature", 2, "--output", work / "w.safetensors", "--force")
    run("export", "--weights", best, "--onnx", work / "normalised.onnx", "--normalised-input",
        "--softmax", "--temperature", 2, "--force")

    # The module that the repository ships, on the same pictures.
    sys.path.insert(0, str(work / f"{model}-hf"))
    sys.modules.pop("softlabel_torch", None)
    ours = importlib.import_module("softlabel_torch")
    sys.path.pop(0)
    network = ours.load(work / f"{model}-hf")
    assert network.classes == CLASSES and network.temperature == 2
    assert network.image_size == [32, 32]
    files = sorted((pictures / "test").rglob("*.png"))
    normalised = torch.stack([network.preprocess(Image.open(f)) for f in files])
    with torch.inference_mode():
        logits = network(normalised)
    close(logits, want, "softlabel_torch.py")
    with torch.inference_mode():
        close(ours.load(best)(normalised), want, "softlabel_torch.py, the run's own file")

    mean, std = (torch.tensor(v).view(3, 1, 1) for v in (network.mean, network.std))
    got, told = answers(work / "pixels.onnx", (normalised * std + mean).numpy())
    close(got, want, "ONNX of pixels")
    assert json.loads(told["softlabel.classes"]) == CLASSES
    assert told["softlabel.model"] == model and told["softlabel.input"] == "pixels in [0, 1]"
    got, told = answers(work / "normalised.onnx", normalised.numpy())
    probabilities = torch.softmax(torch.tensor(want) / 2, 1).numpy()
    close(got, probabilities, "ONNX with the softmax")
    assert told["softlabel.temperature"] == "2.0" and told["softlabel.input"] == "normalised"

    config = json.loads((work / f"{model}-hf" / "config.json").read_text())
    assert [config["id2label"][str(i)] for i in range(3)] == CLASSES
    assert all(config["label2id"][name] == i for i, name in enumerate(CLASSES))
    # The file alone says all that predict needs.
    for weights in (work / "w.safetensors", work / f"{model}-hf" / "model.safetensors"):
        close(predicted(weights, pictures / "test"), probabilities, f"predict with {weights.name}")
    files = sorted((pictures.parent / "photos").rglob("*.png"))
    with torch.inference_mode():
        photos = torch.stack([network.preprocess(Image.open(f)) for f in files])
        probabilities = network(photos).div(network.temperature).softmax(1)
    close(probabilities, predicted(work / "w.safetensors", pictures.parent / "photos"),
          "softlabel_torch.py with pictures of any size", tolerance=1e-3)
    return normalised, want


def predicted(weights, pictures):
    lines = run("predict", "--weights", weights, "--format", "json", "--top", 3, "--precision",
                "exact", pictures).splitlines()
    by_class = [{t["class"]: t["probability"] for t in json.loads(line)["top"]} for line in lines]
    return [[p[name] for name in CLASSES] for p in by_class]


def check_torchvision(model, work, images, want):
    file = work / "torchvision.safetensors"
    run("export", "--weights", work / model / "best.safetensors", "--names", "torchvision",
        "--output", file, "--force")
    network = getattr(torchvision.models, model.removesuffix("-imagenet"))(num_classes=len(CLASSES))
    if not model.endswith("-imagenet"):
        network.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        network.maxpool = torch.nn.Identity()
    network.load_state_dict(load_file(file))
    with torch.inference_mode():
        close(network.eval()(images), want, "torchvision's own network")


with tempfile.TemporaryDirectory() as name:
    work = pathlib.Path(name)
    make_pictures(work / "pictures")
    (work / "pictures" / "photos").rename(work / "photos")
    torch.manual_seed(0)
    for model in ("resnet8", "densenet-bc-10-4", "resnet18", "resnet18-imagenet"):
        images, want = check(model, work, work / "pictures")
        if model.startswith("resnet18"):
            check_torchvision(model, work, images, want)
