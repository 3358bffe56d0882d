// SPDX-License-Identifier: MIT
/* Checkpoints by hand: every bit comes back, and a file that is none changes nothing. */
#include "../formats/scratch.h"
#include "../support/expect.h"

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
    const wg_position saved = {.epoch = 3,
                               .batch = 2,
                               .step = (int64_t)1 << 53,
                               .least = 0.1,
                               .worse = 4,
                               .loss = 1e-310,
                               .samples = 64,
                               .right = 61,
                               .history = s.history};
    EXPECT(wg_checkpoint_save(s.tape, s.path, &saved));
    wg_position found = {.history = wg_history_new(columns, 2, NULL)};
    EXPECT(wg_write_all(s.w, 0) && wg_checkpoint_load(s.tape, s.path, &found));
    EXPECT(wg_item(s.w) == 7 && wg_history_rows(found.history) == 3);
    for (int r = 0; r < 3; r++)
        EXPECT(memcmp(wg_history_row(found.history, r), wg_history_row(s.history, r),
                      2 * sizeof(double)) == 0);
    EXPECT(found.epoch == 3 && found.batch == 2 && found.step == saved.step && found.worse == 4);
    EXPECT(found.least == 0.1 && found.loss == 1e-310 && found.samples == 64 && found.right == 61);
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
#define REALS " 3ff0000000000000 0"
    static const char *const good = "1 2 3 0 0 0" REALS;
    const struct {
        const char *position, *history, *says;
    } cases[] = {{"", "0", nowhere},
                 {"1 2 3", "0", nowhere},
                 {"1\t2\t3", "0", nowhere},
                 {"1 2 3 0 0 0", "0", nowhere},
                 {"-1 2 3 0 0 0" REALS, "0", nowhere},
                 {"1 2 9223372036854775807 0 0 0" REALS, "0", nowhere},
                 {"1 2 99999999999999999999 0 0 0" REALS, "0", nowhere},
                 {"1 2 3 0 0 0 3ff0000000000000 0x", "0", nowhere},
                 {"1 2 3 0 0 0 13ff0000000000000 0", "0", nowhere},
                 {"1 2 3 0 0 0" REALS " 4", "0", nowhere},
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
    EXPECT(wg_checkpoint_load(s.tape, s.path, &found) && found.step == 3 && found.least == 1);
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

int main(void)
{
    Suite *suite = suite_create("checkpoint");
    TCase *tests = tcase_create("checkpoint");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, a_position_and_its_history_come_back_with_every_bit);
    tcase_add_test(tests, texts_of_anything_else_are_refused_and_nothing_has_changed);
    tcase_add_test(tests, weights_that_do_not_fit_leave_the_history_as_it_was);
    tcase_add_test(tests, a_format_without_a_place_for_it_is_refused);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
