// SPDX-License-Identifier: MIT
/*
 * Formulas and rules of a picture, in the names of the tensors at hand: relu's "dx = dy [x > 0]"
 * becomes "dZ1 = dA1 [Z1 > 0]". The rule "dx = ..., dw = ..., db = ..." has a part for each input,
 * and so tells the letters of the inputs; y is the output. Where one of them has no name all
 * letters stay, or a letter could be taken for the name of another tensor.
 */
#include "dot_internal.h"

#include <string.h>

/* Bytes of the word at the start of the text. */
static size_t word(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

/* True where a part starts: "dx = ", "dx[k] += ". */
static bool starts_part(const char *text)
{
    const size_t length = word(text);
    const char  *rest = text + length;
    return length > 1 && *text == 'd' &&
           (*rest == '[' || strncmp(rest, " = ", 3) == 0 || strncmp(rest, " += ", 4) == 0);
}

/* The start of the next part, or the end of the text. */
static const char *next_part(const char *text)
{
    for (const char *c = strstr(text, ", d"); c; c = strstr(c + 1, ", d"))
        if (starts_part(c + 2)) return c + 2;
    return text + strlen(text);
}

/* The rule's part for an input; NULL where it has not one for each. */
static const char *part_of(const wg__node *node, int input)
{
    const char *rule = node->op->rule, *part = NULL;
    int         parts = 0;
    for (; rule && starts_part(rule); rule = next_part(rule))
        if (parts++ == input) part = rule;
    return parts >= node->inputs ? part : NULL;
}

/* The tensor that a letter stands for, NULL for none. */
static const wg_tensor *tensor_of(const wg__dot *d, const wg__node *node, const char *letter,
                                  size_t length)
{
    if (length == 1 && *letter == 'y') return wg__node_output(d->tape, node, 0);
    for (int i = 0; i < node->inputs; i++) {
        const char *part = part_of(node, i);
        if (!part) return NULL;
        if (word(part) == length + 1 && strncmp(part + 1, letter, length) == 0) return node->x[i];
    }
    return NULL;
}

static void write_word(const wg__dot *d, const wg__node *node, const char *text, size_t length,
                       FILE *file)
{
    const wg_tensor *itself = tensor_of(d, node, text, length);
    const bool       adjoint = !itself && length > 1 && *text == 'd';
    const wg_tensor *tensor = adjoint ? tensor_of(d, node, text + 1, length - 1) : itself;
    if (adjoint && tensor) fputc('d', file);
    if (tensor)
        wg__dot_name(d, tensor, file);
    else
        wg__dot_text(file, text, length);
}

static bool all_have_names(const wg__dot *d, const wg__node *node)
{
    bool all = wg__dot_name_of(d, wg__node_output(d->tape, node, 0));
    for (int i = 0; i < node->inputs && all; i++) all = wg__dot_name_of(d, node->x[i]);
    return all;
}

static void write_words(const wg__dot *d, const wg__node *node, const char *text, const char *end,
                        FILE *file)
{
    if (!all_have_names(d, node)) {
        wg__dot_text(file, text, (size_t)(end - text));
        return;
    }
    while (text < end) {
        size_t length = word(text);
        if (length) {
            write_word(d, node, text, length, file);
        } else {
            while (text + length < end && !word(text + length)) length++;
            wg__dot_text(file, text, length);
        }
        text += length;
    }
}

void wg__dot_formula(const wg__dot *d, const wg__node *node, FILE *file)
{
    const char *text = node->op->formula;
    if (text) write_words(d, node, text, text + strlen(text), file);
}

void wg__dot_rule(const wg__dot *d, const wg__node *node, const wg_tensor *of, FILE *file)
{
    int input = node->inputs - 1;
    while (input >= 0 && node->x[input] != of) input--;
    const char *part = input >= 0 ? part_of(node, input) : NULL, *rule = node->op->rule;
    if (part) {
        const char *next = next_part(part);
        write_words(d, node, part, *next ? next - strlen(", ") : next, file);
    } else if (rule) {
        wg__dot_text(file, rule, strlen(rule));
    }
}
