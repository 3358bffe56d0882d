// SPDX-License-Identifier: MIT
/* What choosing layouts (layouts.c) and laying out the steps by them (turn.c) share. */
#ifndef WENGERT_GRAPH_LAYOUTS_H
#define WENGERT_GRAPH_LAYOUTS_H

#include "plan_internal.h"

/* An image that a step writes whole, or that is there before the run. */
typedef struct wg__image {
    const wg_type *type;       /* NULL: no image */
    int            readers[2]; /* of steps that want it packed, and with channels last */
    bool           last;       /* its writer gives it with channels last */
    int            turned;     /* the storage in which it lies so; -1 */
    bool           there[2]; /* when steps are laid out: it was given packed, with channels last */
    int            cluster;  /* a step that uses it with channels last; -1 */
    bool           asked;    /* somebody outside wants it packed */
} wg__image;

/* What a step can do: the ends that may have channels last, what that spares, and what is chosen. */
typedef struct wg__way {
    uint64_t ends;
    double   saves, cost; /* cost: of the cluster of which it is the first step */
    bool     last;
    int      into; /* a step of the same cluster; itself: it is the first */
} wg__way;

typedef struct wg__layouts {
    wg_plan   *plan;
    wg__image *image; /* of a storage */
    wg__way   *way;   /* of a step */
    int        storages, steps;
} wg__layouts;

static inline int wg__ends_of(const wg__step *step)
{
    return step->call.inputs + step->call.outputs;
}

/* Whether both layouts are the same in memory. */
static inline bool wg__is_either_layout(const wg_type *type)
{
    const int64_t *dim = type->shape.dim;
    return dim[1] == 1 || dim[2] * dim[3] == 1;
}

/* Whether a step that is not in a cluster reads this end wherever its elements lie. */
bool wg__reads_either_layout(const wg__layouts *l, const wg__step *step, int end);

/* Makes plan->step anew of `steps`, as it was chosen, with turns between them; false without memory. */
bool wg__lay_out(wg__layouts *l, const wg__step *steps);

#endif
