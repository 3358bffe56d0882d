// SPDX-License-Identifier: MIT
/*
 * Transposition in registers. ZIP_LOW(a, b) is a0 b0 a1 b1 ... of the front halves of two vectors,
 * ZIP_HIGH of the rear ones. Vectors that stand for a sequence of numbers are shuffled like cards
 * when those of its front half are zipped with those of its rear half: the bits of each number's
 * place turn round by one.
 */

/*
 * to[] = the sequence of from[i from_row + p] over i < rows, p < lanes, i running fastest;
 * `rows` is a power of two.
 */
WG__INLINE void NAME(shuffle_rows)(int rows, const T *from, int64_t from_row, NAME(vector) *to)
{
    NAME(vector) next[NAME(lanes)];
    WG__UNROLL
    for (int i = 0; i < rows; i++) to[i] = *(const NAME(vector_at) *)(from + i * from_row);
    WG__UNROLL
    for (int size = 1; size < rows; size *= 2) {
        WG__UNROLL
        for (int i = 0; i < rows / 2; i++) {
            next[2 * i] = ZIP_LOW(to[i], to[i + rows / 2]);
            next[2 * i + 1] = ZIP_HIGH(to[i], to[i + rows / 2]);
        }
        WG__UNROLL
        for (int i = 0; i < rows; i++) to[i] = next[i];
    }
}

/* to[j to_row + i] = from[i from_row + j] for i, j < lanes */
WG__INLINE void NAME(turn_square)(const T *from, int64_t from_row, T *to, int64_t to_row)
{
    NAME(vector) lines[NAME(lanes)];
    NAME(shuffle_rows)(NAME(lanes), from, from_row, lines);
    WG__UNROLL
    for (int i = 0; i < NAME(lanes); i++) *(NAME(vector_at) *)(to + i * to_row) = lines[i];
}

/* The same for i, j < 4. */
WG__INLINE void NAME(turn_quad)(const T *from, int64_t from_row, T *to, int64_t to_row)
{
    NAME(quad) line[4], even[2], odd[2];
    for (int i = 0; i < 4; i++) line[i] = *(const NAME(quad_at) *)(from + i * from_row);
    for (int i = 0; i < 2; i++) {
        even[i] = WG__ZIP_LOW_4(line[i], line[i + 2]);
        odd[i] = WG__ZIP_HIGH_4(line[i], line[i + 2]);
    }
    *(NAME(quad_at) *)to = WG__ZIP_LOW_4(even[0], even[1]);
    *(NAME(quad_at) *)(to + to_row) = WG__ZIP_HIGH_4(even[0], even[1]);
    *(NAME(quad_at) *)(to + 2 * to_row) = WG__ZIP_LOW_4(odd[0], odd[1]);
    *(NAME(quad_at) *)(to + 3 * to_row) = WG__ZIP_HIGH_4(odd[0], odd[1]);
}

/* Whole squares of `side` rows and columns; the last ones overlap those before them. */
WG__INLINE void NAME(turn_squares)(int64_t side, int64_t rows, int64_t columns, const T *from,
                                   int64_t from_row, T *to, int64_t to_row)
{
    for (int64_t i = 0; i < rows; i += side) {
        if (i + side > rows) i = rows - side;
        for (int64_t j = 0; j < columns; j += side) {
            if (j + side > columns) j = columns - side;
            if (side == 4)
                NAME(turn_quad)(from + i * from_row + j, from_row, to + j * to_row + i, to_row);
            else
                NAME(turn_square)(from + i * from_row + j, from_row, to + j * to_row + i, to_row);
        }
    }
}

/* to[j to_row + i] = from[i from_row + j] for i < rows, j < columns */
static void NAME(turn)(int64_t rows, int64_t columns, const T *from, int64_t from_row, T *to,
                       int64_t to_row)
{
    if (rows >= NAME(lanes) && columns >= NAME(lanes))
        NAME(turn_squares)(NAME(lanes), rows, columns, from, from_row, to, to_row);
    else if (rows >= 4 && columns >= 4)
        NAME(turn_squares)(4, rows, columns, from, from_row, to, to_row);
    else
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j++) to[j * to_row + i] = from[i * from_row + j];
}

/*
 * The same for rows of a panel: to[j width + i], where `width` is that of a register tile. Rows of
 * eight leave the shuffle as they are to stand.
 */
static void NAME(turn_panel)(int64_t rows, int64_t columns, const T *from, int64_t from_row,
                             T *to, int64_t width)
{
    int64_t j = 0;
    if (rows == 8 && width == 8 && NAME(lanes) >= 8)
        for (; j + NAME(lanes) <= columns; j += NAME(lanes)) {
            NAME(vector) lines[NAME(lanes)];
            NAME(shuffle_rows)(8, from + j, from_row, lines);
            for (int i = 0; i < 8; i++)
                *(NAME(vector_at) *)(to + j * 8 + i * NAME(lanes)) = lines[i];
        }
    NAME(turn)(rows, columns - j, from + j, from_row, to + j * width, width);
}
