// SPDX-License-Identifier: MIT
/* Pictures of numbers: tiles are coloured one by one, and become parts of one PNG, or images in an
   SVG with texts below them. */
#include "picture.h"

#include "bytes.h"
#include "file.h"
#include "png_plain.h"

#include <math.h>
#include <string.h>

enum { GAP = 4, LINE = 12, CAPTION = 2 * LINE + 4, SMALL = 56 };

/* Images as tiles. */
typedef struct tiles {
    const struct wg_picture *how;
    const wg_allocator      *allocator;
    char                    *reason;
    const wg_view           *images;
    int64_t                  channels, h, w, count, columns, rows, zoom;
    double                   low, high;
    void                    *values;  /* of a tile, packed */
    wg_array                 colours; /* of a tile, u8 (h, w, 3) */
} tiles;

static bool refuse(const tiles *t, const char *why)
{
    return wg__refuse(t->reason, t->how->path ? t->how->path : "NULL", "%s", why);
}

/* ---- colours ---- */

static int64_t load_tile(tiles *t, int64_t number)
{
    const int64_t count = t->channels * t->h * t->w;
    wg__view_pack(t->images, number * count, count, t->values);
    return count;
}

/* The numbers that get the ends of the scale, over so many tiles. */
static void find_range(tiles *t, int64_t first, int64_t count)
{
    t->low = INFINITY;
    t->high = -INFINITY;
    for (int64_t k = first; k < first + count; k++) {
        for (int64_t i = load_tile(t, k); i-- > 0;) {
            const double x = wg__as_double(t->images->type->dtype, t->values, i);
            if (!isfinite(x)) continue;
            t->low = fmin(t->low, x);
            t->high = fmax(t->high, x);
        }
    }
}

static void choose_range(tiles *t)
{
    t->low = t->how->low;
    t->high = t->how->high;
    if (t->low != 0 || t->high != 0) return;
    if (t->images->type->dtype == WG_U8 && !t->how->signs)
        t->high = 255;
    else
        find_range(t, 0, t->count);
}

static unsigned char level(double share)
{
    return (unsigned char)(255 * fmin(fmax(share, 0), 1) + 0.5);
}

static unsigned char grey(const tiles *t, double x)
{
    return level(t->high > t->low ? (x - t->low) / (t->high - t->low) : 0.5);
}

/* Three numbers as red, green and blue; one as grey, or by its sign. */
static void colour(const tiles *t, const double x[3], unsigned char rgb[3])
{
    const double most = fmax(fabs(t->low), fabs(t->high));
    const double share = most > 0 ? x[0] / most : 0;
    if (isnan(x[0]) || isnan(x[1]) || isnan(x[2])) {
        memcpy(rgb, "\x00\xC0\x00", 3);
    } else if (t->how->signs) {
        rgb[0] = level(1 + share);
        rgb[1] = level(1 - fabs(share));
        rgb[2] = level(1 - share);
    } else {
        for (int i = 0; i < 3; i++) rgb[i] = grey(t, x[i]);
    }
}

/* Tile `number` into t->colours. */
static void paint(tiles *t, int64_t number)
{
    const int64_t  pixels = t->h * t->w, next = t->channels == 3 ? pixels : 0;
    unsigned char *rgb = t->colours.data;
    if (t->how->each) find_range(t, number, 1);
    load_tile(t, number);
    for (int64_t i = 0; i < pixels; i++, rgb += 3) {
        double x[3];
        for (int c = 0; c < 3; c++)
            x[c] = wg__as_double(t->images->type->dtype, t->values, i + c * next);
        colour(t, x, rgb);
    }
}

/* ---- PNG ---- */

/* Puts the present tile into a picture (height, width, 3), its first pixel at `to`. */
static void place(const tiles *t, unsigned char *to, int64_t width)
{
    const unsigned char *rgb = t->colours.data;
    for (int64_t y = 0; y < t->h * t->zoom; y++)
        for (int64_t x = 0; x < t->w * t->zoom; x++)
            memcpy(to + 3 * (y * width + x), rgb + 3 * (y / t->zoom * t->w + x / t->zoom), 3);
}

static bool write_png(tiles *t)
{
    const int64_t pitch = t->w * t->zoom + GAP, width = t->columns * pitch - GAP;
    const int64_t height = t->rows * (t->h * t->zoom + GAP) - GAP;
    wg_type       type;
    wg_array      all;
    if (!wg_type_make(WG_U8, WG_SHAPE(height, width, 3), &type) || type.count > WG_PNG_MOST)
        return refuse(t, "would be too large a picture");
    if (!wg__array_new(&all, &type, t->allocator)) return refuse(t, "out of memory");
    unsigned char *const pixels = all.data;
    memset(pixels, 255, (size_t)type.count);
    for (int64_t k = 0; k < t->count; k++) {
        const int64_t y = k / t->columns * (t->h * t->zoom + GAP), x = k % t->columns * pitch;
        paint(t, k);
        place(t, pixels + 3 * (y * width + x), width);
    }
    const wg_view view = wg_array_view(&all);
    const bool    good = wg_png_write(t->how->path, &view, WG_HWC, t->allocator, t->reason);
    wg_array_free(&all);
    return good;
}

/* ---- SVG ---- */

static void add_base64(wg__bytes *to, const wg__bytes *from)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    to->refused |= from->refused;
    for (size_t i = 0; i < from->count && !to->refused; i += 3) {
        uint32_t bits = 0;
        char     text[4];
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < from->count ? from->at[i + k] : 0U);
        for (size_t k = 0; k < 4; k++)
            text[k] = i + k > from->count ? '=' : digits[bits >> (18 - 6 * k) & 63];
        wg__bytes_add(to, text, sizeof text);
    }
}

static void add_class(const tiles *t, int64_t number, wg__bytes *to)
{
    if (t->how->classes && number >= 0 && number < t->how->class_count)
        wg__bytes_xml(to, t->how->classes[number]);
    else
        wg__bytes_print(to, "%lld", (long long)number);
}

/* A line of text, its middle at x. */
static void add_line(const tiles *t, int64_t x, int64_t y, const char *fill, const char *before,
                     int64_t class, wg__bytes *to)
{
    wg__bytes_print(to, "<text x=\"%lld\" y=\"%lld\" fill=\"%s\">%s", (long long)x, (long long)y,
                    fill, before);
    add_class(t, class, to);
    wg__bytes_print(to, "</text>\n");
}

/* What image k was taken for, green or red when that can be said, and what a wrong one is. */
static void add_caption(const tiles *t, int64_t k, int64_t x, int64_t y, wg__bytes *to)
{
    const int64_t *told = t->how->told, *truth = t->how->truth;
    const bool     both = told && truth, right = both && told[k] == truth[k];
    if (told || truth)
        add_line(t, x, y, both ? right ? "#1a7f37" : "#c00000" : "#000", "",
                 told ? told[k] : truth[k], to);
    if (both && !right) add_line(t, x, y + LINE, "#555", "is ", truth[k], to);
}

static void add_tile(tiles *t, int64_t k, int64_t x, int64_t y, wg__bytes *to)
{
    const int64_t wide = t->w * t->zoom, high = t->h * t->zoom;
    const wg_view view = wg_array_view(&t->colours);
    wg__bytes     png = {.allocator = t->allocator};
    paint(t, k);
    wg__png_plain(&view, &png);
    wg__bytes_print(to, "<image x=\"%lld\" y=\"%lld\" width=\"%lld\" height=\"%lld\" ",
                    (long long)x, (long long)y, (long long)wide, (long long)high);
    wg__bytes_print(to, "href=\"data:image/png;base64,");
    add_base64(to, &png);
    wg__bytes_print(to, "\"/>\n");
    wg__bytes_free(&png);
    add_caption(t, k, x + wide / 2, y + high + LINE, to);
}

static bool write_svg(tiles *t)
{
    const int64_t across = t->w * t->zoom + GAP;
    const int64_t down = t->h * t->zoom + GAP + (t->how->told || t->how->truth ? CAPTION : 0);
    wg__bytes     text = {.allocator = t->allocator};
    wg__bytes_print(&text,
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%lld\" height=\"%lld\" ",
                    (long long)(t->columns * across + GAP), (long long)(t->rows * down + GAP));
    wg__bytes_print(&text, "font-family=\"sans-serif\" font-size=\"10\" text-anchor=\"middle\" "
                           "style=\"image-rendering:pixelated\">\n");
    wg__bytes_print(&text, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n");
    for (int64_t k = 0; k < t->count && !text.refused; k++)
        add_tile(t, k, GAP + k % t->columns * across, GAP + k / t->columns * down, &text);
    wg__bytes_print(&text, "</svg>\n");
    const bool good = wg__bytes_save(&text, t->how->path, t->reason);
    wg__bytes_free(&text);
    return good;
}

/* ---- tiles ---- */

/* Square, or as given, without leaving out a tile. */
static void lay_out(tiles *t, int64_t channels)
{
    int64_t columns = t->how->columns;
    if (columns <= 0 && channels > t->channels) columns = channels;
    if (columns <= 0) columns = (int64_t)ceil(sqrt((double)t->count));
    t->columns = columns < t->count ? columns : t->count;
    t->rows = (t->count + t->columns - 1) / t->columns;
    const int64_t side = t->h > t->w ? t->h : t->w;
    t->zoom = t->how->zoom > 0 ? t->how->zoom : (SMALL + side - 1) / side;
}

/* Each size is at most `most`, so that no product of three of them leaves int64_t. */
static bool measure(tiles *t)
{
    enum { most = 1000000 };
    const wg_shape *shape = &t->images->type->shape;
    if (shape->rank < 2 || shape->rank > 4 || t->images->type->count == 0)
        return refuse(t, "images are (n,c,h,w), (n,h,w) or (h,w), and not empty");
    const int64_t *last = shape->dim + shape->rank;
    const int64_t  channels = shape->rank == 4 ? shape->dim[1] : 1;
    t->h = last[-2];
    t->w = last[-1];
    t->channels = channels == 3 && !t->how->signs ? 3 : 1;
    t->count = t->images->type->count / (t->channels * t->h * t->w);
    lay_out(t, channels);
    if (t->h > most || t->w > most || t->zoom > most || t->count > most ||
        3 * t->h * t->w > WG_PNG_MOST)
        return refuse(t, "would be too large a picture");
    if ((t->how->told || t->how->truth) && channels != t->channels)
        return refuse(t, "classes can be written below images of 1 or 3 channels");
    return true;
}

static bool write_tiles(tiles *t, bool (*write)(tiles *t))
{
    const size_t size = wg_dtype_size(t->images->type->dtype);
    wg_type      type;
    wg_type_make(WG_U8, WG_SHAPE(t->h, t->w, 3), &type);
    t->values = wg__alloc(t->allocator, (size_t)(t->channels * t->h * t->w) * size);
    bool good = t->values && wg__array_new(&t->colours, &type, t->allocator);
    if (good) {
        choose_range(t);
        good = write(t);
    } else {
        refuse(t, "out of memory");
    }
    wg_array_free(&t->colours);
    wg__free(t->allocator, t->values);
    return good;
}

static bool ends_in(const char *path, const char *ending)
{
    const size_t length = path ? strlen(path) : 0, most = strlen(ending);
    return length > most && strcmp(path + length - most, ending) == 0;
}

bool wg_picture_write(const wg_view *images, const struct wg_picture *picture,
                      const wg_allocator *allocator, char reason[WG_REASON])
{
    if (!picture || !wg__view_has_values(images))
        return wg__refuse(reason, "picture", "there is nothing to draw");
    tiles      t = {.how = picture,
                    .allocator = allocator ? allocator : wg_allocator_default(),
                    .reason = reason,
                    .images = images};
    const bool svg = ends_in(picture->path, ".svg");
    if (!svg && !ends_in(picture->path, ".png")) return refuse(&t, "does not end in .png or .svg");
    if (!svg && (picture->told || picture->truth))
        return refuse(&t, "classes are written below images of an .svg alone");
    return measure(&t) && write_tiles(&t, svg ? write_svg : write_png);
}

bool wg_picture_save_with(wg_tensor *images, struct wg_picture picture)
{
    wg_tape    *tape = wg_tape_of(images);
    const void *values = tape && !wg_tape_error(tape) ? wg_values(images) : NULL;
    if (!values) return false;
    char    reason[WG_REASON];
    wg_view view = {.data = (void *)(uintptr_t)values, .type = wg_type_of(images)};
    wg_shape_strides(view.type->shape, view.stride);
    const bool good = wg_picture_write(&view, &picture, wg_tape_settings(tape)->allocator, reason);
    if (!good) wg_tape_error_set(tape, "picture is not saved: %s", reason);
    return good;
}
