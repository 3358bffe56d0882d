// SPDX-License-Identifier: MIT
/*
 * IDX files, the format of MNIST and its relatives, plain or compressed by gzip (where the library
 * has zlib).
 *
 *     wg_images train;
 *     char reason[WG_REASON];
 *     wg_images_files files = {.folder = "data/mnist", .part = "train", .classes = 10};
 *     if (!wg_images_read(&files, &train, reason)) fprintf(stderr, "%s\n", reason);
 *
 * The format: 0 0 type rank, as many sizes of 4 bytes, the values; the most significant byte first.
 * http://yann.lecun.com/exdb/mnist/
 */
#ifndef WENGERT_FORMATS_IDX_H
#define WENGERT_FORMATS_IDX_H

#include "array.h"

/* Values of more bytes than that (1 GiB) are refused: a few bytes of gzip can announce, and
   hold, very many. */
#define WG_IDX_MOST ((int64_t)1 << 30)

/* Pictures in grey and what each one shows. All members zero: no images. */
typedef struct wg_images {
    wg_array pixels; /* u8 (count, 1, height, width) */
    wg_array labels; /* u8 (count) */
} wg_images;

/* Where images and labels stand: in `folder`, PART-images-idx3-ubyte and PART-labels-idx1-ubyte,
   with .gz behind or without. */
typedef struct wg_images_files {
    const char         *folder;
    const char         *part;      /* "train" or "t10k" for MNIST and its relatives */
    int64_t             classes;   /* labels are 0 to classes - 1 */
    const wg_allocator *allocator; /* NULL: the default */
} wg_images_files;

WG_BEGIN_DECLS

/*
 * Reads a file of u8, i32, f32 or f64 into *array, in row-major order and this machine's byte
 * order, with memory from `allocator` (NULL: the default); freed with wg_array_free. False with the
 * reason, and no array, when the file cannot be read, is not of this format, has another dtype,
 * more than WG_IDX_MOST bytes, fewer or more of them than its sizes say, a broken checksum, or when
 * there is no memory.
 */
WG_API bool wg_idx_read(const char *path, const wg_allocator *allocator, wg_array *array,
                        char reason[WG_REASON]);

/*
 * Reads images and their labels into *set; freed with wg_images_free. Of a compressed and a plain
 * file the compressed one is taken. False with the reason, and no images, where wg_idx_read fails,
 * the pixels are not u8 of rank 3 or the labels not u8 of rank 1, their counts differ, or a label
 * is not below `classes`.
 */
WG_API bool wg_images_read(const wg_images_files *files, wg_images *set, char reason[WG_REASON]);

/* Frees both arrays and leaves no images. Takes what a failed read left behind, too. */
WG_API void wg_images_free(wg_images *set);

WG_END_DECLS

#endif
