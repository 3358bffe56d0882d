// SPDX-License-Identifier: MIT
/*
 * Finds oneDNN when a tape asks for it, so that other programs do not pay for its start, and says
 * what 2.6 and later and 3 say differently. Once found it stays: OpenMP's threads may still be in
 * it when the last tape is gone.
 */
#include "onednn_shim.h"

#include <dlfcn.h>
#include <string.h>

#define TEXT_OF(number)            #number
#define VERSION(major, minor, rev) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(rev)
#define SUFFIX(major)              TEXT_OF(major)

/* ---- finding it ---- */

/* Puts the function of this name, which is never NULL there, at *to. */
static bool find(void *file, const char *name, void *to)
{
    void *function = dlsym(file, name);
    memcpy(to, &function, sizeof function);
    return function;
}

static bool find_all(struct wg__onednn_library *dnnl)
{
    void *file = dlopen("libdnnl.so." SUFFIX(DNNL_VERSION_MAJOR), RTLD_LAZY | RTLD_NODELETE);
    bool  found = file;
#define FIND(call) found = found && find(file, "dnnl_" #call, &dnnl->call);
    WG__DNNL_CALLS(FIND)
#undef FIND
    if (file) dlclose(file); /* it stays, see above */
    return found;
}

const char *wg__onednn_version(void)
{
    struct wg__onednn_library dnnl;
    if (!find_all(&dnnl)) return NULL;
    return VERSION(DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH);
}

bool wg__onednn_open(const wg_allocator *allocator, bool winograd,
                     struct wg__onednn_library **found)
{
    struct wg__onednn_library *dnnl = *found = wg__alloc_zero(allocator, sizeof *dnnl);
    if (!dnnl) return false;
    dnnl->winograd = winograd;
    if (find_all(dnnl) && wg__dnnl_good(dnnl->engine_create(&dnnl->engine, dnnl_cpu, 0)) &&
        wg__dnnl_good(dnnl->stream_create(&dnnl->stream, dnnl->engine, dnnl_stream_default_flags)))
        return true;
    wg__onednn_close(allocator, dnnl);
    *found = NULL;
    return true;
}

void wg__onednn_close(const wg_allocator *allocator, struct wg__onednn_library *dnnl)
{
    if (dnnl && dnnl->stream) dnnl->stream_destroy(dnnl->stream);
    if (dnnl && dnnl->engine) dnnl->engine_destroy(dnnl->engine);
    wg__free(allocator, dnnl);
}

/* ---- 2 and 3 ---- */

#if DNNL_VERSION_MAJOR >= 3

bool wg__dnnl_strided(const struct wg__onednn_library *dnnl, dnnl_memory_desc_t *made, int rank,
                      const dnnl_dims_t dim, const dnnl_dims_t stride)
{
    return wg__dnnl_good(dnnl->memory_desc_create_with_strides(made, rank, dim, dnnl_f32, stride));
}

bool wg__dnnl_any(const struct wg__onednn_library *dnnl, dnnl_memory_desc_t *made, int rank,
                  const dnnl_dims_t dim)
{
    return wg__dnnl_good(
        dnnl->memory_desc_create_with_tag(made, rank, dim, dnnl_f32, dnnl_format_tag_any));
}

void wg__dnnl_drop(const struct wg__onednn_library *dnnl, dnnl_memory_desc_t made)
{
    dnnl->memory_desc_destroy(made);
}

static bool conv2d_pass(const struct wg__onednn_library *dnnl, dnnl_primitive_desc_t *desc,
                        const_dnnl_primitive_attr_t attr, const struct wg__dnnl_conv2d *c,
                        enum wg__conv2d_pass pass, const_dnnl_primitive_desc_t forward)
{
    if (pass == WG__CONV2D_FORWARD)
        return wg__dnnl_good(dnnl->convolution_forward_primitive_desc_create(
            desc, dnnl->engine, dnnl_forward_training, c->algorithm, c->x, c->w, c->bias, c->y,
            c->stride, c->dilation, c->pad, c->pad, attr));
    if (pass == WG__CONV2D_BACKWARD_DATA)
        return wg__dnnl_good(dnnl->convolution_backward_data_primitive_desc_create(
            desc, dnnl->engine, c->algorithm, c->x, c->w, c->y, c->stride, c->dilation, c->pad,
            c->pad, forward, attr));
    return wg__dnnl_good(dnnl->convolution_backward_weights_primitive_desc_create(
        desc, dnnl->engine, c->algorithm, c->x, c->w, NULL, c->y, c->stride, c->dilation, c->pad,
        c->pad, forward, attr));
}

bool wg__dnnl_matmul(const struct wg__onednn_library *dnnl, dnnl_primitive_desc_t *desc,
                     const_dnnl_primitive_attr_t attr, wg__dnnl_layout a, wg__dnnl_layout b,
                     wg__dnnl_layout bias, wg__dnnl_layout c)
{
    return wg__dnnl_good(
        dnnl->matmul_primitive_desc_create(desc, dnnl->engine, a, b, bias, c, attr));
}

#else

bool wg__dnnl_strided(const struct wg__onednn_library *dnnl, dnnl_memory_desc_t *made, int rank,
                      const dnnl_dims_t dim, const dnnl_dims_t stride)
{
    return wg__dnnl_good(dnnl->memory_desc_init_by_strides(made, rank, dim, dnnl_f32, stride));
}

bool wg__dnnl_any(const struct wg__onednn_library *dnnl, dnnl_memory_desc_t *made, int rank,
                  const dnnl_dims_t dim)
{
    return wg__dnnl_good(
        dnnl->memory_desc_init_by_tag(made, rank, dim, dnnl_f32, dnnl_format_tag_any));
}

void wg__dnnl_drop(const struct wg__onednn_library *dnnl, dnnl_memory_desc_t made)
{
    (void)dnnl, (void)made; /* nothing was made */
}

static bool conv2d_pass(const struct wg__onednn_library *dnnl, dnnl_primitive_desc_t *desc,
                        const_dnnl_primitive_attr_t attr, const struct wg__dnnl_conv2d *c,
                        enum wg__conv2d_pass pass, const_dnnl_primitive_desc_t forward)
{
    dnnl_convolution_desc_t conv;
    dnnl_status_t           status;
    if (pass == WG__CONV2D_FORWARD)
        status = dnnl->dilated_convolution_forward_desc_init(
            &conv, dnnl_forward_training, c->algorithm, c->x, c->w, c->bias, c->y, c->stride,
            c->dilation, c->pad, c->pad);
    else if (pass == WG__CONV2D_BACKWARD_DATA)
        status = dnnl->dilated_convolution_backward_data_desc_init(
            &conv, c->algorithm, c->x, c->w, c->y, c->stride, c->dilation, c->pad, c->pad);
    else
        status = dnnl->dilated_convolution_backward_weights_desc_init(
            &conv, c->algorithm, c->x, c->w, NULL, c->y, c->stride, c->dilation, c->pad, c->pad);
    return wg__dnnl_good(status) &&
           wg__dnnl_good(dnnl->primitive_desc_create(desc, &conv, attr, dnnl->engine, forward));
}

bool wg__dnnl_matmul(const struct wg__onednn_library *dnnl, dnnl_primitive_desc_t *desc,
                     const_dnnl_primitive_attr_t attr, wg__dnnl_layout a, wg__dnnl_layout b,
                     wg__dnnl_layout bias, wg__dnnl_layout c)
{
    dnnl_matmul_desc_t matmul;
    return wg__dnnl_good(dnnl->matmul_desc_init(&matmul, a, b, bias, c)) &&
           wg__dnnl_good(dnnl->primitive_desc_create(desc, &matmul, attr, dnnl->engine, NULL));
}

#endif

/* That of a backward pass asks for the forward one. */
bool wg__dnnl_conv2d(const struct wg__onednn_library *dnnl, dnnl_primitive_desc_t *desc,
                     const_dnnl_primitive_attr_t attr, const struct wg__dnnl_conv2d *conv)
{
    dnnl_primitive_desc_t forward = NULL;
    if (conv->pass == WG__CONV2D_FORWARD)
        return conv2d_pass(dnnl, desc, attr, conv, conv->pass, NULL);
    const bool made = conv2d_pass(dnnl, &forward, attr, conv, WG__CONV2D_FORWARD, NULL) &&
                      conv2d_pass(dnnl, desc, attr, conv, conv->pass, forward);
    dnnl->primitive_desc_destroy(forward);
    return made;
}
