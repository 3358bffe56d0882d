// SPDX-License-Identifier: MIT
/* What a public header needs to be read by C and by C++, and to export its calls from the shared library. */
#ifndef WENGERT_TENSOR_EXPORT_H
#define WENGERT_TENSOR_EXPORT_H

/* Around declarations that C++ is to find under their C names. */
#ifdef __cplusplus
#define WG_BEGIN_DECLS extern "C" {
#define WG_END_DECLS   }
#else
#define WG_BEGIN_DECLS
#define WG_END_DECLS
#endif

/*
 * WG_API exports a call. WG_PRINTF(f, a) lets the compiler check argument f, a format, against the
 * arguments from a on.
 */
#if defined(__GNUC__)
#define WG_API            __attribute__((visibility("default")))
#define WG_PRINTF(f, a)   __attribute__((format(printf, f, a)))
#else
#define WG_API
#define WG_PRINTF(f, a)
#endif

#endif
