// SPDX-License-Identifier: MIT
/*
 * What a network consists of, layer by layer, as a table:
 *
 *     wg_summary(loss, stdout);
 */
#ifndef WENGERT_GRAPH_SUMMARY_H
#define WENGERT_GRAPH_SUMMARY_H

#include "tape.h"

WG_BEGIN_DECLS

/*
 * Prints what `output` depends on, in the order of the record, a row for each scope's stretch of it
 * (ops outside scopes have a row each): scope, or the name of the result; the op that computes most,
 * and how many others; the shape that comes out; the params that are met first there, the
 * floating-point operations of one forward run (about; a multiply-add counts as two), and the bytes
 * of what it computes. Then the sums, in which a shared param counts once. Nothing is computed and
 * nothing recorded. False for NULL, on an error, which is on the tape, or when the file refuses.
 */
WG_API bool wg_summary(wg_tensor *output, FILE *file);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_summary(...) WG__CALL_BOOL(wg_summary(__VA_ARGS__))
#endif

#endif
