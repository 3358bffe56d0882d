// SPDX-License-Identifier: MIT
/*
 * Batches of samples in an order that a seed decides, made by a thread of their own while the last
 * ones are worked on.
 *
 *     char       reason[WG_REASON];
 *     wg_loader *loader = wg_loader_new(
 *         &(struct wg_loader_settings){.x = &images, .y = &labels, .batch = 64, .shuffle = true},
 *         reason);
 *     for (const wg_batch *batch; (batch = wg_loader_next(loader));)
 *         if (wg_batch_write(batch, x, y)) wg_plan_run(step);
 */
#ifndef WENGERT_DATA_LOADER_H
#define WENGERT_DATA_LOADER_H

#include "../formats/array.h"
#include "../graph/tape.h"

/*
 * Images made a little different each time that they are seen, so that a network cannot learn them
 * by heart: in this order, and nothing where all is left out. What happens to a sample depends on
 * the loader's seed, the sample and the epoch alone.
 */
struct wg_augment {
    bool   flip;   /* left to right, every other image */
    double rotate; /* by up to so many degrees either way, bilinear, 0 outside */
    /* Neither is more than the image's longer side. */
    int64_t crop;   /* zeros put around on each side, from which a piece of the old size is cut */
    int64_t cutout; /* side of a square, somewhere in the image, set to the mean */
    /*
     * Beta's parameter, 0 < mixup <= 1: each sample of a batch and its class, as probabilities, are
     * mixed with another's by a share that is Beta(mixup, mixup) for the batch. Zhang, Cisse,
     * Dauphin, Lopez-Paz, arXiv:1710.09412.
     */
    double mixup;
};

/* Samples in an order, batch by batch; freed with wg_loader_free. */
typedef struct wg_loader wg_loader;

/*
 * Row i of x and row i of y are sample i; both are borrowed and must outlive the loader. y may be
 * left out. In a batch u8 becomes a float of 0 to 1, other integers i64, floats `dtype`; y of
 * integers becomes i64, or with `classes` probabilities of `dtype`.
 */
struct wg_loader_settings {
    const wg_array *x, *y;
    int64_t         batch;
    const int64_t  *samples; /* those to draw from, `count` of them, copied; NULL: all */
    int64_t         count;
    bool            shuffle;   /* another order in each epoch */
    bool            drop_last; /* leave out a last batch that is smaller */
    bool            in_turn;   /* make each batch when it is asked for, without a thread, as small
                                  ones are in any case */
    uint64_t        seed;
    wg_dtype        dtype; /* WG_F32 */
    /*
     * (x - mean) / deviation for each of x's channels, axis 1; a deviation of 0, of a channel that
     * never changes, stands for 1. Borrowed for the call alone.
     */
    const double       *mean, *deviation;
    int64_t             classes;
    struct wg_augment   augment; /* of x (count, channels, height, width); mixup wants classes */
    const wg_allocator *allocator;
};

/* Samples of a batch, in memory of the loader's. y.data is NULL where there is no y. */
typedef struct wg_batch {
    wg_view        x, y;
    int64_t        count, epoch, number; /* of samples; of the batch in its epoch, from 0 */
    const int64_t *samples;              /* which ones */
} wg_batch;

WG_BEGIN_DECLS

/*
 * A loader at the first batch of epoch 0. NULL with the reason: an x that is missing, of rank 0, or
 * without elements, a y of another count, a sample or class out of range, a mean or deviation that
 * is not finite, a deviation below 0, settings that do not go together, or no memory. Without a
 * thread to be had, batches are made in turn.
 */
WG_API wg_loader *wg_loader_new(const struct wg_loader_settings *settings, char reason[WG_REASON]);
WG_API void       wg_loader_free(wg_loader *loader);

/*
 * The next batch, until the next call; NULL at the end of an epoch. The call after that begins the
 * next epoch.
 */
WG_API const wg_batch *wg_loader_next(wg_loader *loader);

/* Writes a batch to two inputs of its types; y may be NULL. False with the error on their tape. */
WG_API bool wg_batch_write(const wg_batch *batch, wg_tensor *x, wg_tensor *y);

/* Samples of a whole batch; batches of an epoch, and samples in them. */
WG_API int64_t wg_loader_batch(const wg_loader *loader);
WG_API int64_t wg_loader_batches(const wg_loader *loader);
WG_API int64_t wg_loader_samples(const wg_loader *loader);

/* Goes on with batch `number` of `epoch`, as if all before had been asked for. */
WG_API void wg_loader_seek(wg_loader *loader, int64_t epoch, int64_t number);

/* Seconds that wg_loader_next has waited for its thread to make a batch, in all. */
WG_API double wg_loader_waited(const wg_loader *loader);

/*
 * Mean and deviation (of the whole, n) of each channel of x, axis 1, over the samples named, or
 * all: as of a batch without normalisation. NaN, a number that is missing, is left out. The
 * deviation of a channel that never changes is 0, which a loader takes as 1. `mean` and `deviation`
 * have room for the channels; of rank 1 there is one.
 */
WG_API void wg_measure_channels(const wg_array *x, const int64_t *samples, int64_t count,
                                double *mean, double *deviation);

/*
 * Puts the numbers 0, ..., count - 1 into `samples` in an order that the seed decides; returns how
 * many of them are the first share, rounded; less than 0 is taken as 0, more than 1 as 1. For
 * training and validation:
 *
 *     int64_t training = wg_split_samples(count, 0.9, 1, samples);
 */
WG_API int64_t wg_split_samples(int64_t count, double share, uint64_t seed, int64_t *samples);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_batch_write(...) WG__CALL_BOOL(wg_batch_write(__VA_ARGS__))
#endif

#endif
