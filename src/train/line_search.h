// SPDX-License-Identifier: MIT
/*
 * A step length by the strong Wolfe conditions (Nocedal, Wright, "Numerical Optimization", 2nd
 * edition, algorithms 3.5 and 3.6), with the choices of torch.optim.LBFGS. Not public.
 */
#ifndef WENGERT_TRAIN_LINE_SEARCH_H
#define WENGERT_TRAIN_LINE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place t on the line: the function's value and slope there, and its gradient. */
typedef struct wg__place {
    double t, f, slope, *g;
} wg__place;

/* The line to be searched, and how far. */
typedef struct wg__line {
    /* Fills in f, slope and g of the place t; false on an error, which ends the search. */
    bool (*measure)(void *context, wg__place *place);
    void   *context;
    size_t  count;     /* numbers in g */
    double  size;      /* the largest change of a number from t = 0 to 1 */
    double  tolerance; /* what changes no number by so much is not searched */
    int64_t most;      /* measurements after the first one */
} wg__line;

/*
 * Searches from the start, t = 0, with t as the first length to be tried. room: three places with
 * gradients of their own, the result is one of them. *measured is added to. NULL on an error.
 */
const wg__place *wg__strong_wolfe(const wg__line *line, const wg__place *start, double t,
                                  wg__place room[3], int64_t *measured);

#endif
