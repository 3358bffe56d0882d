// SPDX-License-Identifier: MIT
/* What happens to images: each kind alone, against what it says. */
#include "../support/expect.h"
#include "test_data.h"

enum { IMAGES = 64, HIGH = 5, WIDE = 4, PIXELS = HIGH * WIDE };

/* The first epoch of images, not shuffled, two channels alike in size, without normalisation. */
static const float *augmented(wg_loader **loader, const wg_array *x, struct wg_augment how)
{
    *loader = loader_of((struct wg_loader_settings){.x = x, .batch = IMAGES, .augment = how});
    return wg_loader_next(*loader)->x.data;
}

static float pixel(const wg_array *x, int64_t plane, int64_t i, int64_t j)
{
    const bool inside = i >= 0 && i < HIGH && j >= 0 && j < WIDE;
    return inside ? ((const float *)x->data)[plane * PIXELS + i * WIDE + j] : 0;
}

static bool is_flipped(const wg_array *x, const float *got, int64_t plane)
{
    bool same = true;
    for (int i = 0; i < PIXELS; i++)
        same = same && got[i] == pixel(x, plane, i / WIDE, WIDE - 1 - i % WIDE);
    return same;
}

static bool is_shifted(const wg_array *x, const float *got, int64_t plane, int64_t down,
                       int64_t right)
{
    bool same = true;
    for (int i = 0; i < PIXELS; i++)
        same = same && got[i] == pixel(x, plane, i / WIDE + down, i % WIDE + right);
    return same;
}

START_TEST(about_half_of_all_images_are_flipped_with_all_their_channels)
{
    wg_array     x = numbered(WG_F32, WG_SHAPE(IMAGES, 2, HIGH, WIDE));
    wg_loader   *loader;
    const float *got = augmented(&loader, &x, (struct wg_augment){.flip = true});
    int          flipped = 0;
    for (int64_t n = 0; n < IMAGES; n++, got += 2 * PIXELS) {
        const bool first = is_flipped(&x, got, 2 * n);
        EXPECT(first == is_flipped(&x, got + PIXELS, 2 * n + 1));
        EXPECT(first || is_shifted(&x, got, 2 * n, 0, 0));
        flipped += first;
    }
    EXPECT(flipped > IMAGES / 4 && flipped < IMAGES * 3 / 4);
    wg_loader_free(loader);
    wg_array_free(&x);
}
END_TEST

START_TEST(a_crop_is_a_shift_by_no_more_than_the_padding)
{
    wg_array     x = numbered(WG_F32, WG_SHAPE(IMAGES, 1, HIGH, WIDE));
    wg_loader   *loader;
    const float *got = augmented(&loader, &x, (struct wg_augment){.crop = 1});
    bool         seen[9] = {false};
    for (int64_t n = 0; n < IMAGES; n++, got += PIXELS) {
        int found = 0;
        for (int k = 0; k < 9; k++)
            if (is_shifted(&x, got, n, k / 3 - 1, k % 3 - 1)) found++, seen[k] = true;
        EXPECT(found == 1);
    }
    for (int k = 0; k < 9; k++) EXPECT(seen[k]);
    wg_loader_free(loader);
    wg_array_free(&x);
}
END_TEST

START_TEST(cutout_leaves_a_square_of_the_mean)
{
    wg_array     x = numbered(WG_F32, WG_SHAPE(IMAGES, 1, HIGH, WIDE));
    const double mean = 10, deviation = 2;
    for (int64_t i = 0; i < x.type.count; i++) ((float *)x.data)[i] = 14;
    wg_loader   *loader = loader_of((struct wg_loader_settings){
          .x = &x, .batch = IMAGES, .mean = &mean, .deviation = &deviation, .augment.cutout = 2});
    const float *got = wg_loader_next(loader)->x.data;
    for (int64_t n = 0; n < IMAGES; n++, got += PIXELS) {
        int zeros = 0;
        for (int i = 0; i < PIXELS; i++) {
            EXPECT(got[i] == 0 || got[i] == 2);
            zeros += got[i] == 0;
        }
        EXPECT(zeros == 4 || zeros == 2 || zeros == 1); /* whole, at a rim, in a corner */
    }
    wg_loader_free(loader);
    wg_array_free(&x);
}
END_TEST

/* A plane a + b i + c j, turned about the middle, is such a plane again, away from the rims. */
START_TEST(a_rotation_keeps_the_middle_and_the_length_of_a_slope)
{
    enum { SIDE = 9, MIDDLE = 4 };
    wg_array x = numbered(WG_F32, WG_SHAPE(IMAGES, 1, SIDE, SIDE));
    for (int64_t i = 0; i < x.type.count; i++)
        ((float *)x.data)[i] = (float)(50 + 3 * (i / SIDE % SIDE) + 4 * (i % SIDE));
    wg_loader   *loader;
    const float *got = augmented(&loader, &x, (struct wg_augment){.rotate = 20});
    double       least = 1, most = 1;
    for (int64_t n = 0; n < IMAGES; n++, got += SIDE * SIDE) {
        const float *middle = got + MIDDLE * SIDE + MIDDLE;
        const double down = 0.5 * (double)(middle[SIDE] - middle[-SIDE]);
        const double right = 0.5 * (double)(middle[1] - middle[-1]);
        const double cosine = (3 * down + 4 * right) / 25;
        EXPECT_CLOSE(middle[0], 50 + 7 * MIDDLE, 1e-6);
        EXPECT_CLOSE(sqrt(down * down + right * right), 5, 1e-5);
        EXPECT(cosine >= cos(20 * 3.14159265358979 / 180) - 1e-6);
        least = fmin(least, cosine);
        most = n ? fmax(most, cosine) : cosine;
    }
    EXPECT(least < 0.96 && most > 0.99);
    wg_loader_free(loader);
    wg_array_free(&x);
}
END_TEST

START_TEST(mixup_mixes_samples_and_classes_by_the_same_share)
{
    wg_array x = numbered(WG_F32, WG_SHAPE(6, 1)), y = numbered(WG_I64, WG_SHAPE(6));
    for (int i = 0; i < 6; i++) ((float *)x.data)[i] = (float)i, ((int64_t *)y.data)[i] = i;
    wg_loader *loader = loader_of((struct wg_loader_settings){
        .x = &x, .y = &y, .batch = 6, .classes = 6, .augment.mixup = 0.4, .shuffle = true});
    bool       mixed = false;
    for (int epoch = 0; epoch < 8; epoch++) {
        const wg_batch *batch = wg_loader_next(loader);
        const float    *a = batch->x.data, *p = batch->y.data;
        for (int k = 0; k < 6; k++, p += 6) {
            double sum = 0, mean = 0;
            for (int c = 0; c < 6; c++) sum += (double)p[c], mean += c * (double)p[c];
            EXPECT_CLOSE(sum, 1, 1e-6);
            EXPECT_CLOSE(a[k], mean, 1e-6); /* as sample c is the number c */
            mixed = mixed || fabs((double)a[k] - round((double)a[k])) > 0.01;
        }
        EXPECT(!wg_loader_next(loader));
    }
    EXPECT(mixed);
    wg_loader_free(loader);
    wg_array_free(&x);
    wg_array_free(&y);
}
END_TEST

START_TEST(images_are_augmented_within_their_size)
{
    static const char *const wanted =
        "loader: crop and cutout must be 0 to the image's longer side";
    wg_array                  x = numbered(WG_F32, WG_SHAPE(2, 1, 4, 5));
    const int64_t             wrong[] = {6, -1, INT64_MAX, INT64_MIN};
    struct wg_loader_settings set = {.x = &x, .batch = 2, .augment = {.crop = 5, .cutout = 5}};
    wg_loader                *loader = loader_of(set);
    EXPECT(wg_loader_next(loader));
    for (int i = 0; i < 4; i++) {
        set.augment = (struct wg_augment){.crop = wrong[i]};
        expect_refused(set, wanted);
        set.augment = (struct wg_augment){.cutout = wrong[i]};
        expect_refused(set, wanted);
    }
    set.augment = (struct wg_augment){.rotate = 181};
    expect_refused(set, "loader: rotate must be 0 to 180");
    wg_loader_free(loader);
    wg_array_free(&x);
}
END_TEST

void add_tests_of_augmentation(void *suite)
{
    TCase *tests = tcase_create("augmentation");
    tcase_add_test(tests, about_half_of_all_images_are_flipped_with_all_their_channels);
    tcase_add_test(tests, a_crop_is_a_shift_by_no_more_than_the_padding);
    tcase_add_test(tests, cutout_leaves_a_square_of_the_mean);
    tcase_add_test(tests, a_rotation_keeps_the_middle_and_the_length_of_a_slope);
    tcase_add_test(tests, mixup_mixes_samples_and_classes_by_the_same_share);
    tcase_add_test(tests, images_are_augmented_within_their_size);
    suite_add_tcase(suite, tests);
}
