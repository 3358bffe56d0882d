# SPDX-License-Identifier: MIT
"""own_layer.c in PyTorch, with channels last."""
import torch
from torch import nn

import fashion

BATCH, EPOCHS = 100, 3


class Binary(torch.autograd.Function):
    """The sign; its adjoint goes through where -1 <= x <= 1."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x < 0, -1.0, 1.0)

    @staticmethod
    def backward(ctx, dy):
        x, = ctx.saved_tensors
        return torch.where(x.abs() <= 1, dy, 0)


def weight(*shape):
    return nn.Parameter(nn.init.kaiming_uniform_(torch.empty(shape)))


class BinaryConv(nn.Module):
    def __init__(self, channels, filters):
        super().__init__()
        self.weight = weight(filters, channels, 3, 3)

    def forward(self, x):
        scale = self.weight.abs().mean((1, 2, 3), keepdim=True)
        return nn.functional.conv2d(x, Binary.apply(self.weight) * scale, padding=1)


class BinaryLinear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = weight(outputs, inputs)

    def forward(self, x):
        scale = self.weight.abs().mean(1, keepdim=True)
        return nn.functional.linear(x, Binary.apply(self.weight) * scale)


def main():
    torch.manual_seed(1)
    images, classes = fashion.load("train")
    unseen, wanted = fashion.load("t10k")
    images, unseen = images / 255.0, unseen / 255.0
    network = nn.Sequential(
        BinaryConv(1, 32), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        BinaryConv(32, 64), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), BinaryLinear(64 * 7 * 7, 128), nn.BatchNorm1d(128), nn.ReLU(),
        nn.Linear(128, 10)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.01, EPOCHS * len(images) // BATCH,
                                                   cycle_momentum=False)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            x = images[batch].contiguous(memory_format=torch.channels_last)
            loss = nn.functional.cross_entropy(network(x), classes[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    print(f"ok: {fashion.right(network, unseen, wanted):.2f} % of unseen images right")


main()
