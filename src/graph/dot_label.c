// SPDX-License-Identifier: MIT
/* The words in the boxes of a picture: name, type, op and settings, formula or rule, values. */
#include "dot_internal.h"

#include <math.h>
#include <string.h>

enum { MOST_VALUES = 16, MOST_NAMES = 4 };

static void put(FILE *file, const char *text)
{
    wg__dot_text(file, text, strlen(text));
}

/* ---- names ---- */

void wg__dot_name(const wg__dot *d, const wg_tensor *tensor, FILE *file)
{
    const wg__dot_item *item = wg__dot_item_of(d, tensor);
    const char         *name = wg__dot_name_of(d, tensor);
    if (!name) {
        put(file, tensor->node->op->name);
        fprintf(file, " #%d", (int)(item - d->item));
    } else if (tensor->node) { /* its own name may hold a '/' */
        const size_t length = strlen(item->node->scope);
        const bool   within =
            length && strncmp(name, item->node->scope, length) == 0 && name[length] == '/';
        put(file, within ? name + length + 1 : name);
    } else {
        const char *slash = strrchr(name, '/');
        put(file, slash ? slash + 1 : name);
    }
}

/* "dZ1", or "dA = dB" where one tensor is both, "dA, dB" where one node makes both. */
static void write_adjoint_names(const wg__dot *d, const wg__dot_item *item, FILE *file)
{
    const wg_tensor *before = NULL;
    int              names = 0;
    for (int k = item->pair; k != WG__DOT_NONE && names < MOST_NAMES; k = d->pair[k].next) {
        if (names++) fputs(before == d->pair[k].adjoint ? " = " : ", ", file);
        fputs(wg__dot_name_of(d, d->pair[k].of) ? "d" : "d ", file);
        wg__dot_name(d, d->pair[k].of, file);
        before = d->pair[k].adjoint;
        if (names == MOST_NAMES && d->pair[k].next != WG__DOT_NONE) fputs(", ...", file);
    }
}

/* "∂L/∂Z1", where one tensor with a name is derived by one tensor. */
static void write_quotient(const wg__dot *d, const wg__dot_item *item, FILE *file)
{
    const wg_tensor *output = d->outputs.at[0];
    if (d->outputs.count != 1 || !output->name || d->pair[item->pair].next != WG__DOT_NONE) return;
    fputs("  = \xe2\x88\x82", file);
    wg__dot_name(d, output, file);
    fputs("/\xe2\x88\x82", file);
    wg__dot_name(d, d->pair[item->pair].of, file);
}

static void write_title(const wg__dot *d, const wg__dot_item *item, FILE *file)
{
    fputs("<b>", file);
    if (item->pair != WG__DOT_NONE) {
        write_adjoint_names(d, item, file);
        fputs("</b>", file);
        write_quotient(d, item, file);
        return;
    }
    bool any = !item->node;
    if (any) wg__dot_name(d, item->tensor, file);
    for (int k = 0; item->node && k < item->node->outputs; k++) {
        const wg_tensor *y = wg__node_output(d->tape, item->node, k);
        if (!y->name) continue;
        if (any) fputs(", ", file);
        wg__dot_name(d, y, file);
        any = true;
    }
    if (!any) wg__dot_name(d, item->tensor, file);
    fputs("</b>", file);
}

/* ---- types and settings ---- */

static void write_type(const wg_type *type, FILE *file)
{
    char shape[WG_SHAPE_TEXT];
    fprintf(file, "%s %s", wg_dtype_name(type->dtype), wg_shape_text(type->shape, shape));
}

static void write_types(const wg__dot *d, const wg__dot_item *item, FILE *file)
{
    const int outputs = item->node ? item->node->outputs : 1;
    double    bytes = 0;
    for (int k = 0; k < outputs; k++) {
        const wg_tensor *y = item->node ? wg__node_output(d->tape, item->node, k) : item->tensor;
        if (k) fputs(", ", file);
        write_type(y->type, file);
        bytes += (double)wg__type_bytes(y->type);
    }
    if (!d->request->bytes) return;
    fputs(", ", file);
    wg__dot_bytes(file, bytes);
}

/* What a rule records from others has the settings of the op that it is the rule of. */
static void write_line_op(const wg__dot_item *item, FILE *file)
{
    fputs("<br/>", file);
    put(file, item->work->op->name);
    if (!item->node->from || item->node->inputs == 0)
        wg__dot_settings(file, " ", item->work);
    if (item->work == item->node) return;
    fputs(", ", file);
    put(file, item->node->op->name);
}

/* The rule that made an adjoint: of the op behind the tensor whose adjoint was passed on. */
static void write_line_rule(const wg__dot *d, const wg__dot_item *item, FILE *file)
{
    const wg_tensor *from = item->node->from;
    const wg__node  *node = from ? from->node : NULL;
    if (!node) return;
    fputs("<br/><i>", file);
    const wg_tensor *of = item->pair == WG__DOT_NONE ? NULL : d->pair[item->pair].of;
    if (of && item->node->op == &wg_op_add && wg__dot_item_of(d, of)->uses > 1) {
        fputs("sum over its uses", file);
    } else {
        put(file, node->op->name);
        fputs(": ", file);
        wg__dot_rule(d, node, of, file);
    }
    fputs("</i>", file);
}

/* ---- values ---- */

/* True where the request is for values of this item, and they are there. */
static bool has_values(const wg__dot *d, const wg__dot_item *item, const wg_tensor *tensor)
{
    const bool asked = d->request->values || (d->request->norms && item->pair != WG__DOT_NONE);
    return asked && (item->node ? wg__has_value(tensor) : tensor->written);
}

bool wg__dot_has_nan(const wg__dot *d, const wg__dot_item *item)
{
    for (int k = 0; k < (item->node ? item->node->outputs : 1); k++) {
        wg_tensor *y = item->node ? wg__node_output(d->tape, item->node, k) : item->tensor;
        if (!has_values(d, item, y) || !wg_dtype_is_float(y->type->dtype)) continue;
        for (int64_t i = 0; i < y->type->count; i++)
            if (isnan(wg_element(y, i))) return true;
    }
    return false;
}

/* The elements, each row of the last axis in brackets on a line of its own. */
static void write_values(wg_tensor *tensor, FILE *file)
{
    const wg_type *type = tensor->type;
    const int64_t  row = type->shape.rank ? type->shape.dim[type->shape.rank - 1] : 1;
    for (int64_t i = 0; i < type->count; i++) {
        fputs(i % row == 0 ? "<br/>" : ", ", file);
        if (i % row == 0 && type->shape.rank) fputc('[', file);
        wg__dot_number(file, wg_element(tensor, i));
        if (i % row == row - 1 && type->shape.rank) fputc(']', file);
    }
}

static void write_norm(wg_tensor *tensor, FILE *file)
{
    double sum = 0;
    for (int64_t i = 0; i < tensor->type->count; i++) {
        const double x = wg_element(tensor, i);
        sum += x * x;
    }
    fputs("<br/>norm ", file);
    wg__dot_number(file, sqrt(sum));
}

static void write_line_values(const wg__dot *d, const wg__dot_item *item, FILE *file)
{
    if (wg__dot_has_nan(d, item)) fputs("<br/><b>holds a NaN</b>", file);
    for (int k = 0; k < (item->node ? item->node->outputs : 1); k++) {
        wg_tensor *y = item->node ? wg__node_output(d->tape, item->node, k) : item->tensor;
        if (!has_values(d, item, y)) continue;
        if (d->request->values && y->type->count <= MOST_VALUES) write_values(y, file);
        if (d->request->norms && item->pair != WG__DOT_NONE) write_norm(y, file);
    }
}

/* ---- the label ---- */

static void write_leaf(const wg_tensor *leaf, FILE *file)
{
    static const char *const role[] = {
        [WG_INPUT] = "input ", [WG_PARAM] = "param ", [WG_STATE] = "state "};
    if (leaf->frozen) fputs("frozen ", file);
    fputs(role[leaf->role], file);
}

void wg__dot_label(const wg__dot *d, const wg__dot_item *item, FILE *file)
{
    const bool constant = item->tensor->role == WG_CONSTANT && item->pair == WG__DOT_NONE;
    fputc('<', file);
    write_title(d, item, file);
    fputs("<br/><font point-size=\"10\">", file);
    if (!item->node) write_leaf(item->tensor, file);
    write_types(d, item, file);
    if (item->node) write_line_op(item, file);
    if (wg__dot_is_derived(item)) {
        write_line_rule(d, item, file);
    } else if (item->node && !constant && item->work->op->formula) {
        fputs("<br/><i>", file);
        wg__dot_formula(d, item->work, file);
        fputs("</i>", file);
    }
    write_line_values(d, item, file);
    fputs("</font>>", file);
}
