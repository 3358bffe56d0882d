// SPDX-License-Identifier: MIT
/* The gradient check's report as text. */
#include "check.h"

#include <string.h>

const char *wg_check_verdict_name(wg_check_verdict verdict)
{
    static const char *const names[] = {[WG_CHECK_PASS] = "pass",
                                        [WG_CHECK_FAIL] = "FAIL",
                                        [WG_CHECK_KINK] = "kink",
                                        [WG_CHECK_NAN] = "NaN",
                                        [WG_CHECK_NOT_DETERMINISTIC] = "not deterministic",
                                        [WG_CHECK_NOT_REACHED] = "not reached",
                                        [WG_CHECK_NOT_CHECKABLE] = "not checkable"};
    const size_t             row = (size_t)verdict;
    return row < sizeof names / sizeof *names ? names[row] : "?";
}

static int passes(const wg_check *check)
{
    int count = 0;
    for (int i = 0; i < check->count; i++) count += check->row[i].verdict == WG_CHECK_PASS;
    return count;
}

bool wg_check_passed(const wg_check *check)
{
    return check && check->count > 0 && passes(check) == check->count;
}

/* Width of the first column: the longest name. */
static int name_width(const wg_check *check)
{
    size_t width = strlen("leaf");
    for (int i = 0; i < check->count; i++) {
        const size_t length = strlen(wg_name_of(check->row[i].leaf));
        if (length > width) width = length;
    }
    return width < 60 ? (int)width : 60;
}

static void print_row(const wg_check_leaf *row, int width, FILE *file)
{
    char place[32] = "-";
    if (row->element >= 0)
        snprintf(place, sizeof place, "%lld", (long long)row->element);
    else if (row->checked > 0)
        snprintf(place, sizeof place, "direction");
    fprintf(file, "%-*s %5d %7lld  %-17s %9s", width, wg_name_of(row->leaf), row->order,
            (long long)row->checked, wg_check_verdict_name(row->verdict), place);
    if (row->checked > 0 || row->element >= 0)
        fprintf(file, " %15.8g %15.8g %9.1e %9.1e %9.1e", row->worst.analytic, row->worst.numeric,
                row->worst.absolute, row->worst.relative, row->worst.bound);
    fputc('\n', file);
}

static void print_op(const wg_check_op *first, FILE *file)
{
    if (!first->op) {
        if (first->reason) fprintf(file, "no single op explains it: %s\n", first->reason);
        return;
    }
    fprintf(file, "first op that explains it: %s", first->op->name);
    if (first->name) fprintf(file, " \"%s\"", first->name);
    fprintf(file, ", recorded at %s: %s", first->where, wg_check_verdict_name(first->verdict));
    if (first->input >= 0) fprintf(file, ", by input %d", first->input);
    if (first->order == 2) fprintf(file, ", its rule's own derivative");
    fputc('\n', file);
    if (first->reason)
        fprintf(file, "    %s\n", first->reason);
    else if (first->verdict == WG_CHECK_FAIL || first->verdict == WG_CHECK_KINK)
        fprintf(file, "    analytic %.8g, numeric %.8g\n", first->numbers.analytic,
                first->numbers.numeric);
    if (first->op->formula) fprintf(file, "    %s\n", first->op->formula);
    if (first->op->rule) fprintf(file, "    %s\n", first->op->rule);
}

bool wg_check_print(const wg_check *check, FILE *file)
{
    if (!check || !file) return false;
    const int width = name_width(check);
    fprintf(file, "gradient check in f64, tolerance %g: %d of %d pass\n", check->tolerance,
            passes(check), check->count);
    fprintf(file, "%-*s %5s %7s  %-17s %9s %15s %15s %9s %9s %9s\n", width, "leaf", "order",
            "checked", "verdict", "worst at", "analytic", "numeric", "absolute", "relative",
            "bound");
    for (int i = 0; i < check->count; i++) print_row(&check->row[i], width, file);
    print_op(&check->first, file);
    return !ferror(file);
}
