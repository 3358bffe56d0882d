// SPDX-License-Identifier: MIT
/* ResNet-20 (He and others, arXiv:1512.03385) on Fashion-MNIST, with images flipped and cropped anew
   each time they are seen: nine blocks of two convolutions, batch norm with running statistics, a
   shortcut around each. The short form sees images of 14 x 14. */
#include <stdlib.h>
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 128, CLASSES = 10 };

/* Convolution and batch norm; a stride of 2 halves the image. */
static wg_tensor *conv(wg_tensor *x, const char *name, int64_t filters, int64_t stride)
{
    wg_tape *tape = wg_nn_open(x, name);
    if (!tape) return NULL;
    wg_tensor *y = wg_nn_conv2d(x, "0", .filters = filters, .kernel = {3, 3}, .padding = {1, 1},
                                .stride = {stride, stride}, .no_bias = true);
    return wg_nn_close(tape, wg_nn_batch_norm(y, "1"));
}

static wg_tensor *block(wg_tensor *x, const char *name, int64_t filters, int64_t stride)
{
    wg_tape *tape = wg_nn_open(x, name);
    if (!tape) return NULL;
    wg_tensor *y = wg_relu(conv(x, "conv1", filters, stride));
    y = wg_nn_residual(x, conv(y, "conv2", filters, 1), "shortcut");
    return wg_nn_close(tape, wg_relu(y));
}

static wg_model network(wg_tape *tape, int64_t batch, bool training, void *small)
{
    (void)training;
    wg_model   m = {.x = wg_input(tape, "images", WG_F32, WG_SHAPE(batch, 1, 28, 28)),
                    .y = wg_input(tape, "classes", WG_I64, WG_SHAPE(batch))};
    wg_tensor *h = *(bool *)small ? wg_avg_pool2d(m.x, .kernel = {2, 2}) : m.x;
    h = wg_relu(conv(h, "conv", 16, 1));
    for (int i = 0; i < 9; i++) {
        char name[16];
        snprintf(name, sizeof name, "block%d", i + 1);
        h = block(h, name, 16 << i / 3, i == 3 || i == 6 ? 2 : 1);
    }
    m.output = wg_nn_linear(wg_nn_global_avg_pool(h), "fc", .outputs = CLASSES);
    m.loss = wg_cross_entropy(m.output, m.y);
    return m;
}

static wg_tensors optimiser(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_sgd(gradients, .rate = rate, .momentum = 0.9, .nesterov = true, .decay = 5e-4);
}

static wg_loader *load(const char *folder, const char *part, wg_images *set, int64_t batch)
{
    const bool            train = strcmp(part, "train") == 0;
    const wg_images_files files = {.folder = folder, .part = part, .classes = CLASSES};
    const double          mean = 0.286, deviation = 0.353;
    char                  reason[WG_REASON];
    wg_loader            *loader = NULL;
    if (wg_images_read(&files, set, reason)) {
        loader = wg_loader_new(
            &(struct wg_loader_settings){.x = &set->pixels,
                                         .y = &set->labels,
                                         .batch = batch,
                                         .shuffle = train,
                                         .seed = 1,
                                         .mean = &mean,
                                         .deviation = &deviation,
                                         .augment = {.flip = train, .crop = train ? 2 : 0}},
            reason);
    }
    if (!loader) fprintf(stderr, "%s\n", reason);
    return loader;
}

int main(int count, char **arguments)
{
    bool          small = count > 1 && strcmp(arguments[1], "small") == 0;
    const int64_t epochs = small ? 2 : count > 1 ? strtol(arguments[1], NULL, 10) : 1;
    if (epochs < 1 || count > 2) {
        printf("usage: %s [EPOCHS]    1 of 60,000 images\n"
               "       %s small       2 of 2,000\n",
               arguments[0], arguments[0]);
        return strncmp(arguments[1], "--", 2) ? 2 : 0; /* --help is no mistake */
    }
    const char *data = small ? "data/fashion-mnist-small" : "/usr/share/datasets/fashion-mnist";
    wg_images   seen = {0}, unseen = {0};
    wg_loader  *loader = load(data, "train", &seen, small ? 32 : BATCH);
    wg_loader  *validation = loader ? load(data, "t10k", &unseen, 250) : NULL;
    wg_tape    *tape = wg_tape_new();
    wg_scores  *scores = wg_scores_new(CLASSES, NULL);
    bool        good = validation != NULL && scores;
    good = good &&
           wg_train(&(struct wg_training){.tape = tape,
                                          .network = network,
                                          .context = &small,
                                          .loader = loader,
                                          .optimiser = optimiser,
                                          .schedule = wg_schedule_one_cycle(
                                              0.2, epochs * wg_loader_batches(loader)),
                                          .epochs = epochs,
                                          .classes = CLASSES,
                                          .progress = stderr},
                    NULL) &&
           wg_evaluate(tape, network, validation, &small, NULL, scores);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    const double right = good ? 100 * wg_scores_accuracy(scores) : 0, wanted = small ? 55 : 85;
    good = good && right >= wanted;
    printf("%s: %.2f %% of unseen images right, %g or more wanted\n", good ? "ok" : "FAILED", right,
           wanted);
    wg_scores_free(scores);
    wg_tape_free(tape);
    wg_loader_free(loader);
    wg_loader_free(validation);
    wg_images_free(&seen);
    wg_images_free(&unseen);
    return good ? 0 : 1;
}
