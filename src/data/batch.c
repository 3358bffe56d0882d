// SPDX-License-Identifier: MIT
#include "batch.h"

#include "../formats/file.h"
#include "augment.h"

#include <math.h>
#include <string.h>

/* ---- settings ---- */

static bool refuse_array(const wg_array *array, const char *name, int64_t count, char *reason)
{
    const wg_type *type = &array->type;
    if (type->shape.rank == 0) return wg__refuse(reason, "loader", "%s has rank 0", name);
    if (type->shape.dim[0] == count) return true;
    return wg__refuse(reason, "loader", "x has %lld samples and y has %lld", (long long)count,
                      (long long)type->shape.dim[0]);
}

static bool samples_fit(const struct wg_loader_settings *set, int64_t count, char *reason)
{
    if (set->samples && set->count < 1) return wg__refuse(reason, "loader", "no samples are named");
    for (int64_t i = 0; set->samples && i < set->count; i++)
        if (set->samples[i] < 0 || set->samples[i] >= count)
            return wg__refuse(reason, "loader", "sample %lld is out of range, there are %lld",
                              (long long)set->samples[i], (long long)count);
    return true;
}

/* An integer of y, or -1 for what is none. */
static int64_t class_at(const wg_array *y, int64_t i)
{
    switch (y->type.dtype) {
    case WG_I32:
        return ((const int32_t *)y->data)[i];
    case WG_I64:
        return ((const int64_t *)y->data)[i];
    case WG_U8:
    case WG_BOOL:
        return ((const unsigned char *)y->data)[i];
    default:
        return -1;
    }
}

static bool classes_fit(const struct wg_loader_settings *set, char *reason)
{
    if (set->classes == 0) return true;
    if (!set->y || set->y->type.shape.rank != 1 || wg_dtype_is_float(set->y->type.dtype))
        return wg__refuse(reason, "loader", "classes want a y of integers and of rank 1");
    for (int64_t i = 0; i < set->y->type.count; i++) {
        const int64_t class = class_at(set->y, i);
        if (class < 0 || class >= set->classes)
            return wg__refuse(reason, "loader", "y %lld is %lld, there are %lld classes",
                              (long long)i, (long long)class, (long long)set->classes);
    }
    return true;
}

static int64_t channels_of(const wg_type *type)
{
    return type->shape.rank > 1 ? type->shape.dim[1] : 1;
}

static bool scales_fit(const struct wg_loader_settings *set, char *reason)
{
    for (int64_t c = 0; set->mean && c < channels_of(&set->x->type); c++)
        if (!isfinite(set->mean[c]) || !isfinite(set->deviation[c]) || set->deviation[c] < 0)
            return wg__refuse(reason, "loader", "channel %lld has mean %g and deviation %g",
                              (long long)c, set->mean[c], set->deviation[c]);
    return true;
}

static const char *misfit(const struct wg_loader_settings *set)
{
    const struct wg_augment *how = &set->augment;
    const wg_type           *x = &set->x->type;
    const bool               tokens = x->dtype == WG_I32 || x->dtype == WG_I64;
    const bool image = how->flip || how->rotate != 0 || how->crop != 0 || how->cutout != 0;
    if (set->batch < 1) return "a batch must have one sample or more";
    if (set->dtype != WG_NO_DTYPE && !wg_dtype_is_float(set->dtype))
        return "dtype must be f32 or f64";
    if (set->classes < 0) return "classes must not be negative";
    if (!set->mean != !set->deviation) return "mean and deviation go together";
    if (tokens && (set->mean || image || how->mixup != 0)) return "x of integers is taken as it is";
    if (image && x->shape.rank != 4)
        return "only images (count, channels, height, width) are augmented";
    if (!(how->rotate >= 0 && how->rotate <= 180)) return "rotate must be 0 to 180";
    const int64_t *size = x->shape.dim, most = size[2] > size[3] ? size[2] : size[3];
    if (image && (how->crop < 0 || how->crop > most || how->cutout < 0 || how->cutout > most))
        return "crop and cutout must be 0 to the image's longer side";
    if (!(how->mixup >= 0 && how->mixup <= 1)) return "mixup must be 0 to 1";
    if (how->mixup > 0 && set->classes == 0) return "mixup wants classes";
    return NULL;
}

static bool settings_fit(const struct wg_loader_settings *set, char *reason)
{
    if (!set || !set->x || !set->x->data) return wg__refuse(reason, "loader", "there is no x");
    const int64_t count = set->x->type.shape.rank ? set->x->type.shape.dim[0] : 0;
    if (!refuse_array(set->x, "x", count, reason)) return false;
    if (set->y && !refuse_array(set->y, "y", count, reason)) return false;
    if (set->x->type.count == 0) return wg__refuse(reason, "loader", "x is empty");
    const char *wrong = misfit(set);
    if (wrong) return wg__refuse(reason, "loader", "%s", wrong);
    if (!samples_fit(set, count, reason) || !classes_fit(set, reason) || !scales_fit(set, reason))
        return false;
    return !set->drop_last || set->batch <= (set->samples ? set->count : count) ||
           wg__refuse(reason, "loader", "there are fewer samples than a batch has");
}

/* ---- getting ready ---- */

/* (u8 / 255 - mean) / deviation as a product and a sum; a channel that never changes becomes 0. */
static void set_scales(wg__maker *maker, const struct wg_loader_settings *settings)
{
    const double unit = settings->x->type.dtype == WG_U8 ? 1.0 / 255 : 1;
    for (int64_t c = 0; c < maker->channels; c++) {
        const bool   divides = settings->deviation && settings->deviation[c] > 0;
        const double deviation = divides ? settings->deviation[c] : 1;
        maker->scale[c] = unit / deviation;
        maker->offset[c] = settings->mean ? -settings->mean[c] / deviation : 0;
    }
}

static wg_dtype batch_dtype(const wg_array *array, const struct wg_loader_settings *settings,
                            bool x)
{
    const wg_dtype given = array->type.dtype;
    const bool     floats = wg_dtype_is_float(given) ||
                        (x ? given == WG_U8 || given == WG_BOOL : settings->classes > 0);
    if (!floats) return WG_I64;
    return settings->dtype == WG_NO_DTYPE ? WG_F32 : settings->dtype;
}

bool wg__maker_init(wg__maker *maker, const struct wg_loader_settings *settings, char *reason)
{
    *maker = (wg__maker){.allocator = wg_allocator_default()};
    if (!settings_fit(settings, reason)) return false;
    maker->settings = *settings;
    if (settings->allocator) maker->allocator = settings->allocator;
    const wg_type *x = &settings->x->type, *y = settings->y ? &settings->y->type : NULL;
    maker->channels = channels_of(x);
    maker->row = x->count / x->shape.dim[0];
    maker->y_row = settings->classes ? settings->classes : y ? y->count / y->shape.dim[0] : 0;
    maker->x_dtype = batch_dtype(settings->x, settings, true);
    maker->y_dtype = y ? batch_dtype(settings->y, settings, false) : WG_NO_DTYPE;
    const size_t pixels = (size_t)maker->row, channels = (size_t)maker->channels;
    double      *room = wg__alloc(maker->allocator, 2 * (pixels + channels) * sizeof *room);
    if (!room) return wg__refuse(reason, "loader", "out of memory");
    maker->scale = room;
    maker->offset = room + channels;
    maker->pixel = maker->offset + channels;
    maker->other = maker->pixel + pixels;
    set_scales(maker, settings);
    return true;
}

void wg__maker_done(wg__maker *maker)
{
    wg__free(maker->allocator, maker->scale);
}

/* The type of `count` samples; with classes, of their probabilities. */
static bool batch_type(wg_type *type, const wg_array *array, wg_dtype dtype, int64_t count,
                       int64_t classes)
{
    wg_shape shape = array->type.shape;
    shape.dim[0] = count;
    if (classes) shape = WG_SHAPE(count, classes);
    return wg_type_make(dtype, shape, type);
}

bool wg__slot_init(wg__slot *slot, const wg__maker *maker)
{
    const struct wg_loader_settings *set = &maker->settings;
    *slot = (wg__slot){0};
    slot->samples = wg__alloc(maker->allocator, (size_t)set->batch * sizeof *slot->samples);
    bool good = slot->samples && batch_type(&slot->x_type, set->x, maker->x_dtype, set->batch, 0) &&
                wg__array_new(&slot->x, &slot->x_type, maker->allocator);
    if (good && set->y)
        good = batch_type(&slot->y_type, set->y, maker->y_dtype, set->batch, set->classes) &&
               wg__array_new(&slot->y, &slot->y_type, maker->allocator);
    return good;
}

void wg__slot_done(wg__slot *slot, const wg__maker *maker)
{
    wg_array_free(&slot->x);
    wg_array_free(&slot->y);
    wg__free(maker->allocator, slot->samples);
}

/* ---- values ---- */

/* `count` elements of an array, from `first` on, as doubles. */
static void widen(const wg_array *from, int64_t first, int64_t count, double *to)
{
#define WIDEN(dtype, T)                                                                            \
    case dtype:                                                                                    \
        for (int64_t i = 0; i < count; i++) to[i] = (double)((const T *)from->data)[first + i];    \
        break;
    switch (from->type.dtype) {
        WIDEN(WG_F32, float)
        WIDEN(WG_F64, double)
        WIDEN(WG_U8, unsigned char)
        WIDEN(WG_BOOL, unsigned char)
    default:
        break;
    }
#undef WIDEN
}

static void narrow(const double *from, int64_t count, wg_dtype dtype, void *to, int64_t first)
{
    for (int64_t i = 0; i < count && dtype == WG_F32; i++)
        ((float *)to)[first + i] = (float)from[i];
    if (dtype == WG_F64) memcpy((double *)to + first, from, (size_t)count * sizeof *from);
}

/* Row k of the batch's x from sample `sample`. */
static void fill_x(wg__slot *slot, wg__maker *maker, int64_t k, int64_t sample)
{
    const struct wg_loader_settings *set = &maker->settings;
    const int64_t                    row = maker->row, plane = row / maker->channels;
    if (maker->x_dtype == WG_I64) {
        for (int64_t i = 0; i < row; i++)
            ((int64_t *)slot->x.data)[k * row + i] = class_at(set->x, sample * row + i);
        return;
    }
    const int64_t *size = set->x->type.shape.dim;
    wg__chance     chance = {.seed = set->seed,
                             .place = (uint64_t)sample,
                             .epoch = (uint32_t)slot->batch.epoch,
                             .purpose = WG__DRAWS_IMAGE};
    wg__image      image = {maker->pixel, maker->other, maker->channels, size[2], size[3]};
    widen(set->x, sample * row, row, image.pixel);
    wg__augment_before(&set->augment, &chance, &image);
    for (int64_t c = 0; c < maker->channels; c++)
        for (int64_t i = c * plane; i < (c + 1) * plane; i++)
            image.pixel[i] = image.pixel[i] * maker->scale[c] + maker->offset[c];
    wg__augment_after(&set->augment, &chance, &image);
    narrow(image.pixel, row, maker->x_dtype, slot->x.data, k * row);
}

static void fill_y(wg__slot *slot, const wg__maker *maker, int64_t k, int64_t sample)
{
    const wg_array *y = maker->settings.y;
    const int64_t   row = maker->y_row, first = k * row;
    for (int64_t i = 0; i < row; i++) {
        double value = 0;
        if (maker->settings.classes)
            value = class_at(y, sample) == i;
        else if (maker->y_dtype != WG_I64)
            widen(y, sample * row + i, 1, &value);
        else
            ((int64_t *)slot->y.data)[first + i] = class_at(y, sample * row + i);
        narrow(&value, 1, maker->y_dtype, slot->y.data, first + i);
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

void wg__slot_fill(wg__slot *slot, wg__maker *maker, const int64_t *samples, int64_t count,
                   int64_t epoch, int64_t number)
{
    memcpy(slot->samples, samples, (size_t)count * sizeof *samples);
    slot->batch = (wg_batch){.x = view_of(&slot->x, &slot->x_type, count),
                             .y = view_of(&slot->y, &slot->y_type, count),
                             .count = count,
                             .epoch = epoch,
                             .number = number,
                             .samples = slot->samples};
    for (int64_t k = 0; k < count; k++) {
        fill_x(slot, maker, k, samples[k]);
        if (maker->settings.y) fill_y(slot, maker, k, samples[k]);
    }
    if (maker->settings.augment.mixup > 0) mix(slot, maker, count);
}
