// SPDX-License-Identifier: MIT
/* The same in C++17, where calls whose settings follow as designated initialisers in C take the struct, and those of
   two operands their function, which takes a tensor or a number on either side. */
#include <wengert/wengert.h>

int main()
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(3));
    wg_reduce  sum = {};
    sum.x = wg_mul_of(2, wg_square(x));
    sum.axes = WG_AXES(-1);
    wg_tensor *y = wg_sum_with(sum);

    const float values[] = {1, 2, 3};
    wg_write_values(x, WG_F32, values, 3);
    float back[3] = {};
    wg_read_values(x, WG_F32, back, 3);
    const bool   right = wg_item(y) == 28 && back[1] == 2;
    const double slope = wg_element(wg_derivative(y, x), 2);
    const bool   failed = !right || slope != 12 || wg_tape_error(tape);
    if (failed) fprintf(stderr, "%s\n", wg_tape_error(tape) ? wg_tape_error(tape) : "wrong values");
    wg_tape_free(tape);
    return failed;
}
