# SPDX-License-Identifier: MIT
"""fashion_cnn.c in PyTorch, with channels last."""
import torch
from torch import nn

import fashion

BATCH, EPOCHS = 128, 8


def main():
    torch.manual_seed(1)
    images, classes = fashion.load("train")
    unseen, wanted = fashion.load("t10k")
    mean, deviation = (images / 255.0).mean(), (images / 255.0).std()
    images, unseen = (((x / 255.0) - mean) / deviation for x in (images, unseen))
    network = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10))
    network = network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    steps = EPOCHS * -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.1, steps, cycle_momentum=False)
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
