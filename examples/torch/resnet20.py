# SPDX-License-Identifier: MIT
"""resnet20.c in PyTorch, with channels last."""
import torch
from torch import nn

import fashion

BATCH, EPOCHS = 128, 1


def conv(channels, filters, kernel, stride):
    return nn.Sequential(
        nn.Conv2d(channels, filters, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(filters))


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1, self.conv2 = conv(channels, filters, 3, stride), conv(filters, filters, 3, 1)
        self.shortcut = conv(channels, filters, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return torch.relu(self.shortcut(x) + self.conv2(torch.relu(self.conv1(x))))


def network():
    layers, channels = [conv(1, 16, 3, 1), nn.ReLU()], 16
    for i in range(9):
        filters = 16 << i // 3
        layers.append(Block(channels, filters, 1 + (filters > channels)))
        channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def augment(x):
    """Every other image flipped, and each cut somewhere out of itself with two zeros around."""
    n = len(x)
    x = torch.where(torch.rand(n, 1, 1, 1) < 0.5, x, x.flip(3))
    padded = nn.functional.pad(x, (2, 2, 2, 2))
    rows = torch.randint(5, (n, 1, 1)) + torch.arange(28).view(1, 28, 1)
    columns = torch.randint(5, (n, 1, 1)) + torch.arange(28).view(1, 1, 28)
    return padded[torch.arange(n).view(n, 1, 1), 0, rows, columns].unsqueeze(1)


def main():
    torch.manual_seed(1)
    images, classes = fashion.load("train")
    unseen, wanted = fashion.load("t10k")
    net = network().to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = EPOCHS * -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.2, steps, cycle_momentum=False)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            x = (augment(images[batch] / 255.0) - 0.286) / 0.353
            x = x.contiguous(memory_format=torch.channels_last)
            loss = nn.functional.cross_entropy(net(x), classes[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    unseen = (unseen / 255.0 - 0.286) / 0.353
    print(f"ok: {fashion.right(net, unseen, wanted):.2f} % of unseen images right")


main()
