// SPDX-License-Identifier: MIT
/*
 * Arrays: values that a file gave, and the sentence that says why it did not. Over memory of the
 * program's own, for a loader, say, an array is made by hand and not freed:
 *
 *     float    numbers[100][3];
 *     wg_array x = {.data = numbers};
 *     wg_type_make(WG_F32, WG_SHAPE(100, 3), &x.type);
 *
 * Every reader and writer in this room returns true, or false and one sentence in `reason`. Files
 * are taken for hostile: a size that a file announces is held against the bytes that it has before
 * memory is asked for.
 */
#ifndef WENGERT_FORMATS_ARRAY_H
#define WENGERT_FORMATS_ARRAY_H

#include "../tensor/memory.h"
#include "../tensor/shape.h"

/* Room for a reason, its closing zero included. Where a function takes a reason, it may be NULL. */
#define WG_REASON 256

/* Values packed in row-major order, owned by whoever had them read. All members zero: no array. */
typedef struct wg_array {
    wg_type             type;
    void               *data;
    const wg_allocator *allocator; /* where `data` came from; must outlive the array */
} wg_array;

WG_BEGIN_DECLS

/* The array as a view, which borrows its type and data. */
WG_API wg_view wg_array_view(const wg_array *array);

/* Frees the values and leaves no array. Takes what a failed read left behind, too. */
WG_API void wg_array_free(wg_array *array);

WG_END_DECLS

/* ---- private to the library ---- */

/* An array of `type`, all zero, from `allocator` (NULL: the default). False without memory,
   *array is no array then. */
bool wg__array_new(wg_array *array, const wg_type *type, const wg_allocator *allocator);

/* Turns the bytes of each element round. */
void wg__array_swap(wg_array *array);

/* Numbers of two bytes: IEEE 754's binary16, or the first half of an f32. */
typedef enum wg__short { WG__HALF, WG__BRAIN } wg__short;

/* Turns an f32 array, whose memory begins with as many numbers of two bytes, into their values. */
void wg__array_widen(wg_array *array, wg__short kind, bool big_endian);

/* True where the most significant byte of a number comes first. */
bool wg__big_endian(void);

/* Copies `count` elements of the view, from number `first` in row-major order on, packed to
   `to`. */
void wg__view_pack(const wg_view *view, int64_t first, int64_t count, void *to);

/* Hands the view's elements, packed in row-major order, to `take`, piece by piece; false as soon as
   that is. */
typedef bool wg__take(void *context, const void *data, size_t bytes);
bool         wg__view_each(const wg_view *view, wg__take *take, void *context);

/* Whether there is a value of a dtype behind each element of the view. */
bool wg__view_has_values(const wg_view *view);

/* The first element of a bool array that is neither 0 nor 1, which would be no value of C's bool;
   -1 where there is none. */
int64_t wg__array_no_bool(const wg_array *array);

#endif
