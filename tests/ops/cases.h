// SPDX-License-Identifier: MIT
/*
 * What the tests of ops are made of: tables. A family of ops (src/ops/unary.c) has its cases in
 * cases_unary.c, how to record each and what it must refuse, and the values that PyTorch gives for
 * them in tests/golden/unary.h. The loops over all tables are in test_cases.c, test_errors.c and
 * test_catalogue.c.
 */
#ifndef WENGERT_TESTS_CASES_H
#define WENGERT_TESTS_CASES_H

#include <wengert/graph/derive.h>
#include <wengert/graph/plan.h>

enum { CASE_INPUTS = 8 /* at most */ };

enum case_flags {
    /*
     * Nothing is derived: integers come out, or the op has no derivative. The golden case says
     * differentiable=False.
     */
    CASE_FORWARD_ONLY = 1 << 0,
    /*
     * No finite differences: some value is at a kink, a tie, a pole, infinite or NaN. Golden
     * gradients still hold.
     */
    CASE_KINK = 1 << 1,
    /* Values that f32 cannot hold, such as 1e300. */
    CASE_F64_ONLY = 1 << 2
};

/*
 * One way to use an op: `record` gets the golden inputs, as tensors of one tape, and returns what
 * is compared with the golden y. It may do more than the call under test, such as transposing an
 * input first, when the golden formula does too. Cases of one op have different names. An op of
 * several outputs has cases for each of them.
 */
struct op_case {
    const char *op, *name; /* "relu", "kink at zero" */
    wg_tensor *(*record)(wg_tensor *const *x);
    unsigned flags; /* of enum case_flags */
};

/*
 * One way to misuse an op, on a fresh tape. The call must return NULL, or what it returns must not
 * run; the error must contain `message` behind the line of cases_<family>.c that is wrong, and the
 * op's name.
 */
struct error_case {
    const char *op, *name;
    wg_tensor *(*record)(wg_tape *tape);
    const char *message;
};

/*
 * Values of PyTorch, row-major. dtype is WG_NO_DTYPE where there is no array, values is NULL where
 * it is empty.
 */
struct golden_array {
    wg_dtype      dtype; /* WG_F64 stands for the dtype under test */
    int64_t       rank, dim[WG_MAX_RANK];
    const double *values;
};

/*
 * What a case must give: y, and for the seed dy the gradients dx by the float inputs (those that
 * have one).
 */
struct golden {
    const char         *op, *name;
    int                 inputs;
    struct golden_array x[CASE_INPUTS], y, dy, dx[CASE_INPUTS];
};

/* One row of the table of tables in families.c. Each table ends with a row of zeros. */
struct family {
    const char              *name;
    const struct op_case    *cases;
    const struct error_case *errors;
    const struct golden     *goldens;
};

extern const struct family families[];

#endif
