// SPDX-License-Identifier: MIT
/* The thread's stack of places from which the user called. */
#include "where.h"

#include <stdint.h>

/* Deeper nesting is counted, and shown as the deepest place that was kept. */
enum { DEPTH = 32 };

/*
 * Each call of the program comes here twice: where the C library keeps room for it, the place in a
 * thread's memory is fixed when the library is loaded, instead of being asked for each time.
 */
#ifdef __GLIBC__
__attribute__((tls_model("initial-exec")))
#endif
static _Thread_local struct {
    int         depth;
    const char *place[DEPTH];
} stack;

void wg_enter(const char *where)
{
    if (stack.depth < DEPTH) stack.place[stack.depth] = where;
    stack.depth++;
}

const char *wg_caller(void)
{
    if (stack.depth == 0) return "?";
    return stack.place[stack.depth <= DEPTH ? stack.depth - 1 : DEPTH - 1];
}

wg_tensor *wg_leave(wg_tensor *result)
{
    stack.depth--;
    return result;
}

wg_tensors wg_leave_list(wg_tensors result)
{
    stack.depth--;
    return result;
}

bool wg_leave_bool(bool result)
{
    stack.depth--;
    return result;
}

double wg_leave_number(double result)
{
    stack.depth--;
    return result;
}

void *wg_leave_pointer(const void *result)
{
    stack.depth--;
    return (void *)(uintptr_t)result;
}
