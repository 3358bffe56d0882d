// SPDX-License-Identifier: MIT
/*
 * A deeper network: two blocks of convolution, ReLU and max-pooling with 32 and 64 filters, then a
 * dense layer of 128. Its gradients are checked on small images, its memory is measured, and it
 * takes first steps on Fashion-MNIST.
 */
#include <wengert/wengert.h>

static wg_tensor *block(wg_tensor *x, const char *scope, int64_t filters)
{
    wg_tape      *tape = wg_tape_of(x);
    const int64_t channels = wg_shape_of_tensor(x).dim[1];
    wg_scope_push(tape, scope);
    wg_tensor *w = wg_param(tape, "W", WG_F32, WG_SHAPE(filters, channels, 3, 3));
    wg_tensor *b = wg_param(tape, "b", WG_F32, WG_SHAPE(filters));
    wg_tensor *y = wg_max_pool2d(wg_relu(wg_conv2d(x, w, b, .pad = {1, 1})), .kernel = {2, 2});
    wg_scope_pop(tape);
    return y;
}

static wg_tensor *dense(wg_tensor *x, const char *scope, int64_t outputs)
{
    wg_tape      *tape = wg_tape_of(x);
    const int64_t inputs = wg_shape_of_tensor(x).dim[1];
    wg_scope_push(tape, scope);
    wg_tensor *w = wg_param(tape, "W", WG_F32, WG_SHAPE(outputs, inputs));
    wg_tensor *b = wg_param(tape, "b", WG_F32, WG_SHAPE(outputs));
    wg_tensor *y = wg_linear(x, w, b);
    wg_scope_pop(tape);
    return y;
}

struct network {
    wg_tensor *x, *y, *loss;
};

static struct network network(wg_tape *tape, int64_t images, int64_t side)
{
    struct network n = {.x = wg_input(tape, "X", WG_U8, WG_SHAPE(images, 1, side, side)),
                        .y = wg_input(tape, "y", WG_U8, WG_SHAPE(images))};
    wg_tensor     *pixels = wg_div(wg_cast(n.x, WG_F32), 255);
    wg_tensor     *features = wg_flatten(block(block(pixels, "block1", 32), "block2", 64), 1);
    wg_tensor     *hidden = wg_relu(dense(features, "dense1", 128));
    n.loss = wg_name(wg_cross_entropy(dense(hidden, "dense2", 10), n.y), "loss");
    return n;
}

static bool claim(bool holds, const char *what)
{
    printf("%s: %s\n", holds ? "ok" : "FAILED", what);
    return holds;
}

/* On two images of 8 x 8 points, in f64, along random directions. */
static bool check(void)
{
    wg_tape       *tape = wg_tape_new();
    struct network n = network(tape, 2, 8);
    uint8_t        pixels[128];
    for (int i = 0; i < 128; i++) pixels[i] = (uint8_t)(i * i * 37 + 11 * i);
    wg_write(n.x, pixels, 128);
    wg_write(n.y, ((uint8_t[]){3, 8}), 2);
    wg_init_uniform(tape, 1);
    const wg_check *report = wg_check_gradients(n.loss);
    wg_check_print(report, stdout);
    const bool good = claim(wg_check_passed(report), "the gradients are right");
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_tape_free(tape);
    return good;
}

static bool learn(const wg_images *set)
{
    enum { BATCH = 32, STEPS = 60 };
    wg_tape       *tape = wg_tape_new();
    struct network n = network(tape, BATCH, 28);
    wg_tensor     *rate = wg_scalar(tape, "rate", 0.05);
    wg_tensors     updates = wg_sgd(wg_backward(n.loss), .rate = rate, .momentum = 0.9);
    wg_plan       *step = wg_plan_new(n.loss, .updates = updates);
    wg_init_uniform(tape, 1);

    double first = 0, last = 0; /* mean loss of ten steps */
    for (int i = 0; i < STEPS; i++) {
        wg_write(n.x, (const uint8_t *)set->pixels.data + i * BATCH * 28 * 28, BATCH * 28 * 28);
        wg_write(n.y, (const uint8_t *)set->labels.data + i * BATCH, BATCH);
        if (!wg_plan_run(step)) break;
        if (i < 10) first += wg_item(n.loss) / 10;
        if (i >= STEPS - 10) last += wg_item(n.loss) / 10;
    }
    const wg_plan_facts facts = wg_plan_measure(step);
    const int64_t       planned = facts.arena_bytes + facts.kept_bytes;
    printf("%lld parameters; planned bytes %lld, of all tensors together %lld\n",
           (long long)wg_param_elements(tape), (long long)planned, (long long)facts.sum_bytes);
    printf("loss %.3f in the first ten steps, %.3f in the last ten\n", first, last);
    const bool good = claim(2 * planned <= facts.sum_bytes, "at most half the memory") &&
                      claim(wg_plan_verify(step), "no two live tensors share memory") &&
                      claim(last < 0.6 * first, "the loss falls");
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_tape_free(tape);
    return good;
}

int main(int count, char **arguments)
{
    if (count > 1) return printf("usage: %s\n", arguments[0]) < 0;
    wg_images             set = {0};
    char                  reason[WG_REASON] = "";
    const wg_images_files files = {
        .folder = "data/fashion-mnist-small", .part = "train", .classes = 10};
    const bool read = wg_images_read(&files, &set, reason);
    if (!read) fprintf(stderr, "%s\n", reason);
    const bool good = check() && read && learn(&set);
    wg_images_free(&set);
    return good ? 0 : 1;
}
