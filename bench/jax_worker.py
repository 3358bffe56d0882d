# SPDX-License-Identifier: MIT
"""JAX's steps: one jit of loss, gradient and update, with donated buffers. Argument: none, or first
for a cold start.

OMP_NUM_THREADS is the number of threads. Images are NHWC and weights lie as JAX likes them; they
are turned when they are loaded, and gradients turned back when they are checked. The scalar chain
is computed in f32, in which JAX is fastest.
"""

import os
import sys

threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'} " \
                          f"intra_op_parallelism_threads={threads}"

import jax  # noqa: E402  the flags come first
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from jax import lax  # noqa: E402

import worker  # noqa: E402

# Dense layers behind a flatten: the (channels, height, width) that was flattened.
FLATTENED = {"fashion-cnn": {"f1.weight": (64, 7, 7)}, "softmax-cnn": {"f.weight": (8, 26, 26)}}
EMBEDDINGS = {"e.weight", "p.weight"}


def is_matrix(name, value):
    """Is it (outputs, inputs), to be turned?"""
    return value.ndim == 2 and ".weight" in name and name not in EMBEDDINGS


def turned(name, value, flattened):
    """A weight or image as it lies here."""
    if value.ndim == 4:
        return value.transpose(0, 2, 3, 1) if name == "x" else value.transpose(2, 3, 1, 0)
    if not is_matrix(name, value):
        return value
    if name in flattened:
        value = value.reshape(-1, *flattened[name]).transpose(0, 2, 3, 1).reshape(len(value), -1)
    return value.T


def turned_back(name, value, flattened):
    """A gradient as PyTorch has it."""
    value = np.asarray(value)
    if value.ndim == 4:
        return np.ascontiguousarray(value.transpose(3, 2, 0, 1))
    if not is_matrix(name, value):
        return value
    value = value.T
    if name in flattened:
        c, h, w = flattened[name]
        value = value.reshape(-1, h, w, c).transpose(0, 3, 1, 2).reshape(len(value), -1)
    return np.ascontiguousarray(value)


def conv(x, w, stride=1, pad=0):
    return lax.conv_general_dilated(x, w, (stride, stride), [(pad, pad), (pad, pad)],
                                    dimension_numbers=("NHWC", "HWIO", "NHWC"))


def conv_bias(x, p, name, pad=0):
    return conv(x, p[f"{name}.weight"], pad=pad) + p[f"{name}.bias"]


def dense(x, p, name):
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def flat(x):
    return x.reshape(x.shape[0], -1)


def cross_entropy(z, y):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1))


def lecture(p, x, y):
    a = jax.nn.sigmoid(dense(flat(pool(jax.nn.relu(conv_bias(x, p, "c")))), p, "f"))
    return -jnp.mean(y * jnp.log(a) + (1 - y) * jnp.log(1 - a))


def softmax_cnn(p, x, y):
    return cross_entropy(dense(flat(jax.nn.relu(conv_bias(x, p, "c"))), p, "f"), y)


def fashion_forward(p, x):
    x = pool(jax.nn.relu(conv_bias(x, p, "c1", 1)))
    x = pool(jax.nn.relu(conv_bias(x, p, "c2", 1)))
    return dense(jax.nn.relu(dense(flat(x), p, "f1")), p, "f2")


def fashion_cnn(p, x, y):
    return cross_entropy(fashion_forward(p, x), y)


def mlp(p, x, y):
    x = jax.nn.relu(dense(jax.nn.relu(dense(x, p, "0")), p, "2"))
    return cross_entropy(dense(x, p, "4"), y)


def batch_norm(x, p, name):
    mean = x.mean((0, 1, 2))
    var = ((x - mean)**2).mean((0, 1, 2))
    return (x - mean) * lax.rsqrt(var + 1e-5) * p[f"{name}.weight"] + p[f"{name}.bias"]


def resnet20(p, x, y):
    x = jax.nn.relu(batch_norm(conv(x, p["n.0.weight"], pad=1), p, "n.1"))
    for i in range(9):
        b, stride = f"n.{i + 3}", 2 if i in (3, 6) else 1
        h = jax.nn.relu(batch_norm(conv(x, p[f"{b}.c1.weight"], stride, 1), p, f"{b}.b1"))
        h = batch_norm(conv(h, p[f"{b}.c2.weight"], 1, 1), p, f"{b}.b2")
        if stride == 2:
            x = batch_norm(conv(x, p[f"{b}.d.0.weight"], 2), p, f"{b}.d.1")
        x = jax.nn.relu(h + x)
    return cross_entropy(dense(x.mean((1, 2)), p, "f"), y)


def layer_norm(x, p, name):
    mean = x.mean(-1, keepdims=True)
    var = ((x - mean)**2).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(var + 1e-5) * p[f"{name}.weight"] + p[f"{name}.bias"]


def attention(x, p, name):
    b, t, d = x.shape
    q, k, v = (part.reshape(b, t, 4, d // 4).transpose(0, 2, 1, 3)
               for part in jnp.split(dense(x, p, f"{name}.qkv"), 3, -1))
    scores = (q @ k.transpose(0, 1, 3, 2)) * (d // 4)**-0.5
    scores = jnp.where(jnp.tril(jnp.ones((t, t), bool)), scores, -1e9)
    y = (jax.nn.softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(b, t, d)
    return dense(y, p, f"{name}.o")


def gpt(p, x, y):
    z = p["e.weight"][x] + p["p.weight"]
    for i in range(4):
        b = f"bl.{i}"
        z = z + attention(layer_norm(z, p, f"{b}.l1"), p, b)
        h = jax.nn.gelu(dense(layer_norm(z, p, f"{b}.l2"), p, f"{b}.a"), approximate=False)
        z = z + dense(h, p, f"{b}.b")
    scores = layer_norm(z, p, "ln") @ p["hd.weight"]
    return cross_entropy(scores.reshape(-1, 256), y)


def lstm(p, x, y):
    gates = x.transpose(1, 0, 2) @ p["l.weight_ih_l0"] + p["l.bias_ih_l0"] + p["l.bias_hh_l0"]

    def cell(state, gate):
        h, c = state
        i, f, g, o = jnp.split(gate + h @ p["l.weight_hh_l0"], 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), None

    zeros = jnp.zeros((x.shape[0], 128))
    (h, _), _ = lax.scan(cell, (zeros, zeros), gates)
    return cross_entropy(dense(h, p, "f"), y)


def elementwise(p):
    x = p["x"]
    return (jnp.tanh(x) * jax.nn.sigmoid(x) + jnp.exp(-x * x)).sum()


def scalar(p):
    a = p["a"]
    return lax.scan(lambda b, _: (jnp.sin(b) * a + b, None), a, None, length=1000)[0]


# Updates: how a state and a gradient become a new weight and state.

def sgd(p, g, state, rate=0.01):
    return jax.tree.map(lambda a, b: a - rate * b, p, g), state


def momentum(p, g, v, rate=0.01):
    v = jax.tree.map(lambda a, b: 0.9 * a + b, v, g)
    return jax.tree.map(lambda a, b: a - rate * b, p, v), v


def adam(p, g, state, rate=1e-3, decay=0.0):
    m, v, t = state
    t = t + 1
    c1, c2 = 1 - 0.9**t, 1 - 0.999**t
    m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
    v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
    p = jax.tree.map(lambda p, m, v: p - rate * ((m / c1) / (jnp.sqrt(v / c2) + 1e-8) + decay * p),
                     p, m, v)
    return p, (m, v, t)


def adamw(p, g, state):
    return adam(p, g, state, 1e-4, 0.01)


def zeros(p):
    return jax.tree.map(jnp.zeros_like, p)


def moments(p):
    return zeros(p), zeros(p), jnp.zeros(())


TRAINING = {
    "lecture": (lecture, sgd, lambda p: ()), "lecture-anew": (lecture, sgd, lambda p: ()),
    "softmax-cnn-b1": (softmax_cnn, sgd, lambda p: ()),
    "softmax-cnn-b32": (softmax_cnn, sgd, lambda p: ()),
    "fashion-cnn": (fashion_cnn, sgd, lambda p: ()), "mlp": (mlp, sgd, lambda p: ()),
    "resnet20": (resnet20, momentum, zeros), "gpt": (gpt, adamw, moments),
    "lstm": (lstm, adam, moments),
}


class Loop:
    """A step that hands its result to the next one, n times, then waits."""

    def __init__(self, step, state):
        self.step, self.state = step, state

    def __call__(self, count):
        step, state = self.step, self.state
        for _ in range(count):
            state = step(state)
        self.state = jax.block_until_ready(state)


def training(name, p, x, y):
    loss, update, first_state = TRAINING[name]
    derive = jax.jit(jax.value_and_grad(loss))

    def step(state):
        p, s = state
        return update(p, jax.grad(loss)(p, x, y), s)

    return derive(p, x, y), Loop(jax.jit(step, donate_argnums=0), (p, first_state(p)))


def load(name, values):
    weights = {key: value for key, value in values.items() if key not in ("x", "y")}
    if name == "elementwise":
        weights = values
    flattened = FLATTENED.get(name.removesuffix("-b1").removesuffix("-b32"), {})
    if name.startswith("inference"):
        flattened = FLATTENED["fashion-cnn"]
    p = {key: jnp.asarray(turned(key, value, flattened), jnp.float32)
         for key, value in weights.items()}
    if name in TRAINING:
        x, y = turned("x", values["x"], {}), jnp.asarray(values["y"])
        (output, gradients), go = training(name, p, jnp.asarray(x), y)
    elif name.startswith("inference"):
        x, forward = jnp.asarray(turned("x", values["x"], {})), jax.jit(fashion_forward)
        output, gradients, go = forward(p, x), {}, Loop(lambda _: forward(p, x), None)
    else:
        f = elementwise if name == "elementwise" else scalar
        derivative = jax.jit(jax.grad(f))
        output, gradients = jax.value_and_grad(f)(p)
        go = Loop(lambda _: derivative(p), None)
    gradients = {key: turned_back(key, g, flattened) for key, g in gradients.items()}
    return lambda: (output, gradients), go


def first():
    """What a cold start is timed by."""
    p = {"c.weight": jnp.ones((3, 3, 1, 1)), "c.bias": jnp.ones(1), "f.weight": jnp.ones((4, 1)),
         "f.bias": jnp.ones(1)}
    print(jax.jit(jax.grad(lecture))(p, jnp.ones((1, 6, 6, 1)), jnp.ones((1, 1))))


if __name__ == "__main__":
    if sys.argv[1:] == ["first"]:
        first()
    else:
        worker.serve(load)
