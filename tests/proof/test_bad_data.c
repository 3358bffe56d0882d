// SPDX-License-Identifier: MIT
/*
 * Bad data that only a run finds: an error with the op and its line, no update, nothing written
 * outside, and a tape that goes on.
 */
#include "refused.h"

#include <stdio.h>
#include <stdlib.h>

static wg_tensor *f32(wg_tape *tape, const char *name, wg_shape shape)
{
    return wg_param(tape, name, WG_F32, shape);
}

/* ---- memory under guard ---- */

/* Memory with bytes around each piece that nobody is to change. */
enum { GUARD = 4096, MARK = 0x5c };

typedef struct guards {
    wg_allocator allocator;
    long         damaged;
} guards;

static size_t size_of_piece(const char *memory)
{
    size_t bytes;
    memcpy(&bytes, memory - 2 * GUARD, sizeof bytes);
    return bytes;
}

static void check_piece(guards *g, const char *memory)
{
    const char *behind = memory + size_of_piece(memory);
    for (int i = 0; i < GUARD; i++) g->damaged += memory[i - GUARD] != MARK || behind[i] != MARK;
}

/* A piece is GUARD bytes that begin with its size, GUARD marks, its bytes, GUARD marks. */
static void *guarded_resize(void *context, void *memory, size_t bytes)
{
    char *fresh = NULL;
    if (memory) check_piece(context, memory);
    if (bytes && (fresh = malloc(bytes + 3 * GUARD))) {
        memcpy(fresh, &bytes, sizeof bytes);
        fresh += 2 * GUARD;
        memset(fresh - GUARD, MARK, GUARD);
        memset(fresh + bytes, MARK, GUARD);
        const size_t old = memory ? size_of_piece(memory) : 0;
        if (memory) memcpy(fresh, memory, old < bytes ? old : bytes);
    }
    if (memory && (fresh || !bytes)) free((char *)memory - 2 * GUARD);
    return fresh;
}

/* ---- indices ---- */

/* What reads w, f32 (4,3), through a list of 4 indices, and what is to be said of a bad one. */
typedef struct use {
    wg_tensor *(*record)(wg_tensor *w, wg_tensor *index);
    int         line;
    const char *text; /* %lld is the index */
} use;

#define USE(name, ...)                                                                             \
    enum { name##_line = __LINE__ };                                                               \
    static wg_tensor *name(wg_tensor *w, wg_tensor *index)                                         \
    {                                                                                              \
        return __VA_ARGS__;                                                                        \
    }
USE(select_rows, wg_index_select(w, 0, index))
USE(scatter_rows, wg_index_scatter(w, 0, index, 3))
USE(embed, wg_embedding(w, index))
USE(gather, wg_gather(w, 0, wg_unsqueeze(index, 1)))
USE(one_hot, wg_matmul(w, wg_transpose(wg_one_hot(index, 3, WG_F32))))
USE(classify, wg_cross_entropy(w, index))
#undef USE

#define ROW(name, said)                                                                            \
    {                                                                                              \
        name, name##_line, said                                                                    \
    }
static const use uses[] = {
    ROW(select_rows,
        "index_select \"w\" (4,3) x \"index\" (4,): index %lld is out of range for 4 rows"),
    ROW(scatter_rows,
        "index_scatter \"w\" (4,3) x \"index\" (4,): index %lld is out of range for 3 rows"),
    ROW(embed, "index_select \"w\" (4,3) x \"index\" (4,): index %lld is out of range for 4 rows"),
    ROW(gather, "gather \"w\" (4,3) x (4,1): index %lld is out of range for 4 rows"),
    ROW(one_hot, "one_hot \"index\" (4,): index %lld is out of range for 3 rows"),
    ROW(classify, "cross_entropy \"w\" (4,3) x \"index\" (4,): class %lld is not one of 3"),
};
#undef ROW

/* A training step around the use: w, and a counter before and one behind it, have updates. */
typedef struct step {
    wg_tensor *w, *index, *loss, *before, *behind;
    wg_plan   *plan;
} step;

static step step_of(wg_tape *tape, const use *u)
{
    step s = {.w = f32(tape, "w", WG_SHAPE(4, 3)),
              .index = wg_input(tape, "index", WG_I64, WG_SHAPE(4)),
              .before = wg_state(tape, "before", WG_F32, WG_SHAPE(2), 0),
              .behind = wg_state(tape, "behind", WG_F32, WG_SHAPE(2), 0)};
    wg_write_all(s.w, 0.5);
    wg_assign(s.before, wg_add(s.before, 1));
    wg_tensor *y = u->record(s.w, s.index);
    s.loss = wg_sum(wg_square(wg_add(y, y)));
    wg_assign(s.w, wg_sub(s.w, wg_mul(wg_derivative(s.loss, s.w), 0.1)));
    wg_assign(s.behind, wg_add(s.behind, 1));
    s.plan = wg_plan_new(s.loss, .updates = wg_assigns(tape));
    return s;
}

static void expect_index_refused(wg_tape *tape, const use *u, const step *s, int64_t index)
{
    char text[200];
    snprintf(text, sizeof text, u->text, (long long)index);
    EXPECT(wg_write(s->index, ((int64_t[]){0, 2, index, 1}), 4));
    EXPECT(!wg_plan_run(s->plan));
    expect_error(tape, __FILE__, u->line, text);
    EXPECT(isnan(wg_item(s->loss)));
    expect_error(tape, __FILE__, u->line, text);
    for (int64_t i = 0; i < 12; i++) EXPECT_CLOSE(wg_element(s->w, i), 0.5, 0);
    EXPECT_CLOSE(wg_element(s->before, 1) + wg_element(s->behind, 1), 0, 0);
}

static void expect_step_works(wg_tape *tape, const step *s)
{
    EXPECT(wg_write(s->index, ((int64_t[]){0, 2, 2, 1}), 4) && wg_plan_run(s->plan));
    EXPECT(isfinite(wg_item(s->loss)) && wg_item(s->loss) > 0);
    EXPECT(wg_element(s->w, 0) != 0.5);
    EXPECT_CLOSE(wg_element(s->before, 0) + wg_element(s->behind, 0), 2, 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
}

START_TEST(an_index_out_of_range_ends_the_run_without_updates_or_writes_outside)
{
    const int64_t bad[] = {-1, 4, 300, -77777, INT64_MAX, INT64_MIN};
    for (size_t u = 0; u < sizeof uses / sizeof *uses; u++)
        for (int apart = 0; apart < 2; apart++) {
            guards   g = {.allocator = {.resize = guarded_resize, .context = &g}};
            wg_tape *tape =
                wg_tape_new_with(&(wg_tape_options){.allocator = &g.allocator, .apart = apart});
            const step s = step_of(tape, &uses[u]);
            EXPECT_MSG(s.plan, "%s", wg_tape_error(tape));
            for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                expect_index_refused(tape, &uses[u], &s, bad[i]);
            expect_step_works(tape, &s);
            wg_tape_free(tape);
            EXPECT(g.damaged == 0);
        }
}
END_TEST

START_TEST(a_bad_index_is_told_even_where_there_is_nothing_to_pick)
{
    wg_tape      *tape = wg_tape_new();
    const int64_t bad = 5;
    wg_tensor    *rows = f32(tape, "rows", WG_SHAPE(5, 0));
    wg_tensor    *index = wg_constant(tape, WG_I64, WG_SHAPE(1), &bad, 1);
    wg_tensor    *picked = wg_index_select(rows, 0, index);
    EXPECT(!wg_eval(WG_TENSORS(picked)));
    EXPECT_MSG(strstr(wg_tape_error(tape), "index 5 is out of range for 5 rows"), "%s",
               wg_tape_error(tape));
    wg_tape_free(tape);
}
END_TEST

START_TEST(an_update_whose_own_op_fails_half_way_changes_neither_its_leaf_nor_another)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *a = f32(tape, "a", WG_SHAPE(2)), *b = f32(tape, "b", WG_SHAPE(3));
    wg_tensor *table = f32(tape, "table", WG_SHAPE(4));
    wg_tensor *index = wg_input(tape, "index", WG_I64, WG_SHAPE(3));
    wg_tensor *up = wg_assign(a, wg_add(a, 1)), *picked = wg_gather(table, 0, index);
    wg_plan   *plan = wg_plan_new(NULL, .updates = WG_TENSORS(up, wg_assign(b, picked)));
    EXPECT(wg_write_all(table, 7) && wg_write(index, ((int64_t[]){3, 0, 4}), 3));
    EXPECT(!wg_plan_run(plan));
    expect_error_of(picked,
                    "gather \"table\" (4,) x \"index\" (3,): index 4 is out of range for 4 rows");
    for (int64_t i = 0; i < 2; i++) EXPECT_CLOSE(wg_element(a, i), 0, 0);
    for (int64_t i = 0; i < 3; i++) EXPECT_CLOSE(wg_element(b, i), 0, 0);
    EXPECT(wg_write_all(index, 1) && wg_plan_run(plan));
    EXPECT_CLOSE(wg_element(a, 1), 1, 0);
    EXPECT_CLOSE(wg_element(b, 2), 7, 0);
    wg_tape_free(tape);
}
END_TEST

/* ---- places and inputs ---- */

/* The tensor reads `place`, whose last but two is this one, and refuses it. */
static void expect_place_refused(wg_tensor *y, wg_tensor *place, int64_t bad)
{
    char text[200], shape[WG_SHAPE_TEXT];
    EXPECT(wg_write(place, ((int64_t[]){0, 19, 3, 6, 8, bad, 2, 1}), 8) && !wg_values(y));
    const wg_tensor *x = wg_inputs_of(y).at[0];
    snprintf(text, sizeof text,
             "%s \"%s\" %s x \"place\" (1,2,2,2): place %lld is none of the 20 of an image",
             wg_op_of(y)->name, wg_name_of(x), wg_shape_text(wg_shape_of_tensor(x), shape),
             (long long)bad);
    expect_error_of(y, text);
}

START_TEST(places_of_a_maximum_that_are_not_in_the_image_end_the_run)
{
    const int64_t bad[] = {-1, 20, 4000, INT64_MAX, INT64_MIN};
    guards        g = {.allocator = {.resize = guarded_resize, .context = &g}};
    wg_tape      *tape = wg_tape_new_with(&(wg_tape_options){.allocator = &g.allocator});
    wg_tensor    *x = f32(tape, "x", WG_SHAPE(1, 2, 4, 5)), *y = wg_max_pool2d(x, .kernel = {2, 2});
    wg_tensor    *dy = f32(tape, "dy", WG_SHAPE(1, 2, 2, 2));
    wg_tensor    *dx = wg_grad(WG_TENSORS(y), WG_TENSORS(dy), WG_TENSORS(x)).at[0];
    wg_tensor    *place = wg_input(tape, "place", WG_I64, WG_SHAPE(1, 2, 2, 2));
    wg_tensor    *back[] = {dy, place}, *forth[] = {x, place};
    wg_tensor    *own_dx = wg_apply(wg_op_of(dx), wg_attrs_of(dx), WG_NO_DTYPE, back, 2);
    wg_tensor    *own_y = wg_apply(&wg_op_max_pool2d_gather, wg_attrs_of(y), WG_NO_DTYPE, forth, 2);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        expect_place_refused(own_dx, place, bad[i]);
        expect_place_refused(own_y, place, bad[i]);
    }
    EXPECT(wg_write(place, ((int64_t[]){0, 19, 3, 6, 8, 19, 2, 1}), 8) && wg_write_all(dy, 2));
    EXPECT_CLOSE(wg_element(own_dx, 20 + 19), 2, 0);
    EXPECT_CLOSE(wg_item(wg_sum(own_dx)), 16, 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
    EXPECT(g.damaged == 0);
}
END_TEST

START_TEST(an_input_that_was_never_written_is_named_with_the_line_that_asked)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(2)), *y = wg_sum(wg_exp(x));
    wg_tensor *n = wg_state(tape, "n", WG_F64, WG_SCALAR, 5);
    wg_plan   *plan = wg_plan_new(y, .updates = WG_TENSORS(wg_assign(n, wg_add(n, y))));
    EXPECT(!wg_plan_run(plan));
    expect_error(tape, LAST_LINE, "input \"x\" was never written");
    EXPECT(isnan(wg_item(y)) != 0);
    expect_error(tape, LAST_LINE, "input \"x\" was never written");
    EXPECT(!wg_values(x));
    expect_error(tape, LAST_LINE, "input \"x\" was never written");
    EXPECT(!wg_eval(WG_TENSORS(y)));
    expect_error(tape, LAST_LINE, "input \"x\" was never written");
    EXPECT(!wg_print(y, stdout, NULL));
    expect_error(tape, LAST_LINE, "input \"x\" was never written");
    EXPECT(!wg_dot_write(y, stdout, .values = true));
    expect_error(tape, LAST_LINE, "input \"x\" was never written");
    EXPECT_CLOSE(wg_item(n), 5, 0);
    EXPECT(wg_write_all(x, 0) && wg_plan_run(plan));
    EXPECT_CLOSE(wg_item(n), 7, 0);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bad data");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, an_index_out_of_range_ends_the_run_without_updates_or_writes_outside);
    tcase_add_test(tests,
                   an_update_whose_own_op_fails_half_way_changes_neither_its_leaf_nor_another);
    tcase_add_test(tests, a_bad_index_is_told_even_where_there_is_nothing_to_pick);
    tcase_add_test(tests, places_of_a_maximum_that_are_not_in_the_image_end_the_run);
    tcase_add_test(tests, an_input_that_was_never_written_is_named_with_the_line_that_asked);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
