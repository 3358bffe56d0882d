#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/layers.h: what PyTorch's modules make of given inputs and params, in float64, with the gradients
by all of them. tests/nn/layer_cases.c records the same layers.

    python3 tests/golden/make_layers.py
"""

import pathlib

import torch
from torch import nn

import golden
from golden import awkward

ROWS = []


def as_list(y):
    """Tensors of a module's answer, tuples taken apart."""
    return [t for part in y for t in as_list(part)] if isinstance(y, (tuple, list)) else [y]


def line_of(tensors):
    """All elements behind each other, or the one tensor as it is."""
    return tensors[0] if len(tensors) == 1 else torch.cat([t.reshape(-1) for t in tensors])


def param_rows(kind, params):
    out = [f"     .{kind} = {{"]
    for name, t in params:
        out += [f'     {{"{name}",'] + golden.array(".value", t)
        if t.grad is not None:
            out += golden.array(".gradient", t.grad)
        out[-1] = out[-1].rstrip(",") + "},"
    return out + ["     },"]


def case(name, module, inputs, call=None, states=(), rename=lambda n: n):
    """A module at params and inputs of awkward numbers. `states`: buffers, before and after."""
    x = [t.clone() for t in inputs]
    for t in x:
        t.requires_grad_(t.is_floating_point())
    named = list(module.named_parameters())
    with torch.no_grad():
        for _, p in named:
            p.copy_(awkward(*p.shape, low=-0.9, high=0.9))
    y = as_list(call(module, *x) if call else module(*x))
    y = line_of(y + [dict(module.named_buffers())[s].clone() for s in states])
    dy = golden.tensor(golden.seed(y))
    y.backward(dy)
    out = [f'    {{"{name}",']
    for k, t in enumerate(x):
        out += golden.array(f".x[{k}]", t)
    for k, t in enumerate(x):
        if t.grad is not None:
            out += golden.array(f".dx[{k}]", t.grad)
    if named:
        out += param_rows("param", [("m/" + rename(n).replace(".", "/"), p) for n, p in named])
    out += golden.array(".y", y) + golden.array(".dy", dy)
    ROWS.extend(out[:-1] + [out[-1].rstrip(",") + "},"])
    golden.drawn[0] = 0


case("linear", nn.Linear(5, 3), [awkward(2, 4, 5)])
case("linear without bias", nn.Linear(5, 3, bias=False), [awkward(4, 5)])
case("linear of a vector", nn.Linear(5, 3), [awkward(5)])
case("embedding", nn.Embedding(6, 3), [torch.tensor([[1, 4, 1], [0, 5, 4]])])
case("embedding with padding", nn.Embedding(6, 3, padding_idx=2), [torch.tensor([[2, 4, 1], [0, 2, 4]])])
case("conv1d", nn.Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2), [awkward(2, 4, 9)])
case("conv1d plain", nn.Conv1d(2, 3, 2, bias=False), [awkward(2, 2, 5)])
case("conv2d", nn.Conv2d(3, 4, (3, 2), stride=(2, 1), padding=(1, 0)), [awkward(2, 3, 5, 4)])
case("conv2d depthwise", nn.Conv2d(4, 8, 3, padding=2, dilation=2, groups=4, bias=False), [awkward(1, 4, 5, 5)])
case("conv_transpose1d", nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
     [awkward(2, 4, 5)])
case("conv_transpose2d", nn.ConvTranspose2d(2, 3, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2)),
     [awkward(2, 2, 3, 4)])
case("conv_transpose2d dilated", nn.ConvTranspose2d(4, 2, 3, dilation=2, groups=2, bias=False), [awkward(1, 4, 2, 3)])
case("max_pool1d", nn.MaxPool1d(3, stride=2, padding=1), [awkward(2, 3, 7)])
case("avg_pool1d", nn.AvgPool1d(2), [awkward(2, 3, 7)])
case("avg_pool1d without padding", nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False), [awkward(2, 2, 6)])
case("adaptive_avg_pool1d", nn.AdaptiveAvgPool1d(3), [awkward(2, 2, 7)])
case("adaptive_avg_pool2d", nn.AdaptiveAvgPool2d((3, 2)), [awkward(2, 2, 7, 5)])
case("adaptive_avg_pool2d that divides", nn.AdaptiveAvgPool2d((3, 2)), [awkward(2, 2, 6, 4)])
case("adaptive_avg_pool2d larger", nn.AdaptiveAvgPool2d((5, 3)), [awkward(1, 2, 3, 2)])
case("adaptive_max_pool1d", nn.AdaptiveMaxPool1d(3), [awkward(2, 2, 7)])
case("adaptive_max_pool2d", nn.AdaptiveMaxPool2d((3, 2)), [awkward(2, 2, 7, 5)])
case("adaptive_max_pool2d that divides", nn.AdaptiveMaxPool2d((3, 2)), [awkward(2, 2, 6, 4)])
case("adaptive_max_pool2d that divides one axis", nn.AdaptiveMaxPool2d((3, 2)), [awkward(1, 2, 6, 5)])
case("adaptive_max_pool2d larger", nn.AdaptiveMaxPool2d((5, 3)), [awkward(1, 2, 3, 2)])
case("adaptive_max_pool2d of equal numbers", nn.AdaptiveMaxPool2d((5, 2)), [awkward(1, 2, 8, 5).relu()])
case("global_avg_pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), [awkward(2, 3, 4, 5)])
case("global_max_pool", nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten()), [awkward(2, 3, 4, 5)])
STATES = ["running_mean", "running_var"]
case("batch_norm", nn.BatchNorm2d(3), [awkward(2, 3, 2, 3)], states=STATES)
case("batch_norm of rows", nn.BatchNorm1d(3, eps=1e-3, momentum=0.25), [awkward(5, 3)], states=STATES)
case("batch_norm in evaluation", nn.BatchNorm2d(3).eval(), [awkward(2, 3, 2, 3)])
case("batch_norm plain", nn.BatchNorm1d(3, affine=False), [awkward(5, 3)])
case("layer_norm", nn.LayerNorm(5), [awkward(2, 3, 5)])
case("layer_norm of two axes", nn.LayerNorm((3, 5), eps=1e-2), [awkward(2, 3, 5)])
case("layer_norm without bias", nn.LayerNorm(5, bias=False), [awkward(3, 5)])
case("rms_norm", nn.RMSNorm(5), [awkward(2, 3, 5)])
case("rms_norm of two axes", nn.RMSNorm((3, 5), eps=1e-2, elementwise_affine=False), [awkward(2, 3, 5)])
case("group_norm", nn.GroupNorm(2, 4), [awkward(2, 4, 3, 2)])
case("group_norm plain", nn.GroupNorm(3, 6, affine=False), [awkward(2, 6)])
case("instance_norm", nn.InstanceNorm2d(3, affine=True), [awkward(2, 3, 2, 3)])
case("instance_norm of sequences", nn.InstanceNorm1d(3), [awkward(2, 3, 5)])
case("dropout in evaluation", nn.Dropout(0.4).eval(), [awkward(2, 3)])


def recurrent(kind, **settings):
    """y, then last states, of a module with batch_first; first states where they are given."""
    def call(module, x, *first):
        states = first[0] if len(first) == 1 else tuple(first) if first else None
        return module(x, states)
    return kind(batch_first=True, **settings), call


BOTH = {"num_layers": 2, "bidirectional": True}
for name, kind in {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}.items():
    states = [awkward(4, 2, 3, low=-0.9, high=0.9) for _ in range(2 if name == "lstm" else 1)]
    module, call = recurrent(kind, input_size=2, hidden_size=3)
    case(name, module, [awkward(2, 4, 2)], call)
    module, call = recurrent(kind, input_size=2, hidden_size=3, **BOTH)
    case(f"{name} of two layers both ways", module, [awkward(2, 3, 2)] + states, call)
module, call = recurrent(nn.RNN, input_size=3, hidden_size=2, nonlinearity="relu", bias=False)
case("rnn with relu", module, [awkward(2, 3, 3)], call)
module, call = recurrent(nn.GRU, input_size=3, hidden_size=2, bias=False, num_layers=2)
case("gru without bias", module, [awkward(1, 3, 3)], call)
module, call = recurrent(nn.LSTM, input_size=3, hidden_size=2, bias=False, num_layers=2, dropout=0.5)
case("lstm in evaluation", module.eval(), [awkward(1, 3, 3)], call)


def attention(width, heads, **settings):
    return nn.MultiheadAttention(width, heads, batch_first=True, **settings)


def causal(steps):
    return nn.Transformer.generate_square_subsequent_mask(steps)


SEEN = torch.tensor([[True, True, False, True], [True, False, True, True]])
case("attention", attention(4, 2), [awkward(2, 3, 4)], lambda m, x: m(x, x, x, need_weights=False)[0])
case("attention that is causal", attention(4, 2, bias=False), [awkward(2, 3, 4)],
     lambda m, x: m(x, x, x, need_weights=False, attn_mask=causal(3))[0])
case("attention with a key mask", attention(6, 3), [awkward(2, 4, 6), SEEN],
     lambda m, x, seen: m(x, x, x, need_weights=False, key_padding_mask=~seen)[0])
case("attention to another sequence", attention(4, 2), [awkward(2, 3, 4), awkward(2, 5, 4)],
     lambda m, x, y: m(x, y, y, need_weights=False)[0])
case("attention of three sequences", attention(4, 1), [awkward(1, 2, 4), awkward(1, 3, 4), awkward(1, 3, 4)],
     lambda m, x, y, z: m(x, y, z, need_weights=False)[0])
MASK = torch.tensor([[True, False, True, True], [True, True, True, False], [False, True, True, True]])
case("attention with both masks", attention(4, 2), [awkward(2, 3, 4), awkward(2, 4, 4), SEEN, MASK],
     lambda m, x, y, seen, mask: m(x, y, y, need_weights=False, key_padding_mask=~seen, attn_mask=~mask)[0])


def block(**settings):
    return nn.TransformerEncoderLayer(4, 2, 6, dropout=0, batch_first=True, **settings)


case("transformer", block(), [awkward(2, 3, 4)])
case("transformer that normalises first", block(norm_first=True, activation="gelu"), [awkward(2, 3, 4)],
     lambda m, x: m(x, src_mask=causal(3), is_causal=True))
case("transformer with a key mask", block(bias=False, layer_norm_eps=1e-3), [awkward(2, 4, 4), SEEN],
     lambda m, x, seen: m(x, src_key_padding_mask=~seen))
case("residual", nn.Identity(), [awkward(2, 3), awkward(2, 3)], lambda m, x, y: x + y)
case("residual of other shapes", nn.Sequential(nn.Conv2d(2, 4, 1, stride=(2, 3), bias=False), nn.BatchNorm2d(4)),
     [awkward(2, 2, 5, 7), awkward(2, 4, 3, 3)], lambda m, x, y: m(x) + y,
     states=["1.running_mean", "1.running_var"])

if __name__ == "__main__":
    text = "\n".join(["// SPDX-License-Identifier: MIT",
                      "/* PyTorch's values for layer_cases.c, by make_layers.py. */",
                      "static const struct layer_golden layer_goldens[] = {"] + ROWS + ["    {0}};", ""])
    pathlib.Path(__file__).with_name("layers.h").write_text(text)
