// SPDX-License-Identifier: MIT
/* The list of the library's ops, for tools and tests that look at all of them. */
#ifndef WENGERT_OPS_CATALOGUE_H
#define WENGERT_OPS_CATALOGUE_H

#include "../graph/op.h"

WG_BEGIN_DECLS

/* Op number i of the library, from 0; NULL past the last. Recording needs no such number. */
WG_API const wg_op *wg_catalogue_at(int i);

WG_END_DECLS

#endif
