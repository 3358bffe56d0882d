// SPDX-License-Identifier: MIT
/*
 * Where the user called: each public recording call is wrapped by a macro of the same name that
 * leaves the caller's file and line, so that an error found in the call, or much later in a run,
 * can name them.
 */
#ifndef WENGERT_GRAPH_WHERE_H
#define WENGERT_GRAPH_WHERE_H

#include "op.h"

#define WG__TEXT(x)  #x
#define WG__VALUE(x) WG__TEXT(x)

/* "network.c:42" at the place of the macro. */
#define WG_HERE __FILE__ ":" WG__VALUE(__LINE__)

/* They wrap a call by what it returns. Inside the library, and in C++, they leave no trace. */
#if defined(WG__INSIDE) || defined(__cplusplus)
#define WG__CALL(call)               (call)
#define WG__CALL_LIST(call)          (call)
#define WG__CALL_BOOL(call)          (call)
#define WG__CALL_NUMBER(call)        (call)
#define WG__CALL_POINTER(type, call) (call)
#else
#define WG__CALL(call)               (wg_enter(WG_HERE), wg_leave(call))
#define WG__CALL_LIST(call)          (wg_enter(WG_HERE), wg_leave_list(call))
#define WG__CALL_BOOL(call)          (wg_enter(WG_HERE), wg_leave_bool(call))
#define WG__CALL_NUMBER(call)        (wg_enter(WG_HERE), wg_leave_number(call))
#define WG__CALL_POINTER(type, call) (wg_enter(WG_HERE), (type)wg_leave_pointer(call))
#endif

/* A list of tensors, owned by the tape, or by the caller who wrote it with WG_TENSORS. */
typedef struct wg_tensors {
    int               count;
    wg_tensor *const *at;
} wg_tensors;

WG_BEGIN_DECLS

/*
 * Says that calls up to the matching wg_leave come from `where`, a text that lives on. They nest,
 * per thread.
 */
WG_API void wg_enter(const char *where);

/* Each ends the innermost wg_enter and hands its argument through. */
WG_API wg_tensor *wg_leave(wg_tensor *result);
WG_API wg_tensors wg_leave_list(wg_tensors result);
WG_API bool       wg_leave_bool(bool result);
WG_API double     wg_leave_number(double result);
WG_API void      *wg_leave_pointer(const void *result);

/* Where the innermost wg_enter came from; "?" when there is none. */
WG_API const char *wg_caller(void);

WG_END_DECLS

#endif
