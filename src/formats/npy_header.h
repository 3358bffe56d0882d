// SPDX-License-Identifier: MIT
/* The header of a .npy file, private to the library: a Python dict in text that says what the
   bytes behind it are. */
#ifndef WENGERT_FORMATS_NPY_HEADER_H
#define WENGERT_FORMATS_NPY_HEADER_H

#include "array.h"
#include "source.h"

/* The longest header that is read. Ours have at most 320 bytes, NumPy's own limit is the same. */
#define WG__NPY_HEADER 10000

typedef struct wg__npy_header {
    wg_type type;
    bool    swap;    /* elements have the other byte order */
    bool    half;    /* elements are numbers of two bytes, `type` is what they are read into */
    bool    fortran; /* the first axis is the one whose elements lie side by side */
} wg__npy_header;

/* wg_npy_read of what `source` has to give, all of it. */
bool wg__npy_read(wg__source *source, const wg_allocator *allocator, wg_array *array);

/* Reads magic, version, length and the dict, so that the file stands at its first element. The
   dict is taken apart by hand: three known keys, each once; a text, a truth value and a tuple of
   numbers. Anything else is refused, with the file's reason. */
bool wg__npy_header_read(wg__source *source, wg__npy_header *header);

/* Writes magic, version 1.0, length and dict for values of `type` in this machine's byte order;
   returns how many bytes, a multiple of 64. */
size_t wg__npy_header_write(const wg_type *type, char text[WG__NPY_HEADER]);

#endif
