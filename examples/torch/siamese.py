# SPDX-License-Identifier: MIT
"""siamese.c in PyTorch, with channels last."""
import torch
from torch import nn

import fashion

BATCH, STEPS, MEASURED = 128, 2000, 80


def pairs(images, classes):
    """Pairs of images, and whether they are of the same class, as every other one is."""
    same = torch.arange(BATCH) % 2 > 0
    a, b = torch.randint(len(images), (BATCH,)), torch.randint(len(images), (BATCH,))
    while (wrong := (classes[a] == classes[b]) != same).any():
        b[wrong] = torch.randint(len(images), (int(wrong.sum()),))
    left, right = ((images[k] / 255.0).contiguous(memory_format=torch.channels_last) for k in (a, b))
    return left, right, same


def squares(network, left, right):
    return (network(left) - network(right)).square().sum(1)


def main():
    torch.manual_seed(1)
    tower = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 64), nn.ReLU(), nn.Linear(64, 16))
    tower = tower.to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(tower.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.003, STEPS, cycle_momentum=False)
    seen, unseen = fashion.load("train"), fashion.load("t10k")
    for _ in range(STEPS):
        left, right, same = pairs(*seen)
        square = squares(tower, left, right)
        push = (1 - (square + 1e-6).sqrt()).relu().square()
        loss = torch.where(same, square, push).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    hits = 0
    with torch.no_grad():
        for _ in range(MEASURED):
            left, right, same = pairs(*unseen)
            hits += ((squares(tower, left, right) < 0.25) == same).sum().item()
    print(f"ok: {100 * hits / (MEASURED * BATCH):.2f} % of unseen pairs right")


main()
