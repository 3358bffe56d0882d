# SPDX-License-Identifier: MIT
"""PyTorch's steps. Argument: eager, channels-last, compile, compile-channels-last, or first for a cold start.

OMP_NUM_THREADS is the number of threads. Gradients are set to None between steps, and optimisers
are fused where PyTorch has that on a CPU.
"""

import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

import networks
import worker

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


class Lecture(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.f = nn.Conv2d(1, 1, 3), nn.Linear(4, 1)

    def forward(self, x):
        return torch.sigmoid(self.f(F.max_pool2d(F.relu(self.c(x)), 2).flatten(1)))


class SoftmaxCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.f = nn.Conv2d(1, 8, 3), nn.Linear(5408, 10)

    def forward(self, x):
        return self.f(F.relu(self.c(x)).flatten(1))


class FashionCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 32, 3, padding=1), nn.Conv2d(32, 64, 3, padding=1)
        self.f1, self.f2 = nn.Linear(3136, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        return self.f2(F.relu(self.f1(x.flatten(1))))


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(),
                         nn.Linear(256, 10))


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.c1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.b1 = nn.BatchNorm2d(filters)
        self.c2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.b2 = nn.BatchNorm2d(filters)
        self.d = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        return F.relu(self.b2(self.c2(F.relu(self.b1(self.c1(x))))) + self.d(x))


class Resnet20(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
        sizes = [16, 16, 16, 16, 32, 32, 32, 64, 64, 64]
        layers += [Block(a, b, 1 + (a != b)) for a, b in zip(sizes, sizes[1:])]
        self.n, self.f = nn.Sequential(*layers), nn.Linear(64, 10)

    def forward(self, x):
        return self.f(self.n(x).mean((2, 3)))


class GptBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.l1, self.l2, self.heads = nn.LayerNorm(width), nn.LayerNorm(width), heads
        self.qkv, self.o = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.a, self.b = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, context, width = x.shape
        q, k, v = (part.view(batch, context, self.heads, -1).transpose(1, 2)
                   for part in self.qkv(self.l1(x)).split(width, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(y.transpose(1, 2).reshape(batch, context, width))
        return x + self.b(F.gelu(self.a(self.l2(x))))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.p = nn.Embedding(256, 256), nn.Embedding(128, 256)
        self.bl = nn.ModuleList(GptBlock(256, 4) for _ in range(4))
        self.ln, self.hd = nn.LayerNorm(256), nn.Linear(256, 256, bias=False)

    def forward(self, x):
        x = self.e(x) + self.p.weight
        for block in self.bl:
            x = block(x)
        return self.hd(self.ln(x)).flatten(0, 1)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.l, self.f = nn.LSTM(64, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.f(self.l(x)[0][:, -1])


def made_up(rows):
    """What networks.py describes, as a module whose layers are called by the number of their row."""
    layers, channels, side = nn.Module(), int(rows[0][2]), int(rows[0][3])
    order = []
    for i, (kind, a, b, stride, pad) in list(enumerate(rows.tolist()))[1:]:
        if kind == networks.CONV:
            layer = nn.Conv2d(channels, a, b, stride, pad)
            channels, side = a, (side + 2 * pad - b) // stride + 1
        elif kind == networks.POOL:
            layer, side = nn.MaxPool2d(a), side // a
        elif kind == networks.DENSE:
            layer, channels, side = nn.Linear(channels * side**2, a), a, 1
        else:
            layer = nn.ReLU() if kind == networks.RELU else nn.Flatten()
        layers.add_module(str(i), layer)
        order.append(layer)
    layers.forward = nn.Sequential(*order).forward
    return layers


def sgd(weights):
    return torch.optim.SGD(weights, lr=0.01, fused=True)


def momentum(weights):
    return torch.optim.SGD(weights, lr=0.01, momentum=0.9, fused=True)


def adam(weights):
    return torch.optim.Adam(weights, lr=1e-3, fused=True)


def adamw(weights):
    return torch.optim.AdamW(weights, lr=1e-4, fused=True)


TRAINING = {
    "lecture": (Lecture, F.binary_cross_entropy, sgd),
    "lecture-anew": (Lecture, F.binary_cross_entropy, sgd),
    "softmax-cnn-b1": (SoftmaxCnn, F.cross_entropy, sgd),
    "softmax-cnn-b32": (SoftmaxCnn, F.cross_entropy, sgd),
    "fashion-cnn": (FashionCnn, F.cross_entropy, sgd),
    "mlp": (mlp, F.cross_entropy, sgd),
    "resnet20": (Resnet20, F.cross_entropy, momentum),
    "gpt": (Gpt, F.cross_entropy, adamw),
    "lstm": (Lstm, F.cross_entropy, adam),
    "random": (made_up, F.cross_entropy, sgd),
}


def filled(module, values):
    """The module with its weights from the values."""
    with torch.no_grad():
        for name, weight in module.named_parameters():
            weight.copy_(torch.from_numpy(values[name]))
    return module


def prepared(mode, module, x):
    """Module and input in the mode's memory format."""
    if mode.endswith("channels-last"):
        return module.to(memory_format=torch.channels_last), \
            x.to(memory_format=torch.channels_last)
    return module, x


def repeated(step):
    def go(count):
        for _ in range(count):
            step()
    return go


def training(mode, name, values):
    make, loss_of, optimiser_of = TRAINING[name]
    module = make(values["network"]) if name == "random" else make()
    module, x = prepared(mode, filled(module, values), torch.from_numpy(values["x"]))
    y = torch.from_numpy(values["y"])
    optimiser = optimiser_of(module.parameters())

    def loss():
        return loss_of(module(x), y)

    if mode.startswith("compile"):
        torch._dynamo.reset()
        loss = torch.compile(loss)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss().backward()
        optimiser.step()

    def check():
        states = {key: value.clone() for key, value in module.state_dict().items()}
        optimiser.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        gradients = {key: weight.grad for key, weight in module.named_parameters()}
        module.load_state_dict(states)  # the running statistics
        return value.detach(), gradients

    return check, repeated(step)


def inference(mode, values):
    module, x = prepared(mode, filled(FashionCnn(), values).eval(), torch.from_numpy(values["x"]))
    if mode.startswith("compile"):
        torch._dynamo.reset()
        module = torch.compile(module)

    def output():
        with torch.inference_mode():
            return module(x)

    return lambda: (output(), {}), repeated(output)


def formula(mode, name, values):
    """The gradient of a number by one weight."""
    weight, = values
    x = torch.from_numpy(values[weight].copy()).requires_grad_()

    def elementwise(x):
        return (torch.tanh(x) * torch.sigmoid(x) + torch.exp(-x * x)).sum()

    def scalar(a):
        b = a
        for _ in range(1000):
            b = torch.sin(b) * a + b
        return b

    f = elementwise if name == "elementwise" else scalar
    if mode.startswith("compile"):
        torch._dynamo.reset()
        f = torch.compile(f)

    def step():
        x.grad = None
        y = f(x)
        y.backward()
        return y.detach(), {weight: x.grad}

    return step, repeated(step)


def load(mode):
    def loaded(name, values):
        if name in TRAINING:
            return training(mode, name, values)
        if name.startswith("inference"):
            return inference(mode, values)
        return formula(mode, name, values)
    return loaded


def first():
    """What a cold start is timed by."""
    module = Lecture()
    F.binary_cross_entropy(module(torch.ones(1, 1, 6, 6)), torch.ones(1, 1)).backward()
    for weight in module.parameters():
        print(weight.grad)


if __name__ == "__main__":
    if sys.argv[1] == "first":
        first()
    else:
        worker.serve(load(sys.argv[1]))
