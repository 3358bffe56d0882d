// SPDX-License-Identifier: MIT
/*
 * The one file that knows oneDNN, 2.6 and later and 3. A primitive says which layout it wants each
 * operand in; where that is not the caller's, a reorder is made too, and room for the copy. What
 * oneDNN lets us give it in a run is the caller's memory; some of its products take a little more.
 */
#include "onednn.h"

#include <dnnl.h>

#include <string.h>

/* ---- 2 and 3 ---- */

/* What calls take for a layout: of version 2 a struct's address, of version 3 a handle. */
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t layout;
#define LAYOUT(desc) (desc)
#else
typedef const dnnl_memory_desc_t *layout;
#define LAYOUT(desc)                         (&(desc))
#define dnnl_memory_desc_create_with_strides dnnl_memory_desc_init_by_strides
#define dnnl_memory_desc_create_with_tag     dnnl_memory_desc_init_by_tag
#define dnnl_memory_desc_destroy(desc)       ((void)(desc))
#endif

static bool good(dnnl_status_t status)
{
    return status == dnnl_success;
}

#define TEXT_OF(number)            #number
#define VERSION(major, minor, rev) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(rev)

const char *wg__onednn_version(void)
{
    return VERSION(DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH);
}

/* ---- operands ---- */

/* An array's sizes and strides; what oneDNN makes of them, and of the sizes with a free layout. */
struct form {
    int                rank;
    dnnl_dims_t        dim, stride;
    dnnl_memory_desc_t plain, any;
};

static bool make_form(struct form *form)
{
    return good(dnnl_memory_desc_create_with_strides(&form->plain, form->rank, form->dim, dnnl_f32,
                                                     form->stride)) &&
           good(dnnl_memory_desc_create_with_tag(&form->any, form->rank, form->dim, dnnl_f32,
                                                 dnnl_format_tag_any));
}

/* The same for an array that is packed. */
static bool make_packed(struct form *form)
{
    int64_t stride = 1;
    for (int i = form->rank - 1; i >= 0; stride *= form->dim[i--]) form->stride[i] = stride;
    return make_form(form);
}

static void drop_forms(struct form *form, int count)
{
    for (int i = 0; i < count; i++) {
        dnnl_memory_desc_destroy(form[i].plain);
        dnnl_memory_desc_destroy(form[i].any);
    }
}

/* ---- making ---- */

/* Begins *made: an engine, and settings that keep to f32 and to the caller's scratch. */
static bool begin(struct wg__onednn *made, dnnl_primitive_attr_t *attr)
{
    *made = (struct wg__onednn){0};
    *attr = NULL;
    return good(dnnl_engine_create(&made->engine, dnnl_cpu, 0)) &&
           good(dnnl_stream_create(&made->stream, made->engine, dnnl_stream_default_flags)) &&
           good(dnnl_primitive_attr_create(attr)) &&
           good(dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user)) &&
           good(dnnl_primitive_attr_set_fpmath_mode(*attr, dnnl_fpmath_mode_strict));
}

/* oneDNN takes a kernel a hundred times slower without a word; its name has "ref" in it. */
static bool is_reference(const_dnnl_primitive_desc_t desc)
{
    const char *name = NULL;
    return !good(dnnl_primitive_desc_query(desc, dnnl_query_impl_info_str, 0, &name)) || !name ||
           strstr(name, "ref");
}

static bool make_work(struct wg__onednn *made, struct wg__onednn_work *work,
                      const_dnnl_primitive_desc_t desc)
{
    if (is_reference(desc)) return false;
    const layout room = dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    const size_t bytes = room ? dnnl_memory_desc_get_size(room) : 0;
    if (bytes > made->room_bytes) made->room_bytes = bytes;
    return (!bytes ||
            good(dnnl_memory_create(&work->room, room, made->engine, DNNL_MEMORY_NONE))) &&
           good(dnnl_primitive_create(&work->primitive, desc));
}

static bool make_turn(struct wg__onednn *made, struct wg__onednn_operand *operand, layout from,
                      layout to, const_dnnl_primitive_attr_t attr)
{
    dnnl_primitive_desc_t desc = NULL;
    const bool made_it = good(dnnl_reorder_primitive_desc_create(&desc, from, made->engine, to,
                                                                 made->engine, attr)) &&
                         make_work(made, &operand->turn, desc);
    dnnl_primitive_desc_destroy(desc);
    return made_it;
}

static size_t rounded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* The next operand, which the caller has as `outside`. */
static bool add_operand(struct wg__onednn *made, const_dnnl_primitive_desc_t desc,
                        const_dnnl_primitive_attr_t attr, int argument, layout outside, bool output)
{
    struct wg__onednn_operand *operand = &made->operand[made->operands++];
    const layout inside = dnnl_primitive_desc_query_md(desc, dnnl_query_exec_arg_md, argument);
    operand->argument = argument;
    if (!inside ||
        !good(dnnl_memory_create(&operand->outside, outside, made->engine, DNNL_MEMORY_NONE)))
        return false;
    if (dnnl_memory_desc_equal(outside, inside)) return true;
    operand->offset = made->scratch_bytes;
    made->scratch_bytes += rounded(dnnl_memory_desc_get_size(inside));
    return good(dnnl_memory_create(&operand->inside, inside, made->engine, DNNL_MEMORY_NONE)) &&
           make_turn(made, operand, output ? inside : outside, output ? outside : inside, attr);
}

/* Ends it: all or nothing. */
static bool finish(struct wg__onednn *made, bool complete, dnnl_primitive_desc_t desc,
                   dnnl_primitive_attr_t attr, struct form *form, int forms)
{
    made->room = made->scratch_bytes;
    made->scratch_bytes += rounded(made->room_bytes);
    dnnl_primitive_desc_destroy(desc);
    dnnl_primitive_attr_destroy(attr);
    drop_forms(form, forms);
    if (!complete) wg__onednn_done(made);
    return complete;
}

/* ---- convolution ---- */

enum { X, W, Y, BIAS, FORMS };

/* Which operands a pass has, in the caller's order; the last one is written. */
static const struct pass {
    int operands;
    struct {
        int argument, form;
    } operand[4];
} passes[] = {
    [WG__CONV2D_FORWARD] =
        {4, {{DNNL_ARG_SRC, X}, {DNNL_ARG_WEIGHTS, W}, {DNNL_ARG_BIAS, BIAS}, {DNNL_ARG_DST, Y}}},
    [WG__CONV2D_BACKWARD_DATA] =
        {3, {{DNNL_ARG_WEIGHTS, W}, {DNNL_ARG_DIFF_DST, Y}, {DNNL_ARG_DIFF_SRC, X}}},
    [WG__CONV2D_BACKWARD_WEIGHT] =
        {3, {{DNNL_ARG_SRC, X}, {DNNL_ARG_DIFF_DST, Y}, {DNNL_ARG_DIFF_WEIGHTS, W}}},
};

static bool conv2d_forms(struct form *form, const struct wg__conv2d *c)
{
    const int64_t g = c->groups;
    form[X] = (struct form){.rank = 4, .dim = {c->n, c->c, c->h, c->w}};
    form[W] = (struct form){.rank = 4, .dim = {c->k, c->c, c->r, c->s}};
    if (g > 1) form[W] = (struct form){.rank = 5, .dim = {g, c->k / g, c->c / g, c->r, c->s}};
    form[Y] = (struct form){.rank = 4, .dim = {c->n, c->k, c->p, c->q}};
    form[BIAS] = (struct form){.rank = 1, .dim = {c->k}};
    for (int i = 0; i < FORMS; i++)
        if (!make_packed(&form[i])) return false;
    return true;
}

/* A convolution as oneDNN is told of it; a dilation of 1 is 0 there. */
struct convolution {
    layout      x, w, bias, y;
    dnnl_dims_t stride, dilation, pad;
};

/* What describes a primitive: that of a backward pass asks for the forward one. */
#if DNNL_VERSION_MAJOR >= 3
static bool conv2d_pass(dnnl_primitive_desc_t *desc, dnnl_engine_t engine,
                        const_dnnl_primitive_attr_t attr, const struct convolution *c,
                        enum wg__conv2d_pass pass, const_dnnl_primitive_desc_t forward)
{
    if (pass == WG__CONV2D_FORWARD)
        return good(dnnl_convolution_forward_primitive_desc_create(
            desc, engine, dnnl_forward_training, dnnl_convolution_direct, c->x, c->w, c->bias, c->y,
            c->stride, c->dilation, c->pad, c->pad, attr));
    if (pass == WG__CONV2D_BACKWARD_DATA)
        return good(dnnl_convolution_backward_data_primitive_desc_create(
            desc, engine, dnnl_convolution_direct, c->x, c->w, c->y, c->stride, c->dilation, c->pad,
            c->pad, forward, attr));
    return good(dnnl_convolution_backward_weights_primitive_desc_create(
        desc, engine, dnnl_convolution_direct, c->x, c->w, NULL, c->y, c->stride, c->dilation,
        c->pad, c->pad, forward, attr));
}

static bool product(dnnl_primitive_desc_t *desc, dnnl_engine_t engine,
                    const_dnnl_primitive_attr_t attr, layout a, layout b, layout bias, layout c)
{
    return good(dnnl_matmul_primitive_desc_create(desc, engine, a, b, bias, c, attr));
}
#else
static bool                       conv2d_pass(dnnl_primitive_desc_t *desc, dnnl_engine_t engine,
                                              const_dnnl_primitive_attr_t attr, const struct convolution *c,
                                              enum wg__conv2d_pass pass, const_dnnl_primitive_desc_t forward)
{
    dnnl_convolution_desc_t conv;
    dnnl_status_t           status;
    if (pass == WG__CONV2D_FORWARD)
        status = dnnl_dilated_convolution_forward_desc_init(
            &conv, dnnl_forward_training, dnnl_convolution_direct, c->x, c->w, c->bias, c->y,
            c->stride, c->dilation, c->pad, c->pad);
    else if (pass == WG__CONV2D_BACKWARD_DATA)
        status = dnnl_dilated_convolution_backward_data_desc_init(&conv, dnnl_convolution_direct,
                                                                  c->x, c->w, c->y, c->stride,
                                                                  c->dilation, c->pad, c->pad);
    else
        status = dnnl_dilated_convolution_backward_weights_desc_init(
            &conv, dnnl_convolution_direct, c->x, c->w, NULL, c->y, c->stride, c->dilation, c->pad,
            c->pad);
    return good(status) && good(dnnl_primitive_desc_create(desc, &conv, attr, engine, forward));
}

static bool product(dnnl_primitive_desc_t *desc, dnnl_engine_t engine,
                    const_dnnl_primitive_attr_t attr, layout a, layout b, layout bias, layout c)
{
    dnnl_matmul_desc_t matmul;
    return good(dnnl_matmul_desc_init(&matmul, a, b, bias, c)) &&
           good(dnnl_primitive_desc_create(desc, &matmul, attr, engine, NULL));
}
#endif

static bool conv2d_desc(dnnl_primitive_desc_t *desc, dnnl_engine_t engine,
                        const_dnnl_primitive_attr_t attr, const struct wg__conv2d *c,
                        enum wg__conv2d_pass pass, const struct form *form, bool bias)
{
    const struct convolution conv = {.x = LAYOUT(form[X].any),
                                     .w = LAYOUT(form[W].any),
                                     .bias = bias ? LAYOUT(form[BIAS].plain) : NULL,
                                     .y = LAYOUT(form[Y].any),
                                     .stride = {c->stride[0], c->stride[1]},
                                     .dilation = {c->dilation[0] - 1, c->dilation[1] - 1},
                                     .pad = {c->pad[0], c->pad[1]}};
    dnnl_primitive_desc_t    forward = NULL;
    if (pass == WG__CONV2D_FORWARD) return conv2d_pass(desc, engine, attr, &conv, pass, NULL);
    const bool made = conv2d_pass(&forward, engine, attr, &conv, WG__CONV2D_FORWARD, NULL) &&
                      conv2d_pass(desc, engine, attr, &conv, pass, forward);
    dnnl_primitive_desc_destroy(forward);
    return made;
}

bool wg__onednn_conv2d(struct wg__onednn *made, const struct wg__conv2d *conv,
                       enum wg__conv2d_pass pass, bool bias)
{
    struct form           form[FORMS] = {0};
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t desc = NULL;
    const struct pass    *p = &passes[pass];
    bool                  complete = begin(made, &attr) && conv2d_forms(form, conv) &&
                    conv2d_desc(&desc, made->engine, attr, conv, pass, form, bias) &&
                    make_work(made, &made->work, desc);
    for (int i = 0; i < p->operands && complete; i++)
        if (p->operand[i].form != BIAS || bias)
            complete = add_operand(made, desc, attr, p->operand[i].argument,
                                   LAYOUT(form[p->operand[i].form].plain), i == p->operands - 1);
    return finish(made, complete, desc, attr, form, FORMS);
}

/* ---- products ---- */

enum { A, B, C, ROW, MATRICES };

/*
 * Matrices of any strides behind the axes of a batch. Of an axis along which all are the same there
 * is one. False where rows or columns are not such as a product of oneDNN reads.
 */
static bool matrix_form(struct form *form, const struct wg__loops *batch, int64_t rows,
                        int64_t columns, int64_t row, int64_t column)
{
    const bool by_rows = column == 1 && row >= columns, by_columns = row == 1 && column >= rows;
    if (!by_rows && !by_columns) return false;
    form->rank = batch->rank + 2;
    for (int i = 0; i < batch->rank; i++) {
        if (batch->stride[i] < 0) return false;
        const bool same = batch->stride[i] == 0;
        form->dim[i] = same ? 1 : batch->dim[i];
        form->stride[i] = same ? rows * columns : batch->stride[i];
    }
    form->dim[batch->rank] = rows, form->stride[batch->rank] = row;
    form->dim[batch->rank + 1] = columns, form->stride[batch->rank + 1] = column;
    return make_form(form);
}

static bool matmul_forms(struct form *form, const struct wg__gemm *gemm,
                         const struct wg__loops *left, const struct wg__loops *right)
{
    const int front = left->rank;
    form[C].rank = form[ROW].rank = front + 2;
    for (int i = 0; i < front; i++) form[C].dim[i] = left->dim[i], form[ROW].dim[i] = 1;
    form[C].dim[front] = gemm->m, form[ROW].dim[front] = 1;
    form[C].dim[front + 1] = form[ROW].dim[front + 1] = gemm->n;
    return matrix_form(&form[A], left, gemm->m, gemm->k, gemm->a_row, gemm->a_col) &&
           matrix_form(&form[B], right, gemm->k, gemm->n, gemm->b_row, gemm->b_col) &&
           make_packed(&form[C]) && make_packed(&form[ROW]);
}

bool wg__onednn_matmul(struct wg__onednn *made, const struct wg__gemm *gemm,
                       const struct wg__loops *left, const struct wg__loops *right, bool bias)
{
    static const int argument[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST};
    static const int matrix[] = {A, B, ROW, C};
    struct form      form[MATRICES] = {0};
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t desc = NULL;
    bool                  complete = begin(made, &attr) && matmul_forms(form, gemm, left, right) &&
                    product(&desc, made->engine, attr, LAYOUT(form[A].plain), LAYOUT(form[B].plain),
                            bias ? LAYOUT(form[ROW].plain) : NULL, LAYOUT(form[C].plain)) &&
                    make_work(made, &made->work, desc);
    for (int i = 0; i < MATRICES && complete; i++)
        if (matrix[i] != ROW || bias)
            complete = add_operand(made, desc, attr, argument[i], LAYOUT(form[matrix[i]].plain),
                                   matrix[i] == C);
    return finish(made, complete, desc, attr, form, MATRICES);
}

/* ---- running ---- */

/* `arguments` has room for one more. */
static bool execute(const struct wg__onednn *made, const struct wg__onednn_work *work,
                    dnnl_exec_arg_t *arguments, int count, char *scratch)
{
    if (work->room) {
        if (!good(dnnl_memory_set_data_handle(work->room, scratch + made->room))) return false;
        arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, work->room};
    }
    return good(dnnl_primitive_execute(work->primitive, made->stream, count, arguments));
}

static bool turn(const struct wg__onednn *made, const struct wg__onednn_operand *operand,
                 bool output, char *scratch)
{
    dnnl_exec_arg_t arguments[3] = {{DNNL_ARG_FROM, output ? operand->inside : operand->outside},
                                    {DNNL_ARG_TO, output ? operand->outside : operand->inside}};
    return !operand->inside || execute(made, &operand->turn, arguments, 2, scratch);
}

bool wg__onednn_run(const struct wg__onednn *made, void *const *data, void *scratch)
{
    dnnl_exec_arg_t arguments[5];
    const int       last = made->operands - 1;
    for (int i = 0; i <= last; i++) {
        const struct wg__onednn_operand *operand = &made->operand[i];
        char *const                      inside = (char *)scratch + operand->offset;
        arguments[i].arg = operand->argument;
        arguments[i].memory = operand->inside ? operand->inside : operand->outside;
        if (!good(dnnl_memory_set_data_handle(operand->outside, data[i])) ||
            (operand->inside && !good(dnnl_memory_set_data_handle(operand->inside, inside))) ||
            (i < last && !turn(made, operand, false, scratch)))
            return false;
    }
    return execute(made, &made->work, arguments, made->operands, scratch) &&
           turn(made, &made->operand[last], true, scratch) && good(dnnl_stream_wait(made->stream));
}

static void drop_work(struct wg__onednn_work *work)
{
    dnnl_memory_destroy(work->room);
    dnnl_primitive_destroy(work->primitive);
}

void wg__onednn_done(struct wg__onednn *made)
{
    for (int i = 0; i < made->operands; i++) {
        dnnl_memory_destroy(made->operand[i].outside);
        dnnl_memory_destroy(made->operand[i].inside);
        drop_work(&made->operand[i].turn);
    }
    drop_work(&made->work);
    dnnl_stream_destroy(made->stream);
    dnnl_engine_destroy(made->engine);
    *made = (struct wg__onednn){0};
}
