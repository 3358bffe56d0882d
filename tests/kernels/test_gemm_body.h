// SPDX-License-Identifier: MIT
/* Random products in one dtype against sums in a wider one. */

/* A matrix in memory of its own. */
struct NAME(matrix) {
    T      *memory, *data;
    int64_t row, col;
};

/*
 * Rows x columns with one of several kinds of strides: packed, transposed, both reversed, one row
 * for all, every other column.
 */
static struct NAME(matrix) NAME(matrix_random)(uint64_t *seed, int64_t rows, int64_t columns)
{
    struct NAME(matrix) matrix = {.row = columns, .col = 1};
    int64_t count = rows * columns, first = 0;
    switch (lcg_below(seed, 5)) {
    case 1:
        matrix.row = 1, matrix.col = rows;
        break;
    case 2:
        matrix.row = -columns, matrix.col = -1, first = count > 0 ? count - 1 : 0;
        break;
    case 3:
        matrix.row = 0, count = columns;
        break;
    case 4:
        matrix.row = 2 * columns + 1, matrix.col = 2, count = rows * (2 * columns + 1);
        break;
    default:
        break;
    }
    matrix.memory = exactly(count, sizeof(T));
    matrix.data = matrix.memory + first;
    for (int64_t i = 0; i < count; i++) matrix.memory[i] = (T)lcg_real(seed);
    return matrix;
}

/* The same values, packed. */
static struct NAME(matrix)
    NAME(matrix_packed)(const struct NAME(matrix) *from, int64_t rows, int64_t columns)
{
    struct NAME(matrix) matrix = {.row = columns, .col = 1};
    matrix.data = matrix.memory = exactly(rows * columns, sizeof(T));
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            matrix.data[i * columns + j] = from->data[i * from->row + j * from->col];
    return matrix;
}

/* Checks c against d (where it is not NULL) + a b. */
static void NAME(check_product)(const struct wg__gemm *g, const T *a, const T *b, const T *d,
                                const T *c)
{
    const double terms = (double)(g->k + (d != NULL));
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            WIDE sum = d ? d[i * g->d_row + j] : 0, size = sum < 0 ? -sum : sum;
            for (int64_t p = 0; p < g->k; p++) {
                const WIDE term =
                    (WIDE)a[i * g->a_row + p * g->a_col] * b[p * g->b_row + j * g->b_col];
                sum += term;
                size += term < 0 ? -term : term;
            }
            const double error = fabs((double)(c[i * g->c_row + j] - sum)),
                         bound = terms * UNIT * (double)size;
            EXPECT_MSG(error <= bound, "%lld x %lld x %lld at (%lld, %lld): error %g, bound %g",
                       (long long)g->m, (long long)g->n, (long long)g->k, (long long)i,
                       (long long)j, error, bound);
        }
}

/* What lies between the rows of C stays. */
static void NAME(check_gaps)(const struct wg__gemm *g, const T *before, const T *c)
{
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = g->n; j < g->c_row; j++)
            EXPECT(c[i * g->c_row + j] == before[i * g->c_row + j]);
}

/* What is added to a product: nothing, C as it was, a row for all rows. */
enum NAME(kind) { NAME(nothing), NAME(itself), NAME(row) };

static const T *NAME(added)(enum NAME(kind) kind, const T *before, const T *c)
{
    return kind == NAME(nothing) ? NULL : kind == NAME(itself) ? c : before;
}

/* The product with a B that is made ready first has the bits of `wanted`. */
static void NAME(try_ready)(const struct wg__kernels *kernels, const struct wg__gemm *g,
                            enum NAME(kind) kind, const T *a, const T *b, const T *before,
                            const T *wanted)
{
    const size_t bytes = (size_t)(g->m * g->c_row) * sizeof(T);
    T           *ready = exactly((int64_t)wg__gemm_packed(g->n, g->k, sizeof(T)), 1);
    T           *c = exactly(g->m * g->c_row, sizeof(T));
    void        *scratch = exactly((int64_t)wg__gemm_scratch(g->m, g->n, g->k, sizeof(T)), 1);
    FAMILY(kernels).gemm_pack(g, b, ready);
    for (int turn = 0; turn < 2; turn++) {
        memcpy(c, before, bytes);
        FAMILY(kernels).gemm_packed(g, a, ready, NAME(added)(kind, before, c), c, scratch);
        EXPECT_MSG(memcmp(c, wanted, bytes) == 0, "%s: making B ready changed bits", kernels->isa);
    }
    free(ready), free(c), free(scratch);
}

static void NAME(try_product)(const struct wg__kernels *kernels, uint64_t *seed, int64_t m,
                              int64_t n, int64_t k)
{
    const enum NAME(kind) kind = (enum NAME(kind))lcg_below(seed, 3);
    struct wg__gemm       g = {.m = m, .n = n, .k = k, .c_row = n + lcg_below(seed, 3)};
    g.d_row = kind == NAME(row) ? 0 : g.c_row;
    struct NAME(matrix) a = NAME(matrix_random)(seed, m, k), b = NAME(matrix_random)(seed, k, n);
    struct NAME(matrix) packed_a = NAME(matrix_packed)(&a, m, k),
                        packed_b = NAME(matrix_packed)(&b, k, n);
    const size_t bytes = (size_t)(m * g.c_row) * sizeof(T);
    T           *before = exactly(m * g.c_row, sizeof(T)), *c = exactly(m * g.c_row, sizeof(T));
    T           *packed_c = exactly(m * g.c_row, sizeof(T));
    void        *scratch = exactly((int64_t)wg__gemm_scratch(m, n, k, sizeof(T)), 1);
    for (int64_t i = 0; i < m * g.c_row; i++) before[i] = packed_c[i] = c[i] = (T)lcg_real(seed);

    g.a_row = a.row, g.a_col = a.col, g.b_row = b.row, g.b_col = b.col;
    FAMILY(kernels).gemm(&g, a.data, b.data, NAME(added)(kind, before, c), c, scratch);
    NAME(check_product)(&g, a.data, b.data, kind == NAME(nothing) ? NULL : before, c);
    NAME(check_gaps)(&g, before, c);
    NAME(try_ready)(kernels, &g, kind, a.data, b.data, before, c);

    g.a_row = k, g.b_row = n, g.a_col = g.b_col = 1;
    FAMILY(kernels).gemm(&g, packed_a.data, packed_b.data, NAME(added)(kind, before, packed_c),
                         packed_c, scratch);
    EXPECT_MSG(memcmp(c, packed_c, bytes) == 0, "%s: strides changed bits", kernels->isa);

    memcpy(c, before, bytes);
    FAMILY(kernels).gemm_plain(&g, packed_a.data, packed_b.data, NAME(added)(kind, before, c), c);
    EXPECT_MSG(memcmp(c, packed_c, bytes) == 0, "%s: packing changed bits", kernels->isa);

    free(a.memory), free(b.memory), free(packed_a.memory), free(packed_b.memory);
    free(before), free(c), free(packed_c), free(scratch);
}

static void NAME(try_products)(const struct wg__kernels *kernels)
{
    uint64_t seed = 1;
    for (int i = 0; i < 1000; i++) {
        const int64_t size = i % 20 == 0 ? 60 : 18;
        const int64_t m = lcg_below(&seed, size), n = lcg_below(&seed, size),
                      k = lcg_below(&seed, size);
        NAME(try_product)(kernels, &seed, m, n, k);
    }
    /* Past the edges of blocks, one at a time and together. */
    static const int64_t sizes[][3] = {{WG__GEMM_M + 5, 9, 7},
                                       {5, WG__GEMM_N_BYTES / (int64_t)sizeof(T) + 9, 6},
                                       {7, 5, 2 * WG__GEMM_K + 3},
                                       {WG__GEMM_N_BYTES / (int64_t)sizeof(T) + 3, 3, 5},
                                       {WG__GEMM_M + 1, 40, WG__GEMM_K + 1},
                                       {1, 700, 300},
                                       {140, 300, 2},
                                       {700, 1, 300}};
    const size_t count = sizeof sizes / sizeof sizes[0];
    for (size_t i = 0; i < 4 * count; i++)
        NAME(try_product)(kernels, &seed, sizes[i % count][0], sizes[i % count][1],
                          sizes[i % count][2]);
}

/* A matrix by a vector: right, and each row by itself has the bits that it has among others. */
static void NAME(try_vectors)(const struct wg__kernels *kernels)
{
    uint64_t seed = 3;
    for (int i = 0; i < 200; i++) {
        const int64_t m = lcg_below(&seed, 11), k = lcg_below(&seed, i % 10 == 0 ? 900 : 70);
        const struct wg__gemm g = {.m = m, .n = 1, .k = k, .a_row = k, .a_col = 1, .b_row = 1,
                                   .c_row = 1, .d_row = 1};
        T *a = exactly(m * k, sizeof(T)), *x = exactly(k, sizeof(T)), *bias = exactly(m, sizeof(T));
        T *y = exactly(m, sizeof(T)), alone;
        for (int64_t j = 0; j < m * k; j++) a[j] = (T)lcg_real(&seed);
        for (int64_t j = 0; j < k; j++) x[j] = (T)lcg_real(&seed);
        for (int64_t j = 0; j < m; j++) bias[j] = (T)lcg_real(&seed);
        const T *const added = i % 2 ? bias : NULL;
        FAMILY(kernels).gemv(m, k, a, x, added, y);
        NAME(check_product)(&g, a, x, added, y);
        for (int64_t row = 0; row < m; row++) {
            FAMILY(kernels).gemv(1, k, a + row * k, x, added ? bias + row : NULL, &alone);
            EXPECT_MSG(memcmp(&alone, y + row, sizeof(T)) == 0, "%s: row %lld", kernels->isa,
                       (long long)row);
        }
        free(a), free(x), free(bias), free(y);
    }
}

/* NaN and infinity go where they should: to one row of C, from one of A, whatever B is. */
static void NAME(try_nan)(const struct wg__kernels *kernels)
{
    enum { SIZE = 20 };
    const struct wg__gemm g = {.m = SIZE,
                               .n = SIZE,
                               .k = SIZE,
                               .a_row = SIZE,
                               .a_col = 1,
                               .b_row = SIZE,
                               .b_col = 1,
                               .c_row = SIZE};
    T                     a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];
    void *scratch = exactly((int64_t)wg__gemm_scratch(SIZE, SIZE, SIZE, sizeof(T)), 1);
    for (int i = 0; i < SIZE * SIZE; i++) a[i] = (T)0.5, b[i] = i % SIZE == 3 ? 0 : (T)0.25;
    a[7 * SIZE + 2] = (T)NAN;
    a[9 * SIZE + 2] = (T)INFINITY;
    FAMILY(kernels).gemm(&g, a, b, NULL, c, scratch);
    for (int i = 0; i < SIZE * SIZE; i++) {
        const int row = i / SIZE, column = i % SIZE;
        if (row == 7 || (row == 9 && column == 3))
            EXPECT(isnan(c[i]));
        else
            EXPECT(c[i] == (row == 9 ? (T)INFINITY : column == 3 ? 0 : (T)(SIZE * 0.125)));
    }
    free(scratch);
}

/* Does a diagonal leave A(i, p), or C(i, p), out? */
static bool NAME(left_out)(const struct wg__stairs *stairs, int64_t i, int64_t p)
{
    return stairs->side == WG__A_ABOVE ? i > stairs->reach + p : p > stairs->reach + i;
}

/* The bits of a plain product by an A of which 0 is left out; only some of C may be written. */
static void NAME(try_stairs)(const struct wg__kernels *kernels, uint64_t *seed, int64_t m,
                             int64_t n, int64_t k)
{
    const struct wg__stairs stairs = {.side = (enum wg__side)lcg_below(seed, 3),
                                      .reach = lcg_below(seed, 2) * lcg_below(seed, m + n + k)};
    const int64_t vector = 64 / (int64_t)sizeof(T), row = (n / vector + 1) * vector;
    const bool    below = stairs.side == WG__C_BELOW, added = lcg_below(seed, 2) == 0;
    const int64_t written = below ? row : n;
    struct wg__gemm g = {.m = m, .n = n, .k = k, .c_row = row + 1, .d_row = row + 1};
    struct NAME(matrix) a = NAME(matrix_random)(seed, m, k), b = NAME(matrix_random)(seed, k, n);
    struct NAME(matrix) zeroed = NAME(matrix_packed)(&a, m, k);
    T *c = exactly(m * g.c_row, sizeof(T)), *wanted = exactly(m * g.c_row, sizeof(T));
    T *packed = exactly((int64_t)wg__gemm_packed(n, k, sizeof(T)), 1);
    for (int64_t i = 0; i < m * g.c_row; i++) c[i] = wanted[i] = (T)lcg_real(seed);
    for (int64_t i = 0; i < m && !below; i++)
        for (int64_t p = 0; p < k; p++)
            if (NAME(left_out)(&stairs, i, p)) zeroed.data[i * k + p] = 0;

    g.a_row = k, g.a_col = 1, g.b_row = b.row, g.b_col = b.col;
    FAMILY(kernels).gemm_pack(&g, b.data, packed);
    FAMILY(kernels).attention.gemm_stairs(&g, &stairs, zeroed.data, packed, added ? c : NULL, c);
    FAMILY(kernels).gemm_plain(&g, zeroed.data, b.data, added ? wanted : NULL, wanted);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < g.c_row; j++)
            if (j >= written || (j < n && !(below && NAME(left_out)(&stairs, i, j))))
                EXPECT_MSG(memcmp(&c[i * g.c_row + j], &wanted[i * g.c_row + j], sizeof(T)) == 0,
                           "%s: side %d, reach %lld, %lld x %lld x %lld at (%lld, %lld)",
                           kernels->isa, (int)stairs.side, (long long)stairs.reach, (long long)m,
                           (long long)n, (long long)k, (long long)i, (long long)j);
    free(a.memory), free(b.memory), free(zeroed.memory), free(c), free(wanted), free(packed);
}

static void NAME(try_all_stairs)(const struct wg__kernels *kernels)
{
    uint64_t seed = 11;
    for (int i = 0; i < 1000; i++)
        NAME(try_stairs)(kernels, &seed, lcg_between(&seed, 0, 70), lcg_between(&seed, 1, 70),
                         lcg_between(&seed, 0, 70));
    for (int i = 0; i < 20; i++) /* beyond a block of columns, and of the depth */
        NAME(try_stairs)(kernels, &seed, lcg_between(&seed, 1, 30), lcg_between(&seed, 1, 1200),
                         lcg_between(&seed, 1, 600));
    for (int i = 0; i < 20; i++)
        NAME(try_stairs)(kernels, &seed, lcg_between(&seed, 300, 600), lcg_between(&seed, 1, 40),
                         lcg_between(&seed, 1, 300));
}
