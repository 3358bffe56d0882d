// SPDX-License-Identifier: MIT
/* Making one batch of a loader, private to the library: which types, and which values. */
#ifndef WENGERT_DATA_BATCH_H
#define WENGERT_DATA_BATCH_H

#include "loader.h"

/* Room for a batch. */
typedef struct wg__slot {
    wg_batch batch;
    wg_type  x_type, y_type; /* to which the batch's views point */
    wg_array x, y;           /* of a whole batch */
} wg__slot;

/* How batches are made; `settings` has pointers of its own, except to x and y. */
typedef struct wg__maker {
    struct wg_loader_settings settings;
    const wg_allocator       *allocator;
    int64_t                   channels, row, y_row; /* elements of a sample's x and y */
    size_t                    x_bytes, y_bytes;     /* of a sample as it is given */
    wg_dtype                  x_dtype, y_dtype;
    bool                      augments;       /* images, one by one */
    double                   *scale, *offset; /* of each channel: value scale + offset */
    double                   *pixel, *other;  /* of a sample; the same for its partner */
} wg__maker;

/* Checks the settings and gets ready; false with the reason. Ended by wg__maker_done in any case. */
bool wg__maker_init(wg__maker *maker, const struct wg_loader_settings *settings, char *reason);
void wg__maker_done(wg__maker *maker);

/* Room for batches; false without memory. Ended by wg__slot_done in any case. */
bool wg__slot_init(wg__slot *slot, const wg__maker *maker);
void wg__slot_done(wg__slot *slot);

/* Element i of an array of integers; -1 for what is none. */
int64_t wg__integer_at(const wg_array *array, int64_t i);

/*
 * Fills the slot with `count` samples, which are borrowed, as batch `number` of `epoch`. Behind them
 * stands one that comes soon.
 */
void wg__slot_fill(wg__slot *slot, const wg__maker *maker, const int64_t *samples, int64_t count,
                   int64_t epoch, int64_t number);

#endif
