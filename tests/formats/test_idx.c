// SPDX-License-Identifier: MIT
/* IDX files, plain and compressed: right values, and a sentence for each way of being wrong. */
#include "../support/expect.h"
#include "../support/failing.h"
#include "scratch.h"

#include <stdio.h>
#include <wengert/formats/idx.h>

#define SMALL  "data/fashion-mnist-small"
#define LABELS SMALL "/t10k-labels-idx1-ubyte.gz"

/* u8 of (2, 2, 3), the values 1 to 12; labels 0 and 2. */
static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,  0,  0,
                                       0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 0, 2};

static void expect_refused(const char *path, const char *why)
{
    wg_array array;
    char     reason[WG_REASON] = "";
    EXPECT_MSG(!wg_idx_read(path, NULL, &array, reason), "accepted, but: %s", why);
    EXPECT_SAYS(reason, why);
    EXPECT(!array.data && array.type.count == 0);
    wg_array_free(&array);
}

static wg_array expect_read(const char *path, wg_dtype dtype, wg_shape shape)
{
    wg_array array;
    char     reason[WG_REASON] = "";
    EXPECT_MSG(wg_idx_read(path, NULL, &array, reason), "%s", reason);
    EXPECT(array.type.dtype == dtype && wg_shape_equal(array.type.shape, shape));
    return array;
}

/* ---- plain files ---- */

START_TEST(each_dtype_is_read_in_the_order_of_this_machine)
{
    const struct {
        wg_dtype      dtype;
        unsigned char code, value[8];
    } files[] = {
        {WG_U8, 0x08, {0xC7}},
        {WG_I32, 0x0C, {0xFF, 0xFF, 0xFE, 0xFC}},
        {WG_F32, 0x0D, {0xC2, 0x8B, 0x40, 0x00}},
        {WG_F64, 0x0E, {0x40, 0x09, 0x21, 0xFB, 0x54, 0x44, 0x2D, 0x18}},
    };
    for (size_t k = 0; k < 4; k++) {
        unsigned char file[16] = {0, 0, files[k].code, 1, 0, 0, 0, 1};
        char          path[SCRATCH_PATH];
        const size_t  size = wg_dtype_size(files[k].dtype);
        memcpy(file + 8, files[k].value, size);
        scratch_write("value.idx", file, 8 + size, path);
        wg_array array = expect_read(path, files[k].dtype, WG_SHAPE(1));
        EXPECT(k != 0 || *(uint8_t *)array.data == 199);
        EXPECT(k != 1 || *(int32_t *)array.data == -260);
        EXPECT(k != 2 || *(float *)array.data == -69.625f);
        EXPECT(k != 3 || *(double *)array.data == 3.141592653589793);
        wg_array_free(&array);
    }
}
END_TEST

START_TEST(ranks_from_none_to_eight_are_read)
{
    char                path[SCRATCH_PATH];
    const unsigned char scalar[] = {0, 0, 8, 0, 42};
    unsigned char       eight[4 + 8 * 4 + 1] = {0, 0, 8, 8},
                                    empty[12] = {0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 5};
    for (int axis = 0; axis < 8; axis++) eight[4 + 4 * axis + 3] = 1;
    scratch_write("scalar", scalar, sizeof scalar, path);
    wg_array array = expect_read(path, WG_U8, WG_SCALAR);
    EXPECT(*(uint8_t *)array.data == 42);
    wg_array_free(&array);
    scratch_write("eight", eight, sizeof eight, path);
    array = expect_read(path, WG_U8, WG_SHAPE(1, 1, 1, 1, 1, 1, 1, 1));
    wg_array_free(&array);
    scratch_write("empty", empty, sizeof empty, path);
    array = expect_read(path, WG_U8, WG_SHAPE(0, 5));
    wg_array_free(&array);
}
END_TEST

START_TEST(what_is_no_idx_file_is_refused)
{
    char                path[SCRATCH_PATH];
    const unsigned char nine[4 + 9 * 4 + 1] = {0, 0, 8, 9};
    expect_refused(scratch_path("missing", path), "missing: cannot be opened: No such file");
    expect_refused(scratch_path("", path), "not a regular file");
    expect_refused(NULL, "no path");
    expect_refused(scratch_write("a", "", 0, path), "ends early: 4 bytes are wanted, 0 are left");
    expect_refused(scratch_write("a", "\1\0\x08\1", 4, path), "does not begin with two zeros");
    expect_refused(scratch_write("a", "\0\1\x08\1", 4, path), "does not begin with two zeros");
    expect_refused(scratch_write("a", "\0\0\x07\1", 4, path), "there is no type 0x07");
    expect_refused(scratch_write("a", "\0\0\x09\1", 4, path), "values of type i8 are not read");
    expect_refused(scratch_write("a", "\0\0\x0B\1", 4, path), "values of type i16 are not read");
    expect_refused(scratch_write("a", nine, sizeof nine, path), "has rank 9, more than 8");
}
END_TEST

/* A u8 file of rank 2 with these sizes and so many values. */
static const char *write_sizes(uint32_t rows, uint32_t columns, size_t values,
                               char path[SCRATCH_PATH])
{
    unsigned char file[SCRATCH_FILE] = {0, 0, 8, 2};
    for (int byte = 0; byte < 4; byte++) {
        file[4 + byte] = (unsigned char)(rows >> (24 - 8 * byte));
        file[8 + byte] = (unsigned char)(columns >> (24 - 8 * byte));
    }
    return scratch_write("sizes.idx", file, 12 + values, path);
}

START_TEST(sizes_that_lie_are_refused_before_memory_is_asked_for)
{
    char     path[SCRATCH_PATH], reason[WG_REASON];
    wg_array array;
    failing  none;
    failing_init(&none, 1, true);
    EXPECT(!wg_idx_read(write_sizes(3, 4, 11, path), &none.allocator, &array, reason));
    EXPECT_SAYS(reason, "announces 12 bytes, it can hold 11 at most");
    EXPECT(!wg_idx_read(write_sizes(65536, 16384, 9, path), &none.allocator, &array, reason));
    EXPECT_SAYS(reason, "announces 1073741824 bytes, it can hold 9 at most");
    EXPECT(!wg_idx_read(write_sizes(65536, 16385, 9, path), &none.allocator, &array, reason));
    EXPECT_SAYS(reason, "announces 1073807360 bytes, at most 1073741824 are read");
    EXPECT(!wg_idx_read(write_sizes(~0u, ~0u, 9, path), &none.allocator, &array, reason));
    EXPECT_SAYS(reason, "has sizes whose product is too large");
    EXPECT(none.requests == 0);
    expect_refused(write_sizes(3, 4, 13, path), "has 1 bytes behind its end");
    expect_refused(write_sizes(0, 4, 1, path), "has 1 bytes behind its end");
}
END_TEST

/* Accepted only with all bytes behind the sizes as values, turned round where they have several. */
static int load_damaged(const char *path, const unsigned char *bytes, size_t count)
{
    wg_array array;
    char     reason[WG_REASON] = "";
    if (!wg_idx_read(path, NULL, &array, reason)) {
        EXPECT(reason[0] && !array.data);
        return 0;
    }
    const size_t         width = wg_dtype_size(array.type.dtype);
    const size_t         front = 4 + 4 * (size_t)array.type.shape.rank;
    const unsigned char *got = array.data;
    EXPECT(front + (size_t)array.type.count * width == count);
    for (size_t i = 0; i < count - front; i++)
        EXPECT(got[i / width * width + width - 1 - i % width] == bytes[front + i]);
    wg_array_free(&array);
    return 1;
}

START_TEST(damaged_files_are_refused_or_read_right)
{
    EXPECT(scratch_truncate(images, sizeof images, load_damaged) == 0);
    EXPECT(scratch_damage(images, sizeof images, 16, load_damaged) == 0);
    EXPECT(scratch_damage(images, sizeof images, sizeof images, load_damaged) >= 12 * 8);
}
END_TEST

/* ---- images with labels ---- */

/* Writes both files as part "a"; reads them for three classes. */
static bool read_set(const unsigned char *pixels, size_t pixel_bytes, const unsigned char *shown,
                     size_t label_bytes, char reason[WG_REASON])
{
    char      path[SCRATCH_PATH], folder[SCRATCH_PATH];
    wg_images set;
    scratch_write("a-images-idx3-ubyte", pixels, pixel_bytes, path);
    scratch_write("a-labels-idx1-ubyte", shown, label_bytes, path);
    const wg_images_files files = {.folder = scratch_path("", folder), .part = "a", .classes = 3};
    const bool            good = wg_images_read(&files, &set, reason);
    EXPECT(good == (set.pixels.data != NULL) && good == (set.labels.data != NULL));
    wg_images_free(&set);
    return good;
}

START_TEST(images_and_labels_must_belong_together)
{
    char                reason[WG_REASON] = "";
    const unsigned char three[] = {0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2};
    const unsigned char fourth[] = {0, 0, 8, 1, 0, 0, 0, 2, 0, 3};
    const unsigned char numbers[] = {0, 0, 12, 1, 0, 0, 0, 1, 0, 0, 0, 1};
    const size_t        m = sizeof images, n = sizeof labels;
    EXPECT_MSG(read_set(images, m, labels, n, reason), "%s", reason);
    EXPECT(!read_set(images, m, three, sizeof three, reason));
    EXPECT_SAYS(reason, "a has 2 images and 3 labels");
    EXPECT(!read_set(images, m, fourth, sizeof fourth, reason));
    EXPECT_SAYS(reason, "label 1 of a is 3, there are 3 classes");
    EXPECT(!read_set(labels, n, labels, n, reason));
    EXPECT_SAYS(reason, "a-images-idx3-ubyte: holds u8 (2,), wanted is u8 of rank 3");
    EXPECT(!read_set(images, m, images, m, reason));
    EXPECT_SAYS(reason, "a-labels-idx1-ubyte: holds u8 (2,2,3), wanted is u8 of rank 1");
    EXPECT(!read_set(images, m, numbers, sizeof numbers, reason));
    EXPECT_SAYS(reason, "holds i32 (1,), wanted is u8 of rank 1");
    EXPECT(!read_set(images, m, labels, n - 1, reason));
    EXPECT_SAYS(reason, "a-labels-idx1-ubyte: announces 2 bytes, it can hold 1 at most");
}
END_TEST

START_TEST(a_folder_without_images_is_refused)
{
    char            reason[WG_REASON], folder[SCRATCH_PATH];
    wg_images       set;
    wg_images_files files = {.folder = scratch_path("", folder), .part = "b", .classes = 3};
    EXPECT(!wg_images_read(&files, &set, reason));
    EXPECT_SAYS(reason, "b-images-idx3-ubyte: cannot be opened: No such file");
    files.folder = NULL;
    EXPECT(!wg_images_read(&files, &set, reason));
    EXPECT_SAYS(reason, "is no folder or part");
    EXPECT(!set.pixels.data && !set.labels.data);
}
END_TEST

/* ---- compressed files ---- */

#ifdef WG_HAVE_ZLIB

/* One stored block in gzip's clothes (RFC 1951, 1952); returns its length. */
static size_t pack(const unsigned char *bytes, size_t count, unsigned char packed[SCRATCH_FILE])
{
    const unsigned char front[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1};
    uint32_t            crc = ~0u;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    memcpy(packed, front, sizeof front);
    memcpy(packed + 15, bytes, count);
    const uint32_t lengths = (uint32_t)count | ~(uint32_t)count << 16;
    const uint32_t numbers[] = {lengths, ~crc, (uint32_t)count};
    unsigned char *places[] = {packed + 11, packed + 15 + count, packed + 19 + count};
    for (int k = 0; k < 3; k++)
        for (int byte = 0; byte < 4; byte++)
            places[k][byte] = (unsigned char)(numbers[k] >> 8 * byte);
    return 23 + count;
}

static const char *write_packed(const unsigned char *bytes, size_t count, size_t extra,
                                char path[SCRATCH_PATH])
{
    unsigned char packed[SCRATCH_FILE] = {0};
    const size_t  length = pack(bytes, count, packed);
    return scratch_write("packed.gz", packed, length + extra, path);
}

START_TEST(a_compressed_file_is_read_like_a_plain_one)
{
    char     path[SCRATCH_PATH];
    wg_array array =
        expect_read(write_packed(images, sizeof images, 0, path), WG_U8, WG_SHAPE(2, 2, 3));
    EXPECT(memcmp(array.data, images + 16, 12) == 0);
    wg_array_free(&array);
}
END_TEST

START_TEST(a_stream_shorter_or_longer_than_announced_is_refused)
{
    char          path[SCRATCH_PATH];
    unsigned char longer[sizeof images + 1] = {0}, large[16], twice[SCRATCH_FILE];
    memcpy(longer, images, sizeof images);
    expect_refused(write_packed(images, sizeof images - 1, 0, path),
                   "ends early: 12 bytes are wanted, 11 are left");
    expect_refused(write_packed(images, 9, 0, path), "ends early: 4 bytes are wanted, 1 are left");
    expect_refused(write_packed(longer, sizeof longer, 0, path), "has bytes behind its end");
    expect_refused(write_packed(images, sizeof images, 1, path), "has bytes behind its end");
    const size_t once = pack(images, sizeof images, twice);
    memcpy(twice + once, twice, once);
    expect_refused(scratch_write("twice.gz", twice, 2 * once, path), "has bytes behind its end");
    memcpy(large, images, sizeof large);
    large[5] = 1; /* 65538 pictures of 6 pixels out of 39 bytes: more than Deflate can hold */
    expect_refused(write_packed(large, sizeof large, 0, path), "it can hold 40232 at most");
    expect_refused(scratch_write("bare.gz", "\x1F\x8B", 2, path), "is cut short");
    expect_refused(scratch_write("bad.gz", "\x1F\x8B\7\0\0\0\0\0\0\0", 10, path),
                   "is not soundly compressed");
}
END_TEST

/* A damaged compressed file is accepted only when what counts in it is whole. */
static int load_packed(const char *path, const unsigned char *bytes, size_t count)
{
    (void)bytes, (void)count;
    wg_array  whole = expect_read(LABELS, WG_U8, WG_SHAPE(500)), array;
    char      reason[WG_REASON] = "";
    const int accepted = wg_idx_read(path, NULL, &array, reason);
    if (accepted) EXPECT(wg_type_equal(&array.type, &whole.type));
    if (accepted) EXPECT(memcmp(array.data, whole.data, 500) == 0);
    EXPECT(accepted || reason[0]);
    wg_array_free(&array);
    wg_array_free(&whole);
    return accepted;
}

START_TEST(damaged_compressed_files_are_refused_or_read_right)
{
    unsigned char file[SCRATCH_FILE];
    const size_t  count = scratch_read(LABELS, file);
    EXPECT(scratch_truncate(file, count, load_packed) == 0);
    const int accepted = scratch_damage(file, count, count, load_packed);
    EXPECT(accepted > 0 && accepted < 6 * 12 + 12); /* time, system and hints of the gzip header */
}
END_TEST

START_TEST(the_small_fashion_set_holds_all_classes)
{
    const int wanted[] = {2000, 500};
    for (int k = 0; k < 2; k++) {
        wg_images             set;
        char                  reason[WG_REASON] = "";
        const wg_images_files files = {
            .folder = SMALL, .part = k ? "t10k" : "train", .classes = 10};
        EXPECT_MSG(wg_images_read(&files, &set, reason), "%s", reason);
        EXPECT(wg_shape_equal(set.pixels.type.shape, WG_SHAPE(wanted[k], 1, 28, 28)));
        int seen[10] = {0};
        for (int i = 0; i < wanted[k]; i++) seen[((const uint8_t *)set.labels.data)[i]]++;
        for (int c = 0; c < 10; c++) EXPECT(seen[c] > wanted[k] / 14 && seen[c] < wanted[k] / 7);
        wg_images_free(&set);
    }
}
END_TEST

static bool read_small_with(const wg_allocator *allocator, void *context)
{
    (void)context;
    wg_images             set;
    char                  reason[WG_REASON] = "";
    const wg_images_files files = {
        .folder = SMALL, .part = "t10k", .classes = 10, .allocator = allocator};
    const bool good = wg_images_read(&files, &set, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    wg_images_free(&set);
    return good;
}

START_TEST(reading_compressed_images_without_memory_fails_cleanly)
{
    EXPECT(failing_sweep(read_small_with, NULL) >= 2 * 2 * 3);
}
END_TEST

static void add_compressed(TCase *tests)
{
    tcase_add_test(tests, a_compressed_file_is_read_like_a_plain_one);
    tcase_add_test(tests, a_stream_shorter_or_longer_than_announced_is_refused);
    tcase_add_test(tests, damaged_compressed_files_are_refused_or_read_right);
    tcase_add_test(tests, the_small_fashion_set_holds_all_classes);
    tcase_add_test(tests, reading_compressed_images_without_memory_fails_cleanly);
}

#else

START_TEST(a_compressed_file_is_refused_without_zlib)
{
    expect_refused(LABELS, "is compressed, and this library was built without zlib");
}
END_TEST

static void add_compressed(TCase *tests)
{
    tcase_add_test(tests, a_compressed_file_is_refused_without_zlib);
}

#endif

static bool read_plain_with(const wg_allocator *allocator, void *path)
{
    wg_array   array;
    const bool good = wg_idx_read(path, allocator, &array, NULL);
    wg_array_free(&array);
    return good;
}

START_TEST(reading_without_memory_fails_cleanly)
{
    char path[SCRATCH_PATH];
    scratch_write("a.idx", images, sizeof images, path);
    EXPECT(failing_sweep(read_plain_with, path) == 2 * 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idx");
    TCase *tests = tcase_create("idx");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, each_dtype_is_read_in_the_order_of_this_machine);
    tcase_add_test(tests, ranks_from_none_to_eight_are_read);
    tcase_add_test(tests, what_is_no_idx_file_is_refused);
    tcase_add_test(tests, sizes_that_lie_are_refused_before_memory_is_asked_for);
    tcase_add_test(tests, damaged_files_are_refused_or_read_right);
    tcase_add_test(tests, images_and_labels_must_belong_together);
    tcase_add_test(tests, a_folder_without_images_is_refused);
    tcase_add_test(tests, reading_without_memory_fails_cleanly);
    add_compressed(tests);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
