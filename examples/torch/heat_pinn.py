# SPDX-License-Identifier: MIT
"""heat_pinn.c in PyTorch."""
import math

import torch
from torch import nn

DIFFUSIVITY, INSIDE, RIM, GRID, STEPS = 0.1, 512, 128, 41, 5000
PI = math.pi


def exact(x, t):
    return (torch.exp(-DIFFUSIVITY * PI**2 * t) * torch.sin(PI * x)
            + 0.5 * torch.exp(-DIFFUSIVITY * 9 * PI**2 * t) * torch.sin(3 * PI * x))


def make_network():
    layers = []
    for inputs, outputs in (2, 32), (32, 32), (32, 32), (32, 1):
        layers += [nn.Linear(inputs, outputs), nn.Tanh()]
        nn.init.xavier_uniform_(layers[-2].weight)
    return nn.Sequential(*layers[:-1])


def misfit(network):
    """What the equation and the two conditions leave, squared; at new points."""
    def derivative(y, x):
        return torch.autograd.grad(y.sum(), x, create_graph=True)[0]

    x = torch.rand(INSIDE, 1).requires_grad_()
    t = torch.rand(INSIDE, 1).requires_grad_()
    u = network(torch.cat([x, t], 1))
    left = derivative(u, t) - DIFFUSIVITY * derivative(derivative(u, x), x)
    first = torch.rand(RIM, 1)
    given = torch.sin(PI * first) + 0.5 * torch.sin(3 * PI * first)
    begin = nn.functional.mse_loss(network(torch.cat([first, torch.zeros(RIM, 1)], 1)), given)
    end = torch.randint(2, (RIM, 1)).to(x.dtype)
    ends = network(torch.cat([end, torch.rand(RIM, 1)], 1)).square().mean()
    return left.square().mean() + 10 * (begin + ends)


def main():
    torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    network = make_network()
    optimiser = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.01, STEPS, cycle_momentum=False)
    for _ in range(STEPS):
        loss = misfit(network)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    axis = torch.linspace(0, 1, GRID)
    t, x = (grid.reshape(-1, 1) for grid in torch.meshgrid(axis, axis, indexing="ij"))
    with torch.no_grad():
        wanted = exact(x, t)
        error = (network(torch.cat([x, t], 1)) - wanted).norm() / wanted.norm()
    print(f"ok: relative error {error:.2e}")


main()
