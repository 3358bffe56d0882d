# SPDX-License-Identifier: MIT
"""Networks that nobody chose: of random depth, width, kernel, stride and batch, from a seed.

A network is an array of rows (kind, ...), which random_network.c and torch_worker.py read: input
(batch, channels, side), conv (filters, kernel, stride, pad), relu, pool (size), flatten, dense
(outputs).
"""

import numpy as np

from workloads import Workload, step_flops

INPUT, CONV, RELU, POOL, FLATTEN, DENSE = range(6)


class Network(Workload):
    """A workload that brings its description along."""

    def __init__(self, label, rows, weights, inputs, flops):
        super().__init__(label, "random", weights, inputs, flops, tolerance=1e-3)
        self.rows = rows

    def values(self, seed=0):
        network = np.zeros((len(self.rows), 5), np.int64)
        for line, row in zip(network, self.rows):
            line[:len(row)] = row
        return super().values(seed) | {"network": network}


class Maker:
    """A network as it grows."""

    def __init__(self, random):
        self.random, self.batch = random, int(random.choice([1, 4, 16, 32, 64]))
        self.channels, self.side = int(random.choice([1, 3, 8])), int(random.integers(8, 41))
        self.rows = [(INPUT, self.batch, self.channels, self.side)]
        self.shape = (self.batch, self.channels, self.side, self.side)
        self.weights, self.products = {}, []

    def weight(self, shape, adds):
        name = str(len(self.rows))
        self.weights |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
        self.products.append((adds, not self.products))

    def conv(self):
        filters, kernel = int(self.random.integers(4, 65)), int(self.random.choice([1, 3, 3, 5]))
        stride = int(self.random.choice([1, 1, 2]))
        pad = int(self.random.integers(0, kernel // 2 + 1))
        side = (self.side + 2 * pad - kernel) // stride + 1
        if side < 1:
            return
        self.weight((filters, self.channels, kernel, kernel),
                    self.batch * side**2 * filters * self.channels * kernel**2)
        self.rows += [(CONV, filters, kernel, stride, pad), (RELU,)]
        self.channels, self.side = filters, side
        if side >= 4 and self.random.random() < 0.4:
            self.rows.append((POOL, 2))
            self.side //= 2

    def dense(self, width, outputs):
        self.weight((outputs, width), self.batch * width * outputs)
        self.rows.append((DENSE, outputs))

    def network(self, label):
        for _ in range(self.random.integers(1, 6)):
            self.conv()
        self.rows.append((FLATTEN,))
        width = self.channels * self.side**2
        for _ in range(self.random.integers(0, 3)):
            outputs = int(self.random.integers(16, 513))
            self.dense(width, outputs)
            self.rows.append((RELU,))
            width = outputs
        self.dense(width, 10)
        inputs = {"x": (self.shape, 0), "y": ((self.batch,), 10)}
        return Network(label, self.rows, self.weights, inputs, step_flops(*self.products))


def random(options):
    """The networks of a seed."""
    source = np.random.default_rng(options.random)
    return [Maker(source).network(f"random {options.random}.{i}") for i in range(options.networks)]
