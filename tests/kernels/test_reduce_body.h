// SPDX-License-Identifier: MIT
/* Random reductions in one dtype against plain loops in a wider one. */

/* Output and place (both row-major) of element number i, when `axes` are reduced. */
static void NAME(where)(const wg_shape *shape, unsigned axes, int64_t i, int64_t *output,
                        int64_t *place)
{
    int64_t kept = 1, reduced = 1;
    *output = *place = 0;
    for (int64_t axis = shape->rank - 1; axis >= 0; axis--) {
        const int64_t at = i % shape->dim[axis];
        if (axes >> axis & 1)
            *place += at * reduced, reduced *= shape->dim[axis];
        else
            *output += at * kept, kept *= shape->dim[axis];
        i /= shape->dim[axis];
    }
}

static int64_t NAME(outputs)(const wg_shape *shape, unsigned axes)
{
    int64_t count = 1;
    for (int64_t axis = 0; axis < shape->rank; axis++)
        count *= axes >> axis & 1 ? 1 : shape->dim[axis];
    return count;
}

/* The best so far of one output; place -1 stands for none. */
struct NAME(best) {
    T       value;
    int64_t place;
};

static void NAME(improve)(struct NAME(best) *best, T x, int64_t place)
{
    if (best->place >= 0 && (isnan(best->value) || !(isnan(x) || x > best->value))) return;
    *best = (struct NAME(best)){.value = x, .place = place};
}

static bool NAME(same)(T a, T b)
{
    return a == b || (a != a && b != b);
}

static void NAME(check_best)(int64_t outputs, const struct NAME(best) *best, const T *value,
                             const int64_t *place, T sign)
{
    for (int64_t i = 0; i < outputs; i++) {
        const bool none = best[i].place < 0;
        EXPECT(NAME(same)(value[i], sign * (none ? -(T)INFINITY : best[i].value)));
        EXPECT(place[i] == (none ? 0 : best[i].place));
    }
}

/* Elements come in row-major order, so that the first of equals is the first met. */
static void NAME(check_extremes)(const struct wg__kernels *kernels, const wg_view *x, unsigned axes,
                                 T sign)
{
    const wg_shape *shape = &x->type->shape;
    const int64_t   outputs = NAME(outputs)(shape, axes);
    T              *value = exactly(outputs, sizeof(T));
    int64_t        *place = exactly(outputs, sizeof(int64_t)), output, at;
    struct NAME(best) *best = exactly(outputs, sizeof *best);
    for (int64_t i = 0; i < outputs; i++) best[i].place = -1;
    for (int64_t i = 0; i < x->type->count; i++) {
        NAME(where)(shape, axes, i, &output, &at);
        NAME(improve)(&best[output], sign * ((const T *)x->data)[offset_of(x, i)], at);
    }
    const struct wg__range all = whole(x, axes), cut[2] = {{0, all.end / 2}, {all.end / 2, all.end}};
    for (int i = 0; i < 2; i++) {
        REDUCE(sign > 0 ? FAMILY(kernels).max : FAMILY(kernels).min, x, axes, value, cut[i]);
        REDUCE(sign > 0 ? FAMILY(kernels).argmax : FAMILY(kernels).argmin, x, axes, place,
               cut[i]);
    }
    NAME(check_best)(outputs, best, value, place, sign);
    free(value), free(place), free(best);
}

static void NAME(check_sum)(const struct wg__kernels *kernels, const wg_view *x, unsigned axes)
{
    const wg_shape *shape = &x->type->shape;
    const int64_t   outputs = NAME(outputs)(shape, axes);
    T              *sum = exactly(outputs, sizeof(T)), *packed_sum = exactly(outputs, sizeof(T));
    T              *packed = exactly(x->type->count, sizeof(T));
    WIDE           *wanted = calloc((size_t)outputs + 1, sizeof(WIDE)),
         *size = calloc((size_t)outputs + 1, sizeof(WIDE));
    int64_t output, at;
    for (int64_t i = 0; i < x->type->count; i++) {
        const T value = packed[i] = ((const T *)x->data)[offset_of(x, i)];
        NAME(where)(shape, axes, i, &output, &at);
        wanted[output] += value;
        size[output] += value < 0 ? -value : value;
    }
    wg_view copy = {.data = packed, .type = x->type};
    wg_shape_strides(*shape, copy.stride);
    const struct wg__range all = whole(x, axes), cut[2] = {{0, all.end / 2}, {all.end / 2, all.end}};
    int64_t                made = 0;
    REDUCE(FAMILY(kernels).sum, x, axes, sum, all);
    for (int i = 0; i < 2; i++) {
        const struct wg__reduction loops = wg__reduction_make(&copy, axes);
        const struct wg__range mine = wg__reduction_elements(&loops, cut[i]);
        REDUCE(FAMILY(kernels).sum, &copy, axes, packed_sum, cut[i]);
        if (mine.end > mine.first) {
            EXPECT(mine.first == made);
            made = mine.end;
        }
    }
    EXPECT(made == outputs);
    const double n = outputs > 0 ? (double)(x->type->count / outputs) : 0;
    for (int64_t i = 0; i < outputs; i++)
        EXPECT(fabs((double)(sum[i] - wanted[i])) <= n * UNIT * (double)size[i]);
    EXPECT_MSG(memcmp(sum, packed_sum, (size_t)outputs * sizeof(T)) == 0, "strides or parts changed bits");
    free(sum), free(packed_sum), free(packed), free(wanted), free(size);
}

static void NAME(try_reductions)(const struct wg__kernels *kernels)
{
    uint64_t seed = 6;
    for (int i = 0; i < 1000; i++) {
        struct sample x;
        sample_make(&seed, sizeof(T) == 4 ? WG_F32 : WG_F64, shape_random(&seed), true, &x);
        const unsigned axes = (unsigned)lcg_below(&seed, INT64_C(1) << x.type.shape.rank);
        for (int64_t j = 0; j < x.count; j++) ((T *)x.memory)[j] = (T)lcg_real(&seed);
        NAME(check_sum)(kernels, &x.view, axes);
        for (int64_t j = 0; j < x.count; j++) {
            const int64_t value = lcg_below(&seed, 60);
            ((T *)x.memory)[j] = value == 0 ? (T)NAN : value < 40 ? -(T)INFINITY : (T)(value % 4);
        }
        NAME(check_extremes)(kernels, &x.view, axes, 1);
        NAME(check_extremes)(kernels, &x.view, axes, -1);
        free(x.memory);
    }
}

/* Long sums, packed and strided, by rows and by columns: the error must not grow like n. */
static void NAME(try_long)(const struct wg__kernels *kernels)
{
    enum { LONG = 300000 };
    T      *memory = malloc(3 * LONG * sizeof(T)), sum[3], again[3];
    wg_type line, table;
    wg_type_make(sizeof(T) == 4 ? WG_F32 : WG_F64, WG_SHAPE(LONG), &line);
    wg_type_make(line.dtype, WG_SHAPE(LONG, 3), &table);
    for (int i = 0; i < 3 * LONG; i++) memory[i] = (T)0.1;
    const double bound = 3 * WG__CASCADE * UNIT; /* of the sum: three levels */
    const double exact = (double)(T)0.1 * LONG;
    const wg_view packed_line = {.data = memory, .type = &line, .stride = {1}},
                  wide_line = {.data = memory, .type = &line, .stride = {3}},
                  rows = {.data = memory, .type = &table, .stride = {3, 1}},
                  columns = {.data = memory, .type = &table, .stride = {1, LONG}};
    REDUCE(FAMILY(kernels).sum, &packed_line, 1, sum, whole(&packed_line, 1));
    REDUCE(FAMILY(kernels).sum, &wide_line, 1, again, whole(&wide_line, 1));
    EXPECT(fabs((double)sum[0] - exact) <= bound * exact);
    EXPECT(memcmp(sum, again, sizeof(T)) == 0);
    REDUCE(FAMILY(kernels).sum, &rows, 1, sum, whole(&rows, 1));
    REDUCE(FAMILY(kernels).sum, &columns, 1, again, whole(&columns, 1));
    for (int i = 0; i < 3; i++) EXPECT(fabs((double)sum[i] - exact) <= bound * exact);
    EXPECT(memcmp(sum, again, sizeof sum) == 0);
    memory[LONG - 1] = 3, memory[LONG - 2] = 3;
    int64_t place;
    REDUCE(FAMILY(kernels).argmax, &packed_line, 1, &place, whole(&packed_line, 1));
    EXPECT(place == LONG - 2);
    REDUCE(FAMILY(kernels).argmin, &packed_line, 1, &place, whole(&packed_line, 1));
    EXPECT(place == 0);
    free(memory);
}
