// SPDX-License-Identifier: MIT
/* ZIP archives, private to the library, as far as .npz files are such: entries stored or deflated,
   one disk, less than 4 GiB. APPNOTE.TXT 6.3.10 of PKWARE. Not there without zlib. */
#ifndef WENGERT_FORMATS_ZIP_H
#define WENGERT_FORMATS_ZIP_H

#include "bytes.h"
#include "source.h"

/* An entry of the directory, which stands at the archive's end. */
typedef struct wg__zip_entry {
    const char *name;
    int64_t     offset; /* of the entry's own header, which its bytes follow */
    int64_t     packed, bytes;
    uint32_t    sum;
    bool        deflated;
} wg__zip_entry;

/* An archive open for reading. */
typedef struct wg__zip {
    wg__file            file;
    const wg_allocator *allocator;
    unsigned char      *directory; /* the names stand in it */
    int64_t             end;       /* of the entries, where the directory begins */
    size_t              count;
    wg__zip_entry      *at;
} wg__zip;

/* Opens the file and reads its directory; refused are more than 65,534 entries, encrypted ones, a
   name that comes twice, and all in which the directory contradicts itself. False with the reason. */
bool wg__zip_open(wg__zip *zip, const char *path, const wg_allocator *allocator, char *reason);

/* Opens entry i to be read from its beginning; `name` stands for it in reasons. It is closed by
   wg__part_close, and wg__zip_check says whether all of it was read, and its sum is right. */
bool wg__zip_entry_open(wg__zip *zip, size_t i, const char *name, wg__source *source);
bool wg__zip_entry_check(const wg__zip *zip, size_t i, wg__source *source);

/* Takes what is left by a failure, too. */
void wg__zip_close(wg__zip *zip);

/* An archive that is being written: entries as they are, one after the other, each dated to the
   beginning of 1980, so that the same values give the same file. Begin with both members. */
typedef struct wg__zip_draft {
    wg__draft *draft;
    wg__bytes  directory;
    uint64_t   offset;
    int        count;
} wg__zip_draft;

/* Whether an entry of `bytes` bytes can still come; false with the reason when the archive would pass
   4 GiB or 65,534 entries. */
bool wg__zip_has_room(const wg__zip_draft *zip, const char *name, uint64_t bytes);

/* Writes the header of an entry for which there is room; its bytes are to follow by
   wg__draft_write. */
bool wg__zip_begin(wg__zip_draft *zip, const char *name, uint32_t sum, uint64_t bytes);

/* Writes the directory, and frees it. */
bool wg__zip_end(wg__zip_draft *zip);

#endif
