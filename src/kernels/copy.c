// SPDX-License-Identifier: MIT
/*
 * Copy and fill: loops are merged, then the last one, or the pair that makes a transpose, runs in a
 * tight kernel.
 */
#include "copy.h"

#include "isa.h"

#include <stdlib.h>
#include <string.h>

/* True when loop `outer` of every view steps over the whole of the loop inside it. */
static bool merges(int views, int64_t stride[][WG_MAX_RANK], int outer, const wg_view *const *view,
                   int axis, int64_t size)
{
    for (int v = 0; v < views; v++)
        if (stride[v][outer] != size * view[v]->stride[axis]) return false;
    return true;
}

int wg__collapse(int views, const wg_view *const *view, int64_t dim[WG_MAX_RANK],
                 int64_t stride[][WG_MAX_RANK])
{
    const wg_type *type = view[0]->type;
    int            rank = 0;
    for (int axis = 0; axis < type->shape.rank && type->count > 0; axis++) {
        const int64_t size = type->shape.dim[axis];
        if (size == 1) continue;
        if (rank > 0 && merges(views, stride, rank - 1, view, axis, size))
            dim[rank - 1] *= size;
        else
            dim[rank++] = size;
        for (int v = 0; v < views; v++) stride[v][rank - 1] = view[v]->stride[axis];
    }
    if (rank > 0) return rank;
    dim[0] = type->count > 0;
    for (int v = 0; v < views; v++) stride[v][0] = 1;
    return 1;
}

/* The kernel's share of the loops; a line is a plane of one row. */
struct plane {
    int64_t rows, columns, from_row, from_column, to_row, to_column;
};

/* All loops of a copy: those around the plane, and the plane. */
struct nest {
    int          rank;
    int64_t      dim[WG_MAX_RANK], from[WG_MAX_RANK], to[WG_MAX_RANK];
    bool         is_plane;
    struct plane plane;
};

/* Where the outer loops are. */
struct walk {
    int64_t at[WG_MAX_RANK], from, to;
    bool    done;
};

static void walk_on(const struct nest *nest, struct walk *walk)
{
    for (int i = nest->rank - 1; i >= 0; i--) {
        walk->from += nest->from[i];
        walk->to += nest->to[i];
        if (++walk->at[i] < nest->dim[i]) return;
        walk->from -= nest->dim[i] * nest->from[i];
        walk->to -= nest->dim[i] * nest->to[i];
        walk->at[i] = 0;
    }
    walk->done = true;
}

/* The loop along which `from` lies closer together than along the last; -1 when there is none. */
static int crossing(int rank, int64_t stride[WG_MAX_RANK])
{
    int best = -1;
    for (int i = 0; i < rank - 1; i++)
        if (stride[i] != 0 && llabs(stride[i]) < llabs(stride[best < 0 ? rank - 1 : best]))
            best = i;
    return best;
}

static struct nest nest_make(const wg_view *from, const wg_view *to)
{
    struct nest nest = {.rank = 0};
    int64_t     dim[WG_MAX_RANK], stride[2][WG_MAX_RANK];
    const int   rank = wg__collapse(2, (const wg_view *[]){from, to}, dim, stride);
    const int   last = rank - 1, row = crossing(rank, stride[0]);
    nest.is_plane = row >= 0;
    nest.plane = (struct plane){.rows = 1,
                                .columns = dim[last],
                                .from_column = stride[0][last],
                                .to_column = stride[1][last]};
    if (row >= 0) {
        nest.plane.rows = dim[row];
        nest.plane.from_row = stride[0][row];
        nest.plane.to_row = stride[1][row];
    }
    for (int i = 0; i < last; i++) {
        if (i == row) continue;
        nest.dim[nest.rank] = dim[i];
        nest.from[nest.rank] = stride[0][i];
        nest.to[nest.rank++] = stride[1][i];
    }
    return nest;
}

/* Types as wide as an element that may look at memory of any type. */
typedef uint8_t __attribute__((may_alias)) width_1;
typedef uint32_t __attribute__((may_alias)) width_4;
typedef uint64_t __attribute__((may_alias)) width_8;

#define T          width_1
#define NAME(name) name##_1
#include "copy_body.h"
#undef T
#undef NAME

#define T          width_4
#define NAME(name) name##_4
#include "copy_body.h"
#undef T
#undef NAME

#define T          width_8
#define NAME(name) name##_8
#include "copy_body.h"
#undef T
#undef NAME

/* Transposes of floats go through registers. True when it was one. */
static bool turn(const struct nest *nest, wg_dtype dtype, const void *from, void *to)
{
    const struct plane *p = &nest->plane;
    if (!nest->is_plane || p->from_row != 1 || p->to_column != 1 || dtype != WG_F32) return false;
    for (struct walk walk = {0}; !walk.done; walk_on(nest, &walk))
        wg__kernels()->f32.last.turn(p->columns, p->rows, (const float *)from + walk.from,
                                     p->from_column, (float *)to + walk.to, p->to_row);
    return true;
}

void wg__copy(const wg_view *from, const wg_view *to)
{
    if (from->type->count == 0) return;
    const struct nest nest = nest_make(from, to);
    if (turn(&nest, from->type->dtype, from->data, to->data)) return;
    switch (wg_dtype_size(from->type->dtype)) {
    case 1:
        copy_1(&nest, from->data, to->data);
        break;
    case 4:
        copy_4(&nest, from->data, to->data);
        break;
    case 8:
        copy_8(&nest, from->data, to->data);
        break;
    default:
        break;
    }
}

/* One element, cast to the dtype and then copied with strides of 0. */
void wg__fill(const wg_view *to, double value)
{
    uint64_t      element = 0;
    const wg_type real = {.dtype = WG_F64, .count = 1},
                  one = {.dtype = to->type->dtype, .count = 1};
    wg__cast(&(wg_view){.data = &value, .type = &real}, &(wg_view){.data = &element, .type = &one});
    wg__copy(&(wg_view){.data = &element, .type = to->type}, to);
}
