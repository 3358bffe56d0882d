// SPDX-License-Identifier: MIT
/* The values of a batch: converted, normalised, augmented and mixed. */
#include "augment.h"
#include "batch.h"

#include <string.h>

/* Elements of an array, from `first` on. */
typedef struct stretch {
    void    *data;
    wg_dtype dtype;
    int64_t  first;
} stretch;

/* How a value is changed: value scale + offset, in double. */
typedef struct change {
    double scale, offset;
} change;

static const change none = {1, -0.0}; /* -0.0 + 0.0 were 0.0 */

/* `count` real elements, or u8 or bool, to f32 or f64. */
static void convert(stretch from, stretch to, int64_t count, change by)
{
#define CONVERT(T, U)                                                                              \
    for (int64_t i = 0; i < count; i++)                                                            \
        ((U *)to.data)[to.first + i] =                                                             \
            (U)((double)((const T *)from.data)[from.first + i] * by.scale + by.offset);
#define CASE(dtype_, T)                                                                            \
    case dtype_:                                                                                   \
        if (to.dtype == WG_F32) {                                                                  \
            CONVERT(T, float)                                                                      \
        } else {                                                                                   \
            CONVERT(T, double)                                                                     \
        }                                                                                          \
        break;
    switch (from.dtype) {
        CASE(WG_F32, float)
        CASE(WG_F64, double)
        CASE(WG_U8, unsigned char)
        CASE(WG_BOOL, unsigned char)
    default:
        break;
    }
#undef CASE
#undef CONVERT
}

/* `count` elements of integers, from `first` on, as i64. */
static void copy_integers(const wg_array *from, int64_t first, int64_t count, int64_t *to)
{
    for (int64_t i = 0; i < count; i++) to[i] = wg__integer_at(from, first + i);
}

static stretch stretch_of(const wg_array *array, int64_t first)
{
    return (stretch){array->data, array->type.dtype, first};
}

/* What comes of a sample's image, in memory of the maker's. */
static double *augmented(const wg__maker *maker, stretch x, int64_t sample, int64_t epoch)
{
    const struct wg_loader_settings *set = &maker->settings;
    const int64_t                   *size = set->x->type.shape.dim, plane = size[2] * size[3];
    wg__image  image = {maker->pixel, maker->other, maker->channels, size[2], size[3]};
    wg__chance chance = {.seed = set->seed,
                         .place = (uint64_t)sample,
                         .epoch = (uint32_t)epoch,
                         .purpose = WG__DRAWS_IMAGE};
    convert(x, (stretch){image.pixel, WG_F64, 0}, maker->row, none);
    wg__augment_before(&set->augment, &chance, &image);
    for (int64_t c = 0; c < maker->channels; c++) {
        const stretch channel = {image.pixel, WG_F64, c * plane};
        convert(channel, channel, plane, (change){maker->scale[c], maker->offset[c]});
    }
    wg__augment_after(&set->augment, &chance, &image);
    return image.pixel;
}

/* Row k of the batch's x from sample `sample`. */
static void fill_x(wg__slot *slot, const wg__maker *maker, int64_t k, int64_t sample)
{
    const wg_array *x = maker->settings.x;
    const int64_t   row = maker->row, plane = row / maker->channels;
    stretch         from = stretch_of(x, sample * row), to = stretch_of(&slot->x, k * row);
    if (maker->x_dtype == WG_I64) {
        copy_integers(x, sample * row, row, (int64_t *)slot->x.data + k * row);
    } else if (maker->augments) {
        double *pixel = augmented(maker, from, sample, slot->batch.epoch);
        convert((stretch){pixel, WG_F64, 0}, to, row, none);
    } else {
        for (int64_t c = 0; c < maker->channels; c++, from.first += plane, to.first += plane)
            convert(from, to, plane, (change){maker->scale[c], maker->offset[c]});
    }
}

static void fill_y(wg__slot *slot, const wg__maker *maker, int64_t k, int64_t sample)
{
    const wg_array *y = maker->settings.y;
    const int64_t   row = maker->y_row;
    const stretch   to = stretch_of(&slot->y, k * row);
    if (maker->settings.classes) {
        const int64_t class = wg__integer_at(y, sample);
        for (int64_t i = 0; i < row; i++) {
            double share = i == class;
            convert((stretch){&share, WG_F64, 0}, (stretch){to.data, to.dtype, to.first + i}, 1,
                    none);
        }
    } else if (maker->y_dtype == WG_I64) {
        copy_integers(y, sample * row, row, (int64_t *)slot->y.data + k * row);
    } else {
        convert(stretch_of(y, sample * row), to, row, none);
    }
}

/* Each of `count` rows becomes share row + (1 - share) next row, the last one's next the first. */
static void mix_rows(void *data, wg_dtype dtype, int64_t count, int64_t row, double share)
{
#define MIX(T)                                                                                     \
    for (int64_t i = 0; i < row; i++) {                                                            \
        T      *x = (T *)data + i;                                                                 \
        const T first = x[0];                                                                      \
        for (int64_t k = 0; k < count; k++)                                                        \
            x[k * row] = (T)(share * x[k * row] +                                                  \
                             (1 - share) * (k + 1 < count ? x[(k + 1) * row] : first));            \
    }
    if (dtype == WG_F32) {
        MIX(float)
    } else {
        MIX(double)
    }
#undef MIX
}

static void mix(wg__slot *slot, const wg__maker *maker, int64_t count)
{
    wg__chance   chance = {.seed = maker->settings.seed,
                           .place = (uint64_t)slot->batch.number,
                           .epoch = (uint32_t)slot->batch.epoch,
                           .purpose = WG__DRAWS_MIXING};
    const double share = wg__beta(&chance, maker->settings.augment.mixup);
    mix_rows(slot->x.data, maker->x_dtype, count, maker->row, share);
    mix_rows(slot->y.data, maker->y_dtype, count, maker->y_row, share);
}

/* The view of the first `count` samples of a slot's array. */
static wg_view view_of(const wg_array *array, wg_type *type, int64_t count)
{
    wg_shape shape = array->type.shape;
    wg_view  view = {.data = array->data, .type = type};
    if (!array->data) return (wg_view){0};
    shape.dim[0] = count;
    wg_type_make(array->type.dtype, shape, type); /* smaller than one that was made */
    wg_shape_strides(shape, view.stride);
    return view;
}

/*
 * Has the sample brought near: shuffled ones lie anywhere, and waiting for one takes longer than
 * converting it.
 */
static void bring(const wg__maker *maker, int64_t sample)
{
    const wg_array *x = maker->settings.x, *y = maker->settings.y;
    const char     *row = (const char *)x->data + (size_t)sample * maker->x_bytes;
    __builtin_prefetch(row);
    __builtin_prefetch(row + maker->x_bytes - 1);
    if (maker->y_bytes) __builtin_prefetch((const char *)y->data + (size_t)sample * maker->y_bytes);
}

void wg__slot_fill(wg__slot *slot, const wg__maker *maker, const int64_t *samples, int64_t count,
                   int64_t epoch, int64_t number)
{
    wg_batch *batch = &slot->batch;
    if (batch->count != count)
        *batch = (wg_batch){.x = view_of(&slot->x, &slot->x_type, count),
                            .y = view_of(&slot->y, &slot->y_type, count),
                            .count = count};
    batch->epoch = epoch;
    batch->number = number;
    batch->samples = samples;
    for (int64_t k = 0; k < count; k++) {
        bring(maker, samples[k + 1]);
        fill_x(slot, maker, k, samples[k]);
        if (maker->settings.y) fill_y(slot, maker, k, samples[k]);
    }
    if (maker->settings.augment.mixup > 0) mix(slot, maker, count);
}
