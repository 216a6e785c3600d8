# SPDX-License-Identifier: MIT
"""softlabel's networks in PyTorch. This file stands alone; load() needs the package safetensors.

    import PIL.Image, softlabel_torch
    model = softlabel_torch.load("runs/a/best.safetensors")  # or a folder of export --huggingface
    images = torch.stack([model.preprocess(PIL.Image.open("cat.jpg"))])
    probabilities = model(images).div(model.temperature).softmax(1)
    print(model.classes[probabilities[0].argmax()])

Names of tensors and initialisations are those of the weight files and of nn/resnet.h and
nn/densenet.h: state dicts go either way.
"""
import json
import math
import pathlib
import re

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    """A residual block: convolutions (width, window, stride), each with batch norm."""

    def __init__(self, in_channels, convolutions, stride):
        super().__init__()
        self.count, channels = len(convolutions), in_channels
        for i, (width, window, step) in enumerate(convolutions, 1):
            conv = nn.Conv2d(channels, width, window, step, window // 2, bias=False)
            setattr(self, f"conv{i}", conv)
            setattr(self, f"bn{i}", nn.BatchNorm2d(width))
            channels = width
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != in_channels:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, channels, 1, stride, bias=False),
                                          nn.BatchNorm2d(channels))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.count:
                y = F.relu(y)
        return F.relu(y + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, stem_width, widths, blocks, bottleneck=False, channels=3, classes=10,
                 imagenet_stem=False):
        super().__init__()
        self.imagenet_stem = imagenet_stem
        window, stride = (7, 2) if imagenet_stem else (3, 1)
        self.conv1 = nn.Conv2d(channels, stem_width, window, stride, window // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(stem_width)
        self.stages, features = len(widths), stem_width
        for stage, (width, count) in enumerate(zip(widths, blocks), 1):
            layer = []
            for b in range(count):
                stride = 2 if stage > 1 and b == 0 else 1
                path = ([(width, 1, 1), (width, 3, stride), (4 * width, 1, 1)] if bottleneck else
                        [(width, 3, stride), (width, 3, 1)])
                layer.append(Block(features, path, stride))
                features = path[-1][0]
            setattr(self, f"layer{stage}", nn.Sequential(*layer))
        self.linear = nn.Linear(features, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.imagenet_stem:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.linear(x.mean((2, 3)))


class DenseLayer(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, 4 * growth, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        y = self.conv1(F.relu(self.bn1(x)))
        return torch.cat((x, self.conv2(F.relu(self.bn2(y)))), 1)


class Transition(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, channels // 2, 1, bias=False)

    def forward(self, x):
        return F.avg_pool2d(self.conv1(F.relu(self.bn1(x))), 2)


class DenseNet(nn.Module):
    def __init__(self, depth, growth, channels=3, classes=10):
        super().__init__()
        features = 2 * growth
        self.conv1 = nn.Conv2d(channels, features, 3, padding=1, bias=False)
        for block in (1, 2, 3):
            layers = []
            for _ in range((depth - 4) // 6):
                layers.append(DenseLayer(features, growth))
                features += growth
            setattr(self, f"dense{block}", nn.Sequential(*layers))
            if block < 3:
                setattr(self, f"trans{block}", Transition(features))
                features //= 2
        self.bn1 = nn.BatchNorm2d(features)
        self.fc = nn.Linear(features, classes)
        nn.init.zeros_(self.fc.bias)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                fan = m.kernel_size[0] * m.kernel_size[1] * m.out_channels
                nn.init.normal_(m.weight, 0, math.sqrt(2 / fan))

    def forward(self, x):
        x = self.trans1(self.dense1(self.conv1(x)))
        x = self.dense3(self.trans2(self.dense2(x)))
        return self.fc(F.relu(self.bn1(x)).mean((2, 3)))


def make(name, channels=3, classes=10):
    """A network by the name that `train --model` knows it by, as a run starts it."""
    if match := re.fullmatch(r"resnet(18|34|50)(-imagenet)?", name):
        blocks = [2, 2, 2, 2] if match[1] == "18" else [3, 4, 6, 3]
        return ResNet(64, [64, 128, 256, 512], blocks, match[1] == "50", channels, classes,
                      match[2] is not None)
    if match := re.fullmatch(r"resnet(8|20|32|56)", name):
        blocks = (int(match[1]) - 2) // 6
        return ResNet(16, [16, 32, 64], [blocks] * 3, False, channels, classes)
    if match := re.fullmatch(r"densenet-bc-(\d+)-(\d+)", name):
        return DenseNet(int(match[1]), int(match[2]), channels, classes)
    raise ValueError(f"there is no network {name!r}")


def own_name(name):
    """That of our ResNets for a tensor that torchvision and timm call `name`."""
    return re.sub(r"^fc\.", "linear.", name.replace(".downsample.", ".shortcut."))


def view(picture, size, channels, resize, exif_orientation=True):
    """What a network sees of a PIL picture, [channels, size, size] in [0, 1]: the centre square,
    resized as docs/weight_files.md says of the rule `resize`, bilinear and antialiased."""
    from PIL import ImageOps
    picture = (ImageOps.exif_transpose(picture) if exif_orientation else picture).convert("RGB")

    def pixels(p):
        values = torch.frombuffer(bytearray(p.tobytes()), dtype=torch.uint8)
        return values.view(p.height, p.width, -1).permute(2, 0, 1).float()

    def centre(x, side):
        top, left = ((extent - side) // 2 for extent in x.shape[1:])
        return x[:, top:top + side, left:left + side]

    def resized(x, side):
        return F.interpolate(x[None], (side, side), mode="bilinear", antialias=True)[0]

    def grey(x):  # by ITU-R 601-2, as Pillow computes it
        weights = torch.tensor([19595, 38470, 7471.]).view(3, 1, 1)
        return ((x * weights).sum(0, keepdim=True, dtype=torch.float64) / 65536 + 0.5).floor().float()

    x, (rule, _, side) = pixels(picture), resize.partition("=")
    if rule == "shorter_side":
        x = resized(centre(x, min(x.shape[1:])), int(side)).add(0.5).floor().clamp(0, 255)
        x = centre(grey(x) if channels == 1 else x, size)
    else:
        x = grey(x) if channels == 1 else x
        x = resized(centre(x, min(x.shape[1:])), size)
    return x / 255


def load(path, name=None):
    """The network of a weight file, in evaluation mode. What the file says is in the attributes
    `classes`, `temperature` (which divides logits; 1 if none was fitted), `mean`, `std`,
    `image_size` and `resize`; and in `preprocess`, which makes a PIL picture the network's input,
    [channels, height, width]. `path` may be a folder with a model.safetensors. `name` says which
    network it is where the file does not, as of other origin; then nothing else is known either."""
    from safetensors import safe_open
    path = pathlib.Path(path)
    if path.is_dir():
        path /= "model.safetensors"
    with safe_open(path, "pt") as file:
        meta = file.metadata() or {}
        state = {key: file.get_tensor(key) for key in file.keys()
                 if not key.startswith(("optimizer.", "ema."))}
    told = {key: json.loads(meta.get(f"softlabel.{key}", default))
            for key, default in (("classes", "[]"), ("mean", "[]"), ("std", "[]"),
                                 ("image_size", "[0, 0]"), ("config", "{}"), ("temperature", "0"))}
    name = name or told["config"].get("model")
    if name is None:
        raise ValueError(f"{path} does not say which network it holds: name it")
    if name.startswith("resnet"):
        state = {own_name(key): tensor for key, tensor in state.items()}
    bias = state["linear.bias" if "linear.bias" in state else "fc.bias"]
    model = make(name, state["conv1.weight"].shape[1], len(bias))
    model.load_state_dict(state)
    model.classes, model.mean, model.std = told["classes"], told["mean"], told["std"]
    model.image_size, model.resize = told["image_size"], meta.get("softlabel.resize", "")
    model.temperature = told["temperature"] or fitted_temperature(path)
    oriented = told["config"].get("exif_orientation", True)

    def preprocess(picture):
        mean, std = (torch.tensor(v).view(-1, 1, 1) for v in (model.mean, model.std))
        x = view(picture, model.image_size[0], len(model.mean), model.resize, oriented)
        return (x - mean) / std

    model.preprocess = preprocess
    return model.eval()


def fitted_temperature(path):
    """That which the run of a weight file fitted on its validation images, if its result is there."""
    result = path.parent / "result.json"
    if path.name != "best.safetensors" or not result.exists():
        return 1.0
    fitted = json.loads(result.read_text())["test"].get("temperature_scaled", {})
    return 1.0 if "at_bound" in fitted else fitted.get("temperature", 1.0)
