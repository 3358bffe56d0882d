// SPDX-License-Identifier: MIT
/*
 * The lecture's network, with 15 parameters: X -> Z1 -> A1 -> P1 -> F -> Z2 -> A2 -> L. First its
 * numbers for one image, in the lecture's names; then it learns sneakers and bags of 6 x 6 points.
 */
#include <math.h>
#include <wengert/wengert.h>

struct network {
    wg_tensor *x, *y, *w1, *b1, *w2, *b2, *z1, *a1, *p1, *f, *z2, *a2, *l;
};

static struct network network(wg_tape *tape)
{
    struct network n = {.x = wg_input(tape, "X", WG_F64, WG_SHAPE(1, 1, 6, 6)),
                        .y = wg_input(tape, "Y", WG_F64, WG_SHAPE(1, 1))};
    n.w1 = wg_param(tape, "W1", WG_F64, WG_SHAPE(1, 1, 3, 3));
    n.b1 = wg_param(tape, "B1", WG_F64, WG_SHAPE(1));
    n.w2 = wg_param(tape, "W2", WG_F64, WG_SHAPE(1, 4));
    n.b2 = wg_param(tape, "B2", WG_F64, WG_SHAPE(1));
    n.z1 = wg_name(wg_conv2d(n.x, n.w1, n.b1), "Z1");
    n.a1 = wg_name(wg_relu(n.z1), "A1");
    n.p1 = wg_name(wg_max_pool2d(n.a1, .kernel = {2, 2}), "P1");
    n.f = wg_name(wg_flatten(n.p1, 1), "F");
    n.z2 = wg_name(wg_linear(n.f, n.w2, n.b2), "Z2");
    n.a2 = wg_name(wg_sigmoid(n.z2), "A2");
    n.l = wg_name(wg_binary_cross_entropy(n.a2, n.y), "L");
    return n;
}

static bool claim(bool holds, const char *what)
{
    printf("%s: %s\n", holds ? "ok" : "FAILED", what);
    return holds;
}

/* The image and the weights of tests/golden/lecture.json, and all that follows from them. */
static bool show_numbers(wg_tape *tape)
{
    const struct network n = network(tape);
    double               x[36], w1[9];
    for (int k = 0; k < 36; k++) x[k] = sin(1.7 * k + 0.3);
    for (int j = 0; j < 9; j++) w1[j] = 0.5 * cos(2.3 * j + 0.1);
    wg_write(n.x, x, 36);
    wg_write(n.w1, w1, 9);
    wg_write(n.w2, ((double[]){0.31, -0.47, 0.59, 0.23}), 4);
    wg_write_all(n.b1, 0.07);
    wg_write_all(n.b2, -0.11);
    wg_write_all(n.y, 1);

    const wg_tensors shown =
        WG_TENSORS(n.w2, n.b2, n.w1, n.b1, n.x, n.z1, n.a1, n.p1, n.f, n.z2, n.a2, n.l);
    const wg_tensors       d = wg_grad(WG_TENSORS(n.l), (wg_tensors){0}, shown);
    const wg_print_options digits = {.precision = 12};
    for (int i = 0; i < shown.count; i++) {
        char name[8];
        snprintf(name, sizeof name, "d%s", wg_name_of(shown.at[i]));
        wg_print(shown.at[i], stdout, &digits);
        wg_print(wg_name(d.at[i], name), stdout, &digits);
    }
    wg_print(wg_name(wg_output(n.p1, 1), "argmax"), stdout, NULL);

    /* The lecture writes F as a column; here it is a row, so F^T is F. */
    wg_tensor *error = wg_sub(n.a2, n.y);
    wg_tensor *w2_gap = wg_sub(d.at[0], wg_matmul(wg_transpose(error), n.f));
    return claim(wg_param_elements(tape) == 15, "15 trainable parameters") &&
           claim(fabs(wg_item(n.l) - 0.5005143738549194) < 1e-12, "L is PyTorch's") &&
           claim(wg_item(wg_amax(wg_abs(w2_gap))) < 1e-12, "dW2 = (A2 - Y) F^T") &&
           claim(wg_item(wg_amax(wg_abs(wg_sub(d.at[1], error)))) < 1e-12, "dB2 = A2 - Y");
}

/* Writes picture i as 6 x 6 means, and what it shows; false when it is no sneaker and no bag. */
static bool write_sample(const struct network *n, const wg_images *set, int64_t i)
{
    const int class = ((const uint8_t *)set->labels.data)[i] - 7; /* sneaker 0, bag 1 */
    if (class != 0 && class != 1) return false;
    const uint8_t *pixel = (const uint8_t *)set->pixels.data + i * 28 * 28;
    double         x[36] = {0};
    for (int k = 0; k < 28 * 28; k++)
        x[k / 28 * 6 / 28 * 6 + k % 28 * 6 / 28] += pixel[k] / (28.0 * 28 * 255 / 36);
    return wg_write(n->x, x, 36) && wg_write_all(n->y, class);
}

static bool learn(wg_tape *tape, const wg_images *train, const wg_images *test)
{
    wg_tape_clear(tape);
    const struct network n = network(tape);
    wg_tensor           *rate = wg_scalar(tape, "rate", 0.05);
    wg_plan             *step = wg_plan_new(n.l, .updates = wg_sgd(wg_backward(n.l), .rate = rate));
    wg_init_uniform(tape, 1);
    for (int64_t i = 0; i < 60000; i++)
        if (write_sample(&n, train, i % train->labels.type.count)) wg_plan_run(step);

    int right = 0, seen = 0;
    for (int64_t i = 0; i < test->labels.type.count; i++) {
        if (!write_sample(&n, test, i)) continue;
        seen++;
        right += (wg_item(n.a2) > 0.5) == (wg_item(n.y) > 0.5);
    }
    char result[80];
    snprintf(result, sizeof result, "%d of %d unseen sneakers and bags right, 95 %% or more wanted",
             right, seen);
    return claim(seen > 0 && right >= 0.95 * seen, result);
}

int main(int count, char **arguments)
{
    if (count > 1) return printf("usage: %s\n", arguments[0]) < 0;
    wg_tape        *tape = wg_tape_new();
    wg_images       train = {0}, test = {0};
    char            reason[WG_REASON] = "";
    wg_images_files files = {.folder = "data/fashion-mnist-small", .part = "train", .classes = 10};
    bool            good = show_numbers(tape) && wg_images_read(&files, &train, reason);
    files.part = "t10k";
    good = good && wg_images_read(&files, &test, reason) && learn(tape, &train, &test);
    const char *error = *reason ? reason : wg_tape_error(tape);
    if (error) fprintf(stderr, "%s\n", error);
    wg_images_free(&train);
    wg_images_free(&test);
    wg_tape_free(tape);
    return good && !error ? 0 : 1;
}
