// SPDX-License-Identifier: MIT
/* PyTorch's values for cases_random.c, by make.py from cases_random.py. */
static const struct golden golden_random[] = {
    {0}};
