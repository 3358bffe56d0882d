// SPDX-License-Identifier: MIT
/* Programs that Meson runs once per instruction set, named by WG_ISA, are left out where it is not to be had. */
#ifndef WENGERT_TESTS_OPS_ISA_WANTED_H
#define WENGERT_TESTS_OPS_ISA_WANTED_H

#include "../../src/kernels/isa.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What main returns for a test that was left out. */
enum { LEFT_OUT = 77 };

/* False when WG_ISA names an instruction set that this machine cannot run. */
static inline bool isa_is_there(void)
{
    const char *wanted = getenv("WG_ISA");
    return !wanted || strcmp(wanted, wg__kernels()->isa) == 0;
}

#endif
