# SPDX-License-Identifier: MIT
"""Golden cases: registering them, computing them with PyTorch in float64, writing them as C tables.

A family's cases_<family>.py beside this file says, for each case of tests/ops/cases_<family>.c,

    case("relu", "kink at zero", [[-0.7, 0.0, 1.3]], lambda x: torch.relu(x[0]))

with the op's and the case's name, the inputs (tensors or lists; floats become float64, integers
int64) and the formula. differentiable=False: there is no gradient, as the output is no float.
differentiable=[0, 2]: gradients by these inputs only; other float inputs are constants of the case.
A number in a formula that is to meet an input exactly (a tie) must be one that float32 holds: 0.25,
not 0.3.
"""

import math

import torch

# struct golden_array's names of what torch calls these.
DTYPES = {torch.float64: "WG_F64", torch.int64: "WG_I64", torch.int32: "WG_I32",
          torch.uint8: "WG_U8", torch.bool: "WG_BOOL"}

cases = []  # of the family that is being imported
drawn = [0]  # numbers that awkward gave out for the case that comes next

torch.set_default_dtype(torch.float64)


def awkward(*shape, low=-2.0, high=2.0):
    """Distinct numbers between low and high in no order, of three decimals, none of them 0 or 1.
    Those for the second input of a case go on where the first ended."""
    count = math.prod(shape)
    steps = [((drawn[0] + k) * 0.6180339887 + 0.1371) % 1.0 for k in range(count)]
    drawn[0] += count
    numbers = [round(low + (high - low) * step, 3) for step in steps]
    return torch.tensor([n + 0.003 if n in (-1, 0, 1) else n for n in numbers]).reshape(shape)


def seed(y):
    """The dy of a case: fixed numbers of both signs, none near 0 or 1, which hide missing terms and
    factors."""
    numbers = [math.cos(1.3 * k + 0.7) for k in range(y.numel())]
    numbers = [math.copysign(0.15 + 0.7 * abs(n), n) for n in numbers]
    return torch.tensor([round(n, 3) for n in numbers]).reshape(y.shape)


def case(op, name, inputs, formula, differentiable=True):
    """Registers a case; what it gives is computed when the table is written."""
    drawn[0] = 0
    cases.append((op, name, [tensor(x) for x in inputs], formula, differentiable))


def tensor(x):
    """An input: floats as float64 that float32 holds exactly (where it can), so that both dtypes
    share one table."""
    x = torch.as_tensor(x)
    if not x.is_floating_point():
        return x
    x = x.double()
    rounded = x.float().double()
    held = (rounded - x).abs() <= 1e-6 * x.abs()
    return torch.where(held, rounded, x)


def gradients(y, dy, x, differentiable):
    """dx for each input; None for those without, zeros where y does not depend on one."""
    wanted = [k for k, t in enumerate(x) if t.requires_grad]
    found = [None] * len(x)
    if wanted and not y.requires_grad:
        raise ValueError("nothing depends on the inputs: say differentiable=False")
    if wanted:
        by = torch.autograd.grad(y, [x[k] for k in wanted], dy, allow_unused=True)
        for k, dx in zip(wanted, by):
            found[k] = torch.zeros_like(x[k]) if dx is None else dx
    return found


def compute(inputs, formula, differentiable):
    """(x, y, dy, dx) of a case."""
    x = [t.clone() for t in inputs]
    for k, t in enumerate(x):
        if differentiable and t.is_floating_point():
            t.requires_grad_(differentiable is True or k in differentiable)
    y = formula(x)
    dy = tensor(seed(y)) if differentiable else None
    return x, y, dy, gradients(y, dy, x, differentiable)


def number(value):
    """A C constant of exactly this value: a float where that is shorter, as it is for inputs."""
    if isinstance(value, (bool, int)):
        return str(int(value))
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    if value == int(value) and abs(value) < 1e6:
        return "-0.0" if value == 0 and math.copysign(1, value) < 0 else str(int(value))
    double = repr(value)
    for digits in range(1, 10):
        single = f"{value:.{digits}g}"
        if len(single) + 1 < len(double) and ("." in single or "e" in single) \
                and torch.tensor(float(single)).float().double().item() == value:
            return single + "f"
    return double


def lines(words, indent, width=100):
    """Words behind each other, in lines of at most `width` columns."""
    line, out = indent, []
    for word in words:
        if len(line) + len(word) + 1 > width:
            out.append(line.rstrip())
            line = indent
        line += word + " "
    return out + [line.rstrip()]


def array(member, t):
    """Lines that set one struct golden_array."""
    t = t.detach()
    head = f"{DTYPES[t.dtype]}, {t.dim()}, {{{', '.join(map(str, t.shape)) or 0}}}"
    if t.numel() == 0:
        return [f"     {member} = {{{head}, NULL}},"]
    words = [number(v) for v in t.reshape(-1).tolist()]
    words = [word + "," for word in words[:-1]] + [words[-1] + "}},"]
    one = f"     {member} = {{{head}, (const double[]){{{' '.join(words)}"
    if len(one) <= 100:
        return [one]
    return [f"     {member} = {{{head}, (const double[]){{"] + lines(words, " " * 9)


def row(op, name, inputs, formula, differentiable):
    """Lines of one struct golden."""
    x, y, dy, dx = compute(inputs, formula, differentiable)
    out = [f'    {{"{op}", "{name}", {len(x)},']
    for k, t in enumerate(x):
        out += array(f".x[{k}]", t)
    out += array(".y", y)
    if dy is not None:
        out += array(".dy", dy)
    for k, t in enumerate(dx):
        if t is not None:
            out += array(f".dx[{k}]", t)
    out[-1] = out[-1].rstrip(",") + "},"
    return out


def table(family):
    """The text of tests/golden/<family>.h."""
    out = ["// SPDX-License-Identifier: MIT",
           f"/* PyTorch's values for cases_{family}.c, by make.py from cases_{family}.py. */",
           f"static const struct golden golden_{family}[] = {{"]
    seen = set()
    for one in cases:
        if one[:2] in seen:
            raise ValueError(f"two cases are called {one[0]}: {one[1]}")
        seen.add(one[:2])
        try:
            out += row(*one)
        except Exception as error:
            raise ValueError(f"{one[0]}: {one[1]}: {error}") from error
    return "\n".join(out + ["    {0}};", ""])
