// SPDX-License-Identifier: MIT
/* Printing: every expected text is what numpy.array2string writes with the same settings. */
#include "../../src/tensor/print.h"
#include "../support/expect.h"

#include <locale.h>

#define ONE_LINE(...) (wg_print_options){__VA_ARGS__, .line_width = 1000}

/* The text of a view, valid until the next call. */
static const char *printed_view(const wg_view *view, const wg_print_options *options)
{
    static char text[4096];
    FILE *file = tmpfile();
    EXPECT(file);
    EXPECT(wg_view_print(view, file, options));
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static const char *printed_with(wg_print_options options, wg_dtype dtype, wg_shape shape,
                                void *data)
{
    wg_type type;
    EXPECT(wg_type_make(dtype, shape, &type));
    wg_view view = {.data = data, .type = &type};
    wg_shape_strides(shape, view.stride);
    return printed_view(&view, &options);
}

static const char *printed(wg_dtype dtype, wg_shape shape, void *data)
{
    return printed_with((wg_print_options){.precision = 0}, dtype, shape, data);
}

#define F32S(...) printed(WG_F32, ROW(float, __VA_ARGS__), (float[]){__VA_ARGS__})
#define F64S(...) printed(WG_F64, ROW(double, __VA_ARGS__), (double[]){__VA_ARGS__})
#define ROW(type, ...) WG_SHAPE(sizeof((type[]){__VA_ARGS__}) / sizeof(type))

START_TEST(trailing_zeros_become_spaces)
{
    EXPECT_TEXT(F64S(1, 2, 3), "[1. 2. 3.]");
    EXPECT_TEXT(F64S(1, 0.5, -0.25, 3.14159265), "[ 1.      0.5    -0.25    3.1416]");
    EXPECT_TEXT(F64S(0.0, -0.0), "[ 0. -0.]");
    EXPECT_TEXT(F64S(0.03125, 0.09375), "[0.0312 0.0938]"); /* a tie goes to the even digit */
}
END_TEST

START_TEST(large_small_and_very_different_numbers_take_an_exponent)
{
    EXPECT_TEXT(F64S(1e8, 1e8), "[1.e+08 1.e+08]");
    EXPECT_TEXT(F64S(1e20, 1), "[1.e+20 1.e+00]");
    EXPECT_TEXT(F64S(99999999, 100000), "[99999999.   100000.]");
    EXPECT_TEXT(F64S(0.00009, 0.0001), "[9.e-05 1.e-04]");
    EXPECT_TEXT(F64S(0.0001, 0.1), "[0.0001 0.1   ]");
    EXPECT_TEXT(F64S(1, 1000.5), "[1.0000e+00 1.0005e+03]");
    EXPECT_TEXT(F64S(1, 1000), "[   1. 1000.]");
    EXPECT_TEXT(F64S(1e100, -1.25e-5, 0), "[ 1.00e+100 -1.25e-005  0.00e+000]");
}
END_TEST

START_TEST(f32_is_printed_and_judged_as_f32)
{
    EXPECT_TEXT(F32S(0.1F, 1.5F), "[0.1 1.5]");
    EXPECT_TEXT(F32S(1e6F, 1e6F), "[1.e+06 1.e+06]");
    EXPECT_TEXT(F32S(999999.9F, 1000), "[999999.9   1000. ]");
    EXPECT_TEXT(F32S(1e-4F, 0.01F), "[0.0001 0.01  ]");
}
END_TEST

START_TEST(precision_bounds_the_digits_and_the_dtype_does_too)
{
    const wg_shape three = WG_SHAPE(3), two = WG_SHAPE(2);
    float  floats[] = {0.1F, 1.0F / 3, 2}, small[] = {8.7277171e-05F, 0.054252557F};
    double doubles[] = {0.1, 1.0 / 3, 2}, rounded[] = {1.6, 2.5, -0.25};
    EXPECT_TEXT(printed_with(ONE_LINE(.precision = 10), WG_F32, three, floats),
                "[0.1        0.33333334 2.        ]");
    EXPECT_TEXT(printed_with(ONE_LINE(.precision = 10), WG_F64, three, doubles),
                "[0.1          0.3333333333 2.          ]");
    EXPECT_TEXT(printed_with(ONE_LINE(.precision = 1000), WG_F64, three, doubles),
                "[0.1                0.3333333333333333 2.                ]");
    EXPECT_TEXT(printed_with(ONE_LINE(.precision = 8), WG_F32, two, small),
                "[8.7277171e-05 5.4252557e-02]");
    EXPECT_TEXT(printed_with(ONE_LINE(.precision = -1), WG_F64, three, rounded), "[ 2.  2. -0.]");
}
END_TEST

START_TEST(nan_and_infinity_stand_in_their_column)
{
    EXPECT_TEXT(F64S(NAN, INFINITY, 1.5), "[nan inf 1.5]");
    EXPECT_TEXT(F64S(1, -INFINITY), "[  1. -inf]");
    EXPECT_TEXT(F32S(-NAN, INFINITY), "[nan inf]");
    EXPECT_TEXT(F64S(1e-9, NAN), "[1.e-09    nan]");
}
END_TEST

START_TEST(integers_are_aligned_at_the_right)
{
    EXPECT_TEXT(printed(WG_I32, WG_SHAPE(2, 2), (int32_t[]){1, -20, 300, 4}),
                "[[  1 -20]\n"
                " [300   4]]");
    EXPECT_TEXT(printed(WG_I64, WG_SHAPE(2), (int64_t[]){INT64_MIN, INT64_MAX}),
                "[-9223372036854775808  9223372036854775807]");
    EXPECT_TEXT(printed(WG_U8, WG_SHAPE(3), (uint8_t[]){0, 255, 7}), "[  0 255   7]");
}
END_TEST

START_TEST(truth_values_have_one_width)
{
    EXPECT_TEXT(printed(WG_BOOL, WG_SHAPE(2, 2), (uint8_t[]){1, 0, 1, 1}),
                "[[ True False]\n"
                " [ True  True]]");
}
END_TEST

START_TEST(single_numbers_have_no_brackets)
{
    EXPECT_TEXT(printed(WG_F64, WG_SCALAR, (double[]){2.75}), "2.75");
    EXPECT_TEXT(printed(WG_F32, WG_SCALAR, (float[]){1e-9F}), "1.e-09");
    EXPECT_TEXT(printed(WG_F64, WG_SCALAR, (double[]){NAN}), "nan");
    EXPECT_TEXT(printed(WG_I32, WG_SCALAR, (int32_t[]){-7}), "-7");
    EXPECT_TEXT(printed(WG_BOOL, WG_SCALAR, (uint8_t[]){1}), "True");
    EXPECT_TEXT(printed_with((wg_print_options){.line_width = 1}, WG_F64, WG_SCALAR,
                             (double[]){-12.5}), "-12.5");
}
END_TEST

START_TEST(empty_tensors_are_a_pair_of_brackets)
{
    EXPECT_TEXT(printed(WG_F32, WG_SHAPE(0), NULL), "[]");
    EXPECT_TEXT(printed(WG_I64, WG_SHAPE(2, 0, 3), NULL), "[]");
}
END_TEST

static int64_t counting[1024];

START_TEST(matrices_and_stacks_are_parted_by_line_ends)
{
    EXPECT_TEXT(printed(WG_F64, WG_SHAPE(2, 2), (double[]){1, 2.5, -3, 100}),
                "[[  1.    2.5]\n"
                " [ -3.  100. ]]");
    EXPECT_TEXT(printed(WG_I64, WG_SHAPE(2, 2, 2), counting),
                "[[[0 1]\n"
                "  [2 3]]\n"
                "\n"
                " [[4 5]\n"
                "  [6 7]]]");
    EXPECT_TEXT(printed(WG_I64, WG_SHAPE(2, 1, 2, 2), counting),
                "[[[[0 1]\n"
                "   [2 3]]]\n"
                "\n"
                "\n"
                " [[[4 5]\n"
                "   [6 7]]]]");
    EXPECT_TEXT(printed(WG_I64, WG_SHAPE(1, 1, 1, 1, 1, 1, 1, 2), counting),
                "[[[[[[[[0 1]]]]]]]]");
}
END_TEST

START_TEST(long_axes_are_summarised_beyond_the_threshold)
{
    const wg_print_options short_ends = {.threshold = 59, .edge = 1};
    EXPECT_TEXT(printed(WG_I64, WG_SHAPE(1001), counting),
                "[   0    1    2 ...  998  999 1000]");
    EXPECT_TEXT(printed_with(short_ends, WG_I64, WG_SHAPE(3, 4, 5), counting),
                "[[[ 0 ...  4]\n"
                "  ...\n"
                "  [15 ... 19]]\n"
                "\n"
                " ...\n"
                "\n"
                " [[40 ... 44]\n"
                "  ...\n"
                "  [55 ... 59]]]");
    const wg_print_options just_not = {.threshold = 8, .edge = 1};
    EXPECT_TEXT(printed_with(just_not, WG_I64, WG_SHAPE(2, 4), counting),
                "[[0 1 2 3]\n"
                " [4 5 6 7]]");
    const wg_print_options all_ends = {.threshold = 1, .edge = INT64_MAX};
    EXPECT_TEXT(printed_with(all_ends, WG_I64, WG_SHAPE(4), counting), "[0 1 2 3]");
}
END_TEST

START_TEST(elements_left_out_do_not_widen_the_columns)
{
    double numbers[] = {1, 2, 1e-12, 3.25, 4, 5};
    EXPECT_TEXT(printed_with((wg_print_options){.threshold = 5, .edge = 2}, WG_F64, WG_SHAPE(6),
                             numbers), "[1. 2. ... 4. 5.]");
}
END_TEST

START_TEST(long_rows_are_wrapped)
{
    EXPECT_TEXT(printed_with((wg_print_options){.line_width = 30}, WG_I64, WG_SHAPE(20), counting),
                "[ 0  1  2  3  4  5  6  7  8\n"
                "  9 10 11 12 13 14 15 16 17\n"
                " 18 19]");
    EXPECT_TEXT(printed_with((wg_print_options){.line_width = 16}, WG_F64, WG_SHAPE(2, 4),
                             (double[]){0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5}),
                "[[0.  0.5 1.\n"
                "  1.5]\n"
                " [2.  2.5 3.\n"
                "  3.5]]");
    EXPECT_TEXT(printed_with((wg_print_options){.line_width = 2}, WG_I64, WG_SHAPE(3),
                             counting + 100),
                "[100\n"
                " 101\n"
                " 102]");
}
END_TEST

START_TEST(a_line_holds_88_characters_where_nothing_else_is_said)
{
    const char *text = printed(WG_I64, WG_SHAPE(100), counting);
    EXPECT(strcspn(text, "\n") == 87); /* 29 numbers in 3 characters each; one more would make 90 */
}
END_TEST

START_TEST(any_strides_are_followed)
{
    wg_type type;
    EXPECT(wg_type_make(WG_I64, WG_SHAPE(2, 3), &type));
    const wg_view transposed = {.data = counting, .type = &type, .stride = {1, 2}};
    const wg_view reversed = {.data = counting + 5, .type = &type, .stride = {-3, -1}};
    const wg_view expanded = {.data = counting, .type = &type, .stride = {0, 4}};
    EXPECT_TEXT(printed_view(&transposed, NULL),
                "[[0 2 4]\n"
                " [1 3 5]]");
    EXPECT_TEXT(printed_view(&reversed, NULL),
                "[[5 4 3]\n"
                " [2 1 0]]");
    EXPECT_TEXT(printed_view(&expanded, NULL),
                "[[0 4 8]\n"
                " [0 4 8]]");
}
END_TEST

START_TEST(the_point_is_a_point_in_every_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "C"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        setlocale(LC_NUMERIC, names[i]); /* stays as it was where the system has no such locale */
        EXPECT_TEXT(F64S(0.5, -12.25), "[  0.5  -12.25]");
        EXPECT_TEXT(F64S(1.5e-9, 2), "[1.5e-09 2.0e+00]");
    }
}
END_TEST

START_TEST(a_file_that_refuses_is_reported)
{
    static const char name[] = "test_print_read_only.txt";
    FILE *file = fopen(name, "w");
    EXPECT(file && fclose(file) == 0);
    file = fopen(name, "r");
    EXPECT(file);
    wg_type full, empty;
    EXPECT(wg_type_make(WG_I64, WG_SHAPE(3), &full) && wg_type_make(WG_I64, WG_SHAPE(0), &empty));
    EXPECT(!wg_view_print(&(wg_view){.data = counting, .type = &full}, file, NULL));
    EXPECT(!wg_view_print(&(wg_view){.type = &empty}, file, NULL));
    fclose(file);
    EXPECT(remove(name) == 0);
}
END_TEST

int main(void)
{
    for (int i = 0; i < 1024; i++) counting[i] = i;
    Suite *suite = suite_create("print");
    TCase *all = tcase_create("all");
    tcase_add_test(all, trailing_zeros_become_spaces);
    tcase_add_test(all, large_small_and_very_different_numbers_take_an_exponent);
    tcase_add_test(all, f32_is_printed_and_judged_as_f32);
    tcase_add_test(all, precision_bounds_the_digits_and_the_dtype_does_too);
    tcase_add_test(all, nan_and_infinity_stand_in_their_column);
    tcase_add_test(all, integers_are_aligned_at_the_right);
    tcase_add_test(all, truth_values_have_one_width);
    tcase_add_test(all, single_numbers_have_no_brackets);
    tcase_add_test(all, empty_tensors_are_a_pair_of_brackets);
    tcase_add_test(all, matrices_and_stacks_are_parted_by_line_ends);
    tcase_add_test(all, long_axes_are_summarised_beyond_the_threshold);
    tcase_add_test(all, elements_left_out_do_not_widen_the_columns);
    tcase_add_test(all, long_rows_are_wrapped);
    tcase_add_test(all, a_line_holds_88_characters_where_nothing_else_is_said);
    tcase_add_test(all, any_strides_are_followed);
    tcase_add_test(all, the_point_is_a_point_in_every_locale);
    tcase_add_test(all, a_file_that_refuses_is_reported);
    suite_add_tcase(suite, all);
    return expect_run(suite);
}
