// SPDX-License-Identifier: MIT
/*
 * Primitives of oneDNN. A primitive says which layout it wants each operand in; where that is not
 * the caller's, a reorder is made too, and room for the copy. What oneDNN lets us give it in a run
 * is the caller's memory; some of its products take a little more.
 */
#include "onednn_shim.h"

#include <stdio.h>
#include <string.h>

#define good   wg__dnnl_good
#define LAYOUT WG__DNNL_LAYOUT
typedef wg__dnnl_layout                  layout;
typedef const struct wg__onednn_library *library;

/* ---- operands ---- */

/* An array's sizes and strides; what oneDNN makes of them, and of the sizes with a free layout. */
struct form {
    int                rank;
    dnnl_dims_t        dim, stride;
    dnnl_memory_desc_t plain, any;
};

static bool make_form(library dnnl, struct form *form)
{
    return wg__dnnl_strided(dnnl, &form->plain, form->rank, form->dim, form->stride) &&
           wg__dnnl_any(dnnl, &form->any, form->rank, form->dim);
}

/* The same for an array that is packed. */
static bool make_packed(library dnnl, struct form *form)
{
    int64_t stride = 1;
    for (int i = form->rank - 1; i >= 0; stride *= form->dim[i--]) form->stride[i] = stride;
    return make_form(dnnl, form);
}

/* The same for images of which the channels lie together. */
static bool make_channels_last(library dnnl, struct form *form)
{
    const int64_t c = form->dim[1], h = form->dim[2], w = form->dim[3];
    form->stride[0] = h * w * c, form->stride[1] = 1;
    form->stride[2] = w * c, form->stride[3] = c;
    return make_form(dnnl, form);
}

static void drop_forms(library dnnl, struct form *form, int count)
{
    for (int i = 0; i < count; i++) {
        wg__dnnl_drop(dnnl, form[i].plain);
        wg__dnnl_drop(dnnl, form[i].any);
    }
}

/* ---- making ---- */

/* Begins *made: settings that keep to f32 and to the caller's scratch. */
static bool begin(struct wg__onednn *made, library dnnl, dnnl_primitive_attr_t *attr)
{
    *made = (struct wg__onednn){.library = dnnl, .why = "oneDNN has no kernel"};
    *attr = NULL;
    return good(dnnl->primitive_attr_create(attr)) &&
           good(dnnl->primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user)) &&
           good(dnnl->primitive_attr_set_fpmath_mode(*attr, dnnl_fpmath_mode_strict));
}

/* A kernel a hundred times slower is taken without a word; its name has "ref" in it. */
static bool is_fast(struct wg__onednn *made, const_dnnl_primitive_desc_t desc, const char **name)
{
    made->why = "oneDNN has a reference kernel alone";
    return good(made->library->primitive_desc_query(desc, dnnl_query_impl_info_str, 0, name)) &&
           *name && !strstr(*name, "ref");
}

static bool make_work(struct wg__onednn *made, struct wg__onednn_work *work,
                      const_dnnl_primitive_desc_t desc)
{
    library     dnnl = made->library;
    const char *name = NULL;
    if (!is_fast(made, desc, &name)) return false;
    if (!made->name[0]) snprintf(made->name, sizeof made->name, "onednn %s", name);
    made->why = "oneDNN could not make it";
    const layout room = dnnl->primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    const size_t bytes = room ? dnnl->memory_desc_get_size(room) : 0;
    if (bytes > made->room_bytes) made->room_bytes = bytes;
    return (!bytes ||
            good(dnnl->memory_create(&work->room, room, dnnl->engine, DNNL_MEMORY_NONE))) &&
           good(dnnl->primitive_create(&work->primitive, desc));
}

static bool make_turn(struct wg__onednn *made, struct wg__onednn_operand *operand, layout from,
                      layout to, const_dnnl_primitive_attr_t attr)
{
    library               dnnl = made->library;
    dnnl_primitive_desc_t desc = NULL;
    const bool complete = good(dnnl->reorder_primitive_desc_create(&desc, from, dnnl->engine, to,
                                                                   dnnl->engine, attr)) &&
                          make_work(made, &operand->turn, desc);
    dnnl->primitive_desc_destroy(desc);
    return complete;
}

static size_t rounded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* The next operand, which the caller has as `outside`. */
static bool add_operand(struct wg__onednn *made, const_dnnl_primitive_desc_t desc,
                        const_dnnl_primitive_attr_t attr, int argument, layout outside, bool output)
{
    library                    dnnl = made->library;
    struct wg__onednn_operand *operand = &made->operand[made->operands++];
    const layout inside = dnnl->primitive_desc_query_md(desc, dnnl_query_exec_arg_md, argument);
    operand->argument = argument;
    if (!inside ||
        !good(dnnl->memory_create(&operand->outside, outside, dnnl->engine, DNNL_MEMORY_NONE)))
        return false;
    if (dnnl->memory_desc_equal(outside, inside)) return true;
    operand->offset = made->scratch_bytes;
    made->scratch_bytes += rounded(dnnl->memory_desc_get_size(inside));
    return good(dnnl->memory_create(&operand->inside, inside, dnnl->engine, DNNL_MEMORY_NONE)) &&
           make_turn(made, operand, output ? inside : outside, output ? outside : inside, attr);
}

/* Ends it: all, or nothing but the reason. */
static bool finish(struct wg__onednn *made, bool complete, dnnl_primitive_desc_t desc,
                   dnnl_primitive_attr_t attr, struct form *form, int forms)
{
    const char *why = made->why;
    made->room = made->scratch_bytes;
    made->scratch_bytes += rounded(made->room_bytes);
    made->library->primitive_desc_destroy(desc);
    made->library->primitive_attr_destroy(attr);
    drop_forms(made->library, form, forms);
    if (!complete) wg__onednn_done(made);
    made->why = complete ? NULL : why;
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

static bool conv2d_forms(library dnnl, struct form *form, const struct wg__conv2d *c,
                         bool channels_last)
{
    const int64_t g = c->groups;
    form[X] = (struct form){.rank = 4, .dim = {c->n, c->c, c->h, c->w}};
    form[W] = (struct form){.rank = 4, .dim = {c->k, c->c, c->r, c->s}};
    if (g > 1) form[W] = (struct form){.rank = 5, .dim = {g, c->k / g, c->c / g, c->r, c->s}};
    form[Y] = (struct form){.rank = 4, .dim = {c->n, c->k, c->p, c->q}};
    form[BIAS] = (struct form){.rank = 1, .dim = {c->k}};
    if (!make_packed(dnnl, &form[W]) || !make_packed(dnnl, &form[BIAS])) return false;
    if (channels_last)
        return make_channels_last(dnnl, &form[X]) && make_channels_last(dnnl, &form[Y]);
    return make_packed(dnnl, &form[X]) && make_packed(dnnl, &form[Y]);
}

/* What is asked for: images in any layout, or, for a direct way, as they lie channels-last. */
static bool conv2d_desc(library dnnl, dnnl_primitive_desc_t *desc, const_dnnl_primitive_attr_t attr,
                        const struct wg__conv2d *c, const struct wg__dnnl_conv2d *settings,
                        const struct form *form, bool as_it_is)
{
    struct wg__dnnl_conv2d conv = *settings;
    conv.x = as_it_is ? LAYOUT(form[X].plain) : LAYOUT(form[X].any);
    conv.y = as_it_is ? LAYOUT(form[Y].plain) : LAYOUT(form[Y].any);
    conv.w = LAYOUT(form[W].any);
    for (int i = 0; i < 2; i++) {
        conv.stride[i] = c->stride[i];
        conv.dilation[i] = c->dilation[i] - 1;
        conv.pad[i] = c->pad[i];
    }
    return wg__dnnl_conv2d(dnnl, desc, attr, &conv);
}

/* With fewer channels Winograd's way costs more than it saves. */
static bool suits_winograd(const struct wg__conv2d *c)
{
    enum { FEW = 32 };
    return c->groups == 1 && c->c >= FEW && c->k >= FEW && c->r == 3 && c->s == 3 &&
           c->stride[0] == 1 && c->stride[1] == 1 && c->dilation[0] == 1 && c->dilation[1] == 1;
}

static bool conv2d_by(struct wg__onednn *made, library dnnl, const struct wg__conv2d *conv,
                      struct wg__dnnl_conv2d settings, bool bias, bool channels_last)
{
    const struct pass    *p = &passes[settings.pass];
    struct form           form[FORMS] = {0};
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t desc = NULL;
    bool complete = begin(made, dnnl, &attr) && conv2d_forms(dnnl, form, conv, channels_last);
    if (bias) settings.bias = LAYOUT(form[BIAS].plain);
    const bool as_it_is = channels_last && settings.algorithm == dnnl_convolution_direct;
    complete = complete && conv2d_desc(dnnl, &desc, attr, conv, &settings, form, as_it_is) &&
               make_work(made, &made->work, desc);
    for (int i = 0; i < p->operands && complete; i++)
        if (p->operand[i].form != BIAS || bias)
            complete = add_operand(made, desc, attr, p->operand[i].argument,
                                   LAYOUT(form[p->operand[i].form].plain), i == p->operands - 1);
    return finish(made, complete, desc, attr, form, FORMS);
}

bool wg__onednn_conv2d(struct wg__onednn *made, const struct wg__onednn_library *dnnl,
                       const struct wg__conv2d *conv, enum wg__conv2d_pass pass, bool bias,
                       bool channels_last)
{
    struct wg__dnnl_conv2d settings = {.pass = pass, .algorithm = dnnl_convolution_winograd};
    if (dnnl->winograd && suits_winograd(conv) &&
        conv2d_by(made, dnnl, conv, settings, bias, channels_last))
        return true;
    settings.algorithm = dnnl_convolution_direct;
    return conv2d_by(made, dnnl, conv, settings, bias, channels_last);
}

/* ---- products ---- */

enum { A, B, C, ROW, MATRICES };

/*
 * Matrices of any strides behind the axes of a batch. Of an axis along which all are the same there
 * is one. False where rows or columns are not such as a product of oneDNN reads.
 */
static bool matrix_form(library dnnl, struct form *form, const struct wg__loops *batch,
                        int64_t rows, int64_t columns, int64_t row, int64_t column)
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
    return make_form(dnnl, form);
}

static bool matmul_forms(library dnnl, struct form *form, const struct wg__gemm *gemm,
                         const struct wg__loops *left, const struct wg__loops *right)
{
    const int front = left->rank;
    form[C].rank = form[ROW].rank = front + 2;
    for (int i = 0; i < front; i++) form[C].dim[i] = left->dim[i], form[ROW].dim[i] = 1;
    form[C].dim[front] = gemm->m, form[ROW].dim[front] = 1;
    form[C].dim[front + 1] = form[ROW].dim[front + 1] = gemm->n;
    return matrix_form(dnnl, &form[A], left, gemm->m, gemm->k, gemm->a_row, gemm->a_col) &&
           matrix_form(dnnl, &form[B], right, gemm->k, gemm->n, gemm->b_row, gemm->b_col) &&
           make_packed(dnnl, &form[C]) && make_packed(dnnl, &form[ROW]);
}

bool wg__onednn_matmul(struct wg__onednn *made, const struct wg__onednn_library *dnnl,
                       const struct wg__gemm *gemm, const struct wg__loops *left,
                       const struct wg__loops *right, bool bias)
{
    static const int argument[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST};
    static const int matrix[] = {A, B, ROW, C};
    struct form      form[MATRICES] = {0};
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t desc = NULL;
    bool complete = begin(made, dnnl, &attr) && matmul_forms(dnnl, form, gemm, left, right) &&
                    wg__dnnl_matmul(dnnl, &desc, attr, LAYOUT(form[A].plain), LAYOUT(form[B].plain),
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
        if (!good(made->library->memory_set_data_handle(work->room, scratch + made->room)))
            return false;
        arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, work->room};
    }
    return good(
        made->library->primitive_execute(work->primitive, made->library->stream, count, arguments));
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
        if (!good(made->library->memory_set_data_handle(operand->outside, data[i])) ||
            (operand->inside &&
             !good(made->library->memory_set_data_handle(operand->inside, inside))) ||
            (i < last && !turn(made, operand, false, scratch)))
            return false;
    }
    return execute(made, &made->work, arguments, made->operands, scratch) &&
           turn(made, &made->operand[last], true, scratch) &&
           good(made->library->stream_wait(made->library->stream));
}

static void drop_work(library dnnl, struct wg__onednn_work *work)
{
    dnnl->memory_destroy(work->room);
    dnnl->primitive_destroy(work->primitive);
}

void wg__onednn_done(struct wg__onednn *made)
{
    library dnnl = made->library;
    if (!dnnl) return;
    for (int i = 0; i < made->operands; i++) {
        dnnl->memory_destroy(made->operand[i].outside);
        dnnl->memory_destroy(made->operand[i].inside);
        drop_work(dnnl, &made->operand[i].turn);
    }
    drop_work(dnnl, &made->work);
    *made = (struct wg__onednn){0};
}
