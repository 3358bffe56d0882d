// SPDX-License-Identifier: MIT
/*
 * Printing in NumPy's layout. The elements to be shown are walked three times: for the range of
 * their magnitudes, which decides between 0.001 and 1.e-03; for the widths of their texts; and to
 * write them. A point is a point in every locale.
 */
#include "print.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Room for the text of one element, and for each piece of it. */
#define TEXT  160
#define PIECE 32

/* No float needs more digits behind the point: 17 in all, and 4 zeros at most stand before them. */
#define MOST_DIGITS 21

typedef struct printer {
    const wg_view *view;
    FILE          *file;
    int64_t        edge;              /* elements shown at both ends of an axis */
    bool           summarised;        /* the middle of long axes is left out */
    int            fewest, precision; /* digits behind the point */
    int            line_width;

    double smallest, largest;         /* magnitudes of the floats that are finite and not zero */
    bool   scientific;                /* floats are written with an exponent */
    size_t left, right;               /* characters before the point and behind it */
    int    exponent;                  /* digits of an exponent */
    size_t width;                     /* characters of an element */

    size_t column, spaces;            /* in the line being written; spaces still to be written */
    bool   ok;                        /* the file took everything so far */
} printer;

/* A finite float in pieces: -12.5 is "-12", "5" and 0 or, with an exponent, "-1", "25" and 1. */
typedef struct number {
    char whole[PIECE], fraction[PIECE];
    int  exponent;
} number;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static double float_at(const printer *p, const void *element)
{
    return p->view->type->dtype == WG_F32 ? *(const float *)element : *(const double *)element;
}

static int64_t integer_at(const printer *p, const void *element)
{
    switch (p->view->type->dtype) {
    case WG_I32: return *(const int32_t *)element;
    case WG_I64: return *(const int64_t *)element;
    default:     return *(const uint8_t *)element;
    }
}

static bool is_finite_float(const printer *p, const void *element)
{
    return wg_dtype_is_float(p->view->type->dtype) && isfinite(float_at(p, element));
}

/* ---- the text of an element ---- */

static bool reads_back(const printer *p, const char *text, double x)
{
    return x == (p->view->type->dtype == WG_F32 ? (double)strtof(text, NULL) : strtod(text, NULL));
}

/* x in the fewest digits that read back as x, or rounded to the precision where they are more. */
static number number_of(const printer *p, double x)
{
    char text[TEXT];
    int digits = p->fewest - 1;
    do {
        digits++;
        snprintf(text, sizeof text, p->scientific ? "%.*e" : "%.*f", digits, x);
    } while (digits < p->precision && !reads_back(p, text, x));

    const char *e = strchr(text, 'e');
    const char *end = e ? e : text + strlen(text);
    const char *fraction = end - digits; /* from the end: the locale's point may be long */
    while (end - fraction > p->fewest && end[-1] == '0') end--;

    number n = {.exponent = e ? atoi(e + 1) : 0};
    memcpy(n.whole, text, strspn(text, "-0123456789"));
    memcpy(n.fraction, fraction, (size_t)(end - fraction));
    return n;
}

/* Spaces stand for missing digits, so that the points stand below each other. */
static void write_finite(const printer *p, double x, char text[TEXT])
{
    const number n = number_of(p, x);
    if (p->scientific)
        snprintf(text, TEXT, "%s.%se%+0*d", n.whole, n.fraction, p->exponent + 1, n.exponent);
    else
        snprintf(text, TEXT, "%s.%-*s", n.whole, (int)p->right, n.fraction);
}

static void write_element(const printer *p, const void *element, char text[TEXT])
{
    const wg_dtype dtype = p->view->type->dtype;
    if (dtype == WG_BOOL) {
        strcpy(text, *(const uint8_t *)element ? "True" : "False");
    } else if (wg_dtype_is_integer(dtype)) {
        snprintf(text, TEXT, "%" PRId64, integer_at(p, element));
    } else {
        const double x = float_at(p, element);
        if (isfinite(x)) write_finite(p, x, text);
        else strcpy(text, isnan(x) ? "nan" : x < 0 ? "-inf" : "inf");
    }
}

/* ---- which elements, and how wide they are ---- */

/* The index shown after index i of an axis. */
static int64_t next_shown(const printer *p, int axis, int64_t i)
{
    const int64_t dim = p->view->type->shape.dim[axis];
    const bool jumps = p->summarised && i == p->edge - 1 && dim - p->edge > p->edge;
    return jumps ? dim - p->edge : i + 1;
}

/* Element i of the axis, when `data` is its element 0. */
static const char *at(const printer *p, int axis, const char *data, int64_t i)
{
    return data + i * p->view->stride[axis] * (int64_t)wg_dtype_size(p->view->type->dtype);
}

/* Calls `see` for every element shown from this axis on. */
static void walk(printer *p, int axis, const char *data, void (*see)(printer *, const void *))
{
    const wg_shape *shape = &p->view->type->shape;
    if (axis == shape->rank) {
        see(p, data);
        return;
    }
    for (int64_t i = 0; i < shape->dim[axis]; i = next_shown(p, axis, i))
        walk(p, axis + 1, at(p, axis, data, i), see);
}

static void see_range(printer *p, const void *element)
{
    if (!is_finite_float(p, element)) return;
    const double x = fabs(float_at(p, element));
    if (x > p->largest) p->largest = x;
    if (x > 0 && x < p->smallest) p->smallest = x;
}

/* NumPy's rule: an exponent for large, small or very different numbers, judged in their dtype. */
static bool needs_exponent(const printer *p)
{
    if (p->largest == 0) return false;
    if (p->view->type->dtype == WG_F64)
        return p->largest >= 1e8 || p->smallest < 1e-4 || p->largest / p->smallest > 1e3;
    const float largest = (float)p->largest, smallest = (float)p->smallest;
    return largest >= 1e6F || smallest < 1e-4F || largest / smallest > 1e3F;
}

static void see_width(printer *p, const void *element)
{
    if (is_finite_float(p, element)) {
        const number n = number_of(p, float_at(p, element));
        p->left = larger(p->left, strlen(n.whole));
        p->right = larger(p->right, strlen(n.fraction));
        if (abs(n.exponent) > 99) p->exponent = 3;
    } else {
        char text[TEXT];
        write_element(p, element, text);
        p->width = larger(p->width, strlen(text));
    }
}

static void measure(printer *p)
{
    const wg_dtype dtype = p->view->type->dtype;
    walk(p, 0, p->view->data, see_range);
    p->scientific = needs_exponent(p);
    walk(p, 0, p->view->data, see_width);

    if (p->scientific) p->fewest = p->precision = (int)p->right;
    const size_t tail = p->scientific ? strlen("e+") + (size_t)p->exponent : 0;
    if (wg_dtype_is_float(dtype)) p->width = larger(p->width, p->left + 1 + p->right + tail);
    if (dtype == WG_BOOL && p->view->type->shape.rank > 0) p->width = strlen("False");
}

/* ---- writing ---- */

/* Spaces wait until something follows them in the line, so that no line ends in one. */
static void put(printer *p, char c)
{
    p->column++;
    if (c == ' ') {
        p->spaces++;
        return;
    }
    for (; p->spaces > 0; p->spaces--) p->ok = putc(' ', p->file) != EOF && p->ok;
    p->ok = putc(c, p->file) != EOF && p->ok;
}

static void put_line_end(printer *p, int64_t indent)
{
    p->spaces = 0;
    put(p, '\n');
    p->column = 0;
    for (int64_t i = 0; i < indent; i++) put(p, ' ');
}

/* A text in `width` characters, in a new line when it and the closing brackets would not fit. */
static void put_word(printer *p, const char *text, size_t width)
{
    const size_t brackets = (size_t)p->view->type->shape.rank, length = strlen(text);
    width = larger(width, length);
    if (p->column > brackets && p->column + width + brackets > (size_t)p->line_width)
        put_line_end(p, (int64_t)brackets);
    for (size_t i = length; i < width; i++) put(p, ' ');
    while (*text) put(p, *text++);
}

/* Between two items of an axis: a space, or as many line ends as there are axes inside. */
static void put_separator(printer *p, int axis)
{
    const int64_t inside = p->view->type->shape.rank - axis - 1;
    if (inside == 0) put(p, ' ');
    for (int64_t i = 0; i < inside; i++) put_line_end(p, axis + 1);
}

static void print_axis(printer *p, int axis, const char *data)
{
    const wg_shape *shape = &p->view->type->shape;
    if (axis == shape->rank) {
        char text[TEXT];
        write_element(p, data, text);
        put_word(p, text, p->width);
        return;
    }
    put(p, '[');
    for (int64_t i = 0, next; i < shape->dim[axis]; i = next) {
        print_axis(p, axis + 1, at(p, axis, data, i));
        next = next_shown(p, axis, i);
        if (next < shape->dim[axis]) put_separator(p, axis);
        if (next > i + 1) {
            put_word(p, "...", 0);
            put_separator(p, axis);
        }
    }
    put(p, ']');
}

bool wg_view_print(const wg_view *view, FILE *file, const wg_print_options *options)
{
    const wg_print_options set = options ? *options : (wg_print_options){.precision = 0};
    const int64_t threshold = set.threshold > 0 ? set.threshold : 1000;
    const int precision = set.precision < 0 ? 0 : set.precision > 0 ? set.precision : 4;
    printer p = {
        .view = view,
        .file = file,
        .edge = set.edge > 0 ? set.edge : 3,
        .summarised = view->type->count > threshold,
        .precision = precision < MOST_DIGITS ? precision : MOST_DIGITS,
        .line_width = set.line_width > 0 ? set.line_width : 88,
        .smallest = INFINITY,
        .exponent = 2,
        .ok = true,
    };
    if (view->type->count == 0) return fputs("[]", file) != EOF;
    measure(&p);
    print_axis(&p, 0, view->data);
    return p.ok;
}
