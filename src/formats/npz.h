// SPDX-License-Identifier: MIT
/*
 * .npz files, NumPy's format for several arrays: a ZIP archive in which "conv1.weight.npy" is the
 * array "conv1.weight". In Python: numpy.load, numpy.savez and numpy.savez_compressed.
 *
 * They need zlib, for the checksums; without it both calls say so and fail. Archives of 4 GiB and
 * more (ZIP64) are neither read nor written; safetensors have no such limit.
 */
#ifndef WENGERT_FORMATS_NPZ_H
#define WENGERT_FORMATS_NPZ_H

#include "named.h"

/* The most bytes that are read, all entries unpacked: a compressed file can announce, and hold, very
   many. */
#define WG_NPZ_MOST ((int64_t)1 << 32)

WG_BEGIN_DECLS

/*
 * Reads all arrays of the archive into *set, in the order of their bytes, with memory from
 * `allocator` (NULL: the default); freed with wg_named_free. False with the reason, and nothing in
 * the set, when the file cannot be read or is no sound archive; when an entry is no .npy file that
 * wg_npy_read would read, is encrypted, or has a wrong checksum; when a name comes twice; when there
 * are more than 65,534 entries, or WG_NPZ_MOST bytes; and when there is no memory.
 */
WG_API bool wg_npz_read(const char *path, const wg_allocator *allocator, wg_named_arrays *set,
                        char reason[WG_REASON]);

/*
 * Writes the views, of any strides, uncompressed; metadata have no place in this format and are left
 * out. The same values give the same bytes. As wg_npy_write it leaves the old file or the new one.
 * Takes memory for the directory alone, from `allocator` (NULL: the default). False with the reason
 * when that fails, a name is empty, comes twice or is not UTF-8, or the file would reach 4 GiB.
 */
WG_API bool wg_npz_write(const char *path, const wg_named_views *views,
                         const wg_allocator *allocator, char reason[WG_REASON]);

WG_END_DECLS

#endif
