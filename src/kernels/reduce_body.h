// SPDX-License-Identifier: MIT
/*
 * Sum, max, min, argmax and argmin. Everything is done to blocks of at most WG__CASCADE rows of at
 * most WG__LANES columns: a stretch of reduced elements is read as rows of WG__LANES and its
 * columns are put together at the end; kept elements are columns of their own. What does not lie as
 * a block is gathered into one first, so that strides cannot change the order.
 */

enum { NAME(block_size) = WG__CASCADE * WG__LANES };

/* Some rows of a matrix: row i starts at data + i step. */
struct NAME(block) {
    const T *data;
    int64_t  step;
    int      rows, columns;
    T        gathered[NAME(block_size)];
};

/*
 * The block of `count` elements from number `start` on: whole rows, and `count % WG__LANES`
 * elements behind them.
 */
static void NAME(block_of_line)(const struct wg__loops *line, const T *x, int64_t start,
                                int64_t count, struct NAME(block) *block)
{
    block->step = block->columns = WG__LANES;
    block->rows = (int)(count / WG__LANES);
    if (line->rank == 0 || (line->rank == 1 && line->stride[0] == 1)) {
        block->data = x + start;
        return;
    }
    block->data = block->gathered;
    struct wg__place place = wg__place_of(line, start);
    for (int64_t i = 0; i < count; i++, wg__step(line, &place))
        block->gathered[i] = x[place.offset];
}

/*
 * The block of columns [start, start + columns) of the `rows` rows that `reduced` walks from
 * `place` on.
 */
static void NAME(block_of_columns)(const struct wg__reduction *r, const T *x, int64_t start,
                                   struct wg__place *place, struct NAME(block) *block)
{
    if (r->reduced.rank <= 1 && r->inner.rank == 1 && r->inner.stride[0] == 1) {
        block->data = x + place->offset + start;
        block->step = r->reduced.rank > 0 ? r->reduced.stride[0] : 0;
        place->offset += block->rows * block->step;
        return;
    }
    block->data = block->gathered;
    block->step = block->columns;
    const struct wg__place first = wg__place_of(&r->inner, start);
    T                     *to = block->gathered;
    for (int i = 0; i < block->rows; i++, wg__step(&r->reduced, place)) {
        struct wg__place column = first;
        for (int j = 0; j < block->columns; j++, wg__step(&r->inner, &column))
            *to++ = x[place->offset + column.offset];
    }
}

/* Rows or columns that the next block takes. */
static int NAME(share)(int64_t left, int64_t most)
{
    return (int)(left < most ? left : most);
}

/* wg__place_of, without its divisions where nothing was cut. */
static inline struct wg__place NAME(place_at)(const struct wg__loops *loops, int64_t index)
{
    return index > 0 ? wg__place_of(loops, index) : (struct wg__place){.offset = 0};
}
