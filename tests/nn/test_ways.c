// SPDX-License-Identifier: MIT
/* Ways of making first values: bits, moments, bounds, exact properties, what is refused; and which
   way each layer takes by itself. */
#include <wengert/wengert.h>

#include "../support/expect.h"

#include <stdlib.h>

static wg_tape *seeded(uint64_t seed)
{
    return wg_tape_new_with(&(wg_tape_options){.seed = seed});
}

/* Philox4x32-10 and the polar method by another program: key 42, param 0, then key 0x123456789,
   param 2. The program runs on every instruction set. */
START_TEST(normal_numbers_are_the_same_bits_everywhere)
{
    const double first[] = {-0x1.4d1b70cdbb397p+0, 0x1.4e191ba7ed4f1p-3, -0x1.553498ca95903p+0,
                            0x1.76154d603c600p-1, 0x1.84b5bc65f0175p+0};
    const double third[] = {-0x1.f6883b8bcab05p-1, -0x1.3d22aa977c2ebp+0, 0x1.9129b58d5c950p-1,
                            0x1.5d03a09bf9a35p-1};
    const double cut[] = {-0x1.03a87f2c83acfp-2, 0x1.4e191ba7ed4f1p-3, 0x1.5341c20a4c5a6p-3,
                          0x1.425b241b0b95fp-3};
    wg_tape     *tape = seeded(42);
    wg_tensor   *a = wg_param(tape, "a", WG_F64, WG_SHAPE(5));
    wg_tensor   *b = wg_param(tape, "b", WG_F32, WG_SHAPE(5));
    wg_tensor   *c = wg_param(tape, "c", WG_F64, WG_SHAPE(2, 2));
    EXPECT(wg_init(a, WG_INIT_NORMAL));
    for (int i = 0; i < 5; i++) EXPECT(wg_element(a, i) == first[i]);
    EXPECT(wg_init(a, WG_INIT_TRUNCATED_NORMAL, .lo = -0.5, .hi = 0.25));
    for (int i = 0; i < 4; i++) EXPECT(wg_element(a, i) == cut[i]);
    wg_tape_seed(tape, 0x123456789);
    EXPECT(wg_tape_seed_of(tape) == 0x123456789 && wg_init(c, WG_INIT_NORMAL));
    for (int i = 0; i < 4; i++) EXPECT(wg_element(c, i) == third[i]);
    EXPECT(wg_init(b, WG_INIT_NORMAL) && wg_element(b, 0) != wg_element(c, 0));
    wg_tape_free(tape);
}
END_TEST

/* ---- moments and bounds ---- */

struct moments {
    double least, most, mean, square;
};

static struct moments moments_of(wg_tensor *w)
{
    struct moments m = {.least = INFINITY, .most = -INFINITY};
    const double   n = (double)wg_count_of(w);
    for (int64_t i = 0; i < wg_count_of(w); i++) {
        const double value = wg_element(w, i);
        m.least = fmin(m.least, value);
        m.most = fmax(m.most, value);
        m.mean += value / n;
        m.square += value * value / n;
    }
    return m;
}

enum { OUT = 60, IN = 20, FIELD = 6, COUNT = OUT * IN * FIELD };

/* Mean 0 and this deviation, within four of the deviations that 7,200 numbers leave them. */
static void expect_normal(const struct moments *m, double sd)
{
    const double n = COUNT;
    EXPECT_MSG(fabs(m->mean) < 4 * sd / sqrt(n), "mean %g, sd %g", m->mean, sd);
    EXPECT_MSG(fabs(m->square / (sd * sd) - 1) < 4 * sqrt(2 / n), "variance %g", m->square);
    EXPECT(m->most > 3 * sd && m->least < -3 * sd && m->most < 6 * sd && m->least > -6 * sd);
}

static void expect_uniform(const struct moments *m, double bound)
{
    const double n = COUNT;
    EXPECT(m->most <= bound && m->least >= -bound);
    EXPECT(m->most > 0.998 * bound && m->least < -0.998 * bound);
    EXPECT(fabs(m->mean) < 4 * bound / sqrt(3 * n));
    EXPECT(fabs(m->square * 3 / (bound * bound) - 1) < 4 * sqrt(0.8 / n));
}

START_TEST(fans_and_gains_are_pytorchs)
{
    const double in = IN * FIELD, out = OUT * FIELD;
    const struct {
        wg_init_settings set;
        double           sd, bound;
    } ways[] = {
        {{.way = WG_INIT_XAVIER_UNIFORM}, 0, sqrt(6 / (in + out))},
        {{.way = WG_INIT_XAVIER_UNIFORM, .gain = WG_GAIN_TANH}, 0, 5 / 3.0 * sqrt(6 / (in + out))},
        {{.way = WG_INIT_XAVIER_NORMAL}, sqrt(2 / (in + out)), 0},
        {{.way = WG_INIT_XAVIER_NORMAL, .gain = WG_GAIN_SELU}, 0.75 * sqrt(2 / (in + out)), 0},
        {{.way = WG_INIT_KAIMING_UNIFORM}, 0, sqrt(6 / in)},
        {{.way = WG_INIT_KAIMING_UNIFORM, .fan_out = true, .gain = 1}, 0, sqrt(3 / out)},
        {{.way = WG_INIT_KAIMING_NORMAL}, sqrt(2 / in), 0},
        {{.way = WG_INIT_KAIMING_NORMAL, .fan_out = true}, sqrt(2 / out), 0},
        {{.way = WG_INIT_KAIMING_NORMAL, .gain = wg_gain_leaky_relu(2)}, sqrt(0.4 / in), 0},
        {{.way = WG_INIT_NORMAL}, 1, 0},
        {{.way = WG_INIT_NORMAL, .sd = 0.02}, 0.02, 0},
    };
    wg_tape   *tape = seeded(3);
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(OUT, IN, 2, 3));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        EXPECT(wg_init_with(w, ways[i].set));
        const struct moments m = moments_of(w);
        if (ways[i].sd > 0)
            expect_normal(&m, ways[i].sd);
        else
            expect_uniform(&m, ways[i].bound);
    }
    wg_tape_free(tape);
}
END_TEST

START_TEST(plain_ways_keep_to_their_settings)
{
    wg_tape       *tape = seeded(5);
    wg_tensor     *w = wg_param(tape, "w", WG_F32, WG_SHAPE(OUT, IN, 2, 3));
    struct moments m;
    EXPECT(wg_is_new(w) && wg_init(w, WG_INIT_CONSTANT) && !wg_is_new(w));
    m = moments_of(w);
    EXPECT(m.least == 0 && m.most == 0);
    EXPECT(wg_init(w, WG_INIT_CONSTANT, .value = 0.75) && wg_element(w, 7199) == 0.75);
    EXPECT(wg_init(w, WG_INIT_UNIFORM));
    m = moments_of(w);
    EXPECT(m.least >= 0 && m.least < 0.002 && m.most <= 1 && m.most > 0.998);
    EXPECT(wg_init(w, WG_INIT_NORMAL, .mean = 10, .sd = 0.5));
    m = moments_of(w);
    EXPECT(fabs(m.mean - 10) < 4 * 0.5 / sqrt(COUNT));
    EXPECT(wg_init(w, WG_INIT_TRUNCATED_NORMAL, .sd = 1.5));
    m = moments_of(w);
    EXPECT(m.least >= -2 && m.least < -1.9 && m.most <= 2 && m.most > 1.9);
    /* Of a normal cut at z = 4/3, the variance is sd^2 (1 - 2 z density(z) / share). */
    const double z = 4 / 3.0, density = exp(-z * z / 2) / sqrt(2 * acos(-1)),
                 share = erf(z / sqrt(2));
    EXPECT(fabs(m.square / (2.25 * (1 - 2 * z * density / share)) - 1) < 4 * sqrt(2.0 / COUNT));
    wg_tape_free(tape);
}
END_TEST

/* ---- exact properties ---- */

/* Lines of `n` numbers a `step` apart, `lines` of them `apart`: of length `gain`, at right angles. */
static void expect_orthogonal(wg_tensor *w, int64_t lines, int64_t apart, int64_t n, int64_t step,
                              double gain)
{
    const double *values = wg_values(w);
    for (int64_t a = 0; a < lines; a++)
        for (int64_t b = 0; b <= a; b++) {
            double product = 0;
            for (int64_t i = 0; i < n; i++)
                product += values[a * apart + i * step] * values[b * apart + i * step];
            EXPECT_CLOSE(product, a == b ? gain * gain : 0, 1e-14);
        }
}

START_TEST(orthogonal_lines_are)
{
    wg_tape   *tape = seeded(11);
    wg_tensor *flat = wg_param(tape, "flat", WG_F64, WG_SHAPE(7, 3, 5));
    wg_tensor *tall = wg_param(tape, "tall", WG_F64, WG_SHAPE(40, 9));
    wg_tensor *square = wg_param(tape, "square", WG_F64, WG_SHAPE(30, 30));
    wg_tensor *one = wg_param(tape, "one", WG_F64, WG_SHAPE(1, 1));
    EXPECT(wg_init(flat, WG_INIT_ORTHOGONAL) && wg_init(one, WG_INIT_ORTHOGONAL, .gain = 3));
    EXPECT(wg_init(tall, WG_INIT_ORTHOGONAL, .gain = WG_GAIN_RELU));
    EXPECT(wg_init(square, WG_INIT_ORTHOGONAL));
    expect_orthogonal(flat, 7, 15, 15, 1, 1);
    expect_orthogonal(tall, 9, 1, 40, 9, sqrt(2));
    expect_orthogonal(square, 30, 30, 30, 1, 1);
    expect_orthogonal(square, 30, 1, 30, 30, 1);
    EXPECT(fabs(wg_item(one)) == 3);
    wg_tape_free(tape);
}
END_TEST

START_TEST(identity_and_dirac_pass_their_input_on)
{
    wg_tape   *tape = seeded(0);
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(3, 5));
    EXPECT(wg_init(w, WG_INIT_IDENTITY));
    for (int i = 0; i < 15; i++) EXPECT(wg_element(w, i) == (i / 5 == i % 5));
    wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SHAPE(2, 4, 5, 3));
    wg_tensor *k = wg_param(tape, "k", WG_F64, WG_SHAPE(6, 2, 3, 3));
    EXPECT(wg_init(x, WG_INIT_NORMAL) && wg_init(k, WG_INIT_DIRAC, .groups = 2));
    wg_tensor *y = wg_conv2d(x, k, .pad = {1, 1}, .groups = 2);
    for (int n = 0; n < 2; n++)
        for (int c = 0; c < 6; c++)
            for (int i = 0; i < 15; i++) /* filters 0, 1, 3, 4 pass channels 0 to 3 on */
                EXPECT(wg_element(y, (n * 6 + c) * 15 + i) ==
                       (c % 3 == 2 ? 0 : wg_element(x, (n * 4 + c / 3 * 2 + c % 3) * 15 + i)));
    wg_tape_free(tape);
}
END_TEST

START_TEST(f32_begins_as_f64_rounded_and_each_param_otherwise)
{
    const wg_init_way ways[] = {WG_INIT_NORMAL, WG_INIT_TRUNCATED_NORMAL, WG_INIT_XAVIER_UNIFORM,
                                WG_INIT_KAIMING_NORMAL, WG_INIT_ORTHOGONAL};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        wg_tape   *narrow = seeded(9), *wide = seeded(9);
        wg_tensor *a = wg_param(narrow, "a", WG_F32, WG_SHAPE(4, 3));
        wg_tensor *b = wg_param(wide, "b", WG_F64, WG_SHAPE(4, 3));
        wg_tensor *c = wg_param(wide, "c", WG_F64, WG_SHAPE(4, 3));
        EXPECT(wg_init(a, ways[i]) && wg_init(b, ways[i]) && wg_init(c, ways[i]));
        for (int k = 0; k < 12; k++) {
            EXPECT(wg_element(a, k) == (double)(float)wg_element(b, k));
            EXPECT(wg_element(b, k) != wg_element(c, k));
        }
        wg_tape_seed(wide, 10);
        const double before = wg_element(b, 5);
        EXPECT(wg_init(b, ways[i]) && wg_element(b, 5) != before);
        wg_tape_seed(wide, 9);
        EXPECT(wg_init(b, ways[i]) && wg_element(b, 5) == before);
        wg_tape_free(narrow);
        wg_tape_free(wide);
    }
}
END_TEST

/* ---- refused ---- */

static void expect_refused(wg_tensor *w, wg_init_settings set, const char *wanted)
{
    wg_tape *tape = wg_tape_of(w);
    EXPECT(!wg_init_with(w, set));
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, wanted), "\"%s\" without \"%s\"", error ? error : "none",
               wanted);
    EXPECT(wg_element(w, 0) == 4);
    wg_tape_error_clear(tape);
}

START_TEST(what_cannot_be_made_is_refused_and_nothing_changes)
{
    wg_tape   *tape = seeded(0);
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(4, 3)),
              *b = wg_param(tape, "b", WG_F64, WG_SHAPE(4));
    wg_tensor *k = wg_param(tape, "k", WG_F32, WG_SHAPE(4, 3, 2));
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(2));
    EXPECT(wg_write_all(w, 4) && wg_write_all(b, 4) && wg_write_all(x, 4) && wg_write_all(k, 4));
    expect_refused(x, (wg_init_settings){.way = WG_INIT_NORMAL}, "init: \"x\" is not a param");
    expect_refused(w, (wg_init_settings){.way = WG_INIT_DEFAULT},
                   "init: \"w\": there is no such way");
    expect_refused(w, (wg_init_settings){.way = (wg_init_way)99}, "there is no such way");
    const char *const rank = "the rank is not one that this way takes";
    expect_refused(b, (wg_init_settings){.way = WG_INIT_XAVIER_UNIFORM}, rank);
    expect_refused(b, (wg_init_settings){.way = WG_INIT_KAIMING_NORMAL}, rank);
    expect_refused(b, (wg_init_settings){.way = WG_INIT_ORTHOGONAL}, rank);
    expect_refused(k, (wg_init_settings){.way = WG_INIT_IDENTITY}, rank);
    expect_refused(w, (wg_init_settings){.way = WG_INIT_DIRAC}, rank);
    expect_refused(k, (wg_init_settings){.way = WG_INIT_DIRAC, .groups = 3},
                   "the groups do not divide");
    expect_refused(k, (wg_init_settings){.way = WG_INIT_DIRAC, .groups = -1},
                   "the groups do not divide");
    expect_refused(w, (wg_init_settings){.way = WG_INIT_NORMAL, .sd = -1},
                   "the deviation is negative");
    expect_refused(w, (wg_init_settings){.way = WG_INIT_NORMAL, .mean = NAN},
                   "a setting is not finite");
    expect_refused(w, (wg_init_settings){.way = WG_INIT_UNIFORM, .lo = 2, .hi = 1},
                   "2 to 1 is no range of f32");
    expect_refused(w, (wg_init_settings){.way = WG_INIT_TRUNCATED_NORMAL, .lo = 3, .hi = 9},
                   "the bounds hold less than a hundredth of the distribution");
    expect_refused(w, (wg_init_settings){.way = WG_INIT_TRUNCATED_NORMAL, .lo = 0.1, .hi = 0.1},
                   "a hundredth");
    EXPECT(!wg_init(NULL, WG_INIT_NORMAL) && !wg_is_new(NULL));
    wg_tape_free(tape);
}
END_TEST

/* ---- layers ---- */

static wg_tensor *find(wg_tape *tape, const char *name)
{
    wg_tensor *param = wg_param_find(tape, name);
    EXPECT_MSG(param, "no param %s", name);
    return param;
}

static void expect_bound(wg_tape *tape, const char *name, double bound)
{
    const struct moments m = moments_of(find(tape, name));
    const bool           within = m.most <= bound && m.least >= -bound;
    EXPECT_MSG(within && m.most > 0.7 * bound && m.least < -0.7 * bound, "%s: %g to %g, not %g",
               name, m.least, m.most, bound);
}

START_TEST(layers_begin_as_pytorchs_do)
{
    wg_tape   *tape = seeded(21);
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(2, 6, 5, 50));
    wg_nn_linear(x, "linear", .outputs = 40);
    wg_nn_conv2d(x, "conv", .filters = 40, .kernel = {3, 2}, .groups = 2);
    wg_nn_conv_transpose2d(x, "up", .filters = 50, .kernel = {2, 2}, .groups = 2);
    wg_nn_layer_norm(x, "norm");
    wg_tensor *index = wg_input(tape, "index", WG_I64, WG_SHAPE(3));
    wg_nn_embedding(index, "table", .rows = OUT * IN, .width = FIELD, .dtype = WG_F64);
    wg_nn_embedding(index, "padded", .rows = 9, .width = 4, .padded = true, .padding = 3);
    wg_nn_linear(x, "own", .outputs = 50, .weight = {.way = WG_INIT_ORTHOGONAL},
                 .bias = {.way = WG_INIT_CONSTANT, .value = 0.5});
    wg_tensor *sequence = wg_reshape(x, WG_SHAPE(2, 30, 50));
    wg_nn_gru(sequence, "gru", .hidden = 12, .layers = 2, .both_ways = true);
    wg_nn_attention(sequence, "attn", .heads = 5);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    expect_bound(tape, "gru/weight_ih_l0_reverse", 1 / sqrt(12));
    expect_bound(tape, "gru/weight_hh_l1", 1 / sqrt(12));
    expect_bound(tape, "gru/bias_hh_l1_reverse", 1 / sqrt(12));
    expect_bound(tape, "attn/in_proj_weight", sqrt(6.0 / 200));
    expect_bound(tape, "attn/out_proj/weight", 1 / sqrt(50));
    EXPECT(wg_element(find(tape, "attn/in_proj_bias"), 7) == 0);
    EXPECT(wg_element(find(tape, "attn/out_proj/bias"), 7) == 0);
    expect_bound(tape, "linear/weight", 1 / sqrt(50));
    expect_bound(tape, "linear/bias", 1 / sqrt(50));
    expect_bound(tape, "conv/weight", 1 / sqrt(3 * 6));
    expect_bound(tape, "conv/bias", 1 / sqrt(3 * 6));
    expect_bound(tape, "up/weight", 1 / sqrt(25 * 4));
    expect_bound(tape, "up/bias", 1 / sqrt(25 * 4));
    EXPECT(wg_element(find(tape, "norm/weight"), 49) == 1 &&
           wg_element(find(tape, "norm/bias"), 9) == 0);
    const struct moments table = moments_of(find(tape, "table/weight"));
    expect_normal(&table, 1);
    for (int i = 0; i < 36; i++)
        EXPECT((wg_element(find(tape, "padded/weight"), i) == 0) == (i / 4 == 3));
    expect_orthogonal(find(tape, "own/weight"), 50, 50, 50, 1, 1);
    EXPECT(wg_element(find(tape, "own/bias"), 3) == 0.5);
    wg_tape_free(tape);
}
END_TEST

START_TEST(values_of_the_program_are_kept)
{
    wg_tape   *tape = seeded(1);
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 3));
    EXPECT(wg_write_all(wg_param(tape, "fc/weight", WG_F32, WG_SHAPE(4, 3)), 7));
    wg_tape_clear(tape);
    x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 3));
    EXPECT(wg_nn_linear(x, "fc", .outputs = 4));
    EXPECT(wg_element(find(tape, "fc/weight"), 11) == 7 &&
           wg_element(find(tape, "fc/bias"), 0) != 0);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn: ways");
    TCase *cases = tcase_create("ways");
    tcase_add_test(cases, normal_numbers_are_the_same_bits_everywhere);
    tcase_add_test(cases, fans_and_gains_are_pytorchs);
    tcase_add_test(cases, plain_ways_keep_to_their_settings);
    tcase_add_test(cases, orthogonal_lines_are);
    tcase_add_test(cases, identity_and_dirac_pass_their_input_on);
    tcase_add_test(cases, f32_begins_as_f64_rounded_and_each_param_otherwise);
    tcase_add_test(cases, what_cannot_be_made_is_refused_and_nothing_changes);
    tcase_add_test(cases, layers_begin_as_pytorchs_do);
    tcase_add_test(cases, values_of_the_program_are_kept);
    suite_add_tcase(suite, cases);
    return expect_run(suite);
}
