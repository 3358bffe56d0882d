// SPDX-License-Identifier: MIT
/* The second notes' network: convolution, ReLU, flatten, dense, softmax, cross-entropy. First their
   walkthrough on 3 x 3 points, then Fashion-MNIST: three epochs of stochastic gradient descent. */
#include <math.h>
#include <stdlib.h>
#include <wengert/wengert.h>

struct network {
    wg_tensor *k, *b, *wd, *bd, *zc, *ac, *af, *zd, *yhat, *l;
};

/* x (n,1,h,w) f32, y (n) the classes; `filters` is the shape of K. */
static struct network network(wg_tensor *x, wg_tensor *y, wg_shape filters, int64_t classes)
{
    wg_tape       *tape = wg_tape_of(x);
    struct network n = {.k = wg_param(tape, "K", WG_F32, filters),
                        .b = wg_param(tape, "b", WG_F32, WG_SHAPE(filters.dim[0]))};
    n.zc = wg_name(wg_conv2d(x, n.k, n.b), "Zc");
    n.ac = wg_name(wg_relu(n.zc), "Ac");
    n.af = wg_name(wg_flatten(n.ac, 1), "Af");
    n.wd = wg_param(tape, "Wd", WG_F32, WG_SHAPE(wg_shape_of_tensor(n.af).dim[1], classes));
    n.bd = wg_param(tape, "bd", WG_F32, WG_SHAPE(classes));
    n.zd = wg_name(wg_add(wg_matmul(n.af, n.wd), n.bd), "Zd");
    n.yhat = wg_name(wg_softmax(n.zd, 1), "yhat");
    n.l = wg_name(wg_cross_entropy(n.zd, y), "L");
    return n;
}

/* Z = -4 shuts the first filter off; an opposite second one learns. `loss` is PyTorch's. */
static bool walkthrough(int filters, double loss)
{
    wg_tape             *tape = wg_tape_new();
    wg_tensor           *x = wg_input(tape, "X", WG_F32, WG_SHAPE(1, 1, 3, 3));
    wg_tensor           *y = wg_input(tape, "y", WG_U8, WG_SHAPE(1));
    const struct network n = network(x, y, WG_SHAPE(filters, 1, 2, 2), 3);
    const wg_gradients  *d = wg_backward(n.l);
    const wg_tensors     shown = WG_TENSORS(
        n.zc, n.ac, n.af, n.zd, n.yhat, n.l, wg_name(wg_gradient_of(d, n.k), "dK"),
        wg_name(wg_gradient_of(d, n.b), "db"), wg_name(wg_gradient_of(d, n.wd), "dWd"),
        wg_name(wg_gradient_of(d, n.bd), "dbd"));
    float                wd[24];
    for (int i = 0; i < 24; i++) wd[i] = 0.05f * sinf((float)(1 + i));
    wg_write(x, ((float[]){1, 2, 3, 4, 5, 6, 7, 8, 9}), 9);
    wg_write_all(y, 1);
    wg_write(n.k, ((float[]){1, 0, 0, -1, -1, 0, 0, 1}), 4 * filters);
    wg_write(n.wd, wd, 12 * filters);
    wg_write(n.bd, ((float[]){0.1f, 0, -0.1f}), 3);
    for (int i = 0; i < shown.count; i++)
        wg_print(shown.at[i], stdout, &(wg_print_options){.precision = 6});
    const bool learns = wg_item(wg_sum(wg_abs(wg_gradient_of(d, n.k)))) > 0;
    const bool good = learns == (filters > 1) && fabs(wg_item(n.l) - loss) < 1e-6;
    printf("%s: %s learns\n\n", good ? "ok" : "FAILED", learns ? "filter 2" : "only bd");
    wg_tape_free(tape);
    return good;
}

/* Once through the set, learning unless the rate is 0; returns the percentage told right. */
static double epoch(wg_tape *tape, const wg_images *set, int64_t batch, double rate)
{
    wg_tape_clear(tape);
    wg_tensor           *x = wg_input(tape, "X", WG_U8, WG_SHAPE(batch, 1, 28, 28));
    wg_tensor           *y = wg_input(tape, "y", WG_U8, WG_SHAPE(batch));
    const struct network n = network(wg_div(wg_cast(x, WG_F32), 255), y, WG_SHAPE(8, 1, 3, 3), 10);
    wg_tensor           *hits = wg_sum(wg_eq(wg_argmax(n.zd, 1), wg_cast(y, WG_I64)));
    wg_tensors           updates = {0};
    if (rate > 0) updates = wg_sgd(wg_backward(n.l), .rate = wg_scalar(tape, "rate", rate));
    wg_plan      *plan = wg_plan_new(hits, .updates = updates);
    const int64_t count = set->labels.type.count / batch * batch;
    double        right = 0;
    for (int64_t i = 0; i < count; i += batch) {
        wg_write(x, (const uint8_t *)set->pixels.data + i * 28 * 28, batch * 28 * 28);
        wg_write(y, (const uint8_t *)set->labels.data + i, batch);
        if (!wg_plan_run(plan)) return 0;
        right += wg_item(hits);
    }
    return 100 * right / (double)count;
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
    if (count > 3 || (rest && *rest)) {
        printf("usage: %s [SEED [small]]    small: learn from 2,000 images\n", arguments[0]);
        return *rest == '-' ? 0 : 2; /* --help is no mistake */
    }
    wg_images    train = {0}, test = {0};
    bool         good = walkthrough(1, 1.1019428482) && walkthrough(2, 1.0996484605);
    const bool   all = count < 3 && load("/usr/share/datasets/fashion-mnist", &train, &test);
    const double wanted = all ? 87 : 80;
    if (!all && !load("data/fashion-mnist-small", &train, &test)) return 1;
    wg_tape *tape = wg_tape_new();
    double   right = epoch(tape, &test, 500, 0); /* records the params, for their first values */
    wg_init_uniform(tape, seed);
    wg_init_param_uniform(wg_param_find(tape, "Wd"), -1 / sqrt(5408), 1 / sqrt(5408), seed);
    for (int i = 1; i <= (all ? 3 : 10); i++) {
        const double trained = epoch(tape, &train, 32, 0.1);
        right = epoch(tape, &test, 500, 0);
        printf("epoch %d: learning %.2f %%, tested %.2f %% right\n", i, trained, right);
    }
    good = good && right >= wanted && !wg_tape_error(tape);
    printf("%s: %.2f %% of unseen images right, %g or more wanted\n", good ? "ok" : "FAILED", right,
           wanted);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_images_free(&train);
    wg_images_free(&test);
    wg_tape_free(tape);
    return good ? 0 : 1;
}
