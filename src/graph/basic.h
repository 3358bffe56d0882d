// SPDX-License-Identifier: MIT
/* The few ops that the graph itself cannot do without. */
#ifndef WENGERT_GRAPH_BASIC_H
#define WENGERT_GRAPH_BASIC_H

#include "op.h"

WG_BEGIN_DECLS

/* y = a + b, of equal types: adjoints add up with it. */
extern WG_API const wg_op wg_op_add;
/* Every element the same number; see wg_full. */
extern WG_API const wg_op wg_op_fill;
/* Values given when recorded; see wg_constant. */
extern WG_API const wg_op wg_op_constant;
/* The second input, to become the first one's value; see wg_assign. */
extern WG_API const wg_op wg_op_assign;
/* The input itself, without derivative; see wg_detach. */
extern WG_API const wg_op wg_op_detach;

WG_END_DECLS

#endif
