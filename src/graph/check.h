// SPDX-License-Identifier: MIT
/*
 * The gradient check: are the derivatives of this very network right, and if not, which op is wrong
 * first?
 *
 *     wg_check_print(wg_check_gradients(loss), stdout);
 *
 * The network is lifted to a private tape in f64 (see lift.h), its random numbers held fast, and
 * each gradient compared with central differences, improved by one Richardson step and with a
 * bound of their own error (Richardson, "The approximate arithmetical solution by finite
 * differences", Phil. Trans. R. Soc. A 210, 1911). Memory is poisoned differently in each run, so
 * that an op which leaves an element unwritten betrays itself. What is wrong is searched for node
 * by node: each op's local rule alone against differences of its own kernel.
 */
#ifndef WENGERT_GRAPH_CHECK_H
#define WENGERT_GRAPH_CHECK_H

#include "tape.h"

/* What became of a leaf, or of an op. */
typedef enum wg_check_verdict {
    WG_CHECK_PASS,
    WG_CHECK_FAIL,              /* the rule and the differences disagree, or a rule is refused */
    WG_CHECK_KINK,              /* the differences to both sides disagree: no derivative here */
    WG_CHECK_NAN,               /* a value or a gradient is not finite */
    WG_CHECK_NOT_DETERMINISTIC, /* two runs differ */
    WG_CHECK_NOT_REACHED,       /* no derivative flows from the loss to the leaf */
    WG_CHECK_NOT_CHECKABLE      /* an op does not compute in f64, or flags these values */
} wg_check_verdict;

/* What is to be checked. Members left zero stand for the value behind them. */
struct wg_check_request {
    wg_tensor *loss;         /* of one element, f32 or f64 */
    wg_tensors leaves;       /* floating leaves: all params that are not frozen */
    int        directions;   /* along so many random ones; 0: each element, or 16 directions in a
                                leaf of more than 64 */
    bool       second_order; /* check the derivatives of the gradients as well */
    double     tolerance;    /* relative, beyond the bound of the differences: 1e-6 */
    uint64_t   seed;         /* of the random directions */
};

/*
 * Two numbers that should be one. Of an element they are derivatives by it; along a direction v,
 * dy/dv. `relative` is the absolute error divided by the larger of the two, along a direction by
 * the sum over its elements of |gradient v|, since terms may cancel. `bound` is of the error of
 * `numeric`.
 */
typedef struct wg_check_numbers {
    double analytic, numeric, absolute, relative, bound;
} wg_check_numbers;

/* One leaf. Order 2: derivatives of the gradients' sum, weighted at random. */
typedef struct wg_check_leaf {
    wg_tensor       *leaf;
    wg_check_verdict verdict;
    int              order;   /* 1 or 2 */
    int64_t          checked; /* comparisons made */
    int64_t          element; /* the worst one, packed; -1: the worst was a direction, or none */
    wg_check_numbers worst;
} wg_check_leaf;

/* The first op of the record that explains the worst verdict. */
typedef struct wg_check_op {
    const wg_op     *op;    /* NULL: none was found */
    const char      *where; /* the user's file and line */
    const char      *name;  /* of its output; NULL: none */
    wg_check_verdict verdict;
    int              order;  /* 2: its rule is right, but the rule's own derivative is wrong */
    int              input;  /* by which the derivative is wrong; -1: by none in particular */
    const char      *reason; /* words of the refusal; NULL where numbers tell */
    wg_check_numbers numbers;
} wg_check_op;

/* A report: for each leaf a row of order 1, then with second_order a row of order 2 for each. */
typedef struct wg_check {
    int                  count;
    const wg_check_leaf *row;
    double               tolerance;
    wg_check_op          first;
} wg_check;

WG_BEGIN_DECLS

/*
 * Checks the gradients of a loss at the values that the leaves have now, and returns the report,
 * which lives until the tape's next wg_tape_clear. The record, its values and the number of the run
 * stay as they are. NULL on an error (an input that was never written, no memory). A verdict is no
 * error. Second order is checked only where the first can be derived.
 */
WG_API const wg_check *wg_check_gradients_with(struct wg_check_request request);
#ifndef __cplusplus
#define wg_check_gradients(...)                                                                    \
    WG__CALL_POINTER(const wg_check *,                                                             \
                     wg_check_gradients_with((struct wg_check_request){.loss = __VA_ARGS__}))
#endif

/* True when there is a report, with at least one row, and every verdict is WG_CHECK_PASS. */
WG_API bool wg_check_passed(const wg_check *check);

/* "pass", "FAIL", "kink", "NaN", "not deterministic", "not reached", "not checkable". */
WG_API const char *wg_check_verdict_name(wg_check_verdict verdict);

/* Prints the report as a table and the first wrong op below it. False for NULL, or when the file
   refuses. */
WG_API bool wg_check_print(const wg_check *check, FILE *file);

WG_END_DECLS

#endif
