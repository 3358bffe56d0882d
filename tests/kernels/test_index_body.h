// SPDX-License-Identifier: MIT
/* Random gathers and scatter-adds in one dtype against single elements. */

static void NAME(try_rows)(const struct wg__kernels *kernels, uint64_t *seed,
                           const struct wg__rows *rows)
{
    const int64_t whole = rows->outer * rows->axis * rows->inner,
                  part = rows->outer * rows->count * rows->inner;
    T *x = exactly(whole, sizeof(T)), *y = exactly(part, sizeof(T)),
      *sum = exactly(whole, sizeof(T));
    T    *wanted = exactly(whole, sizeof(T));
    void *index = index_random(seed, rows);
    for (int64_t i = 0; i < whole; i++)
        x[i] = (T)lcg_between(seed, -99, 99), sum[i] = (T)i, wanted[i] = 0;
    EXPECT(wg__index_find_bad(rows, index) == -1);
    const int64_t lines = rows->outer * rows->count, cut = lcg_below(seed, lines + 1),
                  column = lcg_below(seed, rows->inner + 1);
    wg__gather(rows, sizeof(T), x, index, y, (struct wg__range){cut, lines});
    wg__gather(rows, sizeof(T), x, index, y, (struct wg__range){0, cut});
    FAMILY(kernels).scatter_add(rows, y, index, sum, (struct wg__range){0, column});
    FAMILY(kernels).scatter_add(rows, y, index, sum, (struct wg__range){column, rows->inner});
    for (int64_t i = 0; i < part; i++) {
        const int64_t row = i / rows->inner, o = row / rows->count,
                      at = wg__index_at(index, rows->index, row % rows->count);
        const int64_t from = (o * rows->axis + at) * rows->inner + i % rows->inner;
        EXPECT(y[i] == x[from]);
        wanted[from] += y[i];
    }
    for (int64_t i = 0; i < whole; i++)
        EXPECT(sum[i] == wanted[i]); /* whole numbers: no rounding */
    free(x), free(y), free(sum), free(wanted), free(index);
}

static void NAME(try_many_rows)(const struct wg__kernels *kernels)
{
    static const wg_dtype dtypes[] = {WG_I32, WG_I64, WG_U8};
    uint64_t              seed = 5;
    for (int i = 0; i < 1000; i++) {
        const struct wg__rows rows = {.outer = lcg_below(&seed, 4),
                                      .axis = lcg_between(&seed, 1, 9),
                                      .inner = lcg_below(&seed, 20),
                                      .count = lcg_below(&seed, 12),
                                      .index = dtypes[lcg_below(&seed, 3)]};
        NAME(try_rows)(kernels, &seed, &rows);
    }
}
