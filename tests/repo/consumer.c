// SPDX-License-Identifier: MIT
/* A program as a user writes it, in C11: built and run against the installed library by check_install.py. */
#include <wengert/wengert.h>

int main(void)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(3));
    wg_tensor *y = wg_sum(wg_square(x));

    wg_write(x, ((float[]){1, 2, 3}), 3);
    const bool   right = wg_item(y) == 14;
    const double slope = wg_element(wg_derivative(y, x), 2);
    const bool   failed = !right || slope != 6 || wg_tape_error(tape);
    if (failed) fprintf(stderr, "%s\n", wg_tape_error(tape) ? wg_tape_error(tape) : "wrong values");
    wg_tape_free(tape);
    return failed;
}
