# SPDX-License-Identifier: MIT
"""saliency.c in PyTorch, without its pictures."""
import torch
from torch import nn

import fashion

BATCH, EPOCHS, STEP = 128, 4, 0.2


def main():
    torch.manual_seed(1)
    images, classes = fashion.load("train")
    unseen, wanted = fashion.load("t10k")
    images, unseen = images / 255.0, unseen / 255.0
    network = nn.Sequential(nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                            nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
                            nn.Flatten(), nn.Linear(32 * 4 * 4, 10))
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-3)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            loss = nn.functional.cross_entropy(network(images[batch]), classes[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    steps = []
    for x in unseen.split(500):
        x = x.clone().requires_grad_()
        steps.append(torch.autograd.grad(network(x).amax(1).sum(), x)[0].sign())
    moved = [unseen, unseen - STEP * torch.cat(steps), unseen - STEP * torch.randn_like(unseen).sign()]
    right, against, random = (fashion.right(network, x, wanted) for x in moved)
    print(f"ok: {right:.2f} % of unseen images right, {against:.2f} % after a step against the derivative, "
          f"{random:.2f} % after one at random")


main()
