// SPDX-License-Identifier: MIT
/*
 * oneDNN as it is found when a tape asks for it: its functions, by name, and the few things that
 * versions 2 and 3 say in different words. Nobody else than onednn.c includes this, and tests that
 * put a function of their own in the place of one.
 */
#ifndef WENGERT_KERNELS_ONEDNN_SHIM_H
#define WENGERT_KERNELS_ONEDNN_SHIM_H

#include "onednn.h"

#include <dnnl.h>

/* Those that are called, without "dnnl_". */
#define WG__DNNL_BOTH(CALL)                                                                        \
    CALL(version)                                                                                  \
    CALL(engine_create)                                                                            \
    CALL(engine_destroy)                                                                           \
    CALL(stream_create)                                                                            \
    CALL(stream_wait)                                                                              \
    CALL(stream_destroy)                                                                           \
    CALL(primitive_attr_create)                                                                    \
    CALL(primitive_attr_set_scratchpad_mode)                                                       \
    CALL(primitive_attr_set_fpmath_mode)                                                           \
    CALL(primitive_attr_destroy)                                                                   \
    CALL(primitive_desc_query)                                                                     \
    CALL(primitive_desc_query_md)                                                                  \
    CALL(primitive_desc_destroy)                                                                   \
    CALL(primitive_create)                                                                         \
    CALL(primitive_execute)                                                                        \
    CALL(primitive_destroy)                                                                        \
    CALL(reorder_primitive_desc_create)                                                            \
    CALL(memory_desc_equal)                                                                        \
    CALL(memory_desc_get_size)                                                                     \
    CALL(memory_create)                                                                            \
    CALL(memory_set_data_handle)                                                                   \
    CALL(memory_destroy)
#if DNNL_VERSION_MAJOR >= 3
#define WG__DNNL_CALLS(CALL)                                                                       \
    WG__DNNL_BOTH(CALL)                                                                            \
    CALL(memory_desc_create_with_strides)                                                          \
    CALL(memory_desc_create_with_tag)                                                              \
    CALL(memory_desc_destroy)                                                                      \
    CALL(convolution_forward_primitive_desc_create)                                                \
    CALL(convolution_backward_data_primitive_desc_create)                                          \
    CALL(convolution_backward_weights_primitive_desc_create)                                       \
    CALL(matmul_primitive_desc_create)
#else
#define WG__DNNL_CALLS(CALL)                                                                       \
    WG__DNNL_BOTH(CALL)                                                                            \
    CALL(memory_desc_init_by_strides)                                                              \
    CALL(memory_desc_init_by_tag)                                                                  \
    CALL(primitive_desc_create)                                                                    \
    CALL(dilated_convolution_forward_desc_init)                                                    \
    CALL(dilated_convolution_backward_data_desc_init)                                              \
    CALL(dilated_convolution_backward_weights_desc_init)                                           \
    CALL(matmul_desc_init)
#endif

/* What calls take for a layout: of version 2 a struct's address, of version 3 a handle. */
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t wg__dnnl_layout;
#define WG__DNNL_LAYOUT(desc) (desc)
#else
typedef const dnnl_memory_desc_t *wg__dnnl_layout;
#define WG__DNNL_LAYOUT(desc) (&(desc))
#endif

struct wg__onednn_library {
#define WG__DNNL_MEMBER(call) __typeof__(&dnnl_##call) call;
    WG__DNNL_CALLS(WG__DNNL_MEMBER)
#undef WG__DNNL_MEMBER
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    bool          winograd;
};

/* A convolution as oneDNN is told of it; a dilation of 1 is 0 there. */
struct wg__dnnl_conv2d {
    enum wg__conv2d_pass pass;
    dnnl_alg_kind_t      algorithm;
    wg__dnnl_layout      x, w, bias, y;
    dnnl_dims_t          stride, dilation, pad;
};

static inline bool wg__dnnl_good(dnnl_status_t status)
{
    return status == dnnl_success;
}

/* An array of f32 with these strides, or of any layout that a primitive likes. */
bool wg__dnnl_strided(const struct wg__onednn_library *dnnl, dnnl_memory_desc_t *made, int rank,
                      const dnnl_dims_t dim, const dnnl_dims_t stride);
bool wg__dnnl_any(const struct wg__onednn_library *dnnl, dnnl_memory_desc_t *made, int rank,
                  const dnnl_dims_t dim);
void wg__dnnl_drop(const struct wg__onednn_library *dnnl, dnnl_memory_desc_t made);

/* What describes a primitive; false where oneDNN has none. */
bool wg__dnnl_conv2d(const struct wg__onednn_library *dnnl, dnnl_primitive_desc_t *desc,
                     const_dnnl_primitive_attr_t attr, const struct wg__dnnl_conv2d *conv);
bool wg__dnnl_matmul(const struct wg__onednn_library *dnnl, dnnl_primitive_desc_t *desc,
                     const_dnnl_primitive_attr_t attr, wg__dnnl_layout a, wg__dnnl_layout b,
                     wg__dnnl_layout bias, wg__dnnl_layout c);

#endif
