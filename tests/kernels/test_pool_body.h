// SPDX-License-Identifier: MIT
/* Random pooling in one dtype against windows looked at place by place. */

/* The place of the plane that element (i, j) of window (p, q) sees, or -1 for padding. */
static int64_t NAME(seen)(const struct wg__pool2d *v, int64_t p, int64_t q, int64_t i, int64_t j)
{
    const int64_t h = p * v->stride[0] - v->pad[0] + i * v->dilation[0];
    const int64_t w = q * v->stride[1] - v->pad[1] + j * v->dilation[1];
    return h >= 0 && h < v->h && w >= 0 && w < v->w ? h * v->w + w : -1;
}

static bool NAME(same)(T a, T b)
{
    return a == b || (a != a && b != b);
}

/* Few different values, so that ties are frequent; now and then NaN and -inf. */
static T *NAME(few_values)(uint64_t *seed, int64_t n)
{
    T *array = exactly(n, sizeof(T));
    for (int64_t i = 0; i < n; i++) {
        const int64_t value = lcg_below(seed, 30);
        array[i] = value == 0 ? (T)NAN : value == 1 ? -(T)INFINITY : (T)(value % 4 - 2);
    }
    return array;
}

/* The largest of a window: NaN before all, the first of equals. */
static int64_t NAME(first_best)(const struct wg__pool2d *v, const T *x, int64_t p, int64_t q)
{
    int64_t best = -1;
    for (int64_t i = 0; i < v->kernel[0]; i++)
        for (int64_t j = 0; j < v->kernel[1]; j++) {
            const int64_t at = NAME(seen)(v, p, q, i, j);
            if (at < 0 || (best >= 0 && isnan(x[best]))) continue;
            if (best < 0 || isnan(x[at]) || x[at] > x[best]) best = at;
        }
    return best;
}

static void NAME(try_max)(const struct wg__kernels *kernels, uint64_t *seed,
                          const struct wg__pool2d *v)
{
    const int64_t nx = v->n * v->c * v->h * v->w, ny = v->n * v->c * v->p * v->q,
                  windows = v->p * v->q;
    T *x = NAME(few_values)(seed, nx), *y = exactly(ny, sizeof(T)), *again = exactly(ny, sizeof(T));
    T *dy = exactly(ny, sizeof(T)), *dx = exactly(nx, sizeof(T)), *alone = exactly(ny, sizeof(T)),
      *wanted = calloc((size_t)nx + 1, sizeof(T));
    int64_t *argmax = exactly(ny, sizeof(int64_t));
    FAMILY(kernels).max_pool2d(v, x, y, argmax);
    FAMILY(kernels).max_pool2d_gather(v, x, argmax, again);
    FAMILY(kernels).max_pool2d(v, x, alone, NULL);
    for (int64_t i = 0; i < ny; i++) {
        const int64_t first = i / windows * v->h * v->w;
        const int64_t best = NAME(first_best)(v, x + first, i % windows / v->q, i % v->q);
        EXPECT(argmax[i] == best);
        EXPECT(NAME(same)(y[i], x[first + best]) && NAME(same)(again[i], y[i]));
        EXPECT(NAME(same)(alone[i], y[i]));
        dy[i] = (T)lcg_between(seed, -8, 8);
        wanted[first + best] += dy[i];
    }
    FAMILY(kernels).max_pool2d_backward(v, dy, argmax, dx);
    for (int64_t i = 0; i < nx; i++) EXPECT(dx[i] == wanted[i]); /* whole numbers: no rounding */
    free(x), free(y), free(again), free(alone), free(dy), free(dx), free(wanted), free(argmax);
}

/* What a window's sum is divided by. */
static int64_t NAME(divisor)(const struct wg__pool2d *v, int64_t p, int64_t q)
{
    int64_t count = 0;
    for (int64_t i = 0; i < v->kernel[0]; i++)
        for (int64_t j = 0; j < v->kernel[1]; j++) {
            const bool image = p * v->stride[0] - v->pad[0] + i < v->h + v->pad[0] &&
                               q * v->stride[1] - v->pad[1] + j < v->w + v->pad[1];
            count += v->count_pad ? image : NAME(seen)(v, p, q, i, j) >= 0;
        }
    return count;
}

static void NAME(try_avg)(const struct wg__kernels *kernels, uint64_t *seed,
                          const struct wg__pool2d *v)
{
    const int64_t nx = v->n * v->c * v->h * v->w, ny = v->n * v->c * v->p * v->q,
                  windows = v->p * v->q;
    T      *x = exactly(nx, sizeof(T)), *y = exactly(ny, sizeof(T)), *dy = exactly(ny, sizeof(T));
    T      *dx = exactly(nx, sizeof(T));
    double *wanted = calloc((size_t)nx + 1, sizeof(double)),
           *size = calloc((size_t)nx + 1, sizeof(double));
    for (int64_t i = 0; i < nx; i++) x[i] = (T)lcg_between(seed, -8, 8);
    for (int64_t i = 0; i < ny; i++) dy[i] = (T)lcg_real(seed);
    FAMILY(kernels).avg_pool2d(v, x, y);
    FAMILY(kernels).avg_pool2d_backward(v, dy, dx);
    for (int64_t i = 0; i < ny; i++) {
        const int64_t first = i / windows * v->h * v->w, p = i % windows / v->q, q = i % v->q;
        const int64_t divisor = NAME(divisor)(v, p, q);
        T             sum = 0;
        for (int64_t e = 0; e < v->kernel[0] * v->kernel[1]; e++) {
            const int64_t at = NAME(seen)(v, p, q, e / v->kernel[1], e % v->kernel[1]);
            if (at < 0) continue;
            sum += x[first + at];
            wanted[first + at] += (double)dy[i] / (double)divisor;
            size[first + at] += fabs((double)dy[i]) / (double)divisor;
        }
        EXPECT(y[i] == sum / (T)divisor);
    }
    const double terms = (double)(v->kernel[0] * v->kernel[1] + 1);
    for (int64_t i = 0; i < nx; i++)
        EXPECT(fabs((double)dx[i] - wanted[i]) <= 2 * terms * UNIT * size[i]);
    free(x), free(y), free(dy), free(dx), free(wanted), free(size);
}

static void NAME(try_pools)(const struct wg__kernels *kernels)
{
    uint64_t seed = 4;
    for (int i = 0; i < 1000; i++) {
        const struct wg__pool2d max = pool_random(&seed, 3), avg = pool_random(&seed, 1);
        NAME(try_max)(kernels, &seed, &max);
        NAME(try_avg)(kernels, &seed, &avg);
    }
}
