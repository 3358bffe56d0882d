# SPDX-License-Identifier: MIT
"""Golden cases of lstm."""

import torch

from golden import awkward, case


def states(x, w_ih, w_hh, b_ih=None, b_hh=None, h=None, c=None):
    """All h, all c and the gates, (steps, batch, n), by torch's own cell, step by step."""
    zero = torch.zeros(x.shape[0], w_hh.shape[1])
    h, c = zero if h is None else h, zero if c is None else c
    all_h, all_c, gates = [h], [c], []
    for t in range(x.shape[1]):
        a = torch.nn.functional.linear(x[:, t], w_ih, b_ih) \
            + torch.nn.functional.linear(h, w_hh, b_hh)
        i, f, g, o = a.chunk(4, 1)
        gates.append(torch.cat([i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()], 1))
        h, c = torch.lstm_cell(x[:, t], (h, c), w_ih, w_hh, b_ih, b_hh)
        all_h.append(h)
        all_c.append(c)
    return torch.stack(all_h), torch.stack(all_c), torch.stack(gates)


def outputs(x):
    return states(*x)[0][1:].transpose(0, 1)


def inputs(batch, steps, width, n):
    return [awkward(batch, steps, width), awkward(4 * n, width), awkward(4 * n, n)]


def biases(n):
    return [awkward(4 * n), awkward(4 * n)]


SIZES = {"odd primes": (2, 3, 5, 2), "size 1": (1, 1, 1, 1), "one step": (3, 1, 2, 3),
         "many steps": (1, 11, 1, 2)}
for name, sizes in SIZES.items():
    case("lstm", name, inputs(*sizes) + biases(sizes[3]), outputs)
case("lstm", "no rows", inputs(0, 3, 2, 2), outputs)
case("lstm", "without biases", inputs(2, 3, 2, 2), outputs)
case("lstm", "one bias", inputs(2, 3, 2, 2) + [awkward(8)],
     lambda x: outputs(x + [torch.zeros(8)]))
case("lstm", "first states", inputs(2, 3, 2, 2) + biases(2) + [awkward(2, 2), awkward(2, 2)], outputs)
case("lstm", "last", inputs(2, 3, 2, 2) + biases(2), lambda x: outputs(x)[:, -1])
case("lstm", "all states", inputs(2, 3, 2, 2) + [awkward(2, 2), awkward(2, 2)],
     lambda x: states(*x[:3], None, None, *x[3:])[1])
case("lstm", "gates", inputs(2, 3, 2, 2) + [awkward(2, 2), awkward(2, 2)],
     lambda x: states(*x[:3], None, None, *x[3:])[2])
case("lstm", "transposed", [awkward(3, 2, 2), awkward(2, 8), awkward(2, 8)],
     lambda x: outputs([x[0].transpose(0, 1), x[1].T, x[2].T]))
case("lstm", "sliced backwards", inputs(2, 5, 2, 2),
     lambda x: outputs([x[0].flip(1)[:, ::2], x[1], x[2]]))
case("lstm", "expanded", [awkward(3, 2), awkward(8, 2), awkward(2)],
     lambda x: outputs([x[0].expand(2, 3, 2), x[1], x[2].expand(8, 2)]))
