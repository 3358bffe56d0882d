// SPDX-License-Identifier: MIT
/* An op and two layers of one's own in a real network, whose weights take one bit: the signs of the
   trained ones, times a number for each filter. The op's rule is not its derivative, which is 0: it
   lets the adjoint through. Rastegari and others, "XNOR-Net", 2016, of weights alone. */
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 100, CLASSES = 10 };

/* ---- binary: y = -1 where x < 0, else 1; dx = dy where -1 <= x <= 1, else 0 ---- */

static int binary_f32(const wg_call *call)
{
    const float *x = call->x[0].data;
    float       *y = call->y[0].data;
    for (int64_t i = 0; i < call->n; i++, x += call->step[0]) y[i] = *x < 0 ? -1 : 1;
    return 0;
}

static wg_kernel *binary_prepare(wg_call *call)
{
    return wg_kernel_of(call, binary_f32, NULL);
}

static void binary_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, wg_where(wg_le(wg_abs(d->x[0]), 1), d->dy[0], 0));
}

static const wg_op op_binary = {.name = "binary",
                                .inputs = 1,
                                .outputs = 1,
                                .traits = WG_ELEMENTWISE,
                                .prepare = binary_prepare,
                                .derive = binary_derive,
                                .formula = "y = -1 where x < 0, else 1",
                                .rule = "dx = dy where -1 <= x <= 1, else 0"};

static wg_tensor *binary(wg_tensor *x)
{
    return wg_apply(&op_binary, NULL, WG_NO_DTYPE, &x, 1);
}

/* ---- layers: a filter's weights are +-the mean of their absolute values ---- */

static wg_tensor *binary_weight(wg_tape *tape, wg_shape shape, wg_axes rest)
{
    const wg_init_settings init = {.way = WG_INIT_KAIMING_UNIFORM};
    wg_tensor             *w = wg_nn_param(tape, "weight", WG_F32, shape, init);
    return wg_mul(binary(w), wg_mean(wg_abs(w), rest, .keep = true));
}

/* 3 x 3 filters, without a bias. */
static wg_tensor *binary_conv(wg_tensor *x, const char *name, int64_t filters)
{
    wg_tape *tape = wg_nn_open(x, name);
    if (!tape) return NULL;
    const wg_shape shape = WG_SHAPE(filters, wg_shape_of_tensor(x).dim[1], 3, 3);
    wg_tensor     *w = binary_weight(tape, shape, WG_AXES(1, 2, 3));
    return wg_nn_close(tape, wg_conv2d(x, w, .pad = {1, 1}));
}

static wg_tensor *binary_linear(wg_tensor *x, const char *name, int64_t outputs)
{
    wg_tape *tape = wg_nn_open(x, name);
    if (!tape) return NULL;
    const wg_shape shape = WG_SHAPE(outputs, wg_shape_of_tensor(x).dim[1]);
    return wg_nn_close(tape, wg_linear(x, binary_weight(tape, shape, WG_AXES(1)), NULL));
}

static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)training, (void)context;
    wg_model   m = {.x = wg_input(tape, "images", WG_F32, WG_SHAPE(batch, 1, 28, 28)),
                    .y = wg_input(tape, "classes", WG_I64, WG_SHAPE(batch))};
    wg_tensor *h = binary_conv(m.x, "conv1", 32);
    h = wg_max_pool2d(wg_relu(wg_nn_batch_norm(h, "norm1")), .kernel = {2, 2});
    h = binary_conv(h, "conv2", 64);
    h = wg_max_pool2d(wg_relu(wg_nn_batch_norm(h, "norm2")), .kernel = {2, 2});
    h = binary_linear(wg_flatten(h, 1), "fc1", 128);
    h = wg_relu(wg_nn_batch_norm(h, "norm3"));
    m.output = wg_nn_linear(h, "fc2", .outputs = CLASSES);
    m.loss = wg_cross_entropy(m.output, m.y);
    return m;
}

static wg_tensors optimiser(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adam(gradients, .rate = rate);
}

/* Learns; the share of unseen images that it tells right. */
static double learn(wg_tape *tape, const wg_images *seen, const wg_images *unseen, int64_t epochs)
{
    struct wg_loader_settings settings = {
        .x = &seen->pixels, .y = &seen->labels, .batch = BATCH, .shuffle = true, .seed = 1};
    wg_loader *loader = wg_loader_new(&settings, NULL);
    settings =
        (struct wg_loader_settings){.x = &unseen->pixels, .y = &unseen->labels, .batch = BATCH};
    wg_loader *validation = wg_loader_new(&settings, NULL);
    wg_scores *scores = wg_scores_new(CLASSES, NULL);
    double     right = 0;
    if (loader && validation && scores &&
        wg_train(&(struct wg_training){.tape = tape,
                                       .network = network,
                                       .loader = loader,
                                       .optimiser = optimiser,
                                       .epochs = epochs,
                                       .schedule = wg_schedule_one_cycle(
                                           0.01, epochs * wg_loader_batches(loader)),
                                       .progress = stderr},
                 NULL) &&
        wg_evaluate(tape, network, validation, NULL, NULL, scores))
        right = wg_scores_accuracy(scores);
    wg_loader_free(loader);
    wg_loader_free(validation);
    wg_scores_free(scores);
    return right;
}

int main(int count, char **arguments)
{
    const bool small = count == 2 && strcmp(arguments[1], "small") == 0;
    if (count > 1 && !small) {
        printf("usage: %s [small]    small: learn from 2,000 images\n", arguments[0]);
        return strncmp(arguments[1], "--", 2) ? 2 : 0; /* --help is no mistake */
    }
    wg_images_files files = {
        .folder = "/usr/share/datasets/fashion-mnist", .part = "train", .classes = CLASSES};
    wg_images    seen = {0}, unseen = {0};
    wg_tape     *tape = wg_tape_new();
    const double wanted = small ? 70 : 88;
    char         reason[WG_REASON] = "";
    if (small) files.folder = "data/fashion-mnist-small";
    bool good = wg_images_read(&files, &seen, reason);
    files.part = "t10k";
    good = good && wg_images_read(&files, &unseen, reason);
    const double right = good ? 100 * learn(tape, &seen, &unseen, small ? 2 : 3) : 0;
    const char  *error = wg_tape_error(tape) ? wg_tape_error(tape) : reason;
    if (*error) fprintf(stderr, "%s\n", error);
    good = !*error && right >= wanted;
    printf("%s: %.2f %% of unseen images right, %g or more wanted\n", good ? "ok" : "FAILED", right,
           wanted);
    wg_tape_free(tape);
    wg_images_free(&seen);
    wg_images_free(&unseen);
    return good ? 0 : 1;
}
