// SPDX-License-Identifier: MIT
/* A variational autoencoder on Fashion-MNIST (Kingma, Welling, arXiv:1312.6114): an image becomes a
   normal distribution of 16 numbers, one draw of which gives the image back. So numbers drawn at
   random give images that never were. */
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 128, CODE = 16, HIDDEN = 400, PIXELS = 28 * 28, SHOWN = 16 };

static wg_tensor *decode(wg_tensor *code)
{
    wg_tensor *h = wg_relu(wg_nn_linear(code, "decoder1", .outputs = HIDDEN));
    return wg_nn_linear(h, "decoder2", .outputs = PIXELS); /* before the sigmoid */
}

/* mean + deviation e: e alone is random, so that the derivative goes through mean and deviation. */
static wg_tensor *draw(wg_tensor *mean, wg_tensor *log_variance)
{
    wg_tensor *e = wg_normal(wg_tape_of(mean), WG_F32, wg_shape_of_tensor(mean), 0, 1);
    return wg_add(mean, wg_mul(wg_exp(wg_mul(log_variance, 0.5)), e));
}

/*
 * The loss, a bound of -log p(image), in nats an image: how badly the image is drawn, and how far its
 * distribution is from N(0, 1), (mean^2 + variance - log variance - 1) / 2.
 */
static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)training, (void)context;
    wg_model   m = {.x = wg_input(tape, "images", WG_F32, WG_SHAPE(batch, 1, 28, 28))};
    wg_tensor *x = wg_flatten(m.x, 1), *h = wg_relu(wg_nn_linear(x, "encoder", .outputs = HIDDEN));
    wg_tensor *mean = wg_nn_linear(h, "mean", .outputs = CODE);
    wg_tensor *log_variance = wg_nn_linear(h, "log_variance", .outputs = CODE);
    wg_tensor *logits = decode(draw(mean, log_variance));
    wg_tensor *drawn = wg_bce_with_logits(logits, x, .reduction = WG_SUM);
    wg_tensor *far = wg_sub(wg_add(wg_square(mean), wg_exp(log_variance)), log_variance);
    far = wg_mul(wg_sum(wg_sub(far, 1)), 0.5);
    m.output = wg_reshape(wg_sigmoid(logits), wg_shape_of_tensor(m.x));
    m.loss = wg_div(wg_add(drawn, far), (double)batch);
    return m;
}

static wg_tensors optimiser(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adam(gradients, .rate = rate);
}

/* Unseen images, each above what becomes of it; and images of numbers drawn at random. */
static bool save_pictures(wg_tape *tape, wg_loader *unseen, const char *folder)
{
    char images[300], samples[300];
    snprintf(images, sizeof images, "%s/vae.png", folder);
    snprintf(samples, sizeof samples, "%s/vae_samples.png", folder);
    wg_tape_clear(tape);
    wg_loader_seek(unseen, 0, 0);
    wg_model   m = network(tape, BATCH, false, NULL);
    wg_tensor *rows =
        wg_cat(WG_TENSORS(wg_slice(m.x, 0, 0, SHOWN), wg_slice(m.output, 0, 0, SHOWN)), 0);
    wg_share_params(tape, true);
    wg_tensor *random = decode(wg_normal(tape, WG_F32, WG_SHAPE(4 * SHOWN, CODE), 0, 1));
    random = wg_reshape(wg_sigmoid(random), WG_SHAPE(-1, 28, 28));
    return wg_batch_write(wg_loader_next(unseen), m.x, NULL) &&
           wg_picture_save(rows, images, .columns = SHOWN, .high = 1) &&
           wg_picture_save(random, samples, .columns = SHOWN, .high = 1) &&
           printf("above as they are, below drawn again: %s; samples: %s\n", images, samples) > 0;
}

static wg_loader *load(const char *folder, const char *part, wg_images *set, bool shuffle)
{
    const wg_images_files files = {.folder = folder, .part = part, .classes = 10};
    char                  reason[WG_REASON];
    wg_loader            *loader = NULL;
    if (wg_images_read(&files, set, reason))
        loader = wg_loader_new(
            &(struct wg_loader_settings){
                .x = &set->pixels, .batch = BATCH, .shuffle = shuffle, .seed = 1},
            reason);
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
    wg_loader  *loader = load(data, "train", &seen, true);
    wg_loader  *validation = loader ? load(data, "t10k", &unseen, false) : NULL;
    wg_tape    *tape = wg_tape_new();
    double      bound = 0;
    bool        good = validation != NULL;
    good = good && wg_train(&(struct wg_training){.tape = tape,
                                                  .network = network,
                                                  .loader = loader,
                                                  .validation = validation,
                                                  .optimiser = optimiser,
                                                  .rate = 1e-3,
                                                  .epochs = 12,
                                                  .progress = stderr},
                            NULL);
    good = good && wg_evaluate(tape, network, validation, NULL, &bound, NULL) &&
           save_pictures(tape, validation, folder);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    const double wanted = small ? 300 : 248; /* the mean image alone: 385 */
    good = good && bound <= wanted;
    printf("%s: %.2f nats an unseen image, %g or less wanted\n", good ? "ok" : "FAILED", bound,
           wanted);
    wg_tape_free(tape);
    wg_loader_free(loader);
    wg_loader_free(validation);
    wg_images_free(&seen);
    wg_images_free(&unseen);
    return good ? 0 : 1;
}
