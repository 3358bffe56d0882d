// SPDX-License-Identifier: MIT
#define _POSIX_C_SOURCE 200809L /* sigaction */
#include "train.h"

#include "../formats/weights.h"
#include "../nn/average.h"
#include "../tensor/clock.h"
#include "history_internal.h"
#include "recorded.h"
#include "step.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

const char *const wg_train_columns[WG_TRAIN_COLUMNS] = {
    "epoch", "rate", "loss", "accuracy", "unseen loss", "unseen accuracy", "seconds"};

/* ---- an epoch without training ---- */

static bool evaluate(const struct wg_training *t, wg_loader *loader, double *loss,
                     wg_scores *scores)
{
    wg__recorded now = {.training = false};
    wg__tally    sum = {0};
    bool         good = true;
    for (const wg_batch *batch; good && (batch = wg_loader_next(loader));)
        good = wg__stand(&now, t, batch->count, false) &&
               wg__run_batch(&now, now.plan, t, batch, &sum, scores);
    if (loss) *loss = sum.loss / (double)sum.samples;
    if (!good || sum.samples > 0) return good;
    wg_tape_error_set(t->tape, "evaluate: the loader stands at the end of its epoch");
    return false;
}

bool wg_evaluate(wg_tape *tape, wg_network *network, wg_loader *loader, void *context, double *loss,
                 wg_scores *scores)
{
    const struct wg_training t = {
        .tape = tape, .network = network, .context = context, .classes = scores != NULL};
    if (tape && !(network && loader))
        wg_tape_error_set(tape, "evaluate: a network and a loader are wanted");
    return tape && network && loader && evaluate(&t, loader, loss, scores);
}

/* ---- training ---- */

/* "loss 0.312, 88.91 %", the latter where there is an accuracy; returns the length. */
static size_t print_scores(char *to, size_t room, double loss, double accuracy)
{
    const size_t used = (size_t)snprintf(to, room, "loss %.4g", loss);
    if (isnan(accuracy)) return used;
    return used + (size_t)snprintf(to + used, room - used, ", %.2f %%", 100 * accuracy);
}

static void show_step(wg__course *c, const wg_batch *batch, const wg__tally *sum)
{
    char text[100];
    if (!c->progress.file) return;
    print_scores(text, sizeof text, sum->loss / (double)sum->samples,
                 c->scores ? wg_scores_accuracy(c->scores) : NAN);
    wg_progress_show(&c->progress, batch->number + 1, sum->samples - c->at.samples, text);
}

/* The batches of an epoch, or those that were left of it; its sums stand in the position then. */
static bool train_batches(wg__course *c, wg_end *end)
{
    wg__recorded now = {.training = true};
    wg__tally    sum = {.loss = c->at.loss, .samples = c->at.samples};
    bool         good = true;
    if (c->scores) wg_scores_clear(c->scores);
    for (const wg_batch *batch; good && (batch = wg_loader_next(c->t->loader));) {
        good = wg__train_step(c, &now, batch, &sum, end);
        if (good) show_step(c, batch, &sum);
    }
    for (int64_t k = 0; k < c->t->classes; k++) c->at.right += wg_scores_confused(c->scores, k, k);
    c->at.loss = sum.loss;
    c->at.samples = sum.samples;
    return good;
}

static bool train_epoch(wg__course *c, wg_epoch *epoch, wg_end *end)
{
    if (!train_batches(c, end)) return false;
    const double samples = (double)c->at.samples;
    epoch->loss = c->at.loss / samples;
    epoch->skipped = c->skipped;
    if (c->scores) epoch->accuracy = (double)c->at.right / samples;
    c->at.batch = c->at.samples = c->at.right = 0;
    c->at.loss = 0;
    return true;
}

/* Puts the averages in the place of the weights, where there are some, or back. */
static bool exchange(const struct wg_training *t)
{
    return t->average == 0 || wg_average_swap(t->tape);
}

static bool validate(wg__course *c, wg_epoch *epoch)
{
    if (!c->t->validation) return true;
    if (c->scores) wg_scores_clear(c->scores);
    wg_loader_seek(c->t->validation, c->at.epoch - 1, 0); /* wherever it stands, and stood before */
    if (!exchange(c->t)) return false;
    const bool good = evaluate(c->t, c->t->validation, &epoch->unseen_loss, c->scores);
    if (c->scores) epoch->unseen_accuracy = wg_scores_accuracy(c->scores);
    epoch->unseen_scores = c->scores;
    epoch->validated = true;
    return exchange(c->t) && good;
}

double wg_watch_loss(const wg_epoch *epoch, void *context)
{
    (void)context;
    return epoch->validated ? epoch->unseen_loss : epoch->loss;
}

double wg_watch_accuracy(const wg_epoch *epoch, void *context)
{
    (void)context;
    return epoch->validated ? epoch->unseen_accuracy : epoch->accuracy;
}

static void judge(wg__course *c, wg_epoch *epoch)
{
    const struct wg_training *t = c->t;
    const double              value = (t->watch ? t->watch : wg_watch_loss)(epoch, t->context);
    const double              gain = t->rising ? value - c->at.best : c->at.best - value;
    epoch->best = gain > t->better_by;
    if (epoch->best) c->at.best = value;
    c->at.worse = epoch->best ? 0 : c->at.worse + 1;
    c->at.plateau.rising = t->rising;
    if (t->plateau.rate != 0) wg_plateau_rate(&c->at.plateau, value);
}

static void show_epoch(wg__course *c, const wg_epoch *epoch)
{
    char   text[200];
    size_t used = print_scores(text, sizeof text, epoch->loss, epoch->accuracy);
    if (!isnan(epoch->unseen_loss)) {
        used += (size_t)snprintf(text + used, sizeof text - used, "; unseen ");
        print_scores(text + used, sizeof text - used, epoch->unseen_loss, epoch->unseen_accuracy);
    }
    wg_progress_end(&c->progress, text);
}

/* The row of an epoch; false without memory. */
static bool note(const wg__course *c, const wg_epoch *e)
{
    const double row[WG_TRAIN_COLUMNS] = {(double)e->epoch, e->rate,        e->loss,
                                          e->accuracy,      e->unseen_loss, e->unseen_accuracy,
                                          e->seconds};
    if (!c->t->history || wg_history_add(c->t->history, row)) return true;
    wg_tape_error_set(c->t->tape, "train: out of memory");
    return false;
}

/* The files after an epoch; false with the error on the tape. */
static bool save_epoch(wg__course *c, const wg_epoch *epoch)
{
    const struct wg_training *t = c->t;
    const struct wg_weights   best = {.tape = t->tape, .path = t->best};
    if (epoch->best && t->best) {
        if (!exchange(t)) return false;
        const bool saved = wg_weights_save_with(best);
        if (!exchange(t) || !saved) return false;
    }
    return !t->checkpoint || wg_checkpoint_save(t->tape, t->checkpoint, &c->at);
}

/* How it goes on between epochs. */
static wg_end between(const wg__course *c)
{
    return c->t->patience && c->at.worse >= c->t->patience ? WG_END_PATIENCE : WG_END_DONE;
}

static wg_end after(const wg__course *c, const wg_epoch *epoch)
{
    const struct wg_training *t = c->t;
    return t->after_epoch && !t->after_epoch(epoch, t->context) ? WG_END_ASKED : between(c);
}

/* In the midst of an epoch: keeps where it stands, unless it failed, and ends the line. */
static wg_end break_off(wg__course *c, wg_end end)
{
    const struct wg_training *t = c->t;
    char                      text[200] = "stopped";
    c->at.epoch--;
    if (end != WG_END_FAILED && t->checkpoint) {
        if (!wg_checkpoint_save(t->tape, t->checkpoint, &c->at)) end = WG_END_FAILED;
        snprintf(text, sizeof text, "stopped; begun again, it goes on from %s", t->checkpoint);
    }
    wg_progress_end(&c->progress, end == WG_END_FAILED ? "failed" : text);
    return end;
}

/* One epoch and all that follows it: how it ended. */
static wg_end go_through(wg__course *c)
{
    const struct wg_training *t = c->t;
    const double              start = wg__seconds();
    char                      title[60];
    wg_end                    end = WG_END_FAILED;
    wg_epoch                  epoch = {.accuracy = NAN, .unseen_loss = NAN, .unseen_accuracy = NAN};
    epoch.epoch = ++c->at.epoch;
    snprintf(title, sizeof title, "epoch %lld/%lld", (long long)epoch.epoch, (long long)t->epochs);
    c->progress = (struct wg_progress){
        .file = t->progress, .title = title, .steps = wg_loader_batches(t->loader)};
    if (!train_epoch(c, &epoch, &end) || !validate(c, &epoch)) return break_off(c, end);
    epoch.steps = c->at.step;
    epoch.rate = wg__rate_at(c, c->at.step - 1);
    epoch.seconds = wg__seconds() - start;
    judge(c, &epoch);
    show_epoch(c, &epoch);
    return note(c, &epoch) && save_epoch(c, &epoch) ? after(c, &epoch) : WG_END_FAILED;
}

/* Records the step, so that all leaves are there, and goes to where the checkpoint says. */
static bool resume(wg__course *c)
{
    const struct wg_training *t = c->t;
    wg__recorded              first = {.training = true};
    if (!t->checkpoint) return true;
    if (!wg__checkpoint_named(t->tape, t->checkpoint)) return false;
    if (access(t->checkpoint, F_OK) != 0) return true;
    if (!wg__stand(&first, t, wg_loader_batch(t->loader), true) ||
        !wg_checkpoint_load(t->tape, t->checkpoint, &c->at))
        return false;
    if (c->at.batch > wg_loader_batches(t->loader)) {
        wg_tape_error_set(t->tape, "train: %s is behind batch %lld of an epoch, which has %lld",
                          t->checkpoint, (long long)c->at.batch,
                          (long long)wg_loader_batches(t->loader));
        return false;
    }
    if (c->at.plateau.rate == 0) c->at.plateau = t->plateau; /* a file of a training without one */
    c->skipped = wg__skipped(&first);
    return true;
}

/* All epochs that are left. */
static wg_end go_through_all(wg__course *c)
{
    const struct wg_training *t = c->t;
    if (!resume(c)) return WG_END_FAILED;
    wg_end end = between(c);
    wg_loader_seek(t->loader, c->at.epoch, c->at.batch);
    while (c->at.epoch < t->epochs && end == WG_END_DONE) end = go_through(c);
    return end;
}

/* What is wrong with the settings; NULL: nothing that shows before the network is recorded. */
static const char *unsound(const struct wg_training *t)
{
    if (!t->network || !t->loader || t->epochs < 0)
        return "a network, a loader and epochs are wanted";
    if (t->history && wg__history_columns(t->history) != WG_TRAIN_COLUMNS)
        return "the columns of the history are not wg_train_columns";
    if (t->plateau.rate != 0 && t->schedule.at) return "a schedule and a plateau are two rates";
    if (t->plateau.rate == 0 && !t->schedule.at && t->rate == 0) return "the rate is 0";
    if (t->watch == wg_watch_accuracy && !(t->classes && t->rising))
        return "to watch the accuracy wants classes and rising";
    if (!(t->better_by >= 0 && t->better_by < INFINITY)) return "better_by must not be negative";
    return NULL;
}

bool wg_train(const struct wg_training *training, wg_end *end)
{
    const struct wg_training *t = training;
    wg_end                    unwanted, *how = end ? end : &unwanted;
    *how = WG_END_FAILED;
    if (!t || !t->tape) return false;
    const char *wrong = unsound(t);
    if (wrong) return wg_tape_error_set(t->tape, "train: %s", wrong), false;
    wg__course c = {.t = t, .at = {.plateau = t->plateau, .history = t->history}};
    c.at.best = t->rising ? -INFINITY : INFINITY;
    c.scores = t->classes ? wg_scores_new(t->classes, wg_tape_settings(t->tape)->allocator) : NULL;
    if (t->classes && !c.scores)
        wg_tape_error_set(t->tape, "train: no scores of %lld classes", (long long)t->classes);
    else
        *how = go_through_all(&c);
    wg_scores_free(c.scores);
    return *how != WG_END_FAILED;
}

/* ---- Ctrl-C ---- */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

const volatile sig_atomic_t *wg_catch_interrupt(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    action.sa_flags = (int)(SA_RESETHAND | (unsigned)SA_RESTART);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    interrupted = 0;
    return &interrupted;
}
