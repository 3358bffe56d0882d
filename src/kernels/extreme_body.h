// SPDX-License-Identifier: MIT
/*
 * Max, min, argmax and argmin. The smallest is the largest with its sign changed, so that each
 * function has a `sign` of 1 or -1; what is compared is sign x.
 */

/* x where it is larger or NaN, else best, which is kept when it is NaN. */
static inline T NAME(better)(T x, T best)
{
    return x > best || x != x ? x : best;
}

/* best[j] is improved by column j. */
static void NAME(extreme_columns)(const struct NAME(block) *block, T sign, T best[WG__LANES])
{
    for (int i = 0; i < block->rows; i++) {
        const T *row = block->data + i * block->step;
        if (block->columns < WG__LANES) {
            for (int j = 0; j < block->columns; j++) best[j] = NAME(better)(sign * row[j], best[j]);
            continue;
        }
        for (int j = 0; j < WG__LANES; j += NAME(lanes)) {
            NAME(vector_at) *to = (NAME(vector_at) *)(best + j);
            const NAME(vector) x = sign * *(const NAME(vector_at) *)(row + j), old = *to;
            const NAME(mask) take = (NAME(mask))((x > old) | (x != x));
            *to = (NAME(vector))((take & (NAME(mask))x) | (~take & (NAME(mask))old));
        }
    }
}

static T NAME(extreme_line)(const struct wg__reduction *r, const T *x, T sign)
{
    struct NAME(block) block;
    struct wg__place place = {.offset = 0};
    T                best[WG__LANES];
    for (int j = 0; j < WG__LANES; j++) best[j] = -(T)INFINITY;
    for (int64_t i = 0; i < r->reduced.count; i++, wg__step(&r->reduced, &place))
        for (int64_t start = 0; start < r->inner.count; start += NAME(block_size)) {
            const int count = NAME(share)(r->inner.count - start, NAME(block_size));
            NAME(block_of_line)(&r->inner, x + place.offset, start, count, &block);
            NAME(extreme_columns)(&block, sign, best);
            const T *rest = block.data + block.rows * WG__LANES;
            for (int j = 0; j < count % WG__LANES; j++)
                best[j] = NAME(better)(sign * rest[j], best[j]);
        }
    for (int j = 1; j < WG__LANES; j++) best[0] = NAME(better)(best[j], best[0]);
    return sign * best[0];
}

static void NAME(extreme_kept)(const struct wg__reduction *r, const T *x, struct wg__range columns,
                               T sign, T *y)
{
    struct NAME(block) block;
    for (int64_t start = columns.first; start < columns.end; start += WG__LANES) {
        struct wg__place place = {.offset = 0};
        T                best[WG__LANES];
        for (int j = 0; j < WG__LANES; j++) best[j] = -(T)INFINITY;
        block.columns = NAME(share)(columns.end - start, WG__LANES);
        for (int64_t row = 0; row < r->reduced.count; row += WG__CASCADE) {
            block.rows = NAME(share)(r->reduced.count - row, WG__CASCADE);
            NAME(block_of_columns)(r, x, start, &place, &block);
            NAME(extreme_columns)(&block, sign, best);
        }
        for (int j = 0; j < block.columns; j++) y[start + j] = sign * best[j];
    }
}

static void NAME(extreme)(const struct wg__reduction *r, const T *x, T sign, T *y,
                          struct wg__range units)
{
    if (r->inner_is_reduced) {
        struct wg__place kept = NAME(place_at)(&r->kept, units.first);
        for (int64_t i = units.first; i < units.end; i++, wg__step(&r->kept, &kept))
            y[i] = NAME(extreme_line)(r, x + kept.offset, sign);
        return;
    }
    while (units.first < units.end) {
        const struct wg__columns some = wg__reduction_columns(r, units);
        const T *from = x + NAME(place_at)(&r->kept, some.row).offset;
        NAME(extreme_kept)(r, from, some.columns, sign, y + some.row * r->inner.count);
        units.first = some.next;
    }
}

static void NAME(max)(const struct wg__reduction *r, const T *x, T *y, struct wg__range units)
{
    NAME(extreme)(r, x, 1, y, units);
}

static void NAME(min)(const struct wg__reduction *r, const T *x, T *y, struct wg__range units)
{
    NAME(extreme)(r, x, -1, y, units);
}

/* ---- where it stands ---- */

/* The best of each lane and its place. */
struct NAME(found) {
    T       best[WG__LANES];
    int64_t at[WG__LANES];
};

static void NAME(found_clear)(struct NAME(found) *found)
{
    for (int j = 0; j < WG__LANES; j++) found->best[j] = -(T)INFINITY, found->at[j] = 0;
}

/* Some columns of one row, whose element j has the place at + j between. */
static inline void NAME(find_some)(const T *row, int columns, T sign, int64_t at, int64_t between,
                                   struct NAME(found) *found)
{
    for (int j = 0; j < columns; j++) {
        const T   x = sign * row[j], best = found->best[j];
        const int take = (x > best) | ((x != x) & (best == best));
        found->best[j] = take ? x : best;
        found->at[j] = take ? at + j * between : found->at[j];
    }
}

/*
 * Whole rows of a block, row i having the places at + i step + j between. Rows are counted in
 * integers as wide as T first.
 */
static void NAME(find_rows)(const struct NAME(block) *block, T sign, int64_t at, int64_t step,
                            int64_t between, struct NAME(found) *found)
{
    for (int j = 0; j < WG__LANES; j += NAME(lanes)) {
        NAME(vector) best = *(const NAME(vector_at) *)(found->best + j);
        NAME(mask) where = ~(NAME(mask)){0}, row = {0};
        for (int i = 0; i < block->rows; i++, row += 1) {
            const NAME(vector) x =
                sign * *(const NAME(vector_at) *)(block->data + i * block->step + j);
            const NAME(mask) take = (NAME(mask))((x > best) | ((x != x) & (best == best)));
            best = (NAME(vector))((take & (NAME(mask))x) | (~take & (NAME(mask))best));
            where = (take & row) | (~take & where);
        }
        for (int l = 0; l < NAME(lanes); l++)
            if (where[l] >= 0) {
                found->best[j + l] = best[l];
                found->at[j + l] = at + where[l] * step + (j + l) * between;
            }
    }
}

/* The place of the best lane: the first one when several are as good. */
static int64_t NAME(found_first)(const struct NAME(found) *found)
{
    int first = 0;
    for (int j = 1; j < WG__LANES; j++) {
        const T    x = found->best[j], best = found->best[first];
        const bool equal = x == best || (x != x && best != best);
        if (x > best || (x != x && best == best) || (equal && found->at[j] < found->at[first]))
            first = j;
    }
    return found->at[first];
}

static int64_t NAME(place_line)(const struct wg__reduction *r, const T *x, T sign)
{
    struct NAME(block) block;
    struct NAME(found) found;
    struct wg__place place = {.offset = 0};
    NAME(found_clear)(&found);
    for (int64_t i = 0; i < r->reduced.count; i++, wg__step(&r->reduced, &place))
        for (int64_t start = 0; start < r->inner.count; start += NAME(block_size)) {
            const int     count = NAME(share)(r->inner.count - start, NAME(block_size));
            const int64_t at = i * r->inner.count + start;
            NAME(block_of_line)(&r->inner, x + place.offset, start, count, &block);
            NAME(find_rows)(&block, sign, at, WG__LANES, 1, &found);
            const int whole = block.rows * WG__LANES;
            NAME(find_some)(block.data + whole, count - whole, sign, at + whole, 1, &found);
        }
    return NAME(found_first)(&found);
}

static void NAME(place_kept)(const struct wg__reduction *r, const T *x, struct wg__range columns,
                             T sign, int64_t *y)
{
    struct NAME(block) block;
    for (int64_t start = columns.first; start < columns.end; start += WG__LANES) {
        struct NAME(found) found;
        struct wg__place place = {.offset = 0};
        NAME(found_clear)(&found);
        block.columns = NAME(share)(columns.end - start, WG__LANES);
        for (int64_t row = 0; row < r->reduced.count; row += WG__CASCADE) {
            block.rows = NAME(share)(r->reduced.count - row, WG__CASCADE);
            NAME(block_of_columns)(r, x, start, &place, &block);
            if (block.columns == WG__LANES)
                NAME(find_rows)(&block, sign, row, 1, 0, &found);
            else
                for (int i = 0; i < block.rows; i++)
                    NAME(find_some)(block.data + i * block.step, block.columns, sign, row + i, 0,
                                    &found);
        }
        memcpy(y + start, found.at, (size_t)block.columns * sizeof(int64_t));
    }
}

static void NAME(place)(const struct wg__reduction *r, const T *x, T sign, int64_t *y,
                        struct wg__range units)
{
    if (r->inner_is_reduced) {
        struct wg__place kept = NAME(place_at)(&r->kept, units.first);
        for (int64_t i = units.first; i < units.end; i++, wg__step(&r->kept, &kept))
            y[i] = NAME(place_line)(r, x + kept.offset, sign);
        return;
    }
    while (units.first < units.end) {
        const struct wg__columns some = wg__reduction_columns(r, units);
        const T *from = x + NAME(place_at)(&r->kept, some.row).offset;
        NAME(place_kept)(r, from, some.columns, sign, y + some.row * r->inner.count);
        units.first = some.next;
    }
}

static void NAME(argmax)(const struct wg__reduction *r, const T *x, int64_t *y,
                         struct wg__range units)
{
    NAME(place)(r, x, 1, y, units);
}

static void NAME(argmin)(const struct wg__reduction *r, const T *x, int64_t *y,
                         struct wg__range units)
{
    NAME(place)(r, x, -1, y, units);
}
