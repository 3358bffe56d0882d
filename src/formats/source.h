// SPDX-License-Identifier: MIT
/* Sources, private to the library: a file read from front to end, unpacked on the way when it is
   compressed by gzip. */
#ifndef WENGERT_FORMATS_SOURCE_H
#define WENGERT_FORMATS_SOURCE_H

#include "../tensor/memory.h"
#include "file.h"

typedef struct wg__source {
    wg__file             file;
    int64_t              most;     /* no more bytes than that are still to come */
    bool                 summed;   /* keep a sum of what is read */
    uint32_t             sum;      /* CRC-32 of it, as gzip and ZIP have it */
    struct wg__inflater *inflater; /* NULL for a file that is not compressed */
} wg__source;

/* Opens the file; memory to unpack it comes from `allocator`. False with the reason, also for a
   compressed file where zlib is missing. */
bool wg__source_open(wg__source *source, const char *path, const wg_allocator *allocator,
                     char *reason);

/* What a part of an open file of `packed` bytes gives: `bytes` bytes, deflated without gzip's header
   and end, or as they are; their sum is kept. The part begins where the file stands, which moves.
   `name` stands for the part in reasons. False with the reason. */
typedef struct wg__part {
    const char *name;
    int64_t     packed, bytes;
    bool        deflated;
} wg__part;
bool wg__source_part(wg__source *source, const wg__file *file, const wg__part *part,
                     const wg_allocator *allocator);

/* Reads exactly `bytes` bytes; false with the reason when there are fewer, or the packing is
   broken. */
bool wg__source_read(wg__source *source, void *to, int64_t bytes);

/* True when all was read and the checksum is right; false with the reason otherwise. */
bool wg__source_ends(wg__source *source);

/* Closes the file too. */
void wg__source_close(wg__source *source);

/* Gives back what was needed for a part, the file stays open. */
void wg__part_close(wg__source *source);

#endif
