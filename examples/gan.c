// SPDX-License-Identifier: MIT
/* A game of two networks on Fashion-MNIST (Goodfellow and others, arXiv:1406.2661): a generator
   draws an image of a class out of noise, a judge tells what is drawn from what is real. They share a
   tape, and each has a loss, an optimiser for its own params, and a plan for its step. What is drawn
   must look like real images of the class that was asked for, and like many of them. */
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 128, CLASSES = 10, SIDE = 28, CODE = 64, WIDTH = 16, REAL = 1500, SAMPLES = 500 };

/* Images (n, 1, 28, 28) of 0 to 1 out of noise (n, CODE) and classes (n,). */
static wg_tensor *generate(wg_tensor *noise, wg_tensor *class)
{
    wg_tape *tape = wg_nn_open(noise, "generator");
    if (!tape) return NULL;
    wg_tensor *h = wg_cat(WG_TENSORS(noise, wg_one_hot(class, CLASSES, WG_F32)), 1);
    h = wg_reshape(wg_nn_linear(h, "in", .outputs = 2 * WIDTH * 49), WG_SHAPE(-1, 2 * WIDTH, 7, 7));
    h = wg_relu(wg_nn_batch_norm(h, "norm1"));
    h = wg_nn_conv_transpose2d(h, "up1", .filters = WIDTH, .kernel = {4, 4}, .stride = {2, 2},
                               .padding = {1, 1});
    h = wg_relu(wg_nn_batch_norm(h, "norm2"));
    h = wg_nn_conv_transpose2d(h, "up2", .filters = 1, .kernel = {4, 4}, .stride = {2, 2},
                               .padding = {1, 1});
    return wg_nn_close(tape, wg_sigmoid(h));
}

/* How real images (n, 1, 28, 28) look for their classes: log-odds (n,). */
static wg_tensor *judge(wg_tensor *images, wg_tensor *class)
{
    wg_tape *tape = wg_nn_open(images, "judge");
    if (!tape) return NULL;
    wg_tensor *h = wg_nn_conv2d(wg_sub(wg_mul(images, 2), 1), "down1", .filters = WIDTH,
                                .kernel = {4, 4}, .stride = {2, 2}, .padding = {1, 1});
    h = wg_nn_conv2d(wg_leaky_relu(h, 0.2), "down2", .filters = 2 * WIDTH, .kernel = {4, 4},
                     .stride = {2, 2}, .padding = {1, 1});
    h = wg_nn_linear(wg_flatten(wg_leaky_relu(h, 0.2), 1), "out", .outputs = CLASSES);
    h = wg_sum(wg_mul(h, wg_one_hot(class, CLASSES, WG_F32)), WG_AXES(1)); /* that of the class */
    return wg_nn_close(tape, h);
}

/* The updates that make the loss less, of one network's params alone. */
static wg_tensors learn(wg_tensor *loss, const char *params, wg_tensor *rate)
{
    const wg_tensors own = wg_params_matching(wg_tape_of(loss), params);
    return wg_adam(wg_group(wg_backward(loss), own), .rate = rate, .beta1 = 0.5);
}

/* The judge's turn, the generator's turn, each with noise of its own. */
static bool play(wg_tape *tape, wg_loader *loader, int64_t epochs)
{
    wg_tensor *images = wg_input(tape, "images", WG_F32, WG_SHAPE(BATCH, 1, SIDE, SIDE));
    wg_tensor *class = wg_input(tape, "classes", WG_I64, WG_SHAPE(BATCH));
    wg_tensor *rate = wg_scalar(tape, "rate", 1e-3), *real = judge(images, class);
    wg_tensor *drawn = generate(wg_normal(tape, WG_F32, WG_SHAPE(BATCH, CODE), 0, 1), class);
    wg_share_params(tape, true);
    drawn = judge(drawn, class);
    wg_share_params(tape, false);
    /* -log p = softplus(-x) and -log (1 - p) = softplus(x) for p = sigmoid(x). */
    wg_tensor    *caught = wg_mean(wg_add(wg_softplus(wg_neg(real)), wg_softplus(drawn)));
    wg_tensor    *fooled = wg_mean(wg_softplus(wg_neg(drawn)));
    wg_tensors    better = wg_average(learn(fooled, "generator*", rate), .way = WG_AVERAGE_WARM_UP);
    wg_plan      *judging = wg_plan_new(caught, .updates = learn(caught, "judge*", rate));
    wg_plan      *drawing = wg_plan_new(fooled, .updates = better);
    const int64_t batches = wg_loader_batches(loader);
    struct wg_progress progress = {.file = stderr, .title = "playing", .steps = epochs * batches};
    for (int64_t i = 0; i < epochs * batches;) {
        const wg_batch *batch = wg_loader_next(loader);
        if (!batch) continue; /* the end of an epoch */
        if (!wg_batch_write(batch, images, class) || !wg_plan_run(judging)) return false;
        if (!wg_plan_run(drawing)) return false;
        i++;
        wg_progress_show(&progress, i, i * BATCH, NULL);
    }
    wg_progress_end(&progress, NULL);
    return true;
}

/* Of x the percentage whose nearest real image is of its class; and how many images these are. */
static void compare(wg_tensor *x, wg_tensor *class, wg_tensor *real, wg_tensor *classes,
                    double found[2])
{
    wg_tensor *far = wg_mul(wg_matmul(x, wg_transpose(real)), -2); /* |x - r|^2 - |x|^2 */
    wg_tensor *at = wg_argmin(wg_add(far, wg_sum(wg_square(real), WG_AXES(1))), 1);
    wg_tensor *same = wg_eq(wg_index_select(classes, 0, at), class);
    found[0] = 100 * wg_item(wg_mean(wg_cast(same, WG_F32)));
    found[1] = wg_item(wg_sum(wg_amax(wg_one_hot(at, REAL, WG_F32), WG_AXES(0))));
}

/* Images of the averaged generator, and as many real ones, beside other real ones. */
static bool look(wg_tape *tape, const wg_images *set, bool small, const char *path)
{
    enum { ALL = REAL + SAMPLES };
    double  found[2], best[2];
    int64_t asked[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) asked[i] = i % CLASSES;
    if (!wg_average_swap(tape)) return false;
    wg_tape_clear(tape);
    wg_tensor *y = wg_constant(tape, WG_U8, WG_SHAPE(ALL), set->labels.data, ALL);
    wg_tensor *x =
        wg_constant(tape, WG_U8, WG_SHAPE(ALL, SIDE * SIDE), set->pixels.data, ALL * SIDE * SIDE);
    x = wg_div(wg_cast(x, WG_F32), 255);
    y = wg_cast(y, WG_I64);
    wg_tensor *real = wg_slice(x, 0, 0, REAL), *classes = wg_slice(y, 0, 0, REAL);
    compare(wg_slice(x, 0, REAL, ALL), wg_slice(y, 0, REAL, ALL), real, classes, best);
    y = wg_constant(tape, WG_I64, WG_SHAPE(SAMPLES), asked, SAMPLES);
    /* Normalised by each other, as in training. */
    x = generate(wg_normal(tape, WG_F32, WG_SHAPE(SAMPLES, CODE), 0, 1), y);
    compare(wg_flatten(x, 1), y, real, classes, found);
    bool good = wg_picture_save(wg_slice(x, 0, 0, 100), path, .columns = 20, .high = 1);
    good = good && found[0] > (small ? 40 : 65) && found[1] > (small ? 90 : 240);
    printf(
        "picture: %s\n%s: of %d images %.1f %% nearest to a real one of their class, %g different "
        "ones; of real images %.1f %%, %g\n",
        path, good ? "ok" : "FAILED", SAMPLES, found[0], found[1], best[0], best[1]);
    return good;
}

int main(int count, char **arguments)
{
    const bool  small = count > 1 && strcmp(arguments[1], "small") == 0;
    const char *folder = count > 1 + small ? arguments[1 + small] : ".";
    if (count > 2 + small || *folder == '-')
        return printf("usage: %s [small] [FOLDER for the picture]\n", *arguments),
               *folder == '-' ? 0 : 2; /* --help is no mistake */
    const char *data = small ? "data/fashion-mnist-small" : "/usr/share/datasets/fashion-mnist";
    const wg_images_files files = {.folder = data, .part = "train", .classes = CLASSES};
    char                  reason[WG_REASON], path[300];
    wg_images             seen;
    snprintf(path, sizeof path, "%s/gan.png", folder);
    if (!wg_images_read(&files, &seen, reason)) return printf("FAILED: %s\n", reason), 1;
    struct wg_loader_settings settings = {
        .x = &seen.pixels, .y = &seen.labels, .batch = BATCH, .shuffle = true, .drop_last = true};
    wg_loader *loader = wg_loader_new(&settings, NULL);
    wg_tape   *tape = wg_tape_new();
    const bool good = play(tape, loader, small ? 8 : 6) && look(tape, &seen, small, path);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_tape_free(tape);
    wg_loader_free(loader);
    wg_images_free(&seen);
    return good ? 0 : 1;
}
