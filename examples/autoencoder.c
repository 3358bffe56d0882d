// SPDX-License-Identifier: MIT
/* An autoencoder on Fashion-MNIST: convolutions press an image of 784 pixels into 32 numbers, their
   transposes draw it from these again. Images it has not seen are drawn beside what becomes of them. */
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 128, CODE = 32, SHOWN = 16 };

/* (n, 1, 28, 28) to (n, CODE) */
static wg_tensor *encode(wg_tensor *x)
{
    wg_tensor *h = wg_relu(wg_nn_conv2d(x, "conv1", .filters = 16, .kernel = {3, 3},
                                        .stride = {2, 2}, .padding = {1, 1}));
    h = wg_relu(wg_nn_conv2d(h, "conv2", .filters = 32, .kernel = {3, 3}, .stride = {2, 2},
                             .padding = {1, 1}));
    return wg_nn_linear(wg_flatten(h, 1), "code", .outputs = CODE);
}

/* And back; what it gives lies between 0 and 1 by its sigmoid. */
static wg_tensor *decode(wg_tensor *code)
{
    wg_tensor *h = wg_relu(wg_nn_linear(code, "open", .outputs = 32 * 7 * 7));
    h = wg_reshape(h, WG_SHAPE(-1, 32, 7, 7));
    h = wg_relu(
        wg_nn_conv_transpose2d(h, "up1", .filters = 16, .kernel = {2, 2}, .stride = {2, 2}));
    h = wg_nn_conv_transpose2d(h, "up2", .filters = 1, .kernel = {2, 2}, .stride = {2, 2});
    return wg_sigmoid(h);
}

static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)training, (void)context;
    wg_model m = {.x = wg_input(tape, "images", WG_F32, WG_SHAPE(batch, 1, 28, 28))};
    m.output = decode(encode(m.x));
    m.loss = wg_mse_loss(m.output, m.x);
    return m;
}

static wg_tensors optimiser(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adam(gradients, .rate = rate);
}

/* Writes the first unseen images, and in the row below them what the network makes of them. */
static bool save_picture(wg_tape *tape, wg_loader *unseen, const char *folder)
{
    char path[300];
    snprintf(path, sizeof path, "%s/autoencoder.png", folder);
    wg_loader_seek(unseen, 0, 0);
    wg_tape_clear(tape);
    const wg_batch *batch = wg_loader_next(unseen);
    wg_model        m = network(tape, batch->count, false, NULL);
    wg_tensor      *rows =
        wg_cat(WG_TENSORS(wg_slice(m.x, 0, 0, SHOWN), wg_slice(m.output, 0, 0, SHOWN)), 0);
    return wg_batch_write(batch, m.x, NULL) &&
           wg_picture_save(rows, path, .columns = SHOWN, .high = 1) &&
           printf("above as they are, below drawn from %d numbers: %s\n", CODE, path) > 0;
}

static wg_loader *load(const char *folder, const char *part, wg_images *set, bool shuffle)
{
    const wg_images_files files = {.folder = folder, .part = part, .classes = 10};
    char                  reason[WG_REASON];
    wg_loader            *loader = NULL;
    if (wg_images_read(&files, set, reason)) {
        loader = wg_loader_new(
            &(struct wg_loader_settings){
                .x = &set->pixels, .batch = BATCH, .shuffle = shuffle, .seed = 1},
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
        printf(
            "usage: %s [small] [FOLDER]    trains on 60,000 or 2,000 images; the picture goes to "
            "the folder\n",
            arguments[0]);
        return *folder == '-' ? 0 : 2; /* --help is no mistake */
    }
    const char   *data = small ? "data/fashion-mnist-small" : "/usr/share/datasets/fashion-mnist";
    wg_images     seen = {0}, unseen = {0};
    wg_loader    *loader = load(data, "train", &seen, true);
    wg_loader    *validation = loader ? load(data, "t10k", &unseen, false) : NULL;
    wg_tape      *tape = wg_tape_new();
    const int64_t epochs = 8, steps = epochs * wg_loader_batches(loader);
    double        error = 1;
    bool          good = validation != NULL;
    good = good && wg_train(&(struct wg_training){.tape = tape,
                                                  .network = network,
                                                  .loader = loader,
                                                  .validation = validation,
                                                  .optimiser = optimiser,
                                                  .schedule = wg_schedule_one_cycle(5e-3, steps),
                                                  .epochs = epochs,
                                                  .progress = stderr},
                            NULL);
    good = good && wg_evaluate(tape, network, validation, NULL, &error, NULL) &&
           save_picture(tape, validation, folder);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    const double wanted = small ? 0.05 : 0.012; /* the mean image alone leaves 0.087 */
    good = good && error <= wanted;
    printf("%s: %.5f mean squared error of unseen images, %g or less wanted\n",
           good ? "ok" : "FAILED", error, wanted);
    wg_tape_free(tape);
    wg_loader_free(loader);
    wg_loader_free(validation);
    wg_images_free(&seen);
    wg_images_free(&unseen);
    return good ? 0 : 1;
}
