// SPDX-License-Identifier: MIT
/*
 * Random convolutions in one dtype against plain loops in a wider one, and against the adjoint
 * identity.
 */

/* What plain loops give, and the sums of absolute values beside it. */
struct NAME(plain) {
    WIDE *y, *dx, *dw, *y_size, *dx_size, *dw_size;
};

/* All three passes at once: each triple of elements that meet adds to each of them. */
static void NAME(plain_loops)(const struct wg__conv2d *v, const T *x, const T *w, const T *dy,
                              struct NAME(plain) *to)
{
    const int64_t channels = v->c / v->groups, filters = v->k / v->groups;
    int64_t       iy = 0;
    for (int64_t n = 0; n < v->n; n++)
        for (int64_t k = 0; k < v->k; k++)
            for (int64_t p = 0; p < v->p; p++)
                for (int64_t q = 0; q < v->q; q++, iy++)
                    for (int64_t i = 0; i < channels * v->r * v->s; i++) {
                        const int64_t c = i / (v->r * v->s), r = i / v->s % v->r, s = i % v->s;
                        const int64_t h = p * v->stride[0] - v->pad[0] + r * v->dilation[0];
                        const int64_t u = q * v->stride[1] - v->pad[1] + s * v->dilation[1];
                        if (h < 0 || h >= v->h || u < 0 || u >= v->w) continue;
                        const int64_t ix =
                            ((n * v->c + k / filters * channels + c) * v->h + h) * v->w + u;
                        const int64_t iw = k * channels * v->r * v->s + i;
                        const WIDE    xw = (WIDE)x[ix] * w[iw], yw = (WIDE)dy[iy] * w[iw],
                                   yx = (WIDE)dy[iy] * x[ix];
                        to->y[iy] += xw, to->y_size[iy] += xw < 0 ? -xw : xw;
                        to->dx[ix] += yw, to->dx_size[ix] += yw < 0 ? -yw : yw;
                        to->dw[iw] += yx, to->dw_size[iw] += yx < 0 ? -yx : yx;
                    }
}

static T *NAME(random_array)(uint64_t *seed, int64_t n)
{
    T *array = exactly(n, sizeof(T));
    for (int64_t i = 0; i < n; i++) array[i] = (T)lcg_real(seed);
    return array;
}

static void NAME(check_close)(const char *what, int64_t n, const T *got, const WIDE *wanted,
                              const WIDE *size, int64_t terms)
{
    for (int64_t i = 0; i < n; i++) {
        const double error = fabs((double)(got[i] - wanted[i])),
                     bound = (double)terms * UNIT * (double)size[i];
        EXPECT_MSG(error <= bound, "%s[%lld]: error %g, bound %g", what, (long long)i, error,
                   bound);
    }
}

/* <a, b> in the wider type */
static WIDE NAME(inner)(int64_t n, const T *a, const T *b)
{
    WIDE sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (WIDE)a[i] * b[i];
    return sum;
}

static void *NAME(scratch_of)(const struct wg__conv2d *v, enum wg__conv2d_pass pass)
{
    return exactly((int64_t)wg__conv2d_scratch(v, pass, sizeof(T)), 1);
}

static struct wg__range NAME(all)(const struct wg__conv2d *v, enum wg__conv2d_pass pass)
{
    return (struct wg__range){.first = 0, .end = wg__conv2d_units(v, pass)};
}

/* The same bits from two parts of each pass, cut anywhere, as in out, which is of one. */
static void NAME(expect_parts)(const struct wg__kernels *kernels, uint64_t *seed,
                               const struct wg__conv2d *v, const T *const in[3], T *const out[3])
{
    const int64_t counts[3] = {v->n * v->k * v->p * v->q, v->n * v->c * v->h * v->w,
                               v->k * (v->c / v->groups) * v->r * v->s};
    for (int pass = 0; pass < 3; pass++) {
        const struct wg__range all = NAME(all)(v, (enum wg__conv2d_pass)pass);
        const int64_t          cut = lcg_below(seed, all.end + 1);
        const struct wg__range parts[2] = {{cut, all.end}, {0, cut}};
        T    *again = NAME(random_array)(seed, counts[pass]);
        void *scratch = NAME(scratch_of)(v, (enum wg__conv2d_pass)pass);
        for (int i = 0; i < 2; i++)
            if (parts[i].first == parts[i].end)
                continue;
            else if (pass == WG__CONV2D_FORWARD)
                FAMILY(kernels).conv2d_forward(v, in[0], in[1], NULL, again, scratch, parts[i]);
            else if (pass == WG__CONV2D_BACKWARD_DATA)
                FAMILY(kernels).conv2d_backward_data(v, in[1], in[2], again, scratch, parts[i]);
            else
                FAMILY(kernels).conv2d_backward_weight(v, in[0], in[2], again, scratch, parts[i]);
        EXPECT_MSG(memcmp(again, out[pass], (size_t)counts[pass] * sizeof(T)) == 0,
                   "pass %d: parts changed bits", pass);
        free(again), free(scratch);
    }
}

static void NAME(try_conv)(const struct wg__kernels *kernels, uint64_t *seed,
                           const struct wg__conv2d *v)
{
    const int64_t taps = v->c / v->groups * v->r * v->s, filters = v->k / v->groups;
    const int64_t nx = v->n * v->c * v->h * v->w, nw = v->k * taps, ny = v->n * v->k * v->p * v->q;
    T            *x = NAME(random_array)(seed, nx), *w = NAME(random_array)(seed, nw),
      *dy = NAME(random_array)(seed, ny);
    T *y = NAME(random_array)(seed, ny), *dx = NAME(random_array)(seed, nx),
      *dw = NAME(random_array)(seed, nw);
    T          *bias = NAME(random_array)(seed, v->k);
    WIDE *const memory = calloc((size_t)(2 * (nx + nw + ny)) + 1, sizeof(WIDE));
    struct NAME(plain) plain = {.y = memory,
                                .y_size = memory + ny,
                                .dx = memory + 2 * ny,
                                .dx_size = memory + 2 * ny + nx,
                                .dw = memory + 2 * (ny + nx),
                                .dw_size = memory + 2 * (ny + nx) + nw};
    void *forward = NAME(scratch_of)(v, WG__CONV2D_FORWARD),
         *data = NAME(scratch_of)(v, WG__CONV2D_BACKWARD_DATA);
    void *weight = NAME(scratch_of)(v, WG__CONV2D_BACKWARD_WEIGHT);
    NAME(plain_loops)(v, x, w, dy, &plain);

    FAMILY(kernels).conv2d_forward(v, x, w, NULL, y, forward, NAME(all)(v, WG__CONV2D_FORWARD));
    FAMILY(kernels).conv2d_backward_data(v, w, dy, dx, data, NAME(all)(v, WG__CONV2D_BACKWARD_DATA));
    FAMILY(kernels).conv2d_backward_weight(v, x, dy, dw, weight, NAME(all)(v, WG__CONV2D_BACKWARD_WEIGHT));
    NAME(check_close)("y", ny, y, plain.y, plain.y_size, taps);
    NAME(check_close)("dx", nx, dx, plain.dx, plain.dx_size, filters * v->r * v->s);
    NAME(check_close)("dw", nw, dw, plain.dw, plain.dw_size, v->n * v->p * v->q);

    WIDE size = 0;
    for (int64_t i = 0; i < ny; i++) size += plain.y_size[i] * (dy[i] < 0 ? -dy[i] : dy[i]);
    const WIDE yy = NAME(inner)(ny, dy, y), xx = NAME(inner)(nx, dx, x),
               ww = NAME(inner)(nw, dw, w);
    const double bound = UNIT * (double)size;
    EXPECT(fabs((double)(yy - xx)) <= (double)(taps + filters * v->r * v->s) * bound);
    EXPECT(fabs((double)(yy - ww)) <= (double)(taps + v->n * v->p * v->q) * bound);

    NAME(expect_parts)(kernels, seed, v, (const T *const[]){x, w, dy}, (T *const[]){y, dx, dw});

    FAMILY(kernels).conv2d_forward(v, x, w, bias, y, forward, NAME(all)(v, WG__CONV2D_FORWARD));
    for (int64_t i = 0; i < ny; i++) {
        const T b = bias[i / (v->p * v->q) % v->k];
        plain.y[i] += b, plain.y_size[i] += b < 0 ? -b : b;
    }
    NAME(check_close)("y with bias", ny, y, plain.y, plain.y_size, taps + 1);
    free(x), free(w), free(dy), free(y), free(dx), free(dw), free(bias), free(memory);
    free(forward), free(data), free(weight);
}

static void NAME(try_convs)(const struct wg__kernels *kernels)
{
    uint64_t seed = 3;
    int      tiny = 0;
    for (int i = 0; i < 1000; i++) {
        const struct wg__conv2d v = conv_random(&seed, i % 10 == 0);
        tiny += wg__conv2d_is_tiny(&v);
        NAME(try_conv)(kernels, &seed, &v);
    }
    EXPECT(tiny > 200 && tiny < 800);
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        NAME(try_conv)(kernels, &seed, &special[i]);
}
