# SPDX-License-Identifier: MIT
"""The networks of nn/resnet.h and nn/densenet.h in PyTorch, with the same names and initialisations."""
import math
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
    def __init__(self, stem_width, widths, blocks, bottleneck=False, channels=3, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, stem_width, 3, 1, 1, bias=False)
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
    """A model by the name that nn::make_model knows it by, or a small one of the golden files."""
    if name == "thin-resnet":
        return ResNet(6, [6, 8, 12], [1, 1, 1], False, channels, classes)
    if name == "thin-bottleneck":
        return ResNet(6, [4, 5], [1, 2], True, channels, classes)
    wide = {"resnet18": [2, 2, 2, 2], "resnet34": [3, 4, 6, 3], "resnet50": [3, 4, 6, 3]}
    if name in wide:
        return ResNet(64, [64, 128, 256, 512], wide[name], name == "resnet50", channels, classes)
    if match := re.fullmatch(r"resnet(8|20|32|56)", name):
        blocks = (int(match[1]) - 2) // 6
        return ResNet(16, [16, 32, 64], [blocks] * 3, False, channels, classes)
    if match := re.fullmatch(r"densenet-bc-(\d+)-(\d+)", name):
        return DenseNet(int(match[1]), int(match[2]), channels, classes)
    raise SystemExit(f"there is no model {name!r}")
