// SPDX-License-Identifier: MIT
/* Pictures: each kind of PNG is read right, what we write comes back, a tree of folders becomes a set
   of images, and nothing else gets through. */
#define _XOPEN_SOURCE 700
#include "../support/expect.h"
#include "../support/failing.h"
#include "scratch.h"

#include <stdio.h>
#include <sys/stat.h>
#include <wengert/formats/png.h>

#define DATA "tests/formats/data/"

#ifdef WG_HAVE_PNG

enum { W = 5, H = 3 };

static const unsigned char *read_picture(const char *path, wg_image_order order, wg_array *array)
{
    char reason[WG_REASON] = "";
    EXPECT_MSG(wg_png_read(path, order, NULL, array, reason), "%s", reason);
    return array->data;
}

/* Of make_samples.py's files those whose samples are their values: `channels` in the file. */
typedef struct kind {
    const char *path;
    int         channels, bits;
} kind;

static const kind kinds[] = {
    {DATA "grey1.png", 1, 1},
    {DATA "grey4.png", 1, 4},
    {DATA "grey8.png", 1, 8},
    {DATA "grey16.png", 1, 16},
    {DATA "opacity8.png", 2, 8},
    {DATA "opacity16.png", 2, 16},
    {DATA "colour8.png", 3, 8},
    {DATA "colour16.png", 3, 16},
    {DATA "colour8_interlaced.png", 3, 8},
    {DATA "colour8_opacity.png", 4, 8},
    {DATA "colour16_opacity.png", 4, 16},
};

enum { kind_count = sizeof kinds / sizeof *kinds };

/* The script's rule, then 0 to 255. */
static int value_of(const kind *k, int i)
{
    const int most = (1 << k->bits) - 1, sample = (i * (k->bits == 16 ? 4099 : 37)) & most;
    return (sample * 255 * 2 + most) / (2 * most); /* the nearest */
}

START_TEST(each_kind_of_picture_is_read_right)
{
    for (int k = 0; k < kind_count; k++) {
        const int            c = kinds[k].channels;
        wg_array             array;
        const unsigned char *got = read_picture(kinds[k].path, WG_HWC, &array);
        EXPECT(array.type.dtype == WG_U8);
        EXPECT_MSG(wg_shape_equal(array.type.shape, WG_SHAPE(H, W, c)), "%s", kinds[k].path);
        for (int i = 0; i < H * W * c; i++)
            EXPECT_MSG(got[i] == value_of(&kinds[k], i), "%s: %d is %d, wanted %d", kinds[k].path,
                       i, got[i], value_of(&kinds[k], i));
        wg_array_free(&array);
    }
}
END_TEST

START_TEST(channels_can_come_first)
{
    for (int k = 0; k < kind_count; k++) {
        const int            c = kinds[k].channels;
        wg_array             array;
        const unsigned char *got = read_picture(kinds[k].path, WG_CHW, &array);
        EXPECT(wg_shape_equal(array.type.shape, WG_SHAPE(c, H, W)));
        for (int i = 0; i < H * W * c; i++)
            EXPECT(got[i % c * H * W + i / c] == value_of(&kinds[k], i));
        wg_array_free(&array);
    }
}
END_TEST

START_TEST(palettes_become_colours_and_transparent_colours_opacity)
{
    wg_array             array;
    const unsigned char *got = read_picture(DATA "palette4.png", WG_HWC, &array);
    EXPECT(wg_shape_equal(array.type.shape, WG_SHAPE(H, W, 3)));
    for (int i = 0; i < H * W; i++) {
        const int entry = i * 7 % 15;
        EXPECT(got[3 * i] == 16 * entry && got[3 * i + 1] == 255 - 16 * entry &&
               got[3 * i + 2] == entry);
    }
    wg_array_free(&array);
    got = read_picture(DATA "palette8_opacity.png", WG_HWC, &array);
    EXPECT(wg_shape_equal(array.type.shape, WG_SHAPE(H, W, 4)));
    for (int i = 0; i < H * W; i++) {
        const int entry = i * 7 % 15;
        EXPECT(got[4 * i] == 16 * entry && got[4 * i + 3] == 17 * entry);
    }
    wg_array_free(&array);
    got = read_picture(DATA "grey8_key.png", WG_HWC, &array);
    EXPECT(wg_shape_equal(array.type.shape, WG_SHAPE(H, W, 2)));
    for (int i = 0; i < H * W; i++)
        EXPECT(got[2 * i] == i * 37 % 256 && got[2 * i + 1] == (got[2 * i] == 37 ? 0 : 255));
    wg_array_free(&array);
}
END_TEST

/* ---- writing ---- */

static unsigned char bytes[4 * 7 * 6];

static wg_view view_of(wg_type *type, wg_shape shape)
{
    EXPECT(wg_type_make(WG_U8, shape, type));
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 37);
    wg_view view = {.data = bytes, .type = type};
    wg_shape_strides(shape, view.stride);
    return view;
}

START_TEST(pictures_come_back_as_they_were_written)
{
    char path[SCRATCH_PATH], reason[WG_REASON] = "";
    scratch_path("a.png", path);
    for (int c = 1; c <= 4; c++) {
        for (int order = WG_CHW; order <= WG_HWC; order++) {
            wg_type        type;
            wg_array       array;
            const wg_shape shape = order == WG_CHW ? WG_SHAPE(c, 7, 6) : WG_SHAPE(7, 6, c);
            const wg_view  view = view_of(&type, shape);
            EXPECT_MSG(wg_png_write(path, &view, (wg_image_order)order, NULL, reason), "%s",
                       reason);
            read_picture(path, (wg_image_order)order, &array);
            EXPECT(wg_type_equal(&array.type, &type));
            EXPECT(memcmp(array.data, bytes, (size_t)type.count) == 0);
            wg_array_free(&array);
        }
    }
    EXPECT(scratch_count() == 1);
}
END_TEST

START_TEST(views_of_rank_2_and_of_any_strides_are_written)
{
    char           path[SCRATCH_PATH];
    wg_type        type;
    wg_array       array;
    wg_view        view = view_of(&type, WG_SHAPE(7, 6));
    const int64_t  strides[3][2] = {{6, 1}, {1, 7}, {-6, 1}};
    const unsigned first[3] = {0, 0, 36};
    for (int k = 0; k < 3; k++) {
        view.data = bytes + first[k];
        memcpy(view.stride, strides[k], sizeof strides[k]);
        EXPECT(wg_png_write(scratch_path("a.png", path), &view, WG_CHW, NULL, NULL));
        const unsigned char *got = read_picture(path, WG_HWC, &array);
        EXPECT(wg_shape_equal(array.type.shape, WG_SHAPE(7, 6, 1)));
        for (int i = 0; i < 7; i++)
            for (int j = 0; j < 6; j++)
                EXPECT(got[6 * i + j] ==
                       bytes[(int64_t)first[k] + i * strides[k][0] + j * strides[k][1]]);
        wg_array_free(&array);
    }
}
END_TEST

START_TEST(what_is_no_picture_is_not_written)
{
    const wg_shape shapes[] = {WG_SCALAR,         WG_SHAPE(5),         WG_SHAPE(2, 2, 2, 2),
                               WG_SHAPE(0, 3),    WG_SHAPE(3, 0),      WG_SHAPE(5, 2, 3),
                               WG_SHAPE(0, 2, 3), WG_SHAPE(1000001, 0)};
    char           path[SCRATCH_PATH], reason[WG_REASON];
    wg_type        type;
    scratch_path("a.png", path);
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        const wg_view view = view_of(&type, shapes[k]);
        EXPECT(!wg_png_write(path, &view, WG_CHW, NULL, reason));
        EXPECT_SAYS(reason, "a picture is u8 of rank 2 or 3");
    }
    wg_view view = view_of(&type, WG_SHAPE(2, 3));
    type.dtype = WG_F32;
    EXPECT(!wg_png_write(path, &view, WG_CHW, NULL, reason));
    EXPECT(!wg_png_write(NULL, NULL, WG_CHW, NULL, reason));
    type.dtype = WG_U8;
    EXPECT(!wg_png_write("/dev/null", &view, WG_CHW, NULL, reason));
    EXPECT_SAYS(reason, "is not a regular file");
    EXPECT(scratch_count() == 0);
}
END_TEST

/* ---- hostile files ---- */

static void expect_refused(const char *path, const char *why)
{
    wg_array array;
    char     reason[WG_REASON] = "";
    EXPECT_MSG(!wg_png_read(path, WG_CHW, NULL, &array, reason), "accepted, but: %s", why);
    EXPECT_SAYS(reason, why);
    EXPECT(!array.data && array.type.count == 0);
}

START_TEST(what_is_no_picture_is_refused)
{
    char          path[SCRATCH_PATH];
    unsigned char file[SCRATCH_FILE];
    size_t        count = scratch_read(DATA "colour8.png", file);
    expect_refused(scratch_path("missing", path), "missing: cannot be opened: No such file");
    expect_refused("/dev/null", "not a regular file");
    expect_refused(NULL, "no path");
    expect_refused(scratch_write("a", "", 0, path), "ends early");
    expect_refused(scratch_write("a", file, 30, path), "ends early");
    expect_refused(DATA "f4_little.npy", "is no sound PNG file: Not a PNG file");
    file[count] = 0;
    expect_refused(scratch_write("a", file, count + 1, path), "has bytes behind its end");
}
END_TEST

/* A file whose header announces other sizes, with the right checksum for them. */
static void expect_refused_size(const unsigned char header[17], uint32_t sum, const char *why)
{
    char          path[SCRATCH_PATH];
    unsigned char file[SCRATCH_FILE];
    const size_t  count = scratch_read(DATA "colour8.png", file);
    memcpy(file + 12, header, 17);
    for (int i = 0; i < 4; i++) file[29 + i] = (unsigned char)(sum >> (24 - 8 * i));
    expect_refused(scratch_write("a", file, count, path), why);
}

START_TEST(sizes_are_held_against_the_file_before_memory_is_asked_for)
{
    /* 65,536 x 65,536; 16,384 x 5,000; 2,000,000 x 3; 0 x 3 */
    expect_refused_size((const unsigned char *)"IHDR\0\1\0\0\0\1\0\0\10\2\0\0", 0xE3E6A7B4U,
                        "announces more pixels than it can hold");
    expect_refused_size((const unsigned char *)"IHDR\0\0\x40\0\0\0\x13\x88\10\2\0\0", 0xC674E24CU,
                        "announces more pixels than it can hold");
    expect_refused_size((const unsigned char *)"IHDR\0\x1E\x84\x80\0\0\0\3\10\2\0\0", 0xF669E815U,
                        "is no sound PNG file");
    expect_refused_size((const unsigned char *)"IHDR\0\0\0\0\0\0\0\3\10\2\0\0", 0x327D99EBU,
                        "is no sound PNG file");
}
END_TEST

static int load_any(const char *path, const unsigned char *file, size_t count)
{
    wg_array array;
    char     reason[WG_REASON] = "";
    (void)file, (void)count;
    const bool good = wg_png_read(path, WG_CHW, NULL, &array, reason);
    EXPECT(good ? array.data != NULL : reason[0] && !array.data);
    wg_array_free(&array);
    return good;
}

START_TEST(damaged_pictures_are_refused)
{
    const char   *paths[] = {DATA "colour8.png", DATA "colour8_interlaced.png",
                             DATA "palette8_opacity.png"};
    unsigned char file[SCRATCH_FILE];
    for (int k = 0; k < 3; k++) {
        const size_t count = scratch_read(paths[k], file);
        EXPECT(scratch_truncate(file, count, load_any) == 0);
        EXPECT(scratch_damage(file, count, count, load_any) == 0);
    }
}
END_TEST

/* ---- folders ---- */

static void make_folder(const char *name)
{
    char path[SCRATCH_PATH];
    EXPECT(mkdir(scratch_path(name, path), 0777) == 0);
}

/* A picture (c, 2, 3) whose pixels are all `value`. */
static void make_picture(const char *name, int c, int value)
{
    char          path[SCRATCH_PATH];
    wg_type       type;
    unsigned char pixel = (unsigned char)value;
    EXPECT(wg_type_make(WG_U8, WG_SHAPE(c, 2, 3), &type));
    const wg_view view = {.data = &pixel, .type = &type};
    EXPECT(wg_png_write(scratch_path(name, path), &view, WG_CHW, NULL, NULL));
}

/* Two classes, b with two images and a with one, and what is to be left aside. */
static const char *make_tree(int channels, char path[SCRATCH_PATH])
{
    make_folder("tree");
    make_folder("tree/b");
    make_folder("tree/a");
    make_folder("tree/.hidden");
    make_folder("tree/b/folder");
    scratch_write("tree/notes.txt", "x", 1, path);
    scratch_write("tree/b/notes.txt", "x", 1, path);
    scratch_write("tree/b/.png", "x", 1, path);
    make_picture("tree/b/2.png", channels, 22);
    make_picture("tree/b/1.png", channels, 21);
    make_picture("tree/a/9.png", channels, 9);
    return scratch_path("tree", path);
}

START_TEST(a_tree_of_folders_is_a_set_of_images)
{
    char         path[SCRATCH_PATH], reason[WG_REASON] = "";
    wg_image_set set;
    make_tree(3, path);
    for (int order = WG_CHW; order <= WG_HWC; order++) {
        const bool good = wg_images_folder(path, (wg_image_order)order, NULL, &set, reason);
        EXPECT_MSG(good, "%s", reason);
        EXPECT(wg_shape_equal(set.pixels.type.shape,
                              order == WG_CHW ? WG_SHAPE(3, 3, 2, 3) : WG_SHAPE(3, 2, 3, 3)));
        EXPECT(set.labels.type.dtype == WG_I64 && set.labels.type.count == 3);
        const unsigned char *pixel = set.pixels.data;
        const int64_t       *label = set.labels.data;
        const int            wanted[] = {9, 21, 22};
        for (int i = 0; i < 3; i++)
            EXPECT(pixel[18 * i] == wanted[i] && pixel[18 * i + 17] == wanted[i] &&
                   label[i] == (i > 0));
        EXPECT(set.class_count == 2);
        EXPECT_TEXT(set.classes[0], "a");
        EXPECT_TEXT(set.classes[1], "b");
        wg_image_set_free(&set);
    }
}
END_TEST

static void expect_refused_folder(const char *path, const char *why)
{
    wg_image_set set;
    char         reason[WG_REASON] = "";
    EXPECT_MSG(!wg_images_folder(path, WG_CHW, NULL, &set, reason), "accepted, but: %s", why);
    EXPECT_SAYS(reason, why);
    EXPECT(!set.pixels.data && !set.labels.data && !set.classes && set.class_count == 0);
}

START_TEST(trees_that_are_no_set_of_images_are_refused)
{
    char path[SCRATCH_PATH], other[SCRATCH_PATH];
    expect_refused_folder(NULL, "is no folder");
    expect_refused_folder(scratch_path("missing", path), "missing: cannot be opened: No such file");
    make_folder("none");
    expect_refused_folder(scratch_path("none", path), "none: has no folder of a class");
    make_folder("none/a");
    expect_refused_folder(path, "none/a: has no image *.png");
    make_tree(3, path);
    make_picture("tree/b/3.png", 1, 5);
    expect_refused_folder(path, "tree/b/3.png: is (1,2,3), other than the images before it");
    scratch_write("tree/b/3.png", "no", 2, other);
    expect_refused_folder(path, "tree/b/3.png: ends early");
    char far[4200];
    memset(far, 'x', sizeof far - 1);
    far[sizeof far - 1] = '\0';
    expect_refused_folder(far, "cannot be opened: File name too long");
}
END_TEST

/* ---- without memory ---- */

static bool read_with(const wg_allocator *allocator, void *path)
{
    wg_array   array;
    char       reason[WG_REASON] = "";
    const bool good = wg_png_read(path, WG_CHW, allocator, &array, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    wg_array_free(&array);
    return good;
}

static bool write_with(const wg_allocator *allocator, void *path)
{
    wg_type       type;
    char          reason[WG_REASON] = "";
    const wg_view view = view_of(&type, WG_SHAPE(3, 7, 6));
    const bool    good = wg_png_write(path, &view, WG_CHW, allocator, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    return good;
}

static bool read_folder_with(const wg_allocator *allocator, void *path)
{
    wg_image_set set;
    char         reason[WG_REASON] = "";
    const bool   good = wg_images_folder(path, WG_CHW, allocator, &set, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    wg_image_set_free(&set);
    return good;
}

START_TEST(reading_and_writing_without_memory_fail_cleanly)
{
    char path[SCRATCH_PATH], data[] = DATA "colour8.png", key[] = DATA "palette8_opacity.png";
    EXPECT(failing_sweep(read_with, data) >= 2 * 6);
    EXPECT(failing_sweep(read_with, key) >= 2 * 6);
    scratch_path("a.png", path);
    EXPECT(failing_sweep(write_with, path) >= 2 * 6);
    make_tree(3, path);
    EXPECT(failing_sweep(read_folder_with, path) >= 2 * (3 * 6 + 10));
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, each_kind_of_picture_is_read_right);
    tcase_add_test(tests, channels_can_come_first);
    tcase_add_test(tests, palettes_become_colours_and_transparent_colours_opacity);
    tcase_add_test(tests, pictures_come_back_as_they_were_written);
    tcase_add_test(tests, views_of_rank_2_and_of_any_strides_are_written);
    tcase_add_test(tests, what_is_no_picture_is_not_written);
    tcase_add_test(tests, what_is_no_picture_is_refused);
    tcase_add_test(tests, sizes_are_held_against_the_file_before_memory_is_asked_for);
    tcase_add_test(tests, damaged_pictures_are_refused);
    tcase_add_test(tests, a_tree_of_folders_is_a_set_of_images);
    tcase_add_test(tests, trees_that_are_no_set_of_images_are_refused);
    tcase_add_test(tests, reading_and_writing_without_memory_fail_cleanly);
}

#else

START_TEST(without_libpng_pictures_are_written_and_not_read)
{
    wg_array     array = {.data = (unsigned char[1]){0}};
    wg_image_set set;
    char         path[SCRATCH_PATH], reason[WG_REASON];
    EXPECT(wg_type_make(WG_U8, WG_SHAPE(1, 1), &array.type));
    wg_view view = wg_array_view(&array);
    EXPECT(wg_png_write(scratch_path("a.png", path), &view, WG_CHW, NULL, reason));
    EXPECT(scratch_count() == 1); /* tests/formats/test_picture.c says what it holds */
    array.type.shape.rank = 1;
    EXPECT(!wg_png_write("a.png", &view, WG_CHW, NULL, reason));
    EXPECT_SAYS(reason, "a.png: a picture is u8 of rank 2 or 3");
    EXPECT(!wg_png_read(DATA "grey8.png", WG_CHW, NULL, &array, reason) && !array.data);
    EXPECT_SAYS(reason, "this library was built without libpng");
    EXPECT(mkdir(scratch_path("a", path), 0777) == 0);
    scratch_write("a/b.png", "", 0, path);
    EXPECT(!wg_images_folder(scratch_path("", path), WG_CHW, NULL, &set, reason) && !set.classes);
    EXPECT_SAYS(reason, "/a/b.png: is a picture, and this library was built without libpng");
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, without_libpng_pictures_are_written_and_not_read);
}

#endif

int main(void)
{
    Suite *suite = suite_create("png");
    TCase *tests = tcase_create("png");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
