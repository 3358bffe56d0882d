// SPDX-License-Identifier: MIT
/* A siamese network on Fashion-MNIST: the same tower looks at two images and puts each at a place;
   places of the same class are to be near, of different ones a margin apart. Hadsell, Chopra and
   LeCun, "Dimensionality reduction by learning an invariant mapping", 2006. */
#include <math.h>
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 128, PIXELS = 28 * 28 };

struct network {
    wg_tensor *left, *right, *same, *right_told, *loss;
};

/* Where pairs are drawn from. */
struct source {
    wg_images images;
    uint32_t  seed, drawn; /* so many numbers so far */
};

/* Where an image (n, 1, 28, 28) lies: (n, 16). */
static wg_tensor *tower(wg_tensor *image)
{
    wg_tensor *h = wg_div(wg_cast(image, WG_F32), 255);
    h = wg_relu(wg_nn_conv2d(h, "conv1", .filters = 16, .kernel = {3, 3}, .padding = {1, 1}));
    h = wg_max_pool2d(h, .kernel = {2, 2});
    h = wg_relu(wg_nn_conv2d(h, "conv2", .filters = 32, .kernel = {3, 3}, .padding = {1, 1}));
    h = wg_flatten(wg_max_pool2d(h, .kernel = {2, 2}), 1);
    h = wg_relu(wg_nn_linear(h, "fc1", .outputs = 64));
    return wg_nn_linear(h, "fc2", .outputs = 16);
}

static struct network network(wg_tape *tape)
{
    struct network n = {.left = wg_input(tape, "left", WG_U8, WG_SHAPE(BATCH, 1, 28, 28)),
                        .right = wg_input(tape, "right", WG_U8, WG_SHAPE(BATCH, 1, 28, 28)),
                        .same = wg_input(tape, "same", WG_BOOL, WG_SHAPE(BATCH))};
    wg_tensor     *a = tower(n.left);
    wg_share_params(tape, true);
    wg_tensor *b = tower(n.right);
    wg_share_params(tape, false);
    wg_tensor *square = wg_sum(wg_square(wg_sub(a, b)), WG_AXES(1));
    wg_tensor *distance = wg_sqrt(wg_add(square, 1e-6)); /* the root has no slope at 0 */
    wg_tensor *push = wg_square(wg_relu(wg_sub(1, distance)));
    n.loss = wg_mean(wg_where(n.same, square, push));
    n.right_told = wg_sum(wg_eq(wg_lt(distance, 0.5), n.same));
    return n;
}

/* A number below `below`; the next one with each call. */
static int64_t draw(struct source *source, int64_t below)
{
    uint32_t out[4];
    wg_philox((uint32_t[]){source->drawn++, 0, 0, 0}, (uint32_t[]){source->seed, 0}, out);
    return out[0] % below;
}

/* Pairs of which every other one is of the same class. */
static void write_pairs(const struct network *n, struct source *source)
{
    const uint8_t *pixels = source->images.pixels.data, *classes = source->images.labels.data;
    const int64_t  count = source->images.labels.type.count;
    uint8_t        left[BATCH * PIXELS], right[BATCH * PIXELS];
    bool           same[BATCH];
    for (int64_t i = 0; i < BATCH; i++) {
        const int64_t a = draw(source, count);
        int64_t       b = draw(source, count);
        same[i] = i % 2;
        while ((classes[a] == classes[b]) != same[i]) b = draw(source, count);
        memcpy(left + i * PIXELS, pixels + a * PIXELS, PIXELS);
        memcpy(right + i * PIXELS, pixels + b * PIXELS, PIXELS);
    }
    wg_write(n->left, left, BATCH * PIXELS);
    wg_write(n->right, right, BATCH * PIXELS);
    wg_write(n->same, same, BATCH);
}

/* Learns; the share of unseen pairs that it tells right, in percent. */
static double learn(wg_tape *tape, struct source *seen, struct source *unseen, int64_t steps)
{
    const struct network n = network(tape);
    wg_tensor           *rate = wg_scalar(tape, "rate", 0);
    wg_plan *step = wg_plan_new(n.loss, .updates = wg_adam(wg_backward(n.loss), .rate = rate));
    const wg_schedule  schedule = wg_schedule_one_cycle(0.003, steps);
    struct wg_progress progress = {.file = stderr, .title = "learning", .steps = steps};
    for (int64_t i = 0; i < steps; i++) {
        char text[40];
        write_pairs(&n, seen);
        wg_write_all(rate, wg_schedule_at(&schedule, i));
        if (!wg_plan_run(step)) break;
        snprintf(text, sizeof text, "loss %.4f", wg_item(n.loss));
        wg_progress_show(&progress, i + 1, (i + 1) * BATCH, text);
    }
    wg_progress_end(&progress, NULL);
    const int batches = 80;
    double    right = 0;
    for (int i = 0; i < batches; i++) {
        write_pairs(&n, unseen);
        right += wg_item(n.right_told);
    }
    return 100 * right / (batches * BATCH);
}

int main(int count, char **arguments)
{
    const bool small = count == 2 && strcmp(arguments[1], "small") == 0;
    if (count > 1 && !small) {
        printf("usage: %s [small]    small: pairs of 2,000 images\n", arguments[0]);
        return strncmp(arguments[1], "--", 2) ? 2 : 0; /* --help is no mistake */
    }
    wg_images_files files = {
        .folder = "/usr/share/datasets/fashion-mnist", .part = "train", .classes = 10};
    struct source seen = {.seed = 1}, unseen = {.seed = 2};
    wg_tape      *tape = wg_tape_new();
    const double  wanted = small ? 82 : 91;
    double        right = 0;
    char          reason[WG_REASON] = "";
    if (small) files.folder = "data/fashion-mnist-small";
    bool good = wg_images_read(&files, &seen.images, reason);
    files.part = "t10k";
    good = good && wg_images_read(&files, &unseen.images, reason);
    if (good) right = learn(tape, &seen, &unseen, small ? 100 : 2000);
    good = good && right >= wanted && !wg_tape_error(tape);
    const char *error = wg_tape_error(tape) ? wg_tape_error(tape) : reason;
    if (*error) fprintf(stderr, "%s\n", error);
    printf("%s: %.2f %% of unseen pairs right, %g or more wanted\n", good ? "ok" : "FAILED", right,
           wanted);
    wg_tape_free(tape);
    wg_images_free(&seen.images);
    wg_images_free(&unseen.images);
    return good ? 0 : 1;
}
