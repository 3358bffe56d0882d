// SPDX-License-Identifier: MIT
/*
 * PNG pictures as arrays of u8, and a tree of folders as a set of labelled images.
 *
 *     wg_array picture;
 *     char reason[WG_REASON];
 *     if (!wg_png_read("cat.png", WG_CHW, NULL, &picture, reason)) puts(reason);
 *
 * Reading needs libpng (Debian's libpng-dev), and says so and fails without it; what is written then
 * is not compressed.
 */
#ifndef WENGERT_FORMATS_PNG_H
#define WENGERT_FORMATS_PNG_H

#include "array.h"

/* The most bytes of one picture that is read: a small file can hold very many. */
#define WG_PNG_MOST ((int64_t)1 << 28)

/* The order of a picture's axes. */
typedef enum wg_image_order {
    WG_CHW, /* (channels, height, width), as convolutions want it */
    WG_HWC  /* (height, width, channels), as most other programs have it */
} wg_image_order;

/* Images and what each one shows, owned by whoever had them read. All members zero: no images. */
typedef struct wg_image_set {
    wg_array            pixels; /* u8 (count, channels, height, width), or in the other order */
    wg_array            labels; /* i64 (count) */
    int64_t             class_count;
    char              **classes; /* the name of class i at i */
    const wg_allocator *allocator;
} wg_image_set;

WG_BEGIN_DECLS

/*
 * Reads the picture into *array, u8 of rank 3, with memory from `allocator` (NULL: the default);
 * freed with wg_array_free. It has 1 channel (grey), 2 (grey, opacity), 3 (red, green, blue) or 4
 * (with opacity); palettes become colours, transparent colours opacity, fewer than 8 bits are spread
 * over 0 to 255, and of 16 the nearest value of 8 is taken. What the file says of gamma and colour
 * spaces is left aside. False with the reason, and no array, when the file cannot be read, is no
 * sound PNG (all checksums are held), has bytes behind its end, more than WG_PNG_MOST bytes of
 * pixels, or when there is no memory.
 */
WG_API bool wg_png_read(const char *path, wg_image_order order, const wg_allocator *allocator,
                        wg_array *array, char reason[WG_REASON]);

/*
 * Writes a view of u8 and any strides, of rank 2 (height, width) or 3 with 1 to 4 channels as above,
 * with 8 bits for each. As wg_npy_write it leaves the old file or the new one. Takes memory from
 * `allocator` (NULL: the default). False with the reason when that fails, or the view is no picture.
 */
WG_API bool wg_png_write(const char *path, const wg_view *view, wg_image_order order,
                         const wg_allocator *allocator, char reason[WG_REASON]);

/*
 * Reads FOLDER/CLASS/NAME.png, all of one size and count of channels, into *set; freed with
 * wg_image_set_free. Classes are the folders that do not begin with a dot, sorted by the bytes of
 * their names, and so are the images of each. Files of other names are left aside. False with the
 * reason, and no images, when a folder cannot be read, has no class, or a class no image; when
 * wg_png_read fails for one, or it has another type than the first, whose name the reason holds; and
 * when there is no memory.
 */
WG_API bool wg_images_folder(const char *folder, wg_image_order order,
                             const wg_allocator *allocator, wg_image_set *set,
                             char reason[WG_REASON]);

/* Frees all of it and leaves no images. Takes what a failed read left behind, too. */
WG_API void wg_image_set_free(wg_image_set *set);

WG_END_DECLS

#endif
