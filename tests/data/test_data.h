// SPDX-License-Identifier: MIT
/* Samples to draw from, which the tests of this folder share. */
#ifndef WENGERT_TESTS_DATA_H
#define WENGERT_TESTS_DATA_H

#include <wengert/data/loader.h>

/* An array of this type, element i being (i * 7) % 256; the caller's to free. */
wg_array numbered(wg_dtype dtype, wg_shape shape);

/* A loader that must be there. */
wg_loader *loader_of(struct wg_loader_settings settings);

/* Expects that there is no loader of such settings, for this reason. */
void expect_refused(struct wg_loader_settings settings, const char *wanted);

void add_tests_of_measuring(void *suite);
void add_tests_of_augmentation(void *suite);

#endif
