// SPDX-License-Identifier: MIT
/*
 * Every misuse in the tables: the error, the line and the op that it names, and a tape that goes
 * on. _i is its number.
 */
#include "cases.h"

#include "../support/expect.h"

#include <ctype.h>
#include <stdio.h>

static const struct error_case *find_error(int i, const struct family **family)
{
    for (*family = families; (*family)->name; (*family)++)
        for (const struct error_case *use = (*family)->errors; use->op; use++)
            if (i-- == 0) return use;
    return NULL;
}

/* Behind "tests/ops/cases_<family>.c:42: ", where an error begins with that; else NULL. */
static const char *behind_line(const char *error, const char *family)
{
    char file[100];
    snprintf(file, sizeof file, "cases_%s.c:", family);
    const char *at = strstr(error, file);
    if (!at || strcspn(error, ": ") != (size_t)(at - error) + strlen(file) - 1) return NULL;
    at += strlen(file);
    if (!isdigit((unsigned char)*at)) return NULL;
    at += strspn(at, "0123456789");
    return strncmp(at, ": ", 2) == 0 ? at + 2 : NULL;
}

static int is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Is the op named, as a word: "max", not the "max" of "max_pool2d"? */
static int names_op(const char *error, const char *op)
{
    for (const char *at = strstr(error, op); at; at = strstr(at + 1, op))
        if ((at == error || !is_word(at[-1])) && !is_word(at[strlen(op)])) return 1;
    return 0;
}

static void expect_tape_goes_on(wg_tape *tape)
{
    wg_tape_error_clear(tape);
    EXPECT(!wg_tape_error(tape));
    wg_tensor *x = wg_param(tape, "after the error", WG_F32, WG_SCALAR);
    wg_write_all(x, 2.5);
    EXPECT(wg_item(wg_detach(x)) == 2.5);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
}

START_TEST(misuse_is_refused_with_line_op_and_reason)
{
    const struct family     *family;
    const struct error_case *use = find_error(_i, &family);
    wg_tape                 *tape = wg_tape_new();
    EXPECT(tape);
    wg_tensor *y = use->record(tape);
    if (y) wg_eval(WG_TENSORS(y));
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error, "%s: %s: no error", use->op, use->name);
    const char *text = behind_line(error, family->name);
    EXPECT_MSG(text, "%s: %s: \"%s\" does not begin with cases_%s.c and a line", use->op, use->name,
               error, family->name);
    EXPECT_MSG(names_op(text, use->op), "%s: %s: \"%s\" does not name the op", use->op, use->name,
               error);
    EXPECT_MSG(strstr(text, use->message), "%s: %s: \"%s\" does not say \"%s\"", use->op, use->name,
               error, use->message);
    EXPECT_MSG(!strchr(error, '\n'), "%s: %s: more than one line", use->op, use->name);
    expect_tape_goes_on(tape);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite               *suite = suite_create("ops: errors");
    TCase               *cases = tcase_create("errors");
    const struct family *family;
    int                  count = 0;
    while (find_error(count, &family)) count++;
    tcase_add_loop_test(cases, misuse_is_refused_with_line_op_and_reason, 0, count);
    suite_add_tcase(suite, cases);
    printf("%d errors\n", count);
    return expect_run(suite);
}
