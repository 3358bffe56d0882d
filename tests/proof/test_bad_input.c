// SPDX-License-Identifier: MIT
/*
 * Bad input that is found at once: each time the whole error is asserted, and that the tape goes
 * on. What only one op refuses is in tests/ops, what only a run finds in test_bad_data.c.
 */
#define _XOPEN_SOURCE 700
#include "refused.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static wg_tensor *f32(wg_tape *tape, const char *name, wg_shape shape)
{
    return wg_param(tape, name, WG_F32, shape);
}

/* ---- recording ---- */

START_TEST(settings_that_do_not_fit_are_refused_with_op_names_shapes_and_line)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = f32(tape, "x", WG_SHAPE(1, 1, 4, 4)), *w = f32(tape, "w", WG_SHAPE(2, 1, 3, 5));
    wg_tensor *y = wg_add(f32(tape, "m", WG_SHAPE(2, 3)), 1);
    EXPECT(!wg_conv2d(x, w));
    expect_error(tape, LAST_LINE,
                 "conv2d \"x\" (1,1,4,4) x \"w\" (2,1,3,5): horizontally: "
                 "kernel 5 with dilation 1 is larger than the image, 4 with pad 0");
    EXPECT(!wg_conv2d(x, w, .stride = {-1, 1}, .pad = {1, 1}));
    expect_error(tape, LAST_LINE,
                 "conv2d \"x\" (1,1,4,4) x \"w\" (2,1,3,5): stride (-1,1): must be positive");
    EXPECT(!wg_max_pool2d(x, .kernel = {2, 2}, .stride = {2, -2}));
    expect_error(tape, LAST_LINE, "max_pool2d \"x\" (1,1,4,4): stride (2,-2): must be positive");
    EXPECT(!wg_sum(y, WG_AXES(2)));
    expect_error(tape, LAST_LINE, "sum (2,3): axis 2 is out of range for rank 2");
    EXPECT(!wg_mean(y, WG_AXES(-3)));
    expect_error(tape, LAST_LINE, "mean (2,3): axis -3 is out of range for rank 2");
    EXPECT(!wg_amax(y, WG_AXES(1, -1)));
    expect_error(tape, LAST_LINE, "amax (2,3): axis -1 is named twice");
    EXPECT(!wg_matmul(y, y));
    expect_error(tape, LAST_LINE, "matmul (2,3) x (2,3): inner sizes differ, 3 and 2");
    EXPECT(!wg_output(y, 1));
    expect_error(tape, LAST_LINE, "there is no output 1");
    EXPECT_CLOSE(wg_item(wg_sum(y)), 6, 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(null_beside_a_tensor_is_an_error_and_null_alone_is_null)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *a = f32(tape, "a", WG_SHAPE(2)), *none = NULL;
    EXPECT(!wg_mul(a, none));
    expect_error(tape, LAST_LINE, "mul \"a\" (2,) x NULL: an input is NULL");
    EXPECT(!wg_matmul(none, a));
    expect_error(tape, LAST_LINE, "matmul NULL x \"a\" (2,): an input is NULL");
    EXPECT(!wg_cat(WG_TENSORS(a, none, a), 0));
    expect_error(tape, LAST_LINE, "cat \"a\" (2,) x NULL x \"a\" (2,): an input is NULL");
    EXPECT(!wg_assign(a, none));
    expect_error(tape, LAST_LINE, "assign NULL x \"a\" (2,): an input is NULL");
    EXPECT(!wg_plan_new(a, .outputs = WG_TENSORS(a, none)));
    expect_error(tape, LAST_LINE, "tensor 1 of a list is NULL");
    EXPECT(!wg_eval(WG_TENSORS(a, none)));
    expect_error(tape, LAST_LINE, "tensor 1 of a list is NULL");
    EXPECT(!wg_eval(WG_TENSORS(none, a)));
    expect_error(tape, LAST_LINE, "tensor 0 of a list is NULL");
    EXPECT(!wg_derivative(wg_sum(a), none));
    expect_error(tape, LAST_LINE, "tensor 0 of a list is NULL");
    EXPECT(!wg_derivative(none, a));
    expect_error(tape, LAST_LINE, "tensor 0 of a list is NULL");
    EXPECT(!wg_mul(none, none) && !wg_sum(none) && !wg_backward(none) && !wg_plan_new(none));
    EXPECT(!wg_plan_run(NULL) && isnan(wg_item(none)) && !wg_values(none));
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(tensors_of_two_tapes_do_not_meet)
{
    wg_tape   *tape = wg_tape_new(), *other = wg_tape_new();
    wg_tensor *a = f32(tape, "a", WG_SHAPE(2)), *b = f32(other, "b", WG_SHAPE(2)), *sum = wg_sum(a);
    EXPECT(!wg_mul(a, b));
    expect_error(tape, LAST_LINE, "mul \"a\" (2,) x \"b\" (2,): the inputs are of two tapes");
    EXPECT(!wg_mul(b, a));
    expect_error(other, LAST_LINE, "mul \"b\" (2,) x \"a\" (2,): the inputs are of two tapes");
    EXPECT(!wg_stack(WG_TENSORS(a, b), 0));
    expect_error(tape, LAST_LINE, "stack \"a\" (2,) x \"b\" (2,): the inputs are of two tapes");
    EXPECT(!wg_derivative(sum, b));
    expect_error(tape, LAST_LINE, "tensors of two tapes in one call");
    EXPECT(!wg_grad(WG_TENSORS(a), WG_TENSORS(b), WG_TENSORS(a)).at[0]);
    expect_error(tape, LAST_LINE, "tensors of two tapes in one call");
    EXPECT(!wg_plan_new(sum, .outputs = WG_TENSORS(b)));
    expect_error(tape, LAST_LINE, "tensors of two tapes in one call");
    EXPECT(!wg_eval(WG_TENSORS(a, b)));
    expect_error(tape, LAST_LINE, "tensors of two tapes in one call");
    EXPECT_TEXT(wg_tape_error(other), NULL);
    wg_tape_free(tape);
    wg_tape_free(other);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused_before_memory_is_asked_for)
{
    wg_tape      *tape = wg_tape_new();
    const int64_t most = INT64_MAX, big = (int64_t)1 << 40;
    EXPECT(!wg_param(tape, "w", WG_F32, WG_SHAPE(most, 2)));
    expect_error(tape, LAST_LINE, "leaf \"w\": there is no tensor of f32 (9223372036854775807,2)");
    EXPECT(!wg_input(tape, "x", WG_F64, WG_SHAPE(-1)));
    expect_error(tape, LAST_LINE, "leaf \"x\": there is no tensor of f64 (-1,)");
    wg_tensor *one = f32(tape, "one", WG_SCALAR);
    wg_tensor *column = wg_expand(one, WG_SHAPE(big, 1)), *row = wg_expand(one, WG_SHAPE(1, big));
    EXPECT(column && row);
    EXPECT(!wg_matmul(column, row));
    expect_error(tape, LAST_LINE,
                 "matmul (1099511627776,1) x (1,1099511627776): shape "
                 "(1099511627776,1099511627776) has a negative size or too many elements");
    EXPECT(!wg_add(column, row));
    expect_error(tape, LAST_LINE,
                 "expand (1099511627776,1): shape "
                 "(1099511627776,1099511627776) has a negative size or too many elements");
    wg_tensor *two = f32(tape, "two", WG_SHAPE(2));
    EXPECT(!wg_pad(two, .before = {most}));
    expect_error(tape, LAST_LINE, "pad \"two\" (2,): axis 0 becomes too long");
    EXPECT_CLOSE(wg_item(one), 0, 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(values_of_another_count_or_dtype_are_refused)
{
    wg_tape     *tape = wg_tape_new();
    wg_tensor   *x = wg_input(tape, "x", WG_F32, WG_SHAPE(2)), *y = wg_name(wg_exp(x), "y");
    const float  three[3] = {1, 2, 3};
    const double two[2] = {1, 2};
    float        room[3];
    EXPECT(!wg_write(x, three, 3));
    expect_error(tape, LAST_LINE, "wg_write: \"x\" takes 2 f32, given are 3 f32");
    EXPECT(!wg_write(x, two, 2));
    expect_error(tape, LAST_LINE, "wg_write: \"x\" takes 2 f32, given are 2 f64");
    EXPECT(!wg_write(y, three, 2));
    expect_error(tape, LAST_LINE, "wg_write: \"y\" is not a leaf");
    EXPECT(isnan(wg_item(y)) != 0);
    expect_error(tape, LAST_LINE, "wg_item: \"y\" has 2 elements, not one");
    EXPECT(wg_write(x, three, 2));
    EXPECT(!wg_read(y, room, 3));
    expect_error(tape, LAST_LINE, "wg_read: \"y\" has 2 f32, wanted are 3 f32");
    EXPECT(isnan(wg_element(y, 2)) != 0);
    expect_error(tape, LAST_LINE, "wg_element: there is no element 2 in \"y\", which has 2");
    EXPECT_CLOSE(wg_element(y, 1), exp(2), 1e-6);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_leaf_asked_for_wrongly_is_refused)
{
    wg_tape *tape = wg_tape_new();
    EXPECT(f32(tape, "w", WG_SHAPE(2)));
    EXPECT(!wg_param(tape, "w", WG_F32, WG_SHAPE(2)));
    expect_error(tape, LAST_LINE, "leaf \"w\" is asked for twice in one record");
    EXPECT(!wg_param(tape, "w", WG_F32, WG_SHAPE(3)));
    expect_error(tape, LAST_LINE, "leaf \"w\" f32 (3,) is there already, as f32 (2,)");
    EXPECT(!wg_param(tape, "n", WG_I64, WG_SHAPE(3)));
    expect_error(tape, LAST_LINE, "param \"n\": dtype i64, wanted is f32 or f64");
    EXPECT(!wg_input(tape, "", WG_F32, WG_SCALAR));
    expect_error(tape, LAST_LINE, "a leaf needs a name");
    wg_tape_free(tape);
}
END_TEST

/* ---- derivatives ---- */

START_TEST(a_gradient_that_makes_no_sense_is_refused)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = f32(tape, "w", WG_SHAPE(4, 2)), *i = wg_input(tape, "i", WG_I64, WG_SHAPE(3));
    wg_tensor *y = wg_embedding(w, i), *loss = wg_sum(y), *best = wg_argmax(w, 1);
    EXPECT(!wg_derivative(loss, i));
    expect_error(tape, LAST_LINE,
                 "wg_derivative: a gradient by \"i\" i64 (3,), which is not floating");
    EXPECT(!wg_derivative(wg_sum(best), w));
    expect_error(tape, LAST_LINE, "wg_derivative: output \"\" i64 () is not floating");
    EXPECT(!wg_backward(wg_name(y, "y")));
    expect_error(tape, LAST_LINE,
                 "wg_backward: output \"y\" f32 (3,2) has 6 elements; wg_grad takes a seed for it");
    EXPECT(!wg_grad(WG_TENSORS(y), WG_TENSORS(w), WG_TENSORS(w)).at[0]);
    expect_error(tape, LAST_LINE, "wg_grad: seed \"w\" f32 (4,2) for output \"y\" f32 (3,2)");
    EXPECT(!wg_grad(WG_TENSORS(loss), WG_TENSORS(loss, loss), WG_TENSORS(w)).at[0]);
    expect_error(tape, LAST_LINE, "wg_grad: 2 seeds for 1 outputs");
    EXPECT(wg_backward(loss) && !wg_tape_error(tape));
    wg_tape_free(tape);
}
END_TEST

static int copy_kernel(const wg_call *call)
{
    memcpy(call->y[0].data, call->x[0].data, (size_t)call->n * sizeof(double));
    return 0;
}

static wg_kernel *copy_prepare(wg_call *call)
{
    return wg_kernel_of(call, NULL, copy_kernel);
}

static void derive_sum(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, wg_sum(d->dy[0]));
}

static void derive_nothing(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, NULL);
}

/* Copies, without a rule; with a rule of the wrong shape; with one that fails in silence. */
#define COPY .inputs = 1, .outputs = 1, .traits = WG_ELEMENTWISE, .prepare = copy_prepare
static const wg_op no_rule = {.name = "no_rule", COPY};
static const wg_op wrong_rule = {.name = "wrong_rule", COPY, .derive = derive_sum};
static const wg_op null_rule = {.name = "null_rule", COPY, .derive = derive_nothing};
#undef COPY

START_TEST(a_users_op_without_a_right_derivative_is_named_with_its_line)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(2));
    wg_tensor *y[] = {wg_apply(&no_rule, NULL, WG_NO_DTYPE, &w, 1),
                      wg_apply(&wrong_rule, NULL, WG_NO_DTYPE, &w, 1),
                      wg_apply(&null_rule, NULL, WG_NO_DTYPE, &w, 1)};
    EXPECT(!wg_backward(wg_sum(wg_exp(y[0]))));
    expect_error_of(y[0], "no_rule (2,): the op has no derivative, and an adjoint reached it");
    EXPECT(!wg_backward(wg_sum(wg_exp(y[1]))));
    expect_error_of(y[1], "wrong_rule: the rule's dx for input 0 is f64 (), wanted is f64 (2,)");
    EXPECT(!wg_backward(wg_sum(wg_exp(y[2]))));
    expect_error_of(y[2], "null_rule: the rule's dx for input 0 is NULL");
    EXPECT(wg_backward(wg_sum(wg_mul(wg_detach(y[0]), w))) && !wg_tape_error(tape));
    wg_tape_free(tape);
}
END_TEST

START_TEST(an_op_without_a_kernel_for_the_dtype_is_named_with_its_line)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = f32(tape, "w", WG_SHAPE(2)), *y = wg_apply(&no_rule, NULL, WG_NO_DTYPE, &w, 1);
    EXPECT(!wg_plan_new(y));
    expect_error_of(y, "no_rule: the op has no kernel for f32");
    EXPECT(isnan(wg_element(y, 0)));
    expect_error_of(y, "no_rule: the op has no kernel for f32");
    wg_tape_free(tape);
}
END_TEST

/* ---- files ---- */

static void write_file(const char *path, const unsigned char *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    EXPECT(file && fwrite(bytes, 1, count, file) == count);
    fclose(file);
}

/* A file of these bytes is refused with "path: reason". */
static void expect_idx_refused(const char *path, const unsigned char *bytes, size_t count,
                               const char *reason)
{
    char     got[WG_REASON], wanted[300];
    wg_array array;
    write_file(path, bytes, count);
    snprintf(wanted, sizeof wanted, "%s: %s", path, reason);
    EXPECT(!wg_idx_read(path, NULL, &array, got) && !array.data);
    EXPECT_TEXT(got, wanted);
}

START_TEST(files_that_are_cut_off_or_lie_are_refused_with_path_and_reason)
{
    const unsigned char good[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
    unsigned char       bad[sizeof good];
    char                path[200], got[WG_REASON];
    wg_array            array;
    const char         *parent = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/wengert-XXXXXX", parent ? parent : "/tmp");
    const int made = mkstemp(path);
    EXPECT(made >= 0 && close(made) == 0);
    write_file(path, good, sizeof good);
    EXPECT(wg_idx_read(path, NULL, &array, got) && array.type.count == 6);
    wg_array_free(&array);
    expect_idx_refused(path, good, 3, "ends early: 4 bytes are wanted, 3 are left");
    expect_idx_refused(path, good, 10, "ends early: 4 bytes are wanted, 2 are left");
    expect_idx_refused(path, good, 17, "announces 6 bytes, it can hold 5 at most");
    memcpy(bad, good, sizeof good);
    bad[4] = bad[8] = 0xff; /* 4278190082 times 4278190083 */
    expect_idx_refused(path, bad, sizeof bad, "has sizes whose product is too large");
    memcpy(bad, good, sizeof good);
    bad[7] = 1;
    expect_idx_refused(path, bad, sizeof bad, "has 3 bytes behind its end");
    EXPECT(remove(path) == 0);
}
END_TEST

START_TEST(a_picture_that_cannot_be_written_is_an_error_with_line_path_and_reason)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *y = wg_sum(f32(tape, "w", WG_SHAPE(2)));
    EXPECT(!wg_dot_save(y, "/no/such/folder/net.dot"));
    expect_error(tape, LAST_LINE,
                 "wg_dot_write: \"/no/such/folder/net.dot\": No such file or directory");
    EXPECT(!wg_dot_save(y, "/"));
    expect_error(tape, LAST_LINE, "wg_dot_write: \"/\": Is a directory");
    EXPECT(!wg_dot_save(y, NULL));
    expect_error(tape, LAST_LINE, "wg_dot_write: no file is given");
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bad input");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, settings_that_do_not_fit_are_refused_with_op_names_shapes_and_line);
    tcase_add_test(tests, null_beside_a_tensor_is_an_error_and_null_alone_is_null);
    tcase_add_test(tests, tensors_of_two_tapes_do_not_meet);
    tcase_add_test(tests, sizes_that_overflow_are_refused_before_memory_is_asked_for);
    tcase_add_test(tests, values_of_another_count_or_dtype_are_refused);
    tcase_add_test(tests, a_leaf_asked_for_wrongly_is_refused);
    tcase_add_test(tests, a_gradient_that_makes_no_sense_is_refused);
    tcase_add_test(tests, a_users_op_without_a_right_derivative_is_named_with_its_line);
    tcase_add_test(tests, an_op_without_a_kernel_for_the_dtype_is_named_with_its_line);
    tcase_add_test(tests, files_that_are_cut_off_or_lie_are_refused_with_path_and_reason);
    tcase_add_test(tests, a_picture_that_cannot_be_written_is_an_error_with_line_path_and_reason);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
