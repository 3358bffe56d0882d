// SPDX-License-Identifier: MIT
/* What scripts/demo.sh runs: the network of softmax_cnn.c learns, is checked and is drawn. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include <wengert/wengert.h>

struct network {
    wg_tensor *x, *y, *wd, *zd, *loss;
};

static struct network network(wg_tape *tape, int64_t images)
{
    wg_tape_clear(tape);
    struct network n = {.x = wg_input(tape, "X", WG_U8, WG_SHAPE(images, 1, 28, 28)),
                        .y = wg_input(tape, "y", WG_U8, WG_SHAPE(images))};
    wg_tensor     *k = wg_param(tape, "K", WG_F32, WG_SHAPE(8, 1, 3, 3));
    wg_tensor     *b = wg_param(tape, "b", WG_F32, WG_SHAPE(8));
    n.wd = wg_param(tape, "Wd", WG_F32, WG_SHAPE(8 * 26 * 26, 10));
    wg_tensor *pixels = wg_name(wg_div(wg_cast(n.x, WG_F32), 255), "pixels");
    wg_tensor *zc = wg_name(wg_conv2d(pixels, k, b), "Zc");
    wg_tensor *af = wg_name(wg_flatten(wg_name(wg_relu(zc), "Ac"), 1), "Af");
    n.zd = wg_name(wg_add(wg_matmul(af, n.wd), wg_param(tape, "bd", WG_F32, WG_SHAPE(10))), "Zd");
    n.loss = wg_name(wg_cross_entropy(n.zd, n.y), "L");
    return n;
}

/* A bar that grows on a terminal, two lines an epoch elsewhere. */
static void show_progress(int epoch, int64_t done, int64_t all, double loss)
{
    const bool terminal = isatty(STDOUT_FILENO);
    const int  width = (int)(40 * done / all), before = (int)(40 * (done - 1) / all);
    if (width == before || (!terminal && width % 20)) return;
    printf("%sepoch %d [%-40.*s] loss %.3f%s", terminal ? "\r" : "", epoch, width,
           "########################################", loss, terminal && done < all ? "" : "\n");
    fflush(stdout);
}

static void write_batch(const struct network *n, const wg_images *set, int64_t first)
{
    wg_write(n->x, (const uint8_t *)set->pixels.data + first * 28 * 28, wg_count_of(n->x));
    wg_write(n->y, (const uint8_t *)set->labels.data + first, wg_count_of(n->y));
}

/* Once through the set, learning unless `epoch` is 0; returns the percentage told right. */
static double run(wg_tape *tape, const wg_images *set, int64_t batch, int epoch)
{
    struct network n = network(tape, batch);
    wg_tensor     *hits = wg_sum(wg_eq(wg_argmax(n.zd, 1), wg_cast(n.y, WG_I64)));
    wg_tensors     updates = {0};
    if (epoch) updates = wg_sgd(wg_backward(n.loss), .rate = wg_scalar(tape, "rate", 0.1));
    wg_plan      *plan = wg_plan_new(n.loss, .outputs = WG_TENSORS(hits), .updates = updates);
    const int64_t batches = set->labels.type.count / batch;
    double        right = 0, loss = 0; /* the mean of this epoch */
    for (int64_t i = 0; i < batches; i++) {
        write_batch(&n, set, batch * i);
        if (!wg_plan_run(plan)) return 0;
        right += wg_item(hits);
        loss += (wg_item(n.loss) - loss) / (double)(i + 1);
        if (epoch) show_progress(epoch, i + 1, batches, loss);
    }
    return 100 * right / (double)(batches * batch);
}

/* Writes PROGRAM.dot and, where Graphviz is installed, PROGRAM.svg. */
static bool draw(wg_tensor *loss, const char *program)
{
    char path[400], command[1000];
    snprintf(path, sizeof path, "%s.dot", program);
    snprintf(command, sizeof command, "dot -Tsvg '%s' -o '%s.svg' 2>/dev/null", path, program);
    if (!wg_dot_save(loss, path, .backward = true)) return false;
    printf("\nthe graph, forward and backward: %s\n", path);
    if (system(command) == 0) printf("its picture: %s.svg\n", program);
    return true;
}

static bool load(const char *folder, wg_images *train, wg_images *test)
{
    wg_images_files files = {.folder = folder, .part = "train", .classes = 10};
    char            reason[WG_REASON];
    bool            good = wg_images_read(&files, train, reason);
    files.part = "t10k";
    good = good && wg_images_read(&files, test, reason);
    printf("data: %s\n", good ? folder : reason);
    return good;
}

int main(int count, char **arguments)
{
    char          *rest = NULL;
    const uint64_t seed = count > 1 ? strtoull(arguments[1], &rest, 10) : 1;
    if (count > 2 || (rest && *rest)) {
        printf("usage: %s [SEED]    a number, which the first weights depend on\n", arguments[0]);
        return *rest == '-' ? 0 : 2; /* --help is no mistake */
    }
    wg_images    train = {0}, test = {0};
    const bool   all = load("/usr/share/datasets/fashion-mnist", &train, &test);
    const double wanted = all ? 87 : 80;
    if (!all && !load("data/fashion-mnist-small", &train, &test)) return 1;
    wg_tape       *tape = wg_tape_new();
    struct network n = network(tape, 2);
    wg_init_uniform(tape, seed);
    wg_init_param_uniform(n.wd, -1 / sqrt(8 * 26 * 26), 1 / sqrt(8 * 26 * 26), seed);
    for (int epoch = 1; epoch <= (all ? 3 : 10); epoch++) run(tape, &train, 32, epoch);
    const double trained = run(tape, &train, 500, 0), tested = run(tape, &test, 500, 0);
    printf("right: %.2f %% of the training, %.2f %% of the test images\n\n", trained, tested);
    n = network(tape, 2);
    write_batch(&n, &test, 0);
    const wg_check *check = wg_check_gradients(n.loss);
    wg_check_print(check, stdout);
    const bool good = draw(n.loss, arguments[0]) && wg_check_passed(check) && tested >= wanted;
    printf("\n%s: %.2f %% of %lld unseen images right, gradients checked, graph drawn\n",
           good ? "done" : "FAILED", tested, (long long)test.labels.type.count);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_images_free(&train);
    wg_images_free(&test);
    wg_tape_free(tape);
    return good ? 0 : 1;
}
