#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/<family>.h from each cases_<family>.py here, with PyTorch in float64.

    python3 tests/golden/make.py              all families
    python3 tests/golden/make.py unary shape  these

It needs torch and numpy (the values in the repository are of torch 2.13). The tables are part of
the repository, so building and testing need neither. The same cases give the same bytes: nothing
is random but by a fixed seed.
"""

import importlib
import pathlib
import sys

import torch

import golden

HERE = pathlib.Path(__file__).parent


def main(wanted):
    torch.set_num_threads(1)
    for path in sorted(HERE.glob("cases_*.py")):
        family = path.stem.removeprefix("cases_")
        if wanted and family not in wanted:
            continue
        torch.manual_seed(0)
        golden.cases.clear()
        importlib.import_module(path.stem)
        text = golden.table(family)
        (HERE / f"{family}.h").write_text(text)
        print(f"{family}: {len(golden.cases)} cases, {len(text)} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
