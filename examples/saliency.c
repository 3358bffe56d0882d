// SPDX-License-Identifier: MIT
/* Which pixels a trained network looks at: the derivative of an image's highest score by its pixels
   (Simonyan, Vedaldi, Zisserman, arXiv:1312.6034), as a picture. That it means something is tested: a
   small step against its signs leads the network astray, one of the same size at random does not. */
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 128, PROBED = 500, SHOWN = 12, CLASSES = 10 };

static const double step_size = 0.2; /* of pixels from 0 to 1 */

static const char *const names[CLASSES] = {"T-shirt", "trouser", "pullover", "dress", "coat",
                                           "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};

static wg_tensor *scores(wg_tensor *x)
{
    wg_tensor *h = wg_relu(wg_nn_conv2d(x, "conv1", .filters = 16, .kernel = {5, 5}));
    h = wg_max_pool2d(h, .kernel = {2, 2});
    h = wg_relu(wg_nn_conv2d(h, "conv2", .filters = 32, .kernel = {5, 5}));
    h = wg_flatten(wg_max_pool2d(h, .kernel = {2, 2}), 1);
    return wg_nn_linear(h, "fc", .outputs = CLASSES);
}

static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)training, (void)context;
    wg_model m = {.x = wg_input(tape, "images", WG_F32, WG_SHAPE(batch, 1, 28, 28)),
                  .y = wg_input(tape, "classes", WG_I64, WG_SHAPE(batch))};
    m.output = scores(m.x);
    m.loss = wg_cross_entropy(m.output, m.y);
    return m;
}

static wg_tensors optimiser(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adam(gradients, .rate = rate);
}

static wg_tensor *hits(wg_tensor *output, wg_tensor *classes)
{
    return wg_sum(wg_eq(wg_argmax(output, 1), classes));
}

/* Saves filters, samples with what they were taken for, and what was looked at. */
static bool save_pictures(const wg_model *m, wg_tensor *dx, const char *folder)
{
    char       filters[300], samples[300], saliency[300];
    wg_tensor *images = wg_slice(m->x, 0, 0, SHOWN), *found = wg_argmax(m->output, 1);
    wg_tensor *rows = wg_cat(WG_TENSORS(images, wg_abs(wg_slice(dx, 0, 0, SHOWN))), 0);
    snprintf(filters, sizeof filters, "%s/saliency_filters.png", folder);
    snprintf(samples, sizeof samples, "%s/saliency_samples.svg", folder);
    snprintf(saliency, sizeof saliency, "%s/saliency.png", folder);
    return wg_eval(WG_TENSORS(found, images, rows)) &&
           wg_picture_save(wg_param_find(wg_tape_of(dx), "conv1/weight"), filters, .signs = true,
                           .columns = 8) &&
           wg_picture_save(images, samples, .columns = 6, .told = wg_values(found),
                           .truth = wg_values(m->y), .classes = names, .class_count = CLASSES) &&
           wg_picture_save(rows, saliency, .columns = SHOWN, .each = true) &&
           printf("pictures: %s, %s, %s\n", filters, samples, saliency) > 0;
}

/* Shares of unseen images told right: as they are, after a step against the scores' derivative, and
   after one at random. */
static bool probe(wg_tape *tape, wg_loader *unseen, const char *folder, double share[3])
{
    wg_tape_clear(tape);
    wg_model   m = network(tape, PROBED, false, NULL);
    wg_tensor *dx = wg_derivative(wg_sum(wg_amax(m.output, WG_AXES(1))), m.x);
    wg_tensor *noise = wg_normal(tape, WG_F32, wg_shape_of_tensor(m.x), 0, 1);
    wg_share_params(tape, true);
    wg_tensor *against = scores(wg_sub(m.x, wg_mul(wg_sign(dx), step_size)));
    wg_tensor *random = scores(wg_sub(m.x, wg_mul(wg_sign(noise), step_size)));
    wg_share_params(tape, false);
    wg_tensor *right[] = {hits(m.output, m.y), hits(against, m.y), hits(random, m.y)};
    wg_plan   *plan = wg_plan_new(NULL, .outputs = {.count = 3, .at = right});
    for (const wg_batch *batch; (batch = wg_loader_next(unseen));) {
        if (!wg_batch_write(batch, m.x, m.y) || !wg_plan_run(plan)) return false;
        for (int i = 0; i < 3; i++)
            share[i] += 100 * wg_item(right[i]) / (double)wg_loader_samples(unseen);
    }
    return save_pictures(&m, dx, folder);
}

static wg_loader *load(const char *folder, const char *part, wg_images *set, int64_t batch)
{
    const wg_images_files files = {.folder = folder, .part = part, .classes = CLASSES};
    char                  reason[WG_REASON];
    wg_loader            *loader = NULL;
    if (wg_images_read(&files, set, reason)) {
        loader = wg_loader_new(&(struct wg_loader_settings){.x = &set->pixels,
                                                            .y = &set->labels,
                                                            .batch = batch,
                                                            .shuffle = batch == BATCH,
                                                            .seed = 1},
                               reason);
    }
    if (!loader) fprintf(stderr, "%s\n", reason);
    return loader;
}

int main(int count, char **arguments)
{
    const bool  small = count > 1 && strcmp(arguments[1], "small") == 0;
    const char *folder = count > 1 + small ? arguments[1 + small] : ".";
    if (count > 2 + small || *folder == '-') {
        printf("usage: %s [small] [FOLDER]    trains on 60,000 or 2,000 images; pictures go to the "
               "folder\n",
               arguments[0]);
        return *folder == '-' ? 0 : 2; /* --help is no mistake */
    }
    const char *data = small ? "data/fashion-mnist-small" : "/usr/share/datasets/fashion-mnist";
    wg_images   seen = {0}, unseen = {0};
    wg_loader  *loader = load(data, "train", &seen, BATCH);
    wg_loader  *validation = loader ? load(data, "t10k", &unseen, PROBED) : NULL;
    wg_tape    *tape = wg_tape_new();
    double      share[3] = {0}; /* right, against, random */
    bool        good = validation != NULL;
    good = good && wg_train(&(struct wg_training){.tape = tape,
                                                  .network = network,
                                                  .loader = loader,
                                                  .optimiser = optimiser,
                                                  .rate = small ? 5e-3 : 2e-3,
                                                  .epochs = small ? 6 : 4,
                                                  .classes = CLASSES,
                                                  .progress = stderr},
                            NULL);
    good = good && probe(tape, validation, folder, share);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    good = good && share[0] >= (small ? 70 : 86) && share[1] < 0.5 * share[0] &&
           share[2] > 0.8 * share[0];
    printf(
        "%s: %.2f %% of unseen images right, %.2f %% after a step against the derivative, %.2f %% "
        "after one at random\n",
        good ? "ok" : "FAILED", share[0], share[1], share[2]);
    wg_tape_free(tape);
    wg_loader_free(loader);
    wg_loader_free(validation);
    wg_images_free(&seen);
    wg_images_free(&unseen);
    return good ? 0 : 1;
}
