// SPDX-License-Identifier: MIT
/*
 * The networks of both notes against PyTorch in float64: every value and every derivative, the
 * Hessian-vector product and one step of gradient descent, to 1e-12. The numbers are in
 * tests/golden, and each of them is used.
 */
#include <wengert/graph/derive.h>
#include <wengert/graph/plan.h>
#include <wengert/nn/optimiser.h>
#include <wengert/ops/ops.h>

#include "../support/expect.h"

#include <ctype.h>
#include <stdlib.h>

enum { MOST = 64 };

/* A JSON text, or the part of it between two keys, and how many of its numbers were used. */
struct reference {
    char *text, *begin;
    int   used;
};

/* A file in tests/golden between `from` and `to`; NULL: from its beginning, to its end. */
static struct reference reference_of(const char *name, const char *from, const char *to)
{
    char path[100];
    snprintf(path, sizeof path, "tests/golden/%s", name);
    FILE *file = fopen(path, "r");
    EXPECT_MSG(file, "cannot open %s", path);
    char  *text = calloc(1, 100000);
    size_t bytes = text ? fread(text, 1, 99999, file) : 0;
    fclose(file);
    EXPECT(bytes > 0 && bytes < 99999);
    char *begin = from ? strstr(text, from) : text, *end = to ? strstr(text, to) : text + bytes;
    EXPECT(begin && end);
    *end = 0;
    return (struct reference){.text = text, .begin = begin};
}

/* Ends with the reference: every number in it was used, and used once. */
static void reference_done(struct reference *json)
{
    int  numbers = 0;
    bool quoted = false, inside = false;
    for (const char *at = json->begin; *at; at++) {
        if (*at == '"') quoted = !quoted;
        const bool number = !quoted && strchr("+-.0123456789eE", *at) != NULL;
        numbers += number && !inside;
        inside = number;
    }
    EXPECT_MSG(json->used == numbers, "%d of %d numbers used", json->used, numbers);
    free(json->text);
}

/* Just behind "section", "key" of a JSON text. */
static const char *find(const char *json, const char *section, const char *key)
{
    char quoted[2][32];
    snprintf(quoted[0], sizeof quoted[0], "\"%s\":", section);
    snprintf(quoted[1], sizeof quoted[1], "\"%s\":", key);
    const char *at = strstr(json, quoted[0]);
    at = at ? strstr(at, quoted[1]) : NULL;
    EXPECT_MSG(at, "no %s in %s", key, section);
    return at + strlen(quoted[1]);
}

/* The numbers below "section", "key", brackets left out; how many there are. */
static int numbers_of(struct reference *json, const char *section, const char *key,
                      double out[MOST])
{
    const char *at = find(json->begin, section, key);
    int count = 0, depth = 0;
    do {
        at += strspn(at, " \n,");
        if (*at == '[' || *at == ']') {
            depth += *at++ == '[' ? 1 : -1;
        } else {
            char *end;
            EXPECT(count < MOST);
            out[count++] = strtod(at, &end);
            EXPECT(end > at);
            at = end;
        }
    } while (depth > 0);
    json->used += count;
    return count;
}

/* Writes a leaf from the reference; one that is not f64 has one element. */
static void write_leaf(struct reference *json, wg_tensor *leaf)
{
    double    values[MOST];
    const int count = numbers_of(json, "inputs", wg_name_of(leaf), values);
    if (wg_dtype_of(leaf) == WG_F64)
        EXPECT(wg_write(leaf, values, count));
    else
        EXPECT(count == 1 && wg_write_all(leaf, values[0]));
}

/* Compares a tensor with section/key of the reference: to 1e-12, relative beyond 1. */
static void compare(struct reference *json, const char *section, const char *key, wg_tensor *tensor)
{
    double    wanted[MOST];
    const int count = numbers_of(json, section, key, wanted);
    EXPECT_MSG(wg_count_of(tensor) == count, "%s %s: %lld numbers, not %d", section, key,
               (long long)wg_count_of(tensor), count);
    for (int i = 0; i < count; i++) {
        const double got = wg_element(tensor, i);
        EXPECT_MSG(fabs(got - wanted[i]) <= 1e-12 * fmax(1, fabs(wanted[i])),
                   "%s %s[%d]: %.17g, wanted %.17g", section, key, i, got, wanted[i]);
    }
}

/* Compares named tensors with "values", and the loss's gradients by them with "gradients". */
static void compare_all(struct reference *json, wg_tensor *loss, wg_tensors values,
                        wg_tensors leaves)
{
    wg_tape         *tape = wg_tape_of(loss);
    const wg_tensors wanted = wg_join(tape, values, leaves);
    const wg_tensors gradients = wg_grad(WG_TENSORS(loss), (wg_tensors){0}, wanted);
    for (int i = 0; i < values.count; i++)
        compare(json, "values", wg_name_of(values.at[i]), values.at[i]);
    for (int i = 0; i < gradients.count; i++) {
        char key[16];
        snprintf(key, sizeof key, "d%s", wg_name_of(wanted.at[i]));
        compare(json, "gradients", key, gradients.at[i]);
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    EXPECT(gradients.count == values.count + leaves.count);
}

/* The same products by differences of the formulas in 60 digits. PyTorch adds 1e-12 to the
   divisors of this loss's second derivative, which puts its numbers off by up to 1.01e-12. */
static const double exact_products[] = {
    -0.18620006280128435, -0.38459107527146083, 0.28530494800913108, 0.42135599122725353,
    0.10831614144751152,  -0.44926786816495014, -0.41572016081772114, 0.22985807647930607,
    0.35648826557028441,  0.10388992340091224,  -0.11734691349632209, -0.66998158617216574,
    -0.24022872007814945, 0.41206292210103099,  0.18518707795170317};

static void compare_hessian(struct reference *json, wg_tensor *loss, wg_tensors params)
{
    wg_tape   *tape = wg_tape_of(loss);
    wg_tensor *direction[4];
    for (int i = 0; i < params.count; i++) {
        double    v[MOST];
        const int count = numbers_of(json, "direction", wg_name_of(params.at[i]), v);
        direction[i] = wg_constant(tape, WG_F64, wg_shape_of_tensor(params.at[i]), v, count);
    }
    const wg_tensors directions = {.count = params.count, .at = direction};
    const wg_tensors products = wg_hvp(loss, params, directions);
    int at = 0;
    for (int i = 0; i < products.count; i++) {
        double    pytorchs[MOST];
        const int count = numbers_of(json, "hvp", wg_name_of(params.at[i]), pytorchs);
        EXPECT(wg_count_of(products.at[i]) == count);
        for (int k = 0; k < count; k++, at++) {
            EXPECT_CLOSE(wg_element(products.at[i], k), pytorchs[k], 1e-12);
            EXPECT_CLOSE(wg_element(products.at[i], k), exact_products[at], 1e-15);
        }
    }
    EXPECT(products.count == params.count && at == 15);
}

START_TEST(the_lectures_network_has_pytorchs_numbers)
{
    struct reference json = reference_of("lecture.json", NULL, NULL);

    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "X", WG_F64, WG_SHAPE(1, 1, 6, 6));
    wg_tensor *y = wg_input(tape, "Y", WG_F64, WG_SHAPE(1, 1));
    wg_tensor *w1 = wg_param(tape, "W1", WG_F64, WG_SHAPE(1, 1, 3, 3));
    wg_tensor *b1 = wg_param(tape, "B1", WG_F64, WG_SHAPE(1));
    wg_tensor *w2 = wg_param(tape, "W2", WG_F64, WG_SHAPE(1, 4));
    wg_tensor *b2 = wg_param(tape, "B2", WG_F64, WG_SHAPE(1));
    wg_tensor *z1 = wg_name(wg_conv2d(x, w1, b1), "Z1");
    wg_tensor *a1 = wg_name(wg_relu(z1), "A1");
    wg_tensor *p1 = wg_name(wg_max_pool2d(a1, .kernel = {2, 2}), "P1");
    wg_tensor *f = wg_name(wg_flatten(p1, 1), "F");
    wg_tensor *z2 = wg_name(wg_linear(f, w2, b2), "Z2");
    wg_tensor *a2 = wg_name(wg_sigmoid(z2), "A2");
    wg_tensor *loss = wg_name(wg_binary_cross_entropy(a2, y), "L");

    const wg_tensors leaves = WG_TENSORS(x, w1, b1, w2, b2);
    for (int i = 0; i < leaves.count; i++) write_leaf(&json, leaves.at[i]);
    write_leaf(&json, y);
    compare_all(&json, loss, WG_TENSORS(z1, a1, p1, f, z2, a2, loss), leaves);
    compare(&json, "values", "argmax", wg_output(p1, 1));
    compare_hessian(&json, loss, WG_TENSORS(w1, b1, w2, b2));
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
    reference_done(&json);
}
END_TEST

/* The second notes' 3 x 3 walkthrough with one filter or two, then one step at rate 0.1. */
static void compare_softmax(struct reference *json, int64_t filters)
{
    wg_tape    *tape = wg_tape_new();
    wg_tensor  *x = wg_input(tape, "X", WG_F64, WG_SHAPE(1, 1, 3, 3));
    wg_tensor  *y = wg_input(tape, "y", WG_I64, WG_SHAPE(1));
    wg_tensor  *k = wg_param(tape, "K", WG_F64, WG_SHAPE(filters, 1, 2, 2));
    wg_tensor  *b = wg_param(tape, "b", WG_F64, WG_SHAPE(filters));
    wg_tensor  *wd = wg_param(tape, "Wd", WG_F64, WG_SHAPE(4 * filters, 3));
    wg_tensor  *bd = wg_param(tape, "bd", WG_F64, WG_SHAPE(3));
    wg_tensor  *zc = wg_name(wg_conv2d(x, k, b), "Zc");
    wg_tensor  *ac = wg_name(wg_relu(zc), "Ac");
    wg_tensor  *af = wg_name(wg_flatten(ac, 1), "Af");
    wg_tensor  *zd = wg_name(wg_add(wg_matmul(af, wd), bd), "Zd");
    wg_tensor  *yhat = wg_name(wg_softmax(zd, 1), "yhat");
    wg_tensor  *loss = wg_name(wg_cross_entropy(zd, y), "L");

    const wg_tensors params = WG_TENSORS(k, b, wd, bd);
    for (int i = 0; i < params.count; i++) write_leaf(json, params.at[i]);
    write_leaf(json, x);
    write_leaf(json, y);
    compare_all(json, loss, WG_TENSORS(zc, ac, af, zd, loss), params);
    compare(json, "values", "yhat", yhat);

    wg_tensor *rate = wg_scalar(tape, "rate", 0.1);
    wg_plan   *step = wg_plan_new(loss, .updates = wg_sgd(wg_backward(loss), .rate = rate));
    EXPECT(wg_plan_run(step));
    for (int i = 0; i < params.count; i++)
        compare(json, "after_sgd_rate_0_1", wg_name_of(params.at[i]), params.at[i]);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
    reference_done(json);
}

START_TEST(a_filter_that_relu_shuts_off_learns_nothing)
{
    struct reference json = reference_of("softmax.json", "\"a_one_filter\"", "\"b_two_filters\"");
    compare_softmax(&json, 1);
}
END_TEST

START_TEST(a_second_opposite_filter_learns)
{
    struct reference json = reference_of("softmax.json", "\"b_two_filters\"", NULL);
    compare_softmax(&json, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference");
    TCase *tests = tcase_create("the notes' networks");
    tcase_add_test(tests, the_lectures_network_has_pytorchs_numbers);
    tcase_add_test(tests, a_filter_that_relu_shuts_off_learns_nothing);
    tcase_add_test(tests, a_second_opposite_filter_learns);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
