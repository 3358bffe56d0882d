// SPDX-License-Identifier: MIT
/* Checkpoints by hand: every bit comes back, and a file that is none changes nothing. */
#include "../formats/scratch.h"
#include "../support/expect.h"
#include "../support/failing.h"

#include <wengert/wengert.h>

static const char *const columns[] = {"a", "b"};

/* A tape with one param, and a history of two columns. */
typedef struct setting {
    wg_tape    *tape;
    wg_tensor  *w;
    wg_history *history;
    char        path[SCRATCH_PATH];
} setting;

static void set_up(setting *s)
{
    s->tape = wg_tape_new();
    s->w = wg_param(s->tape, "w", WG_F32, WG_SHAPE(1));
    s->history = wg_history_new(columns, 2, NULL);
    EXPECT(wg_write_all(s->w, 7) && wg_history_add(s->history, (double[]){0.25, 4}));
    scratch_path("net.safetensors", s->path);
}

static void tear_down(setting *s)
{
    wg_history_free(s->history);
    wg_tape_free(s->tape);
}

/* A checkpoint of these texts whose w is 1. */
static void write_texts(const char *path, const char *position, const char *history)
{
    char              reason[WG_REASON] = "";
    float             one = 1;
    wg_type           type;
    const wg_metadata texts[] = {{"wengert.position", position}, {"wengert.history", history}};
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(1), &type));
    const wg_named_view w = {"w", {.data = &one, .type = &type, .stride = {1}}};
    EXPECT(wg_safetensors_write(
        path,
        &(wg_named_views){
            .count = 1, .at = &w, .metadata = texts, .metadata_count = history ? 2 : 1},
        NULL, reason));
}

START_TEST(a_position_and_its_history_come_back_with_every_bit)
{
    setting      s;
    const double row[] = {NAN, -0.0}, other[] = {-INFINITY, 0x1.fffffffffffffp-1022};
    set_up(&s);
    EXPECT(wg_history_add(s.history, row) && wg_history_add(s.history, other));
    const wg_position saved = {
        .epoch = 3,
        .batch = 2,
        .step = (int64_t)1 << 53,
        .best = 0.1,
        .worse = 4,
        .loss = 1e-310,
        .samples = 64,
        .right = 61,
        .plateau = {.rate = 0.3, .best = 2, .seen = 5, .worse = 6, .cooling = 7},
        .history = s.history};
    EXPECT(wg_checkpoint_save(s.tape, s.path, &saved));
    wg_position found = {.plateau.factor = 0.5, .history = wg_history_new(columns, 2, NULL)};
    EXPECT(wg_write_all(s.w, 0) && wg_checkpoint_load(s.tape, s.path, &found));
    EXPECT(wg_item(s.w) == 7 && wg_history_rows(found.history) == 3);
    for (int r = 0; r < 3; r++)
        EXPECT(memcmp(wg_history_row(found.history, r), wg_history_row(s.history, r),
                      2 * sizeof(double)) == 0);
    EXPECT(found.epoch == 3 && found.batch == 2 && found.step == saved.step && found.worse == 4);
    EXPECT(found.best == 0.1 && found.loss == 1e-310 && found.samples == 64 && found.right == 61);
    EXPECT(found.plateau.rate == 0.3 && found.plateau.best == 2 && found.plateau.seen == 5 &&
           found.plateau.worse == 6 && found.plateau.cooling == 7 && found.plateau.factor == 0.5);
    wg_history_free(found.history);
    found.history = NULL; /* and who wants no history gets none */
    EXPECT(wg_checkpoint_load(s.tape, s.path, &found) && !found.history);
    tear_down(&s);
}
END_TEST

START_TEST(texts_of_anything_else_are_refused_and_nothing_has_changed)
{
    static const char *const nowhere = "it does not say where a training stands";
    static const char *const none = "its history is no table of numbers";
#define REALS " 3ff0000000000000 0 0 0"
    static const char *const good = "1 2 3 0 0 0 0 0 0" REALS;
    const struct {
        const char *position, *history, *says;
    } cases[] = {{"", "0", nowhere},
                 {"1 2 3", "0", nowhere},
                 {"1\t2\t3", "0", nowhere},
                 {"1 2 3 0 0 0 0 0 0", "0", nowhere},
                 {"-1 2 3 0 0 0 0 0 0" REALS, "0", nowhere},
                 {"1 2 9223372036854775807 0 0 0 0 0 0" REALS, "0", nowhere},
                 {"1 2 99999999999999999999 0 0 0 0 0 0" REALS, "0", nowhere},
                 {"1 2 3 0 0 0 0 0 0 0 0 0 0x", "0", nowhere},
                 {"1 2 3 0 0 0 0 0 0 13ff0000000000000 0 0 0", "0", nowhere},
                 {"1 2 3 0 0 0 0 0 0" REALS " 4", "0", nowhere},
                 {good, NULL, nowhere},
                 {good, "", none},
                 {good, "2 junk", none},
                 {good, "2 0", none},
                 {good, "2 0 0 0", none},
                 {good, "2 0 0 1 junk", none},
                 {good, "0 0 0", "its history has other columns"},
                 {good, "3 0 0 0", "its history has other columns"},
                 {good, "1000000000 0", "its history has other columns"}};
    setting s;
    set_up(&s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wg_position found = {.step = 5, .history = s.history};
        write_texts(s.path, cases[i].position, cases[i].history);
        EXPECT_MSG(!wg_checkpoint_load(s.tape, s.path, &found), "case %zu", i);
        EXPECT_SAYS(wg_tape_error(s.tape), cases[i].says);
        wg_tape_error_clear(s.tape);
        EXPECT(found.step == 5 && wg_item(s.w) == 7 && wg_history_rows(s.history) == 1);
    }
    wg_position found = {.history = s.history};
    write_texts(s.path, good, "2 0 1 0 2");
    EXPECT(wg_checkpoint_load(s.tape, s.path, &found) && found.step == 3 && found.best == 1);
    EXPECT(wg_item(s.w) == 1 && wg_history_rows(s.history) == 3);
    tear_down(&s);
}
END_TEST

START_TEST(weights_that_do_not_fit_leave_the_history_as_it_was)
{
    setting s;
    set_up(&s);
    wg_position found = {.history = s.history};
    EXPECT(wg_checkpoint_save(s.tape, s.path, &found));
    wg_param(s.tape, "another", WG_F32, WG_SHAPE(2));
    EXPECT(!wg_checkpoint_load(s.tape, s.path, &found) && wg_history_rows(s.history) == 1);
    EXPECT_SAYS(wg_tape_error(s.tape), "missing: \"another\"");
    tear_down(&s);
}
END_TEST

START_TEST(a_format_without_a_place_for_it_is_refused)
{
    setting s;
    set_up(&s);
    EXPECT(!wg_checkpoint_save(s.tape, scratch_path("net.npz", s.path), &(wg_position){0}));
    EXPECT_SAYS(wg_tape_error(s.tape), "net.npz\" does not end in .safetensors");
    EXPECT(scratch_count() == 0);
    tear_down(&s);
}
END_TEST

/* ---- damage ---- */

/* Loads a damaged file: as a whole, or not at all. */
static int load_any(const char *path, const unsigned char *bytes, size_t count)
{
    setting s;
    (void)path;
    set_up(&s);
    scratch_write("damaged.safetensors", bytes, count, s.path);
    wg_position found = {.step = 5, .history = s.history};
    const bool  good = wg_checkpoint_load(s.tape, s.path, &found);
    EXPECT(good == !wg_tape_error(s.tape) && wg_history_rows(s.history) == (good ? 2 : 1));
    EXPECT(good || (found.step == 5 && wg_item(s.w) == 7));
    tear_down(&s);
    return good;
}

START_TEST(a_damaged_file_is_loaded_whole_or_not_at_all)
{
    unsigned char bytes[SCRATCH_FILE];
    setting       s;
    set_up(&s);
    EXPECT(wg_checkpoint_save(s.tape, s.path, &(wg_position){.step = 3, .history = s.history}));
    const size_t count = scratch_read(s.path, bytes);
    tear_down(&s);
    EXPECT(load_any(s.path, bytes, count) == 1);
    EXPECT(scratch_truncate(bytes, count, load_any) == 0);
    const int accepted = scratch_damage(bytes, count, count, load_any);
    EXPECT_MSG(accepted > 0 && accepted < (int)count * 6, "%d of %zu", accepted, count);
}
END_TEST

/* Saves and loads; what could not be loaded has changed nothing. */
static bool save_and_load(const wg_allocator *allocator, void *context)
{
    setting    *s = context;
    wg_tape    *tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator});
    wg_tensor  *w = tape ? wg_param(tape, "w", WG_F32, WG_SHAPE(1)) : NULL;
    wg_position position = {.step = 3, .history = wg_history_new(columns, 2, allocator)};
    const bool  ready = w && wg_write_all(w, 7) && position.history &&
                       wg_history_add(position.history, (double[]){1, 2});
    const bool saved = ready && wg_checkpoint_save(tape, s->path, &position);
    bool       good = saved && wg_write_all(w, 6);
    position.step = 5;
    good = good && wg_checkpoint_load(tape, s->path, &position);
    EXPECT(!ready || good == !wg_tape_error(tape));
    if (saved && !good) EXPECT(position.step == 5 && wg_history_rows(position.history) == 1);
    if (saved && !good) wg_tape_error_clear(tape);
    if (saved) EXPECT(wg_item(w) == (good ? 7 : 6));
    wg_history_free(position.history);
    wg_tape_free(tape);
    return good;
}

START_TEST(without_memory_it_fails_and_leaves_nothing_behind)
{
    setting s;
    set_up(&s);
    EXPECT(failing_sweep(save_and_load, &s) > 40);
    tear_down(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoint");
    TCase *tests = tcase_create("checkpoint");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, a_position_and_its_history_come_back_with_every_bit);
    tcase_add_test(tests, texts_of_anything_else_are_refused_and_nothing_has_changed);
    tcase_add_test(tests, weights_that_do_not_fit_leave_the_history_as_it_was);
    tcase_add_test(tests, a_format_without_a_place_for_it_is_refused);
    tcase_add_test(tests, a_damaged_file_is_loaded_whole_or_not_at_all);
    tcase_add_test(tests, without_memory_it_fails_and_leaves_nothing_behind);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
