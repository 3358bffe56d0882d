// SPDX-License-Identifier: MIT
/* A small GPT that reads and writes bytes: it learns the licences that every Debian has, says how
   many bits it needs for a byte of their last tenths, which it has not seen, and goes on from a
   prompt. Radford and others, "Language models are unsupervised multitask learners", 2019. */
#include <math.h>
#include <string.h>
#include <wengert/wengert.h>

#define LICENCES "/usr/share/common-licenses/"

enum { BYTES = 256, WRITTEN = 400 };

static const char *const texts[] = {LICENCES "Apache-2.0", LICENCES "Artistic", LICENCES "CC0-1.0",
                                    LICENCES "GFDL-1.3",   LICENCES "GPL-3",    LICENCES "LGPL-2.1",
                                    LICENCES "MPL-2.0"};

static const struct form {
    int64_t batch, window, width, heads, layers, steps;
    double  rate, wanted; /* bits */
} full = {32, 64, 96, 4, 3, 1000, 3e-3, 2.4}, small = {16, 32, 32, 2, 1, 500, 1e-2, 4.2};

struct text {
    int64_t count;
    uint8_t bytes[1 << 19];
};

/* Nine tenths of a text to `seen`, its last to `unseen`; each has room for eight. */
static void load(const char *path, struct text *seen, struct text *unseen)
{
    wg_array file;
    if (!wg_text_read(path, sizeof seen->bytes / 8, NULL, &file, NULL)) return;
    const int64_t rest = file.type.count / 10, cut = file.type.count - rest;
    memcpy(seen->bytes + seen->count, file.data, (size_t)cut);
    memcpy(unseen->bytes + unseen->count, (const uint8_t *)file.data + cut, (size_t)rest);
    seen->count += cut, unseen->count += rest;
    wg_array_free(&file);
}

/* Scores of the byte behind each byte of `text` (batch, window): (batch, window, BYTES). */
static wg_tensor *network(wg_tensor *text, const struct form *f)
{
    const wg_init_settings init = {.way = WG_INIT_NORMAL, .sd = 0.02};
    const int64_t          width = f->width;
    wg_tensor *x = wg_nn_embedding(text, "byte", .rows = BYTES, .width = width, .weight = init);
    x = wg_add(x, wg_nn_param(wg_tape_of(x), "place", WG_F32, WG_SHAPE(f->window, width), init));
    for (int i = 0; i < f->layers; i++) {
        const char name[] = {'b', (char)('1' + i), 0};
        x = wg_nn_transformer(x, name, .heads = f->heads, .causal = true, .norm_first = true,
                              .gelu = true);
    }
    return wg_nn_linear(wg_nn_layer_norm(x, "norm"), "scores", .outputs = BYTES);
}

/* Of windows (batch, window + 1): each byte but the last foretells the next one. */
static wg_tensor *loss_of(wg_tensor *windows, const struct form *f)
{
    wg_tensor *scores = network(wg_slice(windows, 1, 0, f->window), f);
    wg_tensor *next = wg_slice(windows, 1, 1, WG_TO_END);
    return wg_cross_entropy(wg_reshape(scores, WG_SHAPE(-1, BYTES)), wg_flatten(next, 0));
}

/* Windows anywhere in the text, drawn anew in each run. */
static wg_tensor *draw_windows(wg_tape *tape, const struct text *text, const struct form *f)
{
    int64_t       place[512];
    const int64_t length = f->window + 1, beginnings = text->count - f->window;
    for (int64_t i = 0; i < length; i++) place[i] = i;
    wg_tensor *bytes = wg_constant(tape, WG_U8, WG_SHAPE(text->count), text->bytes, text->count);
    wg_tensor *first = wg_uniform(tape, WG_F64, WG_SHAPE(f->batch, 1), 0, (double)beginnings);
    wg_tensor *places = wg_constant(tape, WG_I64, WG_SHAPE(length), place, length);
    return wg_embedding(bytes, wg_add(wg_cast(first, WG_I64), places));
}

static void train(wg_tape *tape, const struct text *seen, const struct form *f)
{
    wg_tensor          *loss = loss_of(draw_windows(tape, seen, f), f);
    wg_tensor          *rate = wg_scalar(tape, "rate", 0);
    const wg_gradients *gradients = wg_clip_norm(wg_backward(loss), 1);
    wg_plan *step = wg_plan_new(loss, .updates = wg_adamw(gradients, .rate = rate, .decay = 0.1));
    wg_schedule        schedule = wg_schedule_cosine(f->rate, f->steps - f->steps / 20, 0);
    struct wg_progress progress = {.file = stderr, .title = "learning", .steps = f->steps};
    schedule.warm_up = f->steps / 20;
    for (int64_t i = 0; i < f->steps; i++) {
        char text[40];
        wg_write_all(rate, wg_schedule_at(&schedule, i));
        if (!wg_plan_run(step)) break;
        snprintf(text, sizeof text, "%.3f bits", wg_item(loss) / log(2));
        wg_progress_show(&progress, i + 1, (i + 1) * f->batch, text);
    }
    wg_progress_end(&progress, NULL);
}

/* Bits for a byte of the text, window behind window. */
static double measure(wg_tape *tape, const struct text *text, const struct form *f)
{
    wg_tape_clear(tape);
    wg_tensor    *windows = wg_input(tape, "windows", WG_U8, WG_SHAPE(f->batch, f->window + 1));
    wg_tensor    *loss = loss_of(windows, f);
    const int64_t count = wg_count_of(windows), batches = text->count / count;
    double        nats = 0;
    for (int64_t i = 0; i < batches && wg_write(windows, text->bytes + i * count, count); i++)
        nats += wg_item(loss);
    return nats / (double)batches / log(2);
}

/* Goes on from the prompt, at temperature 0.7: the largest score with noise is a draw (Gumbel). */
static void write_on(wg_tape *tape, const char *prompt, const struct form *f)
{
    wg_tape_clear(tape);
    wg_tensor *text = wg_input(tape, "text", WG_U8, WG_SHAPE(1, f->window));
    wg_tensor *scores = wg_div(network(text, f), 0.7);
    wg_tensor *even = wg_uniform(tape, WG_F32, wg_shape_of_tensor(scores), 0, 1);
    wg_tensor *next = wg_argmax(wg_sub(scores, wg_log(wg_neg(wg_log(even)))), -1);
    wg_plan   *plan = wg_plan_new(next);
    uint8_t    bytes[WRITTEN] = {0};
    int64_t    count = (int64_t)strlen(prompt);
    memcpy(bytes, prompt, (size_t)count);
    for (int64_t from = 0; count < WRITTEN; count++) {
        if (count > f->window) from = count - f->window;
        if (!wg_write(text, bytes + from, f->window) || !wg_plan_run(plan)) return;
        bytes[count] = (uint8_t)wg_element(next, count - from - 1);
    }
    for (int64_t i = 0; i < count; i++)
        putchar((bytes[i] >= ' ' && bytes[i] < 127) || bytes[i] == '\n' ? bytes[i] : '?');
    putchar('\n');
}

int main(int count, char **arguments)
{
    const bool short_form = count == 2 && strcmp(arguments[1], "small") == 0;
    if (count > 1 && !short_form) {
        printf("usage: %s [small]    small: a smaller network, for seconds\n", arguments[0]);
        return strncmp(arguments[1], "--", 2) ? 2 : 0; /* --help is no mistake */
    }
    const struct form *f = short_form ? &small : &full;
    struct text        seen = {0}, unseen = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) load(texts[i], &seen, &unseen);
    if (!seen.count) load("CONTRIBUTING.md", &seen, &unseen); /* elsewhere */
    wg_tape *tape = wg_tape_new();
    train(tape, &seen, f);
    const double bits = measure(tape, &unseen, f);
    write_on(tape, "  You may", f);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    const bool good = bits <= f->wanted && !wg_tape_error(tape);
    printf("%s: %.3f bits for a byte of unseen text, %g or fewer wanted\n", good ? "ok" : "FAILED",
           bits, f->wanted);
    wg_tape_free(tape);
    return good ? 0 : 1;
}
