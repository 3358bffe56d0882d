// SPDX-License-Identifier: MIT
/* Dtypes, shapes, types and views: what they are, where they end, and what is refused. */
#include "../../src/tensor/shape.h"
#include "../support/expect.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define HUGE_DIM     INT64_MAX

START_TEST(dtypes_know_their_size_name_and_kind)
{
    static const struct {
        wg_dtype    dtype;
        size_t      size;
        const char *name;
        bool        is_float, is_integer;
    } dtypes[] = {
        {WG_NO_DTYPE, 0, "none", false, false}, {WG_F32, 4, "f32", true, false},
        {WG_F64, 8, "f64", true, false},        {WG_I32, 4, "i32", false, true},
        {WG_I64, 8, "i64", false, true},        {WG_U8, 1, "u8", false, true},
        {WG_BOOL, 1, "bool", false, false},     {(wg_dtype)7, 0, "none", false, false},
        {(wg_dtype)1000, 0, "none", false, false},
    };
    for (size_t i = 0; i < COUNT(dtypes); i++) {
        const wg_dtype d = dtypes[i].dtype;
        EXPECT(wg_dtype_size(d) == dtypes[i].size);
        EXPECT_TEXT(wg_dtype_name(d), dtypes[i].name);
        EXPECT(wg_dtype_is_float(d) == dtypes[i].is_float);
        EXPECT(wg_dtype_is_integer(d) == dtypes[i].is_integer);
    }
}
END_TEST

START_TEST(products_are_refused_where_they_leave_int64)
{
    int64_t product = -5;
    EXPECT(wg__multiply(6, 7, &product) && product == 42);
    EXPECT(wg__multiply(0, INT64_MAX, &product) && product == 0);
    EXPECT(wg__multiply(INT64_MAX, 0, &product) && product == 0);
    EXPECT(wg__multiply(INT64_MAX, 1, &product) && product == INT64_MAX);
    EXPECT(wg__multiply(1, INT64_MAX, &product) && product == INT64_MAX);
    EXPECT(wg__multiply(3037000499, 3037000499, &product) && product == 9223372030926249001);
    EXPECT(!wg__multiply(3037000500, 3037000500, &product));
    EXPECT(!wg__multiply(INT64_MAX, 2, &product));
    EXPECT(!wg__multiply(2, INT64_MAX, &product));
    EXPECT(!wg__multiply(INT64_MAX / 2 + 1, 2, &product));
    EXPECT(!wg__multiply(INT64_MAX, INT64_MAX, &product));
    EXPECT(product == 9223372030926249001);
}
END_TEST

START_TEST(shapes_are_written_as_tuples)
{
    char text[WG_SHAPE_TEXT];
    EXPECT_TEXT(wg_shape_text(WG_SCALAR, text), "()");
    EXPECT_TEXT(wg_shape_text(WG_SHAPE(5), text), "(5,)");
    EXPECT_TEXT(wg_shape_text(WG_SHAPE(2, 3), text), "(2,3)");
    EXPECT_TEXT(wg_shape_text(WG_SHAPE(0, 1, 60000, 7), text), "(0,1,60000,7)");
    EXPECT_TEXT(wg_shape_text((wg_shape){.rank = -1}, text), "()");
    EXPECT(wg_shape_text(WG_SCALAR, text) == text);
}
END_TEST

START_TEST(the_longest_shape_has_room_for_its_text)
{
    wg_shape shape = {.rank = WG_MAX_RANK};
    for (int i = 0; i < WG_MAX_RANK; i++) shape.dim[i] = INT64_MIN;
    char text[WG_SHAPE_TEXT];
    EXPECT(strlen(wg_shape_text(shape, text)) == 8 * 20 + 7 + 2);
    shape.rank = 1000;
    EXPECT(strlen(wg_shape_text(shape, text)) == 8 * 20 + 7 + 2);
}
END_TEST

START_TEST(shapes_are_equal_when_rank_and_sizes_agree)
{
    EXPECT(wg_shape_equal(WG_SCALAR, WG_SCALAR));
    EXPECT(wg_shape_equal(WG_SHAPE(2, 3), WG_SHAPE(2, 3)));
    EXPECT(!wg_shape_equal(WG_SHAPE(2, 3), WG_SHAPE(3, 2)));
    EXPECT(!wg_shape_equal(WG_SHAPE(2, 3), WG_SHAPE(2, 4)));
    EXPECT(!wg_shape_equal(WG_SHAPE(2), WG_SHAPE(2, 1)));
    EXPECT(!wg_shape_equal(WG_SCALAR, WG_SHAPE(1)));
    const wg_shape stale = {.rank = 1, .dim = {2, 9}};
    EXPECT(wg_shape_equal(stale, WG_SHAPE(2)));
}
END_TEST

START_TEST(types_count_their_elements)
{
    static const struct {
        wg_dtype dtype;
        wg_shape shape;
        int64_t  count;
        size_t   bytes;
    } types[] = {
        {WG_F32, {.rank = 0}, 1, 4},
        {WG_F64, {.rank = 1, .dim = {5}}, 5, 40},
        {WG_I32, {.rank = 3, .dim = {2, 3, 7}}, 42, 168},
        {WG_I64, {.rank = 8, .dim = {1, 2, 1, 3, 1, 2, 1, 1}}, 12, 96},
        {WG_U8, {.rank = 2, .dim = {0, 4}}, 0, 0},
        {WG_BOOL, {.rank = 4, .dim = {3, 0, 0, 5}}, 0, 0},
        {WG_U8, {.rank = 1, .dim = {INT64_MAX - 4096}}, INT64_MAX - 4096, INT64_MAX - 4096},
    };
    for (size_t i = 0; i < COUNT(types); i++) {
        wg_type type;
        EXPECT(wg_type_make(types[i].dtype, types[i].shape, &type));
        EXPECT(type.dtype == types[i].dtype && type.count == types[i].count);
        EXPECT(wg_shape_equal(type.shape, types[i].shape));
        EXPECT(wg__type_bytes(&type) == types[i].bytes);
    }
}
END_TEST

START_TEST(types_that_cannot_be_are_refused_and_nothing_is_written)
{
    static const struct {
        wg_dtype dtype;
        wg_shape shape;
    } bad[] = {
        {WG_NO_DTYPE, {.rank = 1, .dim = {1}}},
        {(wg_dtype)99, {.rank = 1, .dim = {1}}},
        {WG_F32, {.rank = -1}},
        {WG_F32, {.rank = 9, .dim = {1, 1, 1, 1, 1, 1, 1, 1}}},
        {WG_F32, {.rank = INT64_MAX}},
        {WG_F32, {.rank = 2, .dim = {2, -1}}},
        {WG_F32, {.rank = 2, .dim = {0, INT64_MIN}}},
        {WG_U8, {.rank = 1, .dim = {INT64_MAX}}},        /* no room for the padding */
        {WG_U8, {.rank = 1, .dim = {INT64_MAX - 4095}}},
        {WG_F64, {.rank = 1, .dim = {INT64_MAX / 8}}},
        {WG_F32, {.rank = 1, .dim = {INT64_MAX / 2}}},   /* the count fits, the bytes do not */
        {WG_U8, {.rank = 2, .dim = {3037000500, 3037000500}}},
        {WG_U8, {.rank = 3, .dim = {INT64_MAX, INT64_MAX, 0}}}, /* strides would not fit */
        {WG_F64, {.rank = 2, .dim = {0, INT64_MAX / 8}}},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        wg_type type = {.count = -7};
        EXPECT_MSG(!wg_type_make(bad[i].dtype, bad[i].shape, &type), "case %zu was accepted", i);
        EXPECT(type.count == -7);
    }
}
END_TEST

START_TEST(types_are_equal_when_dtype_and_shape_agree)
{
    wg_type a, b, c, d;
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(2, 3), &a));
    EXPECT(wg_type_make(WG_F32, (wg_shape){.rank = 2, .dim = {2, 3, 8}}, &b));
    EXPECT(wg_type_make(WG_I32, WG_SHAPE(2, 3), &c));
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(3, 2), &d));
    EXPECT(wg_type_equal(&a, &b) && !wg_type_equal(&a, &c) && !wg_type_equal(&a, &d));
    EXPECT(b.shape.dim[2] == 0); /* so that types can be compared and hashed as bytes */
}
END_TEST

START_TEST(shapes_broadcast_as_in_numpy)
{
    static const struct {
        wg_shape a, b, common;
        bool     agree;
    } pairs[] = {
        {{.rank = 0}, {.rank = 0}, {.rank = 0}, true},
        {{.rank = 0}, {2, {3, 4}}, {2, {3, 4}}, true},
        {{1, {4}}, {2, {3, 4}}, {2, {3, 4}}, true},
        {{1, {1}}, {2, {3, 4}}, {2, {3, 4}}, true},
        {{4, {8, 1, 6, 1}}, {3, {7, 1, 5}}, {4, {8, 7, 6, 5}}, true},
        {{2, {3, 1}}, {2, {1, 4}}, {2, {3, 4}}, true},
        {{2, {0, 1}}, {2, {1, 4}}, {2, {0, 4}}, true},
        {{1, {0}}, {1, {1}}, {1, {0}}, true},
        {{1, {0}}, {1, {2}}, {.rank = 0}, false},
        {{1, {3}}, {2, {3, 4}}, {.rank = 0}, false},
        {{2, {2, 1}}, {3, {8, 4, 3}}, {.rank = 0}, false},
        {{.rank = 9}, {.rank = 0}, {.rank = 0}, false},
        {{.rank = -1}, {1, {2}}, {.rank = 0}, false},
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        for (int swap = 0; swap < 2; swap++) {
            wg_shape common = {.rank = 77};
            const wg_shape a = swap ? pairs[i].b : pairs[i].a, b = swap ? pairs[i].a : pairs[i].b;
            EXPECT_MSG(wg_shape_broadcast(a, b, &common) == pairs[i].agree, "pair %zu", i);
            if (pairs[i].agree) EXPECT_MSG(wg_shape_equal(common, pairs[i].common), "pair %zu", i);
            else EXPECT(common.rank == 77);
        }
    }
}
END_TEST

static bool strides_are(wg_shape shape, const int64_t wanted[WG_MAX_RANK])
{
    int64_t stride[WG_MAX_RANK];
    memset(stride, 0x55, sizeof stride);
    wg_shape_strides(shape, stride);
    return memcmp(stride, wanted, sizeof stride) == 0;
}

START_TEST(strides_are_those_of_row_major_order)
{
    EXPECT(strides_are(WG_SCALAR, (int64_t[WG_MAX_RANK]){0}));
    EXPECT(strides_are(WG_SHAPE(5), (int64_t[WG_MAX_RANK]){1}));
    EXPECT(strides_are(WG_SHAPE(2, 3, 7), (int64_t[WG_MAX_RANK]){21, 7, 1}));
    EXPECT(strides_are(WG_SHAPE(2, 1, 7), (int64_t[WG_MAX_RANK]){7, 7, 1}));
    EXPECT(strides_are(WG_SHAPE(2, 0, 7), (int64_t[WG_MAX_RANK]){7, 7, 1}));
    EXPECT(strides_are(WG_SHAPE(1, 2, 1, 3, 1, 2, 1, 5),
                       (int64_t[WG_MAX_RANK]){60, 30, 30, 10, 10, 5, 5, 1}));
    EXPECT(strides_are(WG_SHAPE(9, HUGE_DIM, 2), (int64_t[WG_MAX_RANK]){2, 2, 1})); /* no type */
}
END_TEST

START_TEST(views_are_contiguous_when_packed_in_row_major_order)
{
    static const struct {
        wg_shape shape;
        int64_t  stride[WG_MAX_RANK];
        bool     contiguous;
    } views[] = {
        {{.rank = 0}, {0}, true},
        {{2, {2, 3}}, {3, 1}, true},
        {{2, {2, 3}}, {1, 2}, false},  /* transposed */
        {{2, {2, 3}}, {4, 1}, false},  /* a slice */
        {{2, {2, 3}}, {0, 1}, false},  /* expanded */
        {{1, {3}}, {-1}, false},       /* reversed */
        {{1, {3}}, {2}, false},
        {{1, {1}}, {17}, true},        /* one element has no order */
        {{3, {2, 1, 3}}, {3, 99, 1}, true},
        {{2, {0, 3}}, {-5, 8}, true},
    };
    for (size_t i = 0; i < COUNT(views); i++) {
        wg_type type;
        EXPECT(wg_type_make(WG_F32, views[i].shape, &type));
        wg_view view = {.type = &type};
        memcpy(view.stride, views[i].stride, sizeof view.stride);
        EXPECT_MSG(wg_view_is_contiguous(&view) == views[i].contiguous, "view %zu", i);
    }
}
END_TEST

START_TEST(views_advance_by_elements)
{
    double numbers[4] = {0};
    wg_type type;
    EXPECT(wg_type_make(WG_F64, WG_SHAPE(2), &type));
    wg_view view = {.data = numbers + 1, .type = &type, .stride = {1}};
    wg_view_advance(&view, 2);
    EXPECT(view.data == numbers + 3);
    wg_view_advance(&view, -3);
    EXPECT(view.data == numbers);

    wg_view nowhere = {.data = NULL, .type = &type};
    wg_view_advance(&nowhere, 5);
    wg_view_advance(&nowhere, -5);
    EXPECT(!nowhere.data);
}
END_TEST

START_TEST(axes_count_from_both_ends)
{
    EXPECT(wg__axis(0, 3) == 0 && wg__axis(2, 3) == 2);
    EXPECT(wg__axis(-1, 3) == 2 && wg__axis(-3, 3) == 0);
    EXPECT(wg__axis(3, 3) == -1 && wg__axis(-4, 3) == -1);
    EXPECT(wg__axis(0, 0) == -1 && wg__axis(INT64_MIN, 8) == -1 && wg__axis(INT64_MAX, 8) == -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shape");
    TCase *all = tcase_create("all");
    tcase_add_test(all, dtypes_know_their_size_name_and_kind);
    tcase_add_test(all, products_are_refused_where_they_leave_int64);
    tcase_add_test(all, shapes_are_written_as_tuples);
    tcase_add_test(all, the_longest_shape_has_room_for_its_text);
    tcase_add_test(all, shapes_are_equal_when_rank_and_sizes_agree);
    tcase_add_test(all, types_count_their_elements);
    tcase_add_test(all, types_that_cannot_be_are_refused_and_nothing_is_written);
    tcase_add_test(all, types_are_equal_when_dtype_and_shape_agree);
    tcase_add_test(all, shapes_broadcast_as_in_numpy);
    tcase_add_test(all, strides_are_those_of_row_major_order);
    tcase_add_test(all, views_are_contiguous_when_packed_in_row_major_order);
    tcase_add_test(all, views_advance_by_elements);
    tcase_add_test(all, axes_count_from_both_ends);
    suite_add_tcase(suite, all);
    return expect_run(suite);
}
