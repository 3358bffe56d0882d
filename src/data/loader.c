// SPDX-License-Identifier: MIT
/* The order of samples, and the thread that keeps a batch ahead of the caller. */
#include "loader.h"

#include "../formats/file.h"
#include "../tensor/clock.h"
#include "batch.h"
#include "chance.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

enum { WORTH_A_THREAD = 4096 }; /* elements of a batch */

/*
 * One slot is with the caller while the other is filled. All below `mutex` belongs to who holds it,
 * except the slot that is being filled.
 */
struct wg_loader {
    wg__maker maker;
    int64_t   count, batches; /* samples and batches of an epoch */
    int64_t  *sample, *order; /* as named; as drawn in `epoch` */
    pthread_t thread;
    bool      threaded;
    double    waited;

    pthread_mutex_t mutex;
    pthread_cond_t  change;
    wg__slot        slot[2];
    bool            full[2], filling, ended;
    bool            lent;               /* batch `taken - 1` is with the caller */
    int64_t         epoch, made, taken; /* batches of the epoch */
};

/* ---- order ---- */

/* Fisher and Yates. */
static void shuffle(int64_t *x, int64_t count, uint64_t seed, int64_t epoch)
{
    wg__chance chance = {.seed = seed, .epoch = (uint32_t)epoch, .purpose = WG__DRAWS_ORDER};
    for (int64_t i = count - 1; i > 0; i--) {
        chance.place = (uint64_t)i;
        chance.drawn = 0;
        const int64_t j = wg__chance_below(&chance, i + 1), last = x[i];
        x[i] = x[j];
        x[j] = last;
    }
}

static void begin_epoch(wg_loader *loader, int64_t epoch)
{
    memcpy(loader->order, loader->sample, (size_t)loader->count * sizeof *loader->order);
    loader->epoch = epoch;
    if (loader->maker.settings.shuffle)
        shuffle(loader->order, loader->count, loader->maker.settings.seed, epoch);
}

int64_t wg_split_samples(int64_t count, double share, uint64_t seed, int64_t *samples)
{
    for (int64_t i = 0; i < count; i++) samples[i] = i;
    shuffle(samples, count, seed, 0);
    return (int64_t)(fmin(fmax(share, 0), 1) * (double)count + 0.5);
}

/* ---- making batches ---- */

/* Batch number `made`, in slot made % 2. */
static void make_batch(wg_loader *loader)
{
    const int64_t batch = loader->maker.settings.batch, first = loader->made * batch;
    const int64_t count = loader->count - first < batch ? loader->count - first : batch;
    wg__slot_fill(&loader->slot[loader->made % 2], &loader->maker, loader->order + first, count,
                  loader->epoch, loader->made);
}

static bool has_work(const wg_loader *loader)
{
    return loader->made < loader->batches && !loader->full[loader->made % 2];
}

static void *work(void *argument)
{
    wg_loader *loader = argument;
    pthread_mutex_lock(&loader->mutex);
    while (!loader->ended) {
        if (!has_work(loader)) {
            pthread_cond_wait(&loader->change, &loader->mutex);
            continue;
        }
        loader->filling = true;
        pthread_mutex_unlock(&loader->mutex);
        make_batch(loader);
        pthread_mutex_lock(&loader->mutex);
        loader->filling = false;
        loader->full[loader->made++ % 2] = true;
        pthread_cond_broadcast(&loader->change);
    }
    pthread_mutex_unlock(&loader->mutex);
    return NULL;
}

/* With the mutex held: waits until batch `taken` is there. */
static void await_batch(wg_loader *loader)
{
    if (loader->full[loader->taken % 2]) return;
    const double start = wg__seconds();
    while (!loader->full[loader->taken % 2]) pthread_cond_wait(&loader->change, &loader->mutex);
    loader->waited += wg__seconds() - start;
}

/* With the mutex held: the next batch to be made and taken is `number` of `epoch`. */
static void restart(wg_loader *loader, int64_t epoch, int64_t number)
{
    while (loader->filling) pthread_cond_wait(&loader->change, &loader->mutex);
    loader->full[0] = loader->full[1] = false;
    begin_epoch(loader, epoch);
    loader->made = loader->taken = number;
    loader->lent = false;
    pthread_cond_broadcast(&loader->change);
}

static const wg_batch *next_in_turn(wg_loader *loader)
{
    if (loader->made == loader->batches) {
        restart(loader, loader->epoch + 1, 0);
        return NULL;
    }
    make_batch(loader);
    return &loader->slot[loader->made++ % 2].batch;
}

const wg_batch *wg_loader_next(wg_loader *loader)
{
    const wg_batch *batch = NULL;
    if (!loader) return NULL;
    if (!loader->threaded) return next_in_turn(loader);
    pthread_mutex_lock(&loader->mutex);
    if (loader->lent) loader->full[(loader->taken - 1) % 2] = false;
    loader->lent = loader->taken < loader->batches;
    if (loader->lent) {
        pthread_cond_broadcast(&loader->change);
        await_batch(loader);
        batch = &loader->slot[loader->taken++ % 2].batch;
    } else {
        restart(loader, loader->epoch + 1, 0);
    }
    pthread_mutex_unlock(&loader->mutex);
    return batch;
}

void wg_loader_seek(wg_loader *loader, int64_t epoch, int64_t number)
{
    if (!loader || epoch < 0 || number < 0) return;
    if (number > loader->batches) number = loader->batches;
    pthread_mutex_lock(&loader->mutex);
    const int64_t next = loader->threaded ? loader->taken : loader->made;
    if (epoch != loader->epoch || number != next || loader->lent) restart(loader, epoch, number);
    pthread_mutex_unlock(&loader->mutex);
}

/* ---- life ---- */

/* Copies what is borrowed for the call alone: which samples. */
static bool take_samples(wg_loader *loader)
{
    struct wg_loader_settings *set = &loader->maker.settings;
    loader->count = set->samples ? set->count : set->x->type.shape.dim[0];
    if (set->batch > loader->count) set->batch = loader->count;
    loader->batches = (loader->count + (set->drop_last ? 0 : set->batch - 1)) / set->batch;
    const size_t count = (size_t)loader->count;
    loader->sample = wg__alloc(loader->maker.allocator, (2 * count + 1) * sizeof *loader->sample);
    if (!loader->sample) return false;
    loader->order = loader->sample + count;
    loader->order[count] = set->samples ? set->samples[0] : 0; /* to be brought near in vain */
    for (int64_t i = 0; i < loader->count; i++)
        loader->sample[i] = set->samples ? set->samples[i] : i;
    set->samples = NULL;
    set->mean = set->deviation = NULL;
    begin_epoch(loader, 0);
    return true;
}

/* Whether making a batch takes longer than handing it over, which is some microseconds. */
static bool is_worth_a_thread(const wg__maker *maker)
{
    const struct wg_loader_settings *set = &maker->settings;
    if (set->in_turn) return false;
    return set->batch * maker->row >= WORTH_A_THREAD || maker->augments || set->augment.mixup > 0;
}

wg_loader *wg_loader_new(const struct wg_loader_settings *settings, char reason[WG_REASON])
{
    wg__maker maker;
    if (!wg__maker_init(&maker, settings, reason)) return wg__maker_done(&maker), NULL;
    wg_loader *loader = wg__alloc_zero(maker.allocator, sizeof *loader);
    if (!loader) {
        wg__maker_done(&maker);
        return wg__refuse(reason, "loader", "out of memory"), NULL;
    }
    loader->maker = maker;
    pthread_mutex_init(&loader->mutex, NULL);
    pthread_cond_init(&loader->change, NULL);
    if (!take_samples(loader) || !wg__slot_init(&loader->slot[0], &loader->maker) ||
        !wg__slot_init(&loader->slot[1], &loader->maker)) {
        wg_loader_free(loader);
        return wg__refuse(reason, "loader", "out of memory"), NULL;
    }
    loader->threaded = is_worth_a_thread(&loader->maker) &&
                       pthread_create(&loader->thread, NULL, work, loader) == 0;
    return loader;
}

void wg_loader_free(wg_loader *loader)
{
    if (!loader) return;
    pthread_mutex_lock(&loader->mutex);
    loader->ended = true;
    pthread_cond_broadcast(&loader->change);
    pthread_mutex_unlock(&loader->mutex);
    if (loader->threaded) pthread_join(loader->thread, NULL);
    pthread_cond_destroy(&loader->change);
    pthread_mutex_destroy(&loader->mutex);
    wg__slot_done(&loader->slot[0]);
    wg__slot_done(&loader->slot[1]);
    wg__free(loader->maker.allocator, loader->sample);
    wg__maker_done(&loader->maker);
    const wg_allocator *allocator = loader->maker.allocator;
    wg__free(allocator, loader);
}

int64_t wg_loader_batch(const wg_loader *loader)
{
    return loader ? loader->maker.settings.batch : 0;
}

int64_t wg_loader_batches(const wg_loader *loader)
{
    return loader ? loader->batches : 0;
}

int64_t wg_loader_samples(const wg_loader *loader)
{
    if (!loader) return 0;
    const int64_t whole = loader->batches * loader->maker.settings.batch;
    return whole < loader->count ? whole : loader->count;
}

double wg_loader_waited(const wg_loader *loader)
{
    return loader ? loader->waited : 0;
}

/* ---- use ---- */

static bool write_view(const wg_view *view, wg_tensor *tensor)
{
    return wg_write_values(tensor, view->type->dtype, view->data, view->type->count);
}

bool wg_batch_write(const wg_batch *batch, wg_tensor *x, wg_tensor *y)
{
    if (batch && y && !batch->y.data) {
        wg_tape_error_set(wg_tape_of(y), "batch_write: the batch has no y");
        return false;
    }
    return batch && write_view(&batch->x, x) && (!y || write_view(&batch->y, y));
}
