// SPDX-License-Identifier: MIT
/* Batches: which samples, in which order, of which types and values. */
#include "../support/expect.h"
#include "../support/failing.h"
#include "test_data.h"

#include <stdlib.h>

enum { SAMPLES = 23 };

wg_array numbered(wg_dtype dtype, wg_shape shape)
{
    wg_type  type;
    wg_array array;
    EXPECT(wg_type_make(dtype, shape, &type) && wg__array_new(&array, &type, NULL));
    for (int64_t i = 0; i < type.count; i++) {
        const int value = (int)(i * 7 % 256);
        if (dtype == WG_U8) ((unsigned char *)array.data)[i] = (unsigned char)value;
        if (dtype == WG_F32) ((float *)array.data)[i] = (float)value;
        if (dtype == WG_F64) ((double *)array.data)[i] = value;
        if (dtype == WG_I32) ((int32_t *)array.data)[i] = value;
        if (dtype == WG_I64) ((int64_t *)array.data)[i] = value;
    }
    return array;
}

wg_loader *loader_of(struct wg_loader_settings settings)
{
    char       reason[WG_REASON] = "";
    wg_loader *loader = wg_loader_new(&settings, reason);
    EXPECT_MSG(loader, "%s", reason);
    return loader;
}

void expect_refused(struct wg_loader_settings settings, const char *wanted)
{
    char reason[WG_REASON] = "";
    EXPECT(!wg_loader_new(&settings, reason));
    EXPECT_TEXT(reason, wanted);
}

/* ---- order ---- */

/* Takes an epoch; writes the samples in their order and returns how many there were. */
static int take_epoch(wg_loader *loader, int64_t *samples)
{
    int count = 0, number = 0;
    for (const wg_batch *batch; (batch = wg_loader_next(loader)); number++) {
        EXPECT(batch->number == number);
        for (int64_t k = 0; k < batch->count; k++) samples[count++] = batch->samples[k];
    }
    EXPECT(number == wg_loader_batches(loader) && count == wg_loader_samples(loader));
    return count;
}

static void expect_each_once(const int64_t *samples, int count)
{
    bool seen[SAMPLES] = {false};
    for (int i = 0; i < count; i++) {
        EXPECT(samples[i] >= 0 && samples[i] < SAMPLES && !seen[samples[i]]);
        seen[samples[i]] = true;
    }
}

START_TEST(an_epoch_has_each_sample_once_and_the_next_one_another_order)
{
    wg_array   x = numbered(WG_F32, WG_SHAPE(SAMPLES, 2));
    wg_loader *loader =
        loader_of((struct wg_loader_settings){.x = &x, .batch = 5, .shuffle = true});
    int64_t first[SAMPLES], second[SAMPLES];
    EXPECT(take_epoch(loader, first) == SAMPLES && take_epoch(loader, second) == SAMPLES);
    expect_each_once(first, SAMPLES);
    expect_each_once(second, SAMPLES);
    EXPECT(memcmp(first, second, sizeof first) != 0);
    wg_loader_free(loader);
    wg_array_free(&x);
}
END_TEST

START_TEST(without_shuffling_samples_come_in_their_order)
{
    wg_array      x = numbered(WG_F32, WG_SHAPE(SAMPLES, 2));
    const int64_t named[] = {4, 4, 0, 22};
    int64_t       got[SAMPLES];
    wg_loader    *all = loader_of((struct wg_loader_settings){.x = &x, .batch = 4});
    wg_loader    *some =
        loader_of((struct wg_loader_settings){.x = &x, .batch = 3, .samples = named, .count = 4});
    EXPECT(take_epoch(all, got) == SAMPLES);
    for (int i = 0; i < SAMPLES; i++) EXPECT(got[i] == i);
    EXPECT(take_epoch(some, got) == 4 && memcmp(got, named, sizeof named) == 0);
    wg_loader_free(all);
    wg_loader_free(some);
    wg_array_free(&x);
}
END_TEST

START_TEST(a_last_smaller_batch_is_kept_or_dropped)
{
    wg_array x = numbered(WG_F32, WG_SHAPE(SAMPLES, 2));
    for (int drop = 0; drop < 2; drop++) {
        wg_loader *loader =
            loader_of((struct wg_loader_settings){.x = &x, .batch = 5, .drop_last = drop});
        EXPECT(wg_loader_batches(loader) == 5 - drop);
        EXPECT(wg_loader_samples(loader) == (drop ? 20 : SAMPLES));
        const wg_batch *batch = NULL;
        for (int64_t i = 0; i < wg_loader_batches(loader); i++) batch = wg_loader_next(loader);
        EXPECT(batch && batch->count == (drop ? 5 : 3) &&
               batch->x.type->shape.dim[0] == batch->count);
        EXPECT(!wg_loader_next(loader));
        wg_loader_free(loader);
    }
    wg_array_free(&x);
}
END_TEST

/* Bytes of all batches of two epochs, added up in order. */
static uint64_t hash_of(wg_loader *loader, int64_t *batches)
{
    uint64_t hash = 1;
    for (int epoch = 0; epoch < 2; epoch++)
        for (const wg_batch *batch; (batch = wg_loader_next(loader)); ++*batches) {
            const unsigned char *x = batch->x.data, *y = batch->y.data;
            const int64_t        bytes = (int64_t)wg__type_bytes(batch->x.type);
            for (int64_t i = 0; i < bytes; i++) hash = hash * 31 + x[i];
            for (int64_t i = 0; i < (int64_t)wg__type_bytes(batch->y.type); i++)
                hash = hash * 31 + y[i];
        }
    return hash;
}

START_TEST(a_thread_of_its_own_changes_no_bit)
{
    wg_array x = numbered(WG_U8, WG_SHAPE(SAMPLES, 1, 6, 5)),
             y = numbered(WG_I64, WG_SHAPE(SAMPLES));
    const struct wg_augment how = {.flip = true, .rotate = 9, .crop = 1, .cutout = 2, .mixup = 0.5};
    struct wg_loader_settings set = {.x = &x, .y = &y, .batch = 4, .shuffle = true, .seed = 9};
    set.classes = 256;
    set.augment = how;
    int64_t    batches = 0;
    wg_loader *ahead = loader_of(set);
    set.in_turn = true;
    wg_loader     *in_turn = loader_of(set);
    const uint64_t wanted = hash_of(in_turn, &batches);
    EXPECT(hash_of(ahead, &batches) == wanted && batches == 24);
    set.seed = 10;
    wg_loader *other = loader_of(set);
    EXPECT(hash_of(other, &batches) != wanted);
    wg_loader_free(ahead);
    wg_loader_free(in_turn);
    wg_loader_free(other);
    wg_array_free(&x);
    wg_array_free(&y);
}
END_TEST

START_TEST(from_any_batch_on_it_goes_on_as_it_did)
{
    wg_array                  x = numbered(WG_U8, WG_SHAPE(SAMPLES, 1, 4, 4));
    struct wg_loader_settings set = {.x = &x, .batch = 4, .shuffle = true, .augment.flip = true};
    wg_loader                *loader = loader_of(set), *again = loader_of(set);
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        for (int64_t number = 0; number < wg_loader_batches(loader); number++) {
            const wg_batch *batch = wg_loader_next(loader), *same;
            for (int turn = 0; turn < 2; turn++) { /* also right after the batch itself */
                wg_loader_seek(again, epoch, number);
                same = wg_loader_next(again);
                EXPECT(same->epoch == epoch && same->number == number &&
                       same->count == batch->count);
                EXPECT(memcmp(same->x.data, batch->x.data, wg__type_bytes(batch->x.type)) == 0);
            }
            same = wg_loader_next(again);
            EXPECT(same ? same->number == number + 1 : number + 1 == wg_loader_batches(loader));
        }
        EXPECT(!wg_loader_next(loader));
    }
    wg_loader_free(loader);
    wg_loader_free(again);
    wg_array_free(&x);
}
END_TEST

START_TEST(a_split_has_each_number_once_in_one_of_two_parts)
{
    int64_t samples[SAMPLES], again[SAMPLES];
    EXPECT(wg_split_samples(SAMPLES, 0.8, 3, samples) == 18 &&
           wg_split_samples(SAMPLES, 0, 3, again) == 0);
    expect_each_once(samples, SAMPLES);
    EXPECT(memcmp(samples, again, sizeof samples) == 0);
    EXPECT(wg_split_samples(SAMPLES, 1, 4, again) == SAMPLES &&
           memcmp(samples, again, sizeof samples) != 0);
    EXPECT(wg_split_samples(SAMPLES, 1.5, 3, again) == SAMPLES &&
           wg_split_samples(SAMPLES, -1, 3, again) == 0 &&
           wg_split_samples(SAMPLES, NAN, 3, again) == 0);
}
END_TEST

/* ---- types and values ---- */

START_TEST(bytes_become_floats_of_0_to_1_and_labels_integers)
{
    wg_array        x = numbered(WG_U8, WG_SHAPE(4, 3)), y = numbered(WG_U8, WG_SHAPE(4));
    wg_loader      *loader = loader_of((struct wg_loader_settings){.x = &x, .y = &y, .batch = 3});
    const wg_batch *batch = wg_loader_next(loader);
    EXPECT(batch->x.type->dtype == WG_F32 && batch->y.type->dtype == WG_I64);
    for (int i = 0; i < 9; i++)
        EXPECT_CLOSE(((const float *)batch->x.data)[i], (i * 7 % 256) / 255.0, 1e-7);
    for (int i = 0; i < 3; i++) EXPECT(((const int64_t *)batch->y.data)[i] == i * 7);
    wg_loader_free(loader);
    wg_array_free(&x);
    wg_array_free(&y);
}
END_TEST

START_TEST(what_is_not_normalised_keeps_its_bits)
{
    const double   values[] = {-0.0, 0.0, 5e-324, -INFINITY};
    const float    small[] = {-0.0F, 0.0F, 1e-45F, -INFINITY};
    const wg_dtype dtypes[] = {WG_F32, WG_F64};
    for (int k = 0; k < 2; k++) {
        const void  *given = k ? (const void *)values : small;
        const size_t bytes = k ? sizeof values : sizeof small;
        wg_array x = numbered(dtypes[k], WG_SHAPE(2, 2)), y = numbered(dtypes[k], WG_SHAPE(2, 2));
        memcpy(x.data, given, bytes);
        memcpy(y.data, given, bytes);
        wg_loader *loader = loader_of(
            (struct wg_loader_settings){.x = &x, .y = &y, .batch = 2, .dtype = dtypes[k]});
        const wg_batch *batch = wg_loader_next(loader);
        EXPECT(memcmp(batch->x.data, given, bytes) == 0 &&
               memcmp(batch->y.data, given, bytes) == 0);
        wg_loader_free(loader);
        wg_array_free(&x);
        wg_array_free(&y);
    }
}
END_TEST

START_TEST(tokens_stay_integers_and_classes_become_probabilities)
{
    wg_array x = numbered(WG_I32, WG_SHAPE(4, 3)), y = numbered(WG_I64, WG_SHAPE(4));
    struct wg_loader_settings set = {.x = &x, .y = &y, .batch = 4, .classes = 30, .dtype = WG_F64};
    wg_loader                *loader = loader_of(set);
    const wg_batch           *batch = wg_loader_next(loader);
    EXPECT(batch->x.type->dtype == WG_I64 && batch->y.type->dtype == WG_F64);
    EXPECT(batch->y.type->shape.dim[1] == 30);
    for (int i = 0; i < 12; i++) EXPECT(((const int64_t *)batch->x.data)[i] == i * 7);
    for (int i = 0; i < 120; i++)
        EXPECT_CLOSE(((const double *)batch->y.data)[i], i % 30 == i / 30 * 7, 0);
    wg_loader_free(loader);
    wg_array_free(&x);
    wg_array_free(&y);
}
END_TEST

START_TEST(a_batch_is_written_to_inputs_of_its_types)
{
    wg_array   x = numbered(WG_F32, WG_SHAPE(6, 2)), y = numbered(WG_F32, WG_SHAPE(6));
    wg_loader *loader = loader_of((struct wg_loader_settings){.x = &x, .y = &y, .batch = 4});
    wg_tape   *tape = wg_tape_new();
    wg_tensor *a = wg_input(tape, "a", WG_F32, WG_SHAPE(4, 2));
    wg_tensor *b = wg_input(tape, "b", WG_F32, WG_SHAPE(4));
    EXPECT(wg_batch_write(wg_loader_next(loader), a, b));
    EXPECT_CLOSE(wg_element(a, 7), 49, 0);
    EXPECT_CLOSE(wg_element(b, 3), 21, 0);
    EXPECT(!wg_batch_write(wg_loader_next(loader), a, b)); /* of two samples */
    EXPECT(wg_tape_error(tape) && strstr(wg_tape_error(tape), "4"));
    EXPECT(!wg_batch_write(NULL, a, b));
    wg_tape_free(tape);
    wg_loader_free(loader);
    wg_array_free(&x);
    wg_array_free(&y);
}
END_TEST

/* ---- what does not go together ---- */

START_TEST(settings_that_do_not_go_together_are_refused)
{
    wg_array      x = numbered(WG_F32, WG_SHAPE(6, 2)), y = numbered(WG_I64, WG_SHAPE(5));
    wg_array      tokens = numbered(WG_I64, WG_SHAPE(6)), empty = numbered(WG_F32, WG_SHAPE(0, 2));
    const int64_t sample = 6;
    const double  mean = 0;
    expect_refused((struct wg_loader_settings){.batch = 1}, "loader: there is no x");
    expect_refused((struct wg_loader_settings){.x = &empty, .batch = 1}, "loader: x is empty");
    expect_refused((struct wg_loader_settings){.x = &x},
                   "loader: a batch must have one sample or more");
    expect_refused((struct wg_loader_settings){.x = &x, .y = &y, .batch = 1},
                   "loader: x has 6 samples and y has 5");
    expect_refused((struct wg_loader_settings){.x = &x, .batch = 1, .samples = &sample, .count = 1},
                   "loader: sample 6 is out of range, there are 6");
    expect_refused((struct wg_loader_settings){.x = &x, .batch = 1, .samples = &sample},
                   "loader: no samples are named");
    expect_refused((struct wg_loader_settings){.x = &x, .batch = 7, .drop_last = true},
                   "loader: there are fewer samples than a batch has");
    expect_refused((struct wg_loader_settings){.x = &x, .y = &tokens, .batch = 1, .classes = 30},
                   "loader: y 5 is 35, there are 30 classes");
    expect_refused((struct wg_loader_settings){.x = &x, .y = &x, .batch = 1, .classes = 30},
                   "loader: classes want a y of integers and of rank 1");
    expect_refused((struct wg_loader_settings){.x = &x, .batch = 1, .mean = &mean},
                   "loader: mean and deviation go together");
    expect_refused((struct wg_loader_settings){.x = &x, .batch = 1, .augment.flip = true},
                   "loader: only images (count, channels, height, width) are augmented");
    expect_refused((struct wg_loader_settings){.x = &x, .batch = 1, .augment.mixup = 0.2},
                   "loader: mixup wants classes");
    expect_refused((struct wg_loader_settings){.x = &x, .batch = 1, .augment.mixup = NAN},
                   "loader: mixup must be 0 to 1");
    expect_refused((struct wg_loader_settings){.x = &tokens, .batch = 1, .augment.crop = 2},
                   "loader: x of integers is taken as it is");
    expect_refused((struct wg_loader_settings){.x = &x, .batch = 1, .dtype = WG_I64},
                   "loader: dtype must be f32 or f64");
    EXPECT(!wg_loader_new(NULL, NULL) && !wg_loader_next(NULL) && wg_loader_batches(NULL) == 0);
    wg_loader_free(NULL);
    wg_array_free(&x);
    wg_array_free(&y);
    wg_array_free(&tokens);
    wg_array_free(&empty);
}
END_TEST

static bool load_an_epoch(const wg_allocator *allocator, void *context)
{
    wg_loader *loader = wg_loader_new(
        &(struct wg_loader_settings){
            .x = context, .y = context, .batch = 4, .shuffle = true, .allocator = allocator},
        NULL);
    int64_t batches = 0;
    while (loader && wg_loader_next(loader)) batches++;
    wg_loader_free(loader);
    return batches > 0;
}

START_TEST(every_failing_allocation_is_a_refusal_without_a_leak)
{
    wg_array x = numbered(WG_F32, WG_SHAPE(SAMPLES, 2));
    EXPECT(failing_sweep(load_an_epoch, &x) > 10);
    wg_array_free(&x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loader");
    TCase *tests = tcase_create("loader");
    tcase_add_test(tests, an_epoch_has_each_sample_once_and_the_next_one_another_order);
    tcase_add_test(tests, without_shuffling_samples_come_in_their_order);
    tcase_add_test(tests, a_last_smaller_batch_is_kept_or_dropped);
    tcase_add_test(tests, a_thread_of_its_own_changes_no_bit);
    tcase_add_test(tests, from_any_batch_on_it_goes_on_as_it_did);
    tcase_add_test(tests, a_split_has_each_number_once_in_one_of_two_parts);
    tcase_add_test(tests, bytes_become_floats_of_0_to_1_and_labels_integers);
    tcase_add_test(tests, what_is_not_normalised_keeps_its_bits);
    tcase_add_test(tests, tokens_stay_integers_and_classes_become_probabilities);
    tcase_add_test(tests, a_batch_is_written_to_inputs_of_its_types);
    tcase_add_test(tests, settings_that_do_not_go_together_are_refused);
    tcase_add_test(tests, every_failing_allocation_is_a_refusal_without_a_leak);
    suite_add_tcase(suite, tests);
    add_tests_of_measuring(suite);
    add_tests_of_augmentation(suite);
    return expect_run(suite);
}
