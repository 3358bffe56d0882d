# SPDX-License-Identifier: MIT
"""There are no golden cases of random numbers: tests/ops/test_random.c says what holds for them."""
