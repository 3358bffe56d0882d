// SPDX-License-Identifier: MIT
/* Copy, fill, cast and the merging of loops, on random strided views. */
#include "../../src/kernels/copy.h"
#include "../support/expect.h"
#include "view.h"

static const wg_dtype dtypes[] = {WG_F32, WG_F64, WG_I32, WG_I64, WG_U8, WG_BOOL};

/* Different bytes everywhere, but 0 and 1 in a bool. */
static void scramble(uint64_t *seed, struct sample *sample)
{
    const size_t bytes = (size_t)sample->count * wg_dtype_size(sample->type.dtype);
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)sample->memory)[i] =
            (uint8_t)(lcg_next(seed) % (sample->type.dtype == WG_BOOL ? 2 : 256));
}

static const char *element(const wg_view *view, int64_t i)
{
    return (const char *)view->data +
           offset_of(view, i) * (int64_t)wg_dtype_size(view->type->dtype);
}

START_TEST(copies_have_the_same_elements_in_the_same_order)
{
    uint64_t seed = 8;
    for (int i = 0; i < 3000; i++) {
        const wg_shape shape = shape_random(&seed);
        const wg_dtype dtype = dtypes[lcg_below(&seed, 6)];
        struct sample  from, to;
        sample_make(&seed, dtype, shape, true, &from);
        sample_make(&seed, dtype, shape, false, &to);
        scramble(&seed, &from);
        wg__copy(&from.view, &to.view);
        for (int64_t j = 0; j < from.type.count; j++)
            EXPECT(memcmp(element(&from.view, j), element(&to.view, j), wg_dtype_size(dtype)) == 0);
        free(from.memory), free(to.memory);
    }
}
END_TEST

START_TEST(a_copy_leaves_what_lies_between_its_elements)
{
    const wg_type type = {.dtype = WG_I32, .shape = {.rank = 2, .dim = {2, 2}}, .count = 4};
    const int32_t from[4] = {1, 2, 3, 4}, wanted[9] = {4, 0, 2, 0, 0, 0, 3, 0, 1};
    int32_t       to[9] = {0};
    wg__copy(&(wg_view){.data = (void *)from, .type = &type, .stride = {2, 1}},
             &(wg_view){.data = to + 8, .type = &type, .stride = {-2, -6}});
    EXPECT(memcmp(to, wanted, sizeof to) == 0);
}
END_TEST

START_TEST(large_transposes_are_exact)
{
    enum { ROWS = 67, COLUMNS = 45, PLANES = 3 };
    wg_type type;
    double *from = malloc(ROWS * COLUMNS * PLANES * sizeof *from),
           *to = malloc(ROWS * COLUMNS * PLANES * sizeof *to);
    uint64_t seed = 9;
    wg_type_make(WG_F64, WG_SHAPE(ROWS, PLANES, COLUMNS), &type);
    for (int i = 0; i < ROWS * COLUMNS * PLANES; i++) from[i] = lcg_real(&seed);
    const wg_view x = {.data = from, .type = &type, .stride = {1, ROWS * COLUMNS, ROWS}};
    const wg_view y = {.data = to, .type = &type, .stride = {PLANES * COLUMNS, COLUMNS, 1}};
    wg__copy(&x, &y);
    for (int64_t i = 0; i < type.count; i++) EXPECT(to[i] == from[offset_of(&x, i)]);
    free(from), free(to);
}
END_TEST

START_TEST(fill_reaches_every_element_and_no_other)
{
    uint64_t seed = 10;
    for (int i = 0; i < 500; i++) {
        struct sample to;
        sample_make(&seed, WG_F32, shape_random(&seed), false, &to);
        for (int64_t j = 0; j < to.count; j++) ((float *)to.memory)[j] = 1;
        wg__fill(&to.view, -2.5);
        double sum = 0;
        for (int64_t j = 0; j < to.count; j++) sum += (double)((float *)to.memory)[j];
        EXPECT(sum == (double)to.count - 3.5 * (double)to.type.count);
        free(to.memory);
    }
}
END_TEST

START_TEST(fill_casts_its_value)
{
    const wg_type type = {.dtype = WG_U8, .shape = {.rank = 1, .dim = {3}}, .count = 3};
    uint8_t       bytes[3];
    wg__fill(&(wg_view){.data = bytes, .type = &type, .stride = {1}}, 300);
    EXPECT(bytes[0] == 255 && bytes[1] == 255 && bytes[2] == 255);
}
END_TEST

/* Reads one element as a double; all values of these tests are exact there. */
static double number(const wg_view *view, int64_t i)
{
    const char *at = element(view, i);
    switch (view->type->dtype) {
    case WG_F32:
        return (double)*(const float *)(const void *)at;
    case WG_F64:
        return *(const double *)(const void *)at;
    case WG_I32:
        return *(const int32_t *)(const void *)at;
    case WG_I64:
        return (double)*(const int64_t *)(const void *)at;
    default:
        return *(const uint8_t *)at;
    }
}

START_TEST(casts_between_all_dtypes_keep_small_whole_numbers)
{
    uint64_t seed = 11;
    for (int i = 0; i < 3000; i++) {
        const wg_shape shape = shape_random(&seed);
        struct sample  from, to;
        sample_make(&seed, dtypes[lcg_below(&seed, 6)], shape, true, &from);
        wg_type_make(dtypes[lcg_below(&seed, 6)], shape, &to.type);
        to.view =
            (wg_view){.data = to.memory = exactly(to.type.count, wg_dtype_size(to.type.dtype)),
                      .type = &to.type};
        wg_shape_strides(shape, to.view.stride);
        wg__fill(&from.view, 0);
        for (int64_t j = 0; j < from.type.count; j++) { /* some elements 3 (true, where bool) */
            const wg_type one = {.dtype = from.type.dtype, .count = 1};
            if (lcg_below(&seed, 2) == 0)
                wg__fill(&(wg_view){.data = (void *)element(&from.view, j), .type = &one}, 3);
        }
        wg__cast(&from.view, &to.view);
        for (int64_t j = 0; j < from.type.count; j++) {
            const double x = number(&from.view, j);
            EXPECT(number(&to.view, j) == (to.type.dtype == WG_BOOL ? x != 0 : x));
        }
        free(from.memory), free(to.memory);
    }
}
END_TEST

/* The single cast of x to an integer dtype. */
static int64_t as_integer(double x, wg_dtype real, wg_dtype dtype)
{
    const wg_type from = {.dtype = real, .count = 1}, to = {.dtype = dtype, .count = 1},
                  wide = {.dtype = WG_I64, .count = 1};
    float         single = (float)x;
    int64_t       held = 0, result = 0;
    const wg_view middle = {.data = &held, .type = &to};
    wg__cast(&(wg_view){.data = real == WG_F32 ? (void *)&single : (void *)&x, .type = &from},
             &middle);
    wg__cast(&middle, &(wg_view){.data = &result, .type = &wide});
    return result;
}

START_TEST(real_numbers_are_cut_and_saturated)
{
    static const struct {
        double  x;
        int64_t i32, i64, u8;
        int64_t boolean;
    } cases[] = {
        {2.9, 2, 2, 2, 1},
        {-2.9, -2, -2, 0, 1},
        {-0.5, 0, 0, 0, 1},
        {0, 0, 0, 0, 0},
        {-0.0, 0, 0, 0, 0},
        {255.5, 255, 255, 255, 1},
        {256, 256, 256, 255, 1},
        {0x1p31, INT32_MAX, INT64_C(0x80000000), 255, 1},
        {-0x1p31, INT32_MIN, -INT64_C(0x80000000), 0, 1},
        {0x1p63, INT32_MAX, INT64_MAX, 255, 1},
        {-0x1p63, INT32_MIN, INT64_MIN, 0, 1},
        {1e30, INT32_MAX, INT64_MAX, 255, 1},
        {-1e30, INT32_MIN, INT64_MIN, 0, 1},
        {INFINITY, INT32_MAX, INT64_MAX, 255, 1},
        {-INFINITY, INT32_MIN, INT64_MIN, 0, 1},
        {NAN, 0, 0, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int real = WG_F32; real <= WG_F64; real++) {
            EXPECT(as_integer(cases[i].x, (wg_dtype)real, WG_I32) == cases[i].i32);
            EXPECT(as_integer(cases[i].x, (wg_dtype)real, WG_I64) == cases[i].i64);
            EXPECT(as_integer(cases[i].x, (wg_dtype)real, WG_U8) == cases[i].u8);
            EXPECT(as_integer(cases[i].x, (wg_dtype)real, WG_BOOL) == cases[i].boolean);
        }
    EXPECT(as_integer(-0x1.fffffep30, WG_F64, WG_I32) == -2147483520);
    EXPECT(as_integer(2147483647.5, WG_F64, WG_I32) == INT32_MAX);
    EXPECT(as_integer(-2147483648.5, WG_F64, WG_I32) == INT32_MIN);
}
END_TEST

START_TEST(integers_wrap_into_smaller_ones_and_round_into_reals)
{
    const wg_type from = {.dtype = WG_I64, .shape = {.rank = 1, .dim = {3}}, .count = 3};
    const wg_type narrow = {.dtype = WG_I32, .shape = from.shape, .count = 3};
    const wg_type bytes = {.dtype = WG_U8, .shape = from.shape, .count = 3};
    const wg_type real = {.dtype = WG_F32, .shape = from.shape, .count = 3};
    int64_t       x[3] = {-1, INT64_C(4294967303), 300};
    int32_t       n[3];
    uint8_t       b[3];
    float         f[3];
    const wg_view view = {.data = x, .type = &from, .stride = {1}};
    wg__cast(&view, &(wg_view){.data = n, .type = &narrow, .stride = {1}});
    EXPECT(n[0] == -1 && n[1] == 7 && n[2] == 300);
    wg__cast(&view, &(wg_view){.data = b, .type = &bytes, .stride = {1}});
    EXPECT(b[0] == 255 && b[1] == 7 && b[2] == 44);
    x[0] = 16777217, x[1] = 16777219, x[2] = -16777221; /* ties go to the even neighbour */
    wg__cast(&view, &(wg_view){.data = f, .type = &real, .stride = {1}});
    EXPECT(f[0] == 16777216 && f[1] == 16777220 && f[2] == -16777220);
}
END_TEST

START_TEST(loops_are_merged_where_all_views_allow_it)
{
    wg_type type;
    int64_t dim[WG_MAX_RANK], stride[2][WG_MAX_RANK];
    wg_type_make(WG_F32, WG_SHAPE(2, 1, 3, 4, 5), &type);
    const wg_view packed = {.type = &type, .stride = {60, 7, 20, 5, 1}};
    const wg_view turned = {.type = &type, .stride = {60, 9, 5, 15, 1}};
    const wg_view expanded = {.type = &type, .stride = {0, 0, 0, 0, 0}};
    EXPECT(wg__collapse(1, (const wg_view *[]){&packed}, dim, stride) == 1);
    EXPECT(dim[0] == 120 && stride[0][0] == 1);
    EXPECT(wg__collapse(1, (const wg_view *[]){&expanded}, dim, stride) == 1);
    EXPECT(dim[0] == 120 && stride[0][0] == 0);
    EXPECT(wg__collapse(2, (const wg_view *[]){&packed, &expanded}, dim, stride) == 1);
    EXPECT(dim[0] == 120 && stride[0][0] == 1 && stride[1][0] == 0);
    EXPECT(wg__collapse(2, (const wg_view *[]){&packed, &turned}, dim, stride) == 4);
    EXPECT(dim[0] == 2 && dim[1] == 3 && dim[2] == 4 && dim[3] == 5);
    EXPECT(stride[0][1] == 20 && stride[1][1] == 5 && stride[0][2] == 5 && stride[1][2] == 15);
}
END_TEST

START_TEST(a_number_is_one_loop_and_an_empty_view_one_of_none)
{
    wg_type       type;
    int64_t       dim[WG_MAX_RANK], stride[1][WG_MAX_RANK];
    const wg_view view = {.type = &type, .stride = {3, 3, 1}}, *const views[] = {&view};
    wg_type_make(WG_F32, WG_SCALAR, &type);
    EXPECT(wg__collapse(1, views, dim, stride) == 1 && dim[0] == 1);
    wg_type_make(WG_F32, WG_SHAPE(2, 0, 3), &type);
    EXPECT(wg__collapse(1, views, dim, stride) == 1 && dim[0] == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("copy");
    TCase *tests = tcase_create("copy");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, copies_have_the_same_elements_in_the_same_order);
    tcase_add_test(tests, a_copy_leaves_what_lies_between_its_elements);
    tcase_add_test(tests, large_transposes_are_exact);
    tcase_add_test(tests, fill_reaches_every_element_and_no_other);
    tcase_add_test(tests, fill_casts_its_value);
    tcase_add_test(tests, casts_between_all_dtypes_keep_small_whole_numbers);
    tcase_add_test(tests, real_numbers_are_cut_and_saturated);
    tcase_add_test(tests, integers_wrap_into_smaller_ones_and_round_into_reals);
    tcase_add_test(tests, loops_are_merged_where_all_views_allow_it);
    tcase_add_test(tests, a_number_is_one_loop_and_an_empty_view_one_of_none);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
