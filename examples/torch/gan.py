# SPDX-License-Identifier: MIT
"""gan.c in PyTorch, without its picture."""
import torch
from torch import nn
from torch.nn.functional import one_hot, softplus

import fashion

BATCH, EPOCHS, CLASSES, CODE, WIDTH, REAL, SAMPLES = 128, 6, 10, 64, 16, 1500, 500


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.into = nn.Linear(CODE + CLASSES, 2 * WIDTH * 49)
        self.up = nn.Sequential(
            nn.BatchNorm2d(2 * WIDTH), nn.ReLU(),
            nn.ConvTranspose2d(2 * WIDTH, WIDTH, 4, 2, 1), nn.BatchNorm2d(WIDTH), nn.ReLU(),
            nn.ConvTranspose2d(WIDTH, 1, 4, 2, 1), nn.Sigmoid())

    def forward(self, noise, classes):
        h = self.into(torch.cat((noise, one_hot(classes, CLASSES)), 1))
        return self.up(h.view(-1, 2 * WIDTH, 7, 7))


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(1, WIDTH, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(WIDTH, 2 * WIDTH, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Flatten(), nn.Linear(2 * WIDTH * 49, CLASSES))

    def forward(self, images, classes):
        return self.down(2 * images - 1).gather(1, classes[:, None])


def adam(network):
    return torch.optim.Adam(network.parameters(), 1e-3, betas=(0.5, 0.999))


def warm_up(averages, params, steps):
    """wg_average's: short at first."""
    for average, param in zip(averages, params):
        average.lerp_(param, 1 - min(0.999, (steps + 1) / (steps + 10)))


def compare(x, classes, real, kinds):
    at = torch.cdist(x.flatten(1), real.flatten(1)).argmin(1)
    return 100 * (kinds[at] == classes).float().mean().item(), len(at.unique())


def main():
    torch.manual_seed(1)
    images, classes = fashion.load("train")
    images = images / 255.0
    generator, judge = Generator(), Judge()
    average = torch.optim.swa_utils.AveragedModel(generator, multi_avg_fn=warm_up)
    drawing, judging = adam(generator), adam(judge)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH)[:len(images) // BATCH]:
            x, y = images[batch], classes[batch]
            with torch.no_grad():
                drawn = generator(torch.randn(BATCH, CODE), y)
            caught = (softplus(-judge(x, y)) + softplus(judge(drawn, y))).mean()
            judging.zero_grad()
            caught.backward()
            judging.step()
            fooled = softplus(-judge(generator(torch.randn(BATCH, CODE), y), y)).mean()
            drawing.zero_grad()
            fooled.backward()
            drawing.step()
            average.update_parameters(generator)
    real, kinds = images[:REAL], classes[:REAL]
    asked = torch.arange(SAMPLES) % CLASSES
    with torch.no_grad():
        right, different = compare(average(torch.randn(SAMPLES, CODE), asked), asked, real, kinds)
    best, most = compare(images[REAL:REAL + SAMPLES], classes[REAL:REAL + SAMPLES], real, kinds)
    print(f"ok: of {SAMPLES} images {right:.1f} % nearest to a real one of their class, {different} different "
          f"ones; of real images {best:.1f} %, {most}")


main()
