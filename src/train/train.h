// SPDX-License-Identifier: MIT
/*
 * The loop: epochs over a loader, with whatever people want around it. By hand it is ten lines (see
 * the README); here it comes with a line of progress, scores on unseen samples, the best weights
 * kept, and an early end.
 *
 *     static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context);
 *
 *     wg_train(&(struct wg_training){.tape = tape, .network = network, .loader = loader,
 *                                    .validation = unseen, .classes = 10, .epochs = 8,
 *                                    .schedule = wg_schedule_one_cycle(0.1, 8 * batches),
 *                                    .progress = stderr}, NULL);
 */
#ifndef WENGERT_TRAIN_TRAIN_H
#define WENGERT_TRAIN_TRAIN_H

#include "../data/loader.h"
#include "../graph/derive.h"
#include "../nn/guard.h"
#include "checkpoint.h"
#include "history.h"
#include "progress.h"
#include "schedule.h"
#include "scores.h"

#include <signal.h>

/* A network as recorded: where batches are written (y may be NULL), and what comes of them. */
typedef struct wg_model {
    wg_tensor *x, *y, *output, *loss;
} wg_model;

/*
 * Records the network for a batch of so many samples. The tape's mode (wg_tape_train), by which
 * layers go, is `training` meanwhile.
 */
typedef wg_model wg_network(wg_tape *tape, int64_t batch, bool training, void *context);

/* Records the updates of a step. */
typedef wg_tensors wg_optimiser(const wg_gradients *gradients, wg_tensor *rate, void *context);

/* What an epoch came to; NaN where there is none. */
typedef struct wg_epoch {
    int64_t epoch, steps; /* from 1; steps of the whole training so far */
    double  rate, loss, accuracy, seconds;
    double  unseen_loss, unseen_accuracy;
    bool    validated; /* on unseen samples */
    bool    best;      /* so far, by what is watched */
    int64_t skipped;   /* batches of the whole training so far that were left out */
    /* Of unseen samples, until the next epoch begins; NULL without them, or without classes. */
    const wg_scores *unseen_scores;
} wg_epoch;

/* A number by which epochs are compared. */
typedef double wg_watch(const wg_epoch *epoch, void *context);

/* What is done about a batch whose gradients are not finite (see wg_guard). */
typedef enum wg_guarding {
    WG_GUARD_NONE, /* nothing, but a loss that is not finite is an error */
    WG_GUARD_SKIP, /* it is left out: params, states and statistics stay, its loss does not count */
    WG_GUARD_STOP  /* it is an error, and nothing has changed */
} wg_guarding;

/* What to train, and how. Members left zero stand for "none" or the default. */
struct wg_training {
    wg_tape      *tape;
    wg_network   *network;
    wg_loader    *loader, *validation;
    wg_optimiser *optimiser; /* wg_sgd, without momentum */
    wg_schedule   schedule;  /* by steps; without one the rate is `rate` */
    double        rate;
    /*
     * With one the optimiser asks for wg_scalar(tape, "momentum", 0), which it gives as momentum_now
     * (see wg_sgd, wg_rmsprop) or beta1_now (see wg_adam), and before each step that gets its value.
     */
    wg_schedule momentum;
    /*
     * Where its rate is not 0, it takes the place of a schedule: it is given, after each epoch, what
     * is watched, and is `rising` when that is.
     */
    struct wg_plateau plateau;
    int64_t           epochs;
    /* When it is not 0, scores of `output` (n, classes) are counted by y: classes (n,), or shares of
       them (n, classes). */
    int64_t classes;
    /*
     * By what the best epoch is found: wg_watch_loss, the default, or wg_watch_accuracy, which wants
     * classes and `rising`, or a function of the program's. Smaller is better, larger if `rising`,
     * when it is by more than `better_by`; NaN is never better.
     */
    wg_watch   *watch;
    bool        rising;
    double      better_by;
    int64_t     patience; /* epochs without a better one, after which it ends */
    wg_guarding guard;
    /* Gradients of so many batches make a step (see wg_accumulate), and schedules count steps. */
    int64_t accumulate;
    /*
     * Decay of an average of the weights (see wg_average), by which unseen samples are judged and
     * which `best` gets: 0.999, say. 0: none.
     */
    double      average;
    FILE       *progress;
    wg_history *history; /* gets a row an epoch, of wg_train_columns */
    /* After each epoch; false ends the training. */
    bool (*after_epoch)(const wg_epoch *epoch, void *context);
    /* After each step, before the next batch; false ends the training. */
    bool (*after_step)(const wg_model *model, int64_t step, void *context);
    /* After a batch that was left out: why. Takes another run of it, with memory for all values. */
    void (*skipped)(const wg_not_finite *found, int64_t step, void *context);
    const volatile sig_atomic_t *stop;    /* ends the training after the step when it is not 0 */
    void                        *context; /* of all the functions above */
    /* A file that is loaded first, if it is there, and saved after each epoch and at the end. */
    const char *checkpoint;
    /* A file for wg_weights_save after each epoch that is the best so far: the network alone. */
    const char *best;
};

/* How a training ended. */
typedef enum wg_end {
    WG_END_DONE,     /* all epochs */
    WG_END_PATIENCE, /* no better epoch for long enough */
    WG_END_ASKED,    /* by a function of the program's */
    WG_END_STOPPED,  /* by `stop`, in the midst of an epoch */
    WG_END_FAILED    /* the error is on the tape */
} wg_end;

enum { WG_TRAIN_COLUMNS = 7 };

WG_BEGIN_DECLS

/* Columns of a history of epochs: epoch, rate, loss, accuracy, unseen loss, unseen accuracy,
   seconds. */
extern WG_API const char *const wg_train_columns[WG_TRAIN_COLUMNS];

/* Of unseen samples, or of the seen ones without them; the context is not looked at. */
WG_API double wg_watch_loss(const wg_epoch *epoch, void *context);
WG_API double wg_watch_accuracy(const wg_epoch *epoch, void *context);

/*
 * Trains. The network is recorded for training and, where there is a validation, without; and again
 * for a last, smaller batch: the tape is cleared between them, and all plans are found again. Each
 * epoch's validation begins with the first batch of that epoch. *end (NULL: not wanted) says how it
 * ended. False with the error on the tape: also for a loss that is not finite, and of a guard that
 * stops, which names the param and the op. Gathered batches that are left at the end of an epoch go
 * on in the next one. With a checkpoint the weights and all that is told of an epoch, but its
 * seconds, have the bits of a training that was not interrupted; where patience had come to its end,
 * no epoch follows. The tape's params are those of the last step then, not the best ones and no
 * averages.
 */
WG_API bool wg_train(const struct wg_training *training, wg_end *end);

/*
 * Runs the network over an epoch of a loader without training: its mean loss in *loss (NULL: not
 * wanted) and its scores added to `scores` (NULL: none), from where the loader stands to the epoch's
 * end. False with the error on the tape, also without a network or a loader, or a batch of it.
 */
WG_API bool wg_evaluate(wg_tape *tape, wg_network *network, wg_loader *loader, void *context,
                        double *loss, wg_scores *scores);

/*
 * What Ctrl-C counts up from now on, for `stop`: the second one ends the program as ever. It is one
 * for the process, as signals are.
 */
WG_API const volatile sig_atomic_t *wg_catch_interrupt(void);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_train(...)    WG__CALL_BOOL(wg_train(__VA_ARGS__))
#define wg_evaluate(...) WG__CALL_BOOL(wg_evaluate(__VA_ARGS__))
#endif

#endif
