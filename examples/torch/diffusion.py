# SPDX-License-Identifier: MIT
"""diffusion.c in PyTorch, without its picture."""
import torch
from torch import nn

import fashion

BATCH, EPOCHS, CLASSES, PIXELS, WIDTH, STEPS, SAMPLES, REAL = 128, 10, 10, 14 * 14, 256, 50, 200, 2000
MOST = 1.55


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.about = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, h, about):
        y = self.norm(h) + self.about(about)
        return h + self.down(nn.functional.silu(self.up(y)))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.of, self.time = nn.Embedding(CLASSES, WIDTH), nn.Linear(3, WIDTH)
        self.into, self.out = nn.Linear(PIXELS, WIDTH), nn.Linear(WIDTH, PIXELS)
        self.blocks, self.norm = nn.ModuleList(Block() for _ in range(3)), nn.LayerNorm(WIDTH)

    def forward(self, x, angle, classes):
        at = torch.cat((angle.cos(), angle.sin(), angle), 1)
        about = nn.functional.silu(self.time(at) + self.of(classes))
        h = self.into(x)
        for block in self.blocks:
            h = block(h, about)
        return self.out(self.norm(h))


def mix(image, noise, angle):
    return image * angle.cos() + noise * angle.sin()


def sample(network, classes):
    x, angle = torch.randn(SAMPLES, PIXELS), torch.full((SAMPLES, 1), MOST)
    for _ in range(STEPS):
        image = network(x, angle, classes).clamp(-1, 1)
        noise = (x - image * angle.cos()) / angle.sin()
        angle = angle - MOST / STEPS
        x = mix(image, noise, angle)
    return x


def compare(x, classes, means):
    far = (x[:, None] - means).square().mean(2)
    near = 100 * (far.argmin(1) == classes).float().mean().item()
    return near, nn.functional.mse_loss(x, means[classes]).sqrt().item()


def main():
    torch.manual_seed(1)
    images, classes = fashion.load("train")
    images = nn.functional.avg_pool2d(images / 255.0, 2).flatten(1) * 2 - 1
    network = Network()
    optimiser = torch.optim.Adam(network.parameters())
    steps = EPOCHS * -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, steps, cycle_momentum=False)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            x = images[batch]
            angle = MOST * torch.rand(len(x), 1)
            found = network(mix(x, torch.randn_like(x), angle), angle, classes[batch])
            loss = nn.functional.mse_loss(found, x)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    real, kinds = images[:REAL], classes[:REAL]
    means = torch.stack([real[kinds == k].mean(0) for k in range(CLASSES)])
    asked = torch.arange(SAMPLES) % CLASSES
    with torch.no_grad():
        near, far = compare(sample(network, asked), asked, means)
    real_near, real_far = compare(real, kinds, means)
    print(f"ok: {near:.1f} % of samples nearest to the mean of their class, {far:.3f} away; "
          f"of real images {real_near:.1f} %, {real_far:.3f}")


main()
