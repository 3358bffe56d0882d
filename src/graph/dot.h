// SPDX-License-Identifier: MIT
/*
 * Pictures: what some tensors depend on, as a graph in the DOT language of Graphviz.
 *
 *     wg_dot_write(loss, stdout, .backward = true);
 *     wg_dot_save(loss, "network.dot", .backward = true, .values = true);
 *
 * and then: dot -Tsvg network.dot > network.svg
 *
 * The forward pass runs down one column. With .backward the adjoints run up beside it, each in the
 * row of the tensor that it belongs to, with the part of the local rule that made it. Scopes are
 * boxes. Kinds differ by shape and line as well as by colour:
 *
 *     input       parallelogram               result of an op   rounded box
 *     param       cylinder                    output            double octagon
 *     state       folder                      adjoint           dashed octagon
 *     constant    dotted ellipse              gradient of leaf  dashed cylinder
 *
 * and so do arrows: a value forward is solid, an adjoint backward dashed, a forward value that a
 * rule reads dotted. A view without a name (expand, reshape) is a word on its arrow.
 */
#ifndef WENGERT_GRAPH_DOT_H
#define WENGERT_GRAPH_DOT_H

#include "tape.h"

/* What to draw, and where to. Members left zero stand for "no" and "none". */
struct wg_dot {
    wg_tensor  *output;   /* drawn with all that it depends on */
    FILE       *file;     /* open for writing, or NULL and ... */
    const char *path;     /* ... the file to make or to replace */
    bool        backward; /* also the derivative of the outputs, which have one element each */
    bool        values;   /* the elements of tensors of up to 16, and what holds a NaN in red */
    bool        norms;    /* the Euclidean norm of each adjoint, and what holds a NaN in red */
    bool        bytes;    /* what the values take */
    wg_tensors  outputs;  /* more outputs */
    wg_tensors  wanted;   /* what .backward leads to; none: the params that are not frozen */
};

WG_BEGIN_DECLS

/*
 * wg_dot_write(output, file, .backward, ...) and wg_dot_save(output, path, .backward, ...).
 *
 * The tape is left as it was: .backward derives for the picture and takes it back. The same graph
 * gives the same bytes. Names may hold anything; bytes that are not UTF-8 are shown as U+FFFD.
 * .values and .norms compute what they show, so inputs must have been written. The work is linear
 * in the number of nodes drawn. False on an error, which is on the tape: an output without a
 * derivative, a file that cannot be written, no memory.
 */
WG_API bool wg_dot_write_with(struct wg_dot dot);
#ifndef __cplusplus
#define wg_dot_write(...)                                                                          \
    WG__CALL_BOOL(wg_dot_write_with((struct wg_dot){.output = __VA_ARGS__}))
#define wg_dot_save(tensor, ...)                                                                   \
    WG__CALL_BOOL(wg_dot_write_with((struct wg_dot){.output = (tensor), .path = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
