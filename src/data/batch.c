// SPDX-License-Identifier: MIT
/* What batches are made of: settings held against each other, types, and room. */
#include "batch.h"

#include "../formats/file.h"

#include <math.h>

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

int64_t wg__integer_at(const wg_array *array, int64_t i)
{
    switch (array->type.dtype) {
    case WG_I32:
        return ((const int32_t *)array->data)[i];
    case WG_I64:
        return ((const int64_t *)array->data)[i];
    case WG_U8:
    case WG_BOOL:
        return ((const unsigned char *)array->data)[i];
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
        const int64_t class = wg__integer_at(set->y, i);
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

static bool augments_images(const struct wg_augment *how)
{
    return how->flip || how->rotate != 0 || how->crop != 0 || how->cutout != 0;
}

static const char *misfit(const struct wg_loader_settings *set)
{
    const struct wg_augment *how = &set->augment;
    const wg_type           *x = &set->x->type;
    const bool               tokens = x->dtype == WG_I32 || x->dtype == WG_I64;
    const bool               image = augments_images(how);
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
        maker->offset[c] = settings->mean ? -settings->mean[c] / deviation : -0.0;
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
    maker->augments = augments_images(&settings->augment);
    maker->row = x->count / x->shape.dim[0];
    maker->y_row = settings->classes ? settings->classes : y ? y->count / y->shape.dim[0] : 0;
    maker->x_bytes = wg_dtype_size(x->dtype) * (size_t)maker->row;
    if (y) maker->y_bytes = wg_dtype_size(y->dtype) * (size_t)(y->count / y->shape.dim[0]);
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
    bool good = batch_type(&slot->x_type, set->x, maker->x_dtype, set->batch, 0) &&
                wg__array_new(&slot->x, &slot->x_type, maker->allocator);
    if (good && set->y)
        good = batch_type(&slot->y_type, set->y, maker->y_dtype, set->batch, set->classes) &&
               wg__array_new(&slot->y, &slot->y_type, maker->allocator);
    return good;
}

void wg__slot_done(wg__slot *slot)
{
    wg_array_free(&slot->x);
    wg_array_free(&slot->y);
}
