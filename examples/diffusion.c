// SPDX-License-Identifier: MIT
/* Diffusion on Fashion-MNIST at 14 x 14: a network learns to find the image of a class in what was
   mixed with noise (Ho, Jain, Abbeel, arXiv:2006.11239), and then finds images in nothing but noise,
   step by step (Song, Meng, Ermon, arXiv:2010.02502). They must be as near to the mean of their class
   as real ones, and mostly nearest to that. */
#include <math.h>
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 128, CLASSES = 10, SIDE = 14, WIDTH = 256, STEPS = 50, SAMPLES = 200, REAL = 2000 };

static const double most = 1.55; /* the largest angle: cos of it an image, sin of it noise */

/* Dense, with a shortcut around; `about` (n, WIDTH) says what the image is to be. */
static wg_tensor *block(wg_tensor *h, const char *name, wg_tensor *about)
{
    wg_tape *tape = wg_nn_open(h, name);
    if (!tape) return NULL;
    wg_tensor *y = wg_add(wg_nn_layer_norm(h, "norm"), about);
    y = wg_silu(wg_nn_linear(y, "up", .outputs = 2 * WIDTH));
    return wg_nn_close(tape, wg_add(h, wg_nn_linear(y, "down", .outputs = WIDTH)));
}

/* The image of a class (n,) that is in x (n, 196), mixed with noise at angles (n, 1). */
static wg_tensor *image_in(wg_tensor *x, wg_tensor *angle, wg_tensor *class)
{
    wg_tensor *of = wg_nn_embedding(class, "class", .rows = CLASSES, .width = WIDTH);
    wg_tensor *at = wg_cat(WG_TENSORS(wg_cos(angle), wg_sin(angle), angle), 1);
    wg_tensor *about = wg_silu(wg_add(wg_nn_linear(at, "time", .outputs = WIDTH), of));
    wg_tensor *h = wg_nn_linear(x, "in", .outputs = WIDTH);
    h = block(h, "block1", wg_nn_linear(about, "about1", .outputs = WIDTH));
    h = block(h, "block2", wg_nn_linear(about, "about2", .outputs = WIDTH));
    h = block(h, "block3", wg_nn_linear(about, "about3", .outputs = WIDTH));
    return wg_nn_linear(wg_nn_layer_norm(h, "norm"), "out", .outputs = SIDE * SIDE);
}

static wg_tensor *mix(wg_tensor *image, wg_tensor *noise, wg_tensor *angle)
{
    return wg_add(wg_mul(image, wg_cos(angle)), wg_mul(noise, wg_sin(angle)));
}

/* Images (n, 1, 28, 28) of 0 to 1 as (n, 196) of -1 to 1. */
static wg_tensor *halve(wg_tensor *images)
{
    wg_tensor *x = wg_avg_pool2d(images, .kernel = {2, 2});
    return wg_sub(wg_mul(wg_flatten(x, 1), 2), 1);
}

static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)training, (void)context;
    wg_model   m = {.x = wg_input(tape, "images", WG_F32, WG_SHAPE(batch, 1, 2 * SIDE, 2 * SIDE)),
                    .y = wg_input(tape, "classes", WG_I64, WG_SHAPE(batch))};
    wg_tensor *angle = wg_uniform(tape, WG_F32, WG_SHAPE(batch, 1), 0, most), *x = halve(m.x);
    wg_tensor *noise = wg_normal(tape, WG_F32, wg_shape_of_tensor(x), 0, 1);
    m.loss = wg_mse_loss(image_in(mix(x, noise, angle), angle, m.y), x);
    return m;
}

static wg_tensors optimiser(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adam(gradients, .rate = rate);
}

/* From noise to images: what is left when the noise is taken away is mixed again with a little less
   of it, and so on. */
static wg_tensor *sample(wg_tape *tape, wg_tensor *class)
{
    wg_tensor *x = wg_state(tape, "x", WG_F32, WG_SHAPE(SAMPLES, SIDE * SIDE), 0);
    wg_tensor *angle = wg_state(tape, "angle", WG_F32, WG_SHAPE(SAMPLES, 1), most);
    wg_tensor *image = wg_clamp(image_in(x, angle, class), -1, 1);
    wg_tensor *noise = wg_div(wg_sub(x, wg_mul(image, wg_cos(angle))), wg_sin(angle));
    wg_tensor *less = wg_sub(angle, most / STEPS);
    wg_tensor *first = wg_assign(x, wg_normal(tape, WG_F32, wg_shape_of_tensor(x), 0, 1));
    wg_tensor *next[] = {wg_assign(x, mix(image, noise, less)), wg_assign(angle, less)};
    wg_plan_run(wg_plan_new(NULL, .updates = WG_TENSORS(first)));
    wg_plan *step = wg_plan_new(NULL, .updates = {.count = 2, .at = next});
    for (int i = 0; i < STEPS; i++) wg_plan_run(step);
    return x;
}

/* Which percentage of x is nearest to the mean of its class, and how far away that is. */
static void compare(wg_tensor *x, wg_tensor *class, wg_tensor *means, double found[2])
{
    wg_tensor *far = wg_mean(wg_square(wg_sub(wg_unsqueeze(x, 1), means)), WG_AXES(2));
    found[0] = 100 * wg_item(wg_mean(wg_cast(wg_eq(wg_argmin(far, 1), class), WG_F32)));
    found[1] = sqrt(wg_item(wg_mse_loss(x, wg_index_select(means, 0, class))));
}

/* Samples and real images against the means of real ones. */
static bool judge(wg_tape *tape, const wg_images *seen, const char *path)
{
    double  found[2], real[2];
    int64_t classes[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) classes[i] = i % CLASSES;
    wg_tape_clear(tape);
    wg_tensor *y = wg_constant(tape, WG_U8, WG_SHAPE(REAL), seen->labels.data, REAL);
    wg_tensor *x = wg_constant(tape, WG_U8, WG_SHAPE(REAL, 1, 2 * SIDE, 2 * SIDE),
                               seen->pixels.data, REAL * 4 * SIDE * SIDE);
    wg_tensor *hot = wg_transpose(wg_one_hot(y, CLASSES, WG_F32));
    x = halve(wg_div(wg_cast(x, WG_F32), 255));
    wg_tensor *means = wg_div(wg_matmul(hot, x), wg_sum(hot, WG_AXES(1), .keep = true));
    compare(x, wg_cast(y, WG_I64), means, real);
    y = wg_constant(tape, WG_I64, WG_SHAPE(SAMPLES), classes, SAMPLES);
    x = sample(tape, y);
    compare(x, y, means, found);
    bool good = wg_picture_save(wg_reshape(x, WG_SHAPE(-1, SIDE, SIDE)), path, .columns = 20,
                                .low = -1, .high = 1);
    good = good && found[0] > 45 && found[1] > 0.75 * real[1] && found[1] < 1.2 * real[1];
    printf("picture: %s\n%s: %.1f %% of samples nearest to the mean of their class, %.3f away; of "
           "real "
           "images %.1f %%, %.3f\n",
           path, good ? "ok" : "FAILED", found[0], found[1], real[0], real[1]);
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
    snprintf(path, sizeof path, "%s/diffusion.png", folder);
    if (!wg_images_read(&files, &seen, reason)) return printf("FAILED: %s\n", reason), 1;
    struct wg_loader_settings settings = {
        .x = &seen.pixels, .y = &seen.labels, .batch = BATCH, .shuffle = true, .seed = 1};
    wg_loader               *loader = wg_loader_new(&settings, NULL);
    wg_tape                 *tape = wg_tape_new();
    const int64_t            epochs = small ? 16 : 10, steps = epochs * wg_loader_batches(loader);
    const struct wg_training training = {.tape = tape,
                                         .network = network,
                                         .loader = loader,
                                         .optimiser = optimiser,
                                         .schedule = wg_schedule_one_cycle(3e-3, steps),
                                         .epochs = epochs,
                                         .progress = stderr};
    const bool               good = wg_train(&training, NULL) && judge(tape, &seen, path);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_tape_free(tape);
    wg_loader_free(loader);
    wg_images_free(&seen);
    return good ? 0 : 1;
}
