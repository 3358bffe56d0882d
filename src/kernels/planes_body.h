// SPDX-License-Identifier: MIT
/*
 * Convolution plane by plane, for groups of few filters, as in depthwise convolution. Vectors hold
 * places: a lined-up plane is taken as one long row, so that images of any width fill them, and
 * what the ends of rows make of each other is left out when the rows are taken apart again.
 */

enum { NAME(plane_vectors) = 8 /* as many sums, none of which waits for another */ };

/* to[v] = bias + sum over taps of w[tap] x[tap + v] for some vectors of places; w is strided. */
WG__INLINE void NAME(plane_block)(int vectors, int64_t depth, const T *w, const T *x,
                                  const int64_t *tap, T bias, T *to)
{
    NAME(vector) sum[NAME(plane_vectors)];
    WG__UNROLL
    for (int i = 0; i < vectors; i++) sum[i] = (NAME(vector)){0};
    for (int64_t p = 0; p < depth; p++)
        WG__UNROLL
        for (int i = 0; i < vectors; i++)
            sum[i] += w[p * WG__TILE_ROWS] *
                      *(const NAME(vector_at) *)(x + tap[p] + i * NAME(lanes));
    WG__UNROLL
    for (int i = 0; i < vectors; i++)
        *(NAME(vector_at) *)(to + i * NAME(lanes)) = sum[i] + bias;
}

/* The same for any number of places; a vector more may be read and written. */
static void NAME(plane_places)(int64_t places, int64_t depth, const T *w, const T *x,
                               const int64_t *tap, T bias, T *to)
{
    enum { WHOLE = NAME(plane_vectors) * NAME(lanes) };
    int64_t v = 0;
    for (; places >= WHOLE && v < places; v += WHOLE) {
        if (v + WHOLE > places) v = places - WHOLE; /* the last one overlaps that before it */
        NAME(plane_block)(NAME(plane_vectors), depth, w, x + v, tap, bias, to + v);
    }
    for (; v + 4 * NAME(lanes) <= places; v += 4 * NAME(lanes))
        NAME(plane_block)(4, depth, w, x + v, tap, bias, to + v);
    for (; v < places; v += NAME(lanes))
        NAME(plane_block)(1, depth, w, x + v, tap, bias, to + v);
}

/* A band of one output channel: its `rows` rows, packed, to `out`; `buffer` holds a plane. */
static void NAME(plane_band)(const struct wg__field *field, const int64_t *tap, const T *w, T bias,
                             int64_t rows, const T *lined, T *buffer, T *out)
{
    const int64_t columns = field->axis[1].outputs;
    NAME(plane_places)((rows - 1) * field->width + columns, field->taps, w, lined, tap, bias,
                       buffer);
    for (int64_t u = 0; u < rows; u++)
        NAME(copy_row)(buffer + u * field->width, columns, out + u * columns);
}

/* ---- the adjoint in the weights ---- */

/* As many taps as a tile has, at most those of 3 x 3: each is a pointer. */
enum { NAME(most_taps) = WG__PIXELS < 9 ? WG__PIXELS : 9 };

/* x in the lanes to keep, else 0, whatever x is there. */
WG__INLINE NAME(vector) NAME(first_lanes)(const T *x, NAME(mask) keep)
{
    const NAME(mask) kept = (NAME(mask)) * (const NAME(vector_at) *)x & keep;
    return (NAME(vector))kept;
}

/*
 * sum[filter][tap] += x[tap + v] dy[filter][v] over the places of a row, a vector at a time; n is not
 * negative.
 */
WG__INLINE void NAME(correlate_row)(int taps, int filters, int64_t n, NAME(mask) rest,
                                    const T *const *x, const T *const *dy,
                                    NAME(vector) (*sum)[NAME(most_taps)])
{
    NAME(vector) error[2];
    int64_t      v = 0;
    for (; v + NAME(lanes) <= n; v += NAME(lanes)) {
        WG__UNROLL
        for (int f = 0; f < filters; f++) error[f] = *(const NAME(vector_at) *)(dy[f] + v);
        WG__UNROLL
        for (int i = 0; i < taps; i++) {
            const NAME(vector) at = *(const NAME(vector_at) *)(x[i] + v);
            WG__UNROLL
            for (int f = 0; f < filters; f++) sum[f][i] += at * error[f];
        }
    }
    if (v == n) return;
    WG__UNROLL
    for (int f = 0; f < filters; f++) error[f] = NAME(first_lanes)(dy[f] + v, rest);
    WG__UNROLL
    for (int i = 0; i < taps; i++) {
        const NAME(vector) at = NAME(first_lanes)(x[i] + v, rest);
        WG__UNROLL
        for (int f = 0; f < filters; f++) sum[f][i] += at * error[f];
    }
}

/*
 * The same over `rows` rows, for a tile of taps and filters: dy and sum of the next filter are so
 * much further on. sum[] is in memory.
 */
WG__INLINE void NAME(correlate_rows)(int taps, int filters, const struct wg__field *field,
                                     int64_t rows, const T *lined, const int64_t *tap,
                                     const T *dy, int64_t dy_next, T *sum, int64_t sum_next)
{
    const int64_t columns = field->axis[1].outputs;
    const T      *x[NAME(most_taps)], *error[2];
    NAME(vector)  sums[2][NAME(most_taps)];
    NAME(mask)    rest;
    for (int i = 0; i < NAME(lanes); i++) rest[i] = i < columns % NAME(lanes) ? -1 : 0;
    WG__UNROLL
    for (int f = 0; f < filters; f++) {
        error[f] = dy + f * dy_next;
        WG__UNROLL
        for (int i = 0; i < taps; i++)
            sums[f][i] = *(NAME(vector_at) *)(sum + f * sum_next + i * NAME(lanes));
    }
    WG__UNROLL
    for (int i = 0; i < taps; i++) x[i] = lined + tap[i];
    for (int64_t u = 0; u < rows; u++) {
        NAME(correlate_row)(taps, filters, columns, rest, x, error, sums);
        WG__UNROLL
        for (int i = 0; i < taps; i++) x[i] += field->width;
        WG__UNROLL
        for (int f = 0; f < filters; f++) error[f] += columns;
    }
    WG__UNROLL
    for (int f = 0; f < filters; f++)
        WG__UNROLL
        for (int i = 0; i < taps; i++)
            *(NAME(vector_at) *)(sum + f * sum_next + i * NAME(lanes)) = sums[f][i];
}
