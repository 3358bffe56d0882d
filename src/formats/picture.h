// SPDX-License-Identifier: MIT
/*
 * Numbers as a picture: images side by side, the filters of a convolution, samples and what a
 * network took them for.
 *
 *     wg_picture_save(images, "samples.png");
 *     wg_picture_save(wg_param_find(tape, "conv1/weight"), "filters.png", .signs = true);
 *     wg_picture_save(images, "told.svg", .told = found, .truth = wanted,
 *                     .classes = names, .class_count = 10);
 */
#ifndef WENGERT_FORMATS_PICTURE_H
#define WENGERT_FORMATS_PICTURE_H

#include "../graph/tape.h"
#include "array.h"

/* How images are laid out and coloured. Members left zero stand for the default. */
struct wg_picture {
    const char *path; /* ends in .png or in .svg */
    int64_t columns;  /* tiles side by side: as many as below each other, or an image's channels */
    int64_t zoom;     /* pixels that an element is wide: so many that a tile is 56 or more */
    /* Black and white; both left out: 0 and 255 for u8, else the least and the largest number. */
    double low, high;
    bool   each;  /* the least and the largest number of each tile for itself */
    bool   signs; /* white at 0, red above, blue below, full at the number farthest from 0 */
    /* What each image was taken for and is, written below it: of .svg alone. Either may be left out. */
    const int64_t     *told, *truth;
    const char *const *classes; /* names; numbers where there is none */
    int64_t            class_count;
};

WG_BEGIN_DECLS

/*
 * wg_picture_save(images, path, .columns, .zoom, .low, .high, .each, .signs, .told, .truth, ...):
 * writes the values of images (n, c, h, w), (n, h, w) or (h, w), of any dtype, as tiles in rows. Three
 * channels make one tile in colours, unless they have signs; of any other number each is a tile. NaN
 * is green. The file is replaced as a whole; an SVG holds its tiles as PNG. False with the error on
 * the tape: nothing to draw, another ending, classes but no .svg or not one tile an image, a picture
 * of more than WG_PNG_MOST bytes, no memory, a file that cannot be written.
 */
WG_API bool wg_picture_save_with(wg_tensor *images, struct wg_picture picture);
#ifndef __cplusplus
#define wg_picture_save(images, ...)                                                               \
    WG__CALL_BOOL(wg_picture_save_with(images, (struct wg_picture){.path = __VA_ARGS__}))
#endif

/* The same of an array, with memory from `allocator` (NULL: the default). False with the reason. */
WG_API bool wg_picture_write(const wg_view *images, const struct wg_picture *picture,
                             const wg_allocator *allocator, char reason[WG_REASON]);

WG_END_DECLS

#endif
