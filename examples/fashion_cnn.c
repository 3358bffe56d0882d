// SPDX-License-Identifier: MIT
/* A convolutional network on Fashion-MNIST by layers, loader and loop: two convolutions, two dense
   layers, momentum, one cycle of the rate, a checkpoint to go on from, and what is confused with
   what. By hand such a loop is that of softmax_cnn.c. */
#include <stdlib.h>
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 128, CLASSES = 10 };

static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)training, (void)context;
    wg_model   m = {.x = wg_input(tape, "images", WG_F32, WG_SHAPE(batch, 1, 28, 28)),
                    .y = wg_input(tape, "classes", WG_I64, WG_SHAPE(batch))};
    wg_tensor *h =
        wg_relu(wg_nn_conv2d(m.x, "conv1", .filters = 32, .kernel = {3, 3}, .padding = {1, 1}));
    h = wg_max_pool2d(h, .kernel = {2, 2});
    h = wg_relu(wg_nn_conv2d(h, "conv2", .filters = 64, .kernel = {3, 3}, .padding = {1, 1}));
    h = wg_flatten(wg_max_pool2d(h, .kernel = {2, 2}), 1);
    h = wg_relu(wg_nn_linear(h, "fc1", .outputs = 128));
    m.output = wg_nn_linear(h, "fc2", .outputs = CLASSES);
    m.loss = wg_cross_entropy(m.output, m.y);
    return m;
}

static wg_tensors optimiser(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_sgd(gradients, .rate = rate, .momentum = 0.9, .decay = 5e-4);
}

/* Images as (count, 1, 28, 28), and their classes; NULL with the reason printed. */
static wg_loader *load(const char *folder, const char *part, wg_images *set, bool shuffle)
{
    const wg_images_files files = {.folder = folder, .part = part, .classes = CLASSES};
    char                  reason[WG_REASON];
    wg_loader            *loader = NULL;
    double                mean, deviation;
    if (wg_images_read(&files, set, reason)) {
        wg_measure_channels(&set->pixels, NULL, 0, &mean, &deviation);
        loader = wg_loader_new(&(struct wg_loader_settings){.x = &set->pixels,
                                                            .y = &set->labels,
                                                            .batch = BATCH,
                                                            .shuffle = shuffle,
                                                            .seed = 1,
                                                            .mean = &mean,
                                                            .deviation = &deviation},
                               reason);
    }
    if (!loader) printf("%s\n", reason);
    return loader;
}

/* Trains, and shows what is confused; the share of unseen images told right. */
static double train(struct wg_training *training)
{
    static const char *const names[] = {"T-shirt", "trouser", "pullover", "dress", "coat",
                                        "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};
    wg_scores               *scores = wg_scores_new(CLASSES, NULL);
    double                   right = 0;
    wg_end                   end;
    if (wg_train(training, &end) &&
        wg_evaluate(training->tape, network, training->validation, NULL, NULL, scores)) {
        if (end == WG_END_STOPPED && training->checkpoint)
            printf("stopped; the same command goes on from %s\n", training->checkpoint);
        wg_scores_print(scores, names, stdout);
        right = 100 * wg_scores_accuracy(scores);
    }
    if (wg_tape_error(training->tape)) fprintf(stderr, "%s\n", wg_tape_error(training->tape));
    wg_scores_free(scores);
    return right;
}

int main(int count, char **arguments)
{
    const bool    small = count > 1 && strcmp(arguments[1], "small") == 0;
    const int64_t epochs = small ? 6 : count > 1 ? strtol(arguments[1], NULL, 10) : 8;
    if (epochs < 1 || count > 3) {
        printf("usage: %s [EPOCHS [CHECKPOINT.safetensors]]    8 of 60,000 images\n"
               "       %s small                                6 of 2,000\n",
               arguments[0], arguments[0]);
        return strncmp(arguments[1], "--", 2) ? 2 : 0; /* --help is no mistake */
    }
    const char *folder = small ? "data/fashion-mnist-small" : "/usr/share/datasets/fashion-mnist";
    wg_images   seen = {0}, unseen = {0};
    wg_loader  *loader = load(folder, "train", &seen, true);
    wg_loader  *validation = loader ? load(folder, "t10k", &unseen, false) : NULL;
    wg_tape    *tape = wg_tape_new();
    double      right = 0;
    if (validation) {
        struct wg_training training = {
            .tape = tape,
            .network = network,
            .loader = loader,
            .validation = validation,
            .optimiser = optimiser,
            .schedule = wg_schedule_one_cycle(0.1, epochs * wg_loader_batches(loader)),
            .epochs = epochs,
            .classes = CLASSES,
            .progress = stderr,
            .checkpoint = count > 2 ? arguments[2] : NULL,
            .stop = wg_catch_interrupt()};
        right = train(&training);
        printf("waited %.3f s for batches\n", wg_loader_waited(loader));
    }
    const double wanted = small ? 80 : epochs < 8 ? 0 : 91.5;
    printf("%s: %.2f %% of unseen images right, %g or more wanted\n",
           right >= wanted && validation ? "ok" : "FAILED", right, wanted);
    wg_tape_free(tape);
    wg_loader_free(loader);
    wg_loader_free(validation);
    wg_images_free(&seen);
    wg_images_free(&unseen);
    return right >= wanted && validation ? 0 : 1;
}
