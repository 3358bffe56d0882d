// SPDX-License-Identifier: MIT
/* Numbers as pictures: each becomes the colour that it should where it should, as PNG and as SVG, and
   what cannot be drawn is told. */
#include "../support/expect.h"
#include "../support/failing.h"
#include "scratch.h"

#include <stdio.h>
#include <wengert/formats/bytes.h>
#include <wengert/formats/picture.h>
#include <wengert/formats/png_plain.h>

static wg_view view_of(const void *values, wg_dtype dtype, wg_shape shape, wg_type *type)
{
    EXPECT(wg_type_make(dtype, shape, type));
    wg_view view = {.data = (void *)(uintptr_t)values, .type = type};
    wg_shape_strides(shape, view.stride);
    return view;
}

#ifdef WG_HAVE_PNG

/* Draws as PNG, and reads that as (height, width, 3). */
static wg_array drawn(const void *values, wg_dtype dtype, wg_shape shape, struct wg_picture how)
{
    char     path[SCRATCH_PATH], reason[WG_REASON] = "";
    wg_type  type;
    wg_array array;
    how.path = scratch_path("a.png", path);
    const wg_view view = view_of(values, dtype, shape, &type);
    EXPECT_MSG(wg_picture_write(&view, &how, NULL, reason), "%s", reason);
    EXPECT_MSG(wg_png_read(path, WG_HWC, NULL, &array, reason), "%s", reason);
    return array;
}

/* The colour of a pixel as 0xRRGGBB. */
static int at(const wg_array *array, int64_t y, int64_t x)
{
    const unsigned char *rgb =
        (const unsigned char *)array->data + 3 * (y * array->type.shape.dim[1] + x);
    return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
}

/* Draws one row of n numbers, one pixel each, which must get these colours. */
static void expect_colours(const double *values, int n, struct wg_picture how, const int *wanted)
{
    how.zoom = 1;
    wg_array array = drawn(values, WG_F64, WG_SHAPE(1, n), how);
    for (int i = 0; i < n; i++)
        EXPECT_MSG(at(&array, 0, i) == wanted[i], "%d: %06X, wanted %06X", i, at(&array, 0, i),
                   wanted[i]);
    wg_array_free(&array);
}

START_TEST(numbers_are_grey_between_the_least_and_the_largest)
{
    const double x[] = {-3, -1, 0, 1, NAN, INFINITY, -INFINITY};
    expect_colours(x, 7, (struct wg_picture){0},
                   (int[]){0, 0x808080, 0xBFBFBF, 0xFFFFFF, 0x00C000, 0xFFFFFF, 0});
    expect_colours(x, 4, (struct wg_picture){.low = -1, .high = 4},
                   (int[]){0, 0, 0x333333, 0x666666});
    expect_colours((double[]){2, 2}, 2, (struct wg_picture){0}, (int[]){0x808080, 0x808080});
}
END_TEST

START_TEST(signs_are_red_and_blue_around_white)
{
    const double x[] = {-2, -1, 0, 0.5, 1, NAN, INFINITY};
    expect_colours(x, 7, (struct wg_picture){.signs = true},
                   (int[]){0x0000FF, 0x8080FF, 0xFFFFFF, 0xFFBFBF, 0xFF8080, 0x00C000, 0xFF0000});
    expect_colours(x + 2, 1, (struct wg_picture){.signs = true}, (int[]){0xFFFFFF});
    expect_colours(x, 3, (struct wg_picture){.signs = true, .low = -4, .high = 1},
                   (int[]){0x8080FF, 0xBFBFFF, 0xFFFFFF});
}
END_TEST

START_TEST(tiles_stand_in_rows_four_pixels_apart)
{
    uint8_t x[5 * 2 * 3];
    for (int i = 0; i < 30; i++) x[i] = (uint8_t)(7 * i);
    wg_array array = drawn(x, WG_U8, WG_SHAPE(5, 2, 3), (struct wg_picture){.zoom = 2});
    EXPECT(wg_shape_equal(array.type.shape, WG_SHAPE(2 * 4 + 4, 3 * 6 + 2 * 4, 3)));
    for (int y = 0; y < 12; y++) {
        for (int i = 0; i < 26; i++) {
            const int  tile = y / 8 * 3 + i / 10, row = y % 8 / 2, column = i % 10 / 2;
            const bool inside = row < 2 && column < 3 && tile < 5;
            const int  grey = inside ? x[6 * tile + 3 * row + column] : 255;
            EXPECT_MSG(at(&array, y, i) == grey * 0x010101, "row %d, column %d: %06X", y, i,
                       at(&array, y, i));
        }
    }
    wg_array_free(&array);
    array = drawn(x, WG_U8, WG_SHAPE(5, 2, 3), (struct wg_picture){.columns = 1});
    EXPECT(wg_shape_equal(array.type.shape, WG_SHAPE(5 * 2 * 19 + 4 * 4, 3 * 19, 3)));
    wg_array_free(&array);
}
END_TEST

START_TEST(three_channels_are_colours_and_others_tiles)
{
    const float x[] = {0, 1, 0.2F, 0.4F, 0.6F, 0.8F};
    wg_array    array = drawn(x, WG_F32, WG_SHAPE(1, 3, 1, 2), (struct wg_picture){.zoom = 1});
    EXPECT(array.type.shape.dim[1] == 2 && at(&array, 0, 0) == 0x003399);
    EXPECT(at(&array, 0, 1) == 0xFF66CC);
    wg_array_free(&array);
    array = drawn(x, WG_F32, WG_SHAPE(2, 3, 1, 1), (struct wg_picture){.zoom = 1, .signs = true});
    EXPECT(wg_shape_equal(array.type.shape, WG_SHAPE(2 + 4, 3 + 2 * 4, 3)));
    EXPECT(at(&array, 0, 5) == 0xFF0000 && at(&array, 5, 0) == 0xFF9999);
    wg_array_free(&array);
    array = drawn(x, WG_F32, WG_SHAPE(3, 2, 1, 1), (struct wg_picture){.zoom = 1});
    EXPECT(wg_shape_equal(array.type.shape, WG_SHAPE(3 + 2 * 4, 2 + 4, 3)));
    wg_array_free(&array);
}
END_TEST

START_TEST(each_tile_can_have_its_own_scale)
{
    const double x[] = {0, 1, 10, 30};
    wg_array     array =
        drawn(x, WG_F64, WG_SHAPE(2, 1, 2), (struct wg_picture){.zoom = 1, .each = true});
    EXPECT(at(&array, 0, 0) == 0 && at(&array, 0, 1) == 0xFFFFFF);
    EXPECT(at(&array, 0, 6) == 0 && at(&array, 0, 7) == 0xFFFFFF);
    wg_array_free(&array);
}
END_TEST

START_TEST(what_is_written_without_a_library_is_sound)
{
    enum { H = 300, W = 311 };
    static unsigned char bytes[4 * H * W];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 37 + i / 251);
    for (int64_t c = 1; c <= 4; c++) { /* of two to six blocks of 65,535 bytes */
        char      path[SCRATCH_PATH], reason[WG_REASON] = "";
        wg_type   type;
        wg_array  array;
        wg_view   view = view_of(bytes, WG_U8, WG_SHAPE(H, W, c), &type);
        wg__bytes file = {.allocator = wg_allocator_default()};
        view.data = bytes + (H - 1) * W * c; /* upside down */
        view.stride[0] = -W * c;
        wg__png_plain(&view, &file);
        EXPECT(wg__bytes_save(&file, scratch_path("a.png", path), reason));
        wg__bytes_free(&file);
        EXPECT_MSG(wg_png_read(path, WG_HWC, NULL, &array, reason), "%s", reason);
        EXPECT(wg_type_equal(&array.type, &type));
        for (int64_t y = 0; y < H; y++)
            EXPECT(memcmp((char *)array.data + y * W * c, bytes + (H - 1 - y) * W * c,
                          (size_t)(W * c)) == 0);
        wg_array_free(&array);
    }
}
END_TEST

#endif

/* ---- SVG ---- */

/* Two images (1, 2), black and half grey, then 0.2 and 0.2, as an SVG. */
static const char *svg(struct wg_picture how)
{
    static char   text[SCRATCH_FILE + 1];
    static double x[] = {0, 0.5, 0.2, 0.2};
    char          path[SCRATCH_PATH], reason[WG_REASON] = "";
    wg_type       type;
    how.path = scratch_path("a.svg", path);
    how.high = 1;
    const wg_view view = view_of(x, WG_F64, WG_SHAPE(2, 1, 2), &type);
    EXPECT_MSG(wg_picture_write(&view, &how, NULL, reason), "%s", reason);
    text[scratch_read(path, (unsigned char *)text)] = '\0';
    return text;
}

START_TEST(an_svg_holds_its_tiles_as_png)
{
    /* The PNG is what Python's zlib makes, without compression. */
    EXPECT_TEXT(svg((struct wg_picture){.columns = 1}),
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"68\" "
                "font-family=\"sans-serif\" font-size=\"10\" text-anchor=\"middle\" "
                "style=\"image-rendering:pixelated\">\n"
                "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
                "<image x=\"4\" y=\"4\" width=\"56\" height=\"28\" href=\"data:image/png;base64,"
                "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAEklEQVR4AQEHAPj/AAAAAICAgAMH"
                "AYFkxTkOAAAAAElFTkSuQmCC\"/>\n"
                "<image x=\"4\" y=\"36\" width=\"56\" height=\"28\" href=\"data:image/png;base64,"
                "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAEklEQVR4AQEHAPj/ADMzMzMzMwQ2"
                "ATO8SosgAAAAAElFTkSuQmCC\"/>\n</svg>\n");
}
END_TEST

START_TEST(classes_stand_below_their_images_and_mistakes_are_red)
{
    static const char *const names[] = {"a&b", "<c>"};
    const int64_t            told[] = {0, 1}, truth[] = {0, 7};
    const struct wg_picture  both = {
         .told = told, .truth = truth, .classes = names, .class_count = 2};
    const char *text = svg(both);
    EXPECT_SAYS(text, "width=\"124\" height=\"64\"");
    EXPECT_SAYS(text, "<text x=\"32\" y=\"44\" fill=\"#1a7f37\">a&amp;b</text>\n<image");
    EXPECT_SAYS(text, "<text x=\"92\" y=\"44\" fill=\"#c00000\">&lt;c&gt;</text>\n"
                      "<text x=\"92\" y=\"56\" fill=\"#555\">is 7</text>\n</svg>");
    text = svg((struct wg_picture){.truth = truth});
    EXPECT_SAYS(text, "<text x=\"32\" y=\"44\" fill=\"#000\">0</text>\n<image");
    EXPECT_SAYS(text, "<text x=\"92\" y=\"44\" fill=\"#000\">7</text>\n</svg>");
}
END_TEST

/* ---- what cannot be drawn ---- */

START_TEST(what_cannot_be_drawn_is_told)
{
    char         png[SCRATCH_PATH], vector[SCRATCH_PATH], reason[WG_REASON];
    const double x[8] = {0};
    const int64_t class[8] = {0};
    scratch_path("a.png", png);
    scratch_path("a.svg", vector);
    const struct {
        wg_shape          shape;
        struct wg_picture how;
        const char       *why;
    } cases[] = {
        {WG_SHAPE(8), {.path = png}, "images are (n,c,h,w), (n,h,w) or (h,w), and not empty"},
        {WG_SHAPE(1, 1, 1, 2, 4), {.path = png}, "images are (n,c,h,w)"},
        {WG_SHAPE(0, 2, 4), {.path = png}, "not empty"},
        {WG_SHAPE(2, 4), {.path = NULL}, "NULL: does not end in .png or .svg"},
        {WG_SHAPE(2, 4), {.path = "a.jpg"}, "a.jpg: does not end in .png or .svg"},
        {WG_SHAPE(2, 4), {.path = ".png"}, ".png: does not end in .png or .svg"},
        {WG_SHAPE(2, 2, 2), {.path = png, .told = class}, "of an .svg alone"},
        {WG_SHAPE(1, 2, 2, 2), {.path = vector, .truth = class}, "of 1 or 3 channels"},
        {WG_SHAPE(2, 4), {.path = png, .zoom = 5000}, "would be too large a picture"},
        {WG_SHAPE(2, 4), {.path = vector, .zoom = 2000000}, "would be too large a picture"},
        {WG_SHAPE(2, 4), {.path = "/no/such/a.svg"}, "/no/such/a.svg: cannot be written"},
        {WG_SHAPE(2, 4), {.path = "/no/such/a.png"}, "/no/such/a.png: cannot be written"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        wg_type       type;
        const wg_view view = view_of(x, WG_F64, cases[k].shape, &type);
        EXPECT(!wg_picture_write(&view, &cases[k].how, NULL, reason));
        EXPECT_SAYS(reason, cases[k].why);
    }
    EXPECT(!wg_picture_write(NULL, &cases[0].how, NULL, reason));
    EXPECT_SAYS(reason, "there is nothing to draw");
    EXPECT(scratch_count() == 0);
}
END_TEST

START_TEST(a_tensor_is_computed_and_drawn)
{
    char       path[SCRATCH_PATH];
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(1, 1, 2, 2));
    scratch_path("a.png", path);
    EXPECT(!wg_picture_save(x, path)); /* nothing was written to it */
    EXPECT_SAYS(wg_tape_error(tape), "x");
    wg_tape_error_clear(tape);
    wg_write_all(x, 0.5);
    EXPECT(wg_picture_save(x, path, .columns = 1) && scratch_count() == 1);
    EXPECT(!wg_picture_save(x, "a.gif"));
    EXPECT_SAYS(wg_tape_error(tape), "test_picture.c");
    EXPECT_SAYS(wg_tape_error(tape), "picture is not saved: a.gif: does not end in .png or .svg");
    EXPECT(!wg_picture_save(x, path) && !wg_picture_save(NULL, path));
    wg_tape_free(tape);
}
END_TEST

static bool draw_both(const wg_allocator *allocator, void *folder)
{
    static const double x[12] = {1, 2, 3};
    char                path[SCRATCH_PATH + 8], reason[WG_REASON] = "";
    wg_type             type;
    const wg_view       view = view_of(x, WG_F64, WG_SHAPE(3, 2, 2), &type);
    bool                good = true;
    for (int svg_too = 0; svg_too < 2 && good; svg_too++) {
        snprintf(path, sizeof path, "%s/a.%s", (char *)folder, svg_too ? "svg" : "png");
        good = wg_picture_write(&view, &(struct wg_picture){.path = path}, allocator, reason);
    }
    if (!good) EXPECT_SAYS(reason, "memory");
    return good;
}

START_TEST(every_failing_allocation_is_told)
{
    char folder[SCRATCH_PATH];
    EXPECT(failing_sweep(draw_both, (void *)(uintptr_t)scratch_path("", folder)) > 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("picture");
    TCase *tests = tcase_create("picture");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
#ifdef WG_HAVE_PNG
    tcase_add_test(tests, numbers_are_grey_between_the_least_and_the_largest);
    tcase_add_test(tests, signs_are_red_and_blue_around_white);
    tcase_add_test(tests, tiles_stand_in_rows_four_pixels_apart);
    tcase_add_test(tests, three_channels_are_colours_and_others_tiles);
    tcase_add_test(tests, each_tile_can_have_its_own_scale);
    tcase_add_test(tests, what_is_written_without_a_library_is_sound);
#endif
    tcase_add_test(tests, an_svg_holds_its_tiles_as_png);
    tcase_add_test(tests, classes_stand_below_their_images_and_mistakes_are_red);
    tcase_add_test(tests, what_cannot_be_drawn_is_told);
    tcase_add_test(tests, a_tensor_is_computed_and_drawn);
    tcase_add_test(tests, every_failing_allocation_is_told);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
