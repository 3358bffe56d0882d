// SPDX-License-Identifier: MIT
/*
 * Checkpoints: where a training stands, in one file of safetensors, so that it can go on after the
 * process has ended with the bits that it would have had.
 *
 *     struct wg_training training = {.checkpoint = "net.safetensors", ...};
 *
 * saves after each epoch and when it is stopped, and begins where the file says when there is one.
 * Here are the calls that it is made of, for a loop by hand.
 */
#ifndef WENGERT_TRAIN_CHECKPOINT_H
#define WENGERT_TRAIN_CHECKPOINT_H

#include "../graph/tape.h"
#include "history.h"
#include "schedule.h"

/*
 * What is kept besides the tape's params and states (an optimiser's among them): batches are counted
 * in the epoch, both from 0. Random numbers and schedules depend on the number of the step alone; of
 * a plateau its rate and what it has seen are kept, and its settings are the program's.
 */
typedef struct wg_position {
    int64_t           epoch, batch, step;
    double            best;    /* what is watched, of the best epoch */
    int64_t           worse;   /* epochs since then */
    double            loss;    /* of the epoch so far: the sum over its samples; */
    int64_t           samples; /* how many these are; */
    int64_t           right;   /* and of how many the class was found */
    struct wg_plateau plateau;
    wg_history       *history; /* or NULL; rows are appended to it by wg_checkpoint_load */
} wg_position;

WG_BEGIN_DECLS

/*
 * Writes position and weights as wg_weights_save does: a crash at any moment leaves the old file or
 * the new one. False with the error on the tape, also for a path that does not end in .safetensors,
 * as other formats have no place for a position.
 */
WG_API bool wg_checkpoint_save(wg_tape *tape, const char *path, const wg_position *position);

/*
 * Reads them. The network and its updates must have been recorded, so that the tape knows all leaves.
 * False with the error on the tape: as wg_weights_load, and for a file that is no checkpoint, or
 * whose history, where the position has one, has other columns or no numbers. Nothing has changed
 * then.
 */
WG_API bool wg_checkpoint_load(wg_tape *tape, const char *path, wg_position *position);

WG_END_DECLS

/* ---- private to the library ---- */

/* True for a path that a checkpoint can have; else false with the error on the tape. */
bool wg__checkpoint_named(wg_tape *tape, const char *path);

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_checkpoint_save(...) WG__CALL_BOOL(wg_checkpoint_save(__VA_ARGS__))
#define wg_checkpoint_load(...) WG__CALL_BOOL(wg_checkpoint_load(__VA_ARGS__))
#endif

#endif
