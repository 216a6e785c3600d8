#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the golden files of golden_test.cpp with PyTorch.

    make_golden.py [DIRECTORY]         writes NAME.weights.safetensors and NAME.golden.safetensors,
                                       torchvision.golden.safetensors and bf16.golden.safetensors
    make_golden.py --check FILE MODEL  loads a weight file of ours into the PyTorch module, strictly

The values are computed in float64. Under "noise.KEY" lies how far float32 is from them: the largest
error of the same computation in float32, over several orders of the samples in the batch and
implementations of convolution, which change nothing but the rounding. The seeds and learning rates are such that no input of a ReLU
comes nearer to 0 than float32 resolves, at any step: one that does makes the noise a thousand times
larger.
"""
import argparse
import json
import pathlib
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "nn"))
import softlabel_torch  # noqa: E402

CLASSES, HEIGHT, WIDTH, BATCH, BATCHES, STEPS, FLOAT32_RUNS = 10, 8, 10, 4, 3, 30, 20
SEEDS = {"thin-resnet": 94, "thin-bottleneck": 1, "thin-imagenet": 1, "densenet-bc-16-3": 476}
LEARNING_RATE = {"thin-resnet": 0.05, "densenet-bc-16-3": 0.01}  # of the models that train
THIN = {"thin-resnet": lambda: softlabel_torch.ResNet(6, [6, 8, 12], [1, 1, 1]),
        "thin-bottleneck": lambda: softlabel_torch.ResNet(6, [4, 5], [1, 2], True),
        "thin-imagenet": lambda: softlabel_torch.ResNet(6, [4, 5], [1, 2], True,
                                                        imagenet_stem=True)}
DTYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64}


def make_model(name):
    return THIN[name]() if name in THIN else softlabel_torch.make(name, classes=CLASSES)


def write_safetensors(path, tensors):
    header, parts, end = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in tensors.items():
        array = np.asarray(tensor.numpy() if torch.is_tensor(tensor) else tensor, order="C")
        dtype = next(d for d, t in DTYPES.items() if t == array.dtype)
        header[name] = {"dtype": dtype, "shape": array.shape,
                        "data_offsets": [end, end + array.nbytes]}
        parts.append(array.tobytes())
        end += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def read_safetensors(path):
    data = path.read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data[start + t["data_offsets"][0]:start + t["data_offsets"][1]],
                                DTYPES[t["dtype"]]).reshape(t["shape"])
            for name, t in header.items()}


def targets(method, batch):
    """t of the loss -sum t log p, for a batch of labels, teacher logits and Beta labels."""
    hard = F.one_hot(batch["labels"], CLASSES).to(batch["teacher_logits"].dtype)
    if method == "ce":
        return hard
    if method == "ls":
        return hard * 0.85 + (1 - hard) * 0.15 / (CLASSES - 1)
    if method == "ls_over_all":
        return hard * 0.85 + 0.15 / CLASSES
    if method == "sd":
        return 0.6 * hard + 0.4 * torch.softmax(batch["teacher_logits"] / 2, 1)
    if method == "beta":
        b = batch["b"][:, None]
        return 0.4 * hard + 0.6 * (b * hard + (1 - b) * (1 - hard) / (CLASSES - 1))


def loss_of(logits, method, batch):
    return -(targets(method, batch) * F.log_softmax(logits, 1)).sum(1).mean()


def to_numpy(tensors):
    return {key: value.detach().double().numpy() for key, value in tensors.items()}


def compute(name, state, batches, dtype, layout=torch.contiguous_format):
    """Everything the test compares, by name; `batches` are lists of dictionaries of tensors."""
    batches = [{k: v.to(dtype) if v.is_floating_point() else v for k, v in batch.items()}
               for batch in batches]
    for batch in batches:
        batch["images"] = batch["images"].contiguous(memory_format=layout)
    first, out = batches[0], {}
    place = torch.argsort(first["sample"])  # back to the first order

    def fresh():
        model = make_model(name)
        model.load_state_dict(state)
        return model.to(dtype, memory_format=layout)

    model = fresh()
    out["eval.logits"] = model.eval()(first["images"])[place]
    logits = model.train()(first["images"])
    loss = loss_of(logits, "ce", first)
    loss.backward()
    out["train.logits"], out["loss"] = logits[place], loss
    for key, parameter in model.named_parameters():
        out["grad." + key] = parameter.grad
    for key, buffer in model.named_buffers():
        if "num_batches" not in key:
            out["running." + key] = buffer.clone()

    if name not in LEARNING_RATE:
        return to_numpy(out)
    for method in ("ce", "ls", "ls_over_all", "sd", "beta"):
        model, losses = fresh().train(), []
        optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE[name], momentum=0.9,
                                    weight_decay=1e-4)
        for step in range(STEPS):
            batch = batches[step % BATCHES]
            loss = loss_of(model(batch["images"]), method, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        out[f"{method}.losses"] = torch.stack(losses)
        out[f"{method}.eval.logits"] = model.eval()(first["images"])[place]
        classifier = [k for k, _ in model.named_parameters()][-2]
        for key in ("conv1.weight", "bn1.weight", "bn1.running_var", classifier):
            out[f"{method}.final.{key}"] = model.state_dict()[key]
    return to_numpy(out)


def randomised(name, generator):
    """A state in which no scale, offset or running statistic is the trivial one."""
    model = make_model(name)
    for key, tensor in model.state_dict().items():
        if tensor.dim() == 1:
            low, high = (0.5, 1.5) if key.endswith(("weight", "running_var")) else (-0.2, 0.2)
            tensor.copy_(torch.empty(tensor.shape).uniform_(low, high, generator=generator))
    return model


def inputs(name, seed):
    """The initial state of a model and its training batches."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    state = {k: v.clone() for k, v in randomised(name, generator).state_dict().items()}
    teacher = randomised(name, generator).eval()
    count = BATCH * BATCHES
    images = torch.randn(count, 3, HEIGHT, WIDTH, generator=generator)
    data = {"sample": torch.arange(count), "images": images,
            "labels": torch.randint(0, CLASSES, (count,), generator=generator),
            "teacher_logits": 5 * teacher(images).detach(),
            "b": torch.rand(count, generator=generator) ** (1 / 3)}
    return state, data, [{k: v[i:i + BATCH] for k, v in data.items()}
                         for i in range(0, count, BATCH)]


def make(name, seed, directory):
    state, data, batches = inputs(name, seed)
    wanted = compute(name, state, batches, torch.float64)
    noise = {key: np.zeros_like(value) for key, value in wanted.items()}
    for run in range(FLOAT32_RUNS):
        orders = [torch.randperm(BATCH) for _ in batches]
        shuffled = [{k: v[order] for k, v in batch.items()}
                    for batch, order in zip(batches, orders)]
        layout = torch.channels_last if run % 2 else torch.contiguous_format
        with torch.backends.mkldnn.flags(enabled=run % 4 < 2):
            got_by_key = compute(name, state, shuffled, torch.float32, layout)
        for key, got in got_by_key.items():
            noise[key] = np.maximum(noise[key], np.abs(got - wanted[key]))

    golden = {"images": data["images"].permute(0, 2, 3, 1).contiguous(), "labels": data["labels"],
              "teacher_logits": data["teacher_logits"], "b": data["b"], **wanted}
    for key, value in noise.items():
        series = key.endswith("losses")  # errors grow from step to step; of the rest, the largest
        golden["noise." + key] = np.maximum.accumulate(value) if series else value.max()
    write_safetensors(directory / f"{name}.golden.safetensors", golden)
    return state


def uniform(count, stream):
    """Numbers in [0, 1) that golden_test.cpp makes, too, instead of 120 MB of weights in files."""
    x = np.arange(count, dtype=np.uint32) + np.uint32(stream * 0x9E3779B9 & 0xFFFFFFFF)
    x = (x ^ x >> 16) * np.uint32(0x85EBCA6B)
    x = (x ^ x >> 13) * np.uint32(0xC2B2AE35)
    return (x ^ x >> 16).astype(np.float64) / 2**32


def torchvision_state(model):
    """Values for all tensors of a state dict, in the order of their names."""
    state = model.state_dict()
    names = sorted(k for k in state if "num_batches" not in k)
    for stream, key in enumerate(names):
        u, shape = uniform(state[key].numel(), stream), state[key].shape
        if len(shape) == 1:
            low, high = (0.5, 1.5) if key.endswith(("weight", "running_var")) else (-0.2, 0.2)
        else:
            high = np.sqrt(3 / np.prod(shape[1:]))
            low = -high
        state[key] = torch.tensor(np.float32(low + (high - low) * u)).view(shape)
    return state


def torchvision_gradients(model, images, order):
    logits = model.train()(images)
    F.cross_entropy(logits, torch.tensor([3, 7])[order]).backward()
    return {"train.logits": logits[order]} | {
        "grad." + key: model.get_parameter(key).grad for key in ("bn1.weight", "bn1.bias")}


def torchvision_values(name, dtype, order, layout):
    """Of torchvision's own network: logits, and for the shallowest gradients from behind all of it;
    in the deeper ones some input of a ReLU is nearer to 0 than float32 resolves."""
    import torchvision
    model = getattr(torchvision.models, name)(num_classes=CLASSES)
    model.load_state_dict(torchvision_state(model))
    model = model.to(dtype, memory_format=layout)
    images = torch.tensor(np.float32(4 * uniform(2 * 64 * 64 * 3, 1000) - 2)).view(2, 64, 64, 3)
    images = images.permute(0, 3, 1, 2)[order].to(dtype).contiguous(memory_format=layout)
    out = {"eval.logits": model.eval()(images)[order]}  # of two orders each is its own inverse
    if name == "resnet18":
        out |= torchvision_gradients(model, images, order)
    return {f"{name}.{key}": value.detach().double().numpy() for key, value in out.items()}


def make_torchvision(directory):
    golden = {}
    for name in ("resnet18", "resnet34", "resnet50"):
        wanted = torchvision_values(name, torch.float64, [0, 1], torch.contiguous_format)
        noise = dict.fromkeys(wanted, 0)
        for order in ([0, 1], [1, 0]):
            for layout in (torch.contiguous_format, torch.channels_last):
                for mkldnn in (True, False):
                    with torch.backends.mkldnn.flags(enabled=mkldnn):
                        got = torchvision_values(name, torch.float32, order, layout)
                    noise = {k: max(noise[k], np.abs(got[k] - wanted[k]).max()) for k in wanted}
        golden |= wanted | {"noise." + k: np.float64(v) for k, v in noise.items()}
    write_safetensors(directory / "torchvision.golden.safetensors", golden)


def make_bf16(directory):
    """Logits of the same networks on the first batch, by autocast to bfloat16."""
    golden = {}
    for name, seed in SEEDS.items():
        state, _, batches = inputs(name, seed)
        model = make_model(name)
        model.load_state_dict(state)
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            for mode in ("eval", "train"):
                logits = model.train(mode == "train")(batches[0]["images"])
                golden[f"{name}.{mode}.logits"] = logits.double()
    write_safetensors(directory / "bf16.golden.safetensors", golden)


def main():
    arguments = argparse.ArgumentParser(description=__doc__,
                                        formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("directory", nargs="?", type=pathlib.Path,
                           default=pathlib.Path(__file__).parent)
    arguments.add_argument("--check", nargs=2, metavar=("FILE", "MODEL"))
    options = arguments.parse_args()
    torch.set_num_threads(1)

    if options.check:
        file, name = options.check
        state = {k: torch.tensor(v) for k, v in read_safetensors(pathlib.Path(file)).items()}
        classes = next(v for k, v in state.items() if k in ("linear.bias", "fc.bias")).shape[0]
        model = softlabel_torch.make(name, state["conv1.weight"].shape[1], classes)
        model.load_state_dict(state, strict=True)
        print(f"{file}: {name} with {sum(p.numel() for p in model.parameters())} parameters")
        return

    for name, seed in SEEDS.items():
        state = make(name, seed, options.directory)
        if name == "densenet-bc-16-3":  # in float64 and in another order, which a reader must take
            state = {k: v.double() if v.is_floating_point() else v
                     for k, v in reversed(state.items())}
        write_safetensors(options.directory / f"{name}.weights.safetensors", state)
    make_torchvision(options.directory)
    make_bf16(options.directory)


if __name__ == "__main__":
    main()
