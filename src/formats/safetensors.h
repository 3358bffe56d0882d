// SPDX-License-Identifier: MIT
/*
 * Safetensors, the format in which weights travel between libraries: a header in JSON with name,
 * dtype, shape and place of each array, and their bytes. https://github.com/huggingface/safetensors
 *
 *     wg_named_arrays set;
 *     char reason[WG_REASON];
 *     if (!wg_safetensors_read("net.safetensors", NULL, &set, reason)) puts(reason);
 *     const wg_array *weight = wg_named_find(&set, "conv1.weight");
 *
 * dtypes: F32 F64 I32 I64 U8 BOOL as they are; F16 and BF16 are read into f32, which holds each of
 * their values. In Python: safetensors.numpy.load_file and save_file. For the weights of a tape
 * there is formats/weights.h.
 */
#ifndef WENGERT_FORMATS_SAFETENSORS_H
#define WENGERT_FORMATS_SAFETENSORS_H

#include "named.h"

/* The longest header that is read or written, in bytes: the limit of the format's own library. */
#define WG_SAFETENSORS_HEADER 100000000

WG_BEGIN_DECLS

/*
 * Reads all arrays of the file into *set, in the order of their bytes, and its metadata in the
 * order of their keys, with memory from `allocator` (NULL: the default); freed with wg_named_free.
 * False with the reason, and nothing in the set, when the file cannot be read; when its header is
 * longer than the file or the limit, is not the JSON of this format in UTF-8, or has a key twice;
 * when an array has another dtype, a rank beyond 8, or a size that its bytes do not have; when the
 * arrays do not fill the rest of the file without holes and overlaps; when a bool is neither 0 nor
 * 1; and when there is no memory.
 */
WG_API bool wg_safetensors_read(const char *path, const wg_allocator *allocator,
                                wg_named_arrays *set, char reason[WG_REASON]);

/*
 * Writes the views, of any strides, and the metadata. The same values give the same bytes as the
 * format's own library: arrays of large elements first, arrays of one dtype by name. As wg_npy_write
 * it leaves the old file or the new one. Takes memory for the header alone, from `allocator` (NULL:
 * the default). False with the reason when that fails, a name is empty, comes twice or is
 * "__metadata__", a key comes twice, or a text is not UTF-8.
 */
WG_API bool wg_safetensors_write(const char *path, const wg_named_views *views,
                                 const wg_allocator *allocator, char reason[WG_REASON]);

WG_END_DECLS

#endif
