// SPDX-License-Identifier: MIT
/*
 * .npy files, NumPy's format for one array.
 *
 *     wg_array image;
 *     char reason[WG_REASON];
 *     if (!wg_npy_read("image.npy", NULL, &image, reason)) fprintf(stderr, "%s\n", reason);
 *
 * Read: versions 1 to 3, dtypes f4, f8, i4, i8, u1, b1, and f2 into f32, in any byte order, C and Fortran order, rank
 * 0 to 8. Written: version 1.0, this machine's byte order, C order. In Python: numpy.load and
 * numpy.save.
 */
#ifndef WENGERT_FORMATS_NPY_H
#define WENGERT_FORMATS_NPY_H

#include "array.h"

WG_BEGIN_DECLS

/*
 * Reads the file into *array, packed in row-major order, with memory from `allocator` (NULL: the
 * default); freed with wg_array_free. False with the reason, and no array, when the file cannot be
 * read, is not of this format, has another dtype, a bool that is neither 0 nor 1, fewer or more
 * bytes than its header says, or when there is no memory.
 */
WG_API bool wg_npy_read(const char *path, const wg_allocator *allocator, wg_array *array,
                        char reason[WG_REASON]);

/* Writes the view, of any strides, to the file. It is written beside the place and put there
   when it is complete, so that a crash leaves the old file or the new one. False with the
   reason, and the old file as it was, when that fails. Needs no memory. */
WG_API bool wg_npy_write(const char *path, const wg_view *view, char reason[WG_REASON]);

WG_END_DECLS

#endif
