// SPDX-License-Identifier: MIT
#include "trial.h"

#include <stdio.h>

int trial_count(void)
{
    int count = 0;
    for (const struct family *family = families; family->name; family++)
        for (const struct op_case *use = family->cases; use->op; use++) count++;
    return count;
}

static const struct golden *find_golden(const struct family *family, const struct op_case *use)
{
    for (const struct golden *golden = family->goldens; golden->op; golden++)
        if (!strcmp(golden->op, use->op) && !strcmp(golden->name, use->name)) return golden;
    return NULL;
}

struct trial trial_find(int i)
{
    struct trial trial = {.family = families};
    for (; trial.family->name; trial.family++)
        for (trial.use = trial.family->cases; trial.use->op; trial.use++)
            if (i-- == 0) {
                trial.golden = find_golden(trial.family, trial.use);
                ck_assert_msg(trial.golden,
                              "%s: %s, %s: no golden values, see tests/golden/make.py",
                              trial.family->name, trial.use->op, trial.use->name);
                return trial;
            }
    ck_abort_msg("there is no such case");
    return trial;
}

void trial_expect_no_error(const struct trial *trial)
{
    const char *error = wg_tape_error(trial->tape);
    EXPECT_MSG(!error, "%s: %s", trial->label, error);
}

static int64_t array_count(const struct golden_array *array)
{
    int64_t count = 1;
    for (int64_t axis = 0; axis < array->rank; axis++) count *= array->dim[axis];
    return count;
}

/* Values as elements of a dtype. */
union elements {
    double  f64[TRIAL_NUMBERS];
    float   f32[TRIAL_NUMBERS];
    int64_t i64[TRIAL_NUMBERS];
    int32_t i32[TRIAL_NUMBERS];
    uint8_t u8[TRIAL_NUMBERS];
};

static void to_elements(wg_dtype dtype, const double *numbers, int64_t count, union elements *e)
{
    for (int64_t i = 0; i < count; i++) {
        if (dtype == WG_F64)
            e->f64[i] = numbers[i];
        else if (dtype == WG_F32)
            e->f32[i] = (float)numbers[i];
        else if (dtype == WG_I64)
            e->i64[i] = (int64_t)numbers[i];
        else if (dtype == WG_I32)
            e->i32[i] = (int32_t)numbers[i];
        else
            e->u8[i] = (uint8_t)numbers[i];
    }
}

static double from_elements(wg_dtype dtype, const union elements *e, int64_t i)
{
    switch (dtype) {
    case WG_F64:
        return e->f64[i];
    case WG_F32:
        return (double)e->f32[i];
    case WG_I64:
        return (double)e->i64[i];
    case WG_I32:
        return (double)e->i32[i];
    default:
        return (double)e->u8[i];
    }
}

void trial_write(const struct trial *trial, wg_tensor *leaf, const struct golden_array *array)
{
    union elements e;
    const int64_t  count = array_count(array);
    ck_assert_msg(count <= TRIAL_NUMBERS, "%s: too many numbers", trial->label);
    to_elements(wg_dtype_of(leaf), array->values, count, &e);
    wg_write_values(leaf, wg_dtype_of(leaf), &e, count);
}

int trial_read(const struct trial *trial, wg_tensor *tensor, double numbers[TRIAL_NUMBERS])
{
    union elements e;
    const int64_t  count = wg_count_of(tensor);
    ck_assert_msg(count <= TRIAL_NUMBERS, "%s: too many numbers", trial->label);
    if (!wg_read_values(tensor, wg_dtype_of(tensor), &e, count))
        ck_abort_msg("%s: %s", trial->label, wg_tape_error(trial->tape));
    for (int64_t i = 0; i < count; i++) numbers[i] = from_elements(wg_dtype_of(tensor), &e, i);
    return (int)count;
}

static wg_tensor *make_input(const struct trial *trial, const char *name,
                             const struct golden_array *array)
{
    wg_shape shape = {.rank = array->rank};
    for (int64_t axis = 0; axis < array->rank; axis++) shape.dim[axis] = array->dim[axis];
    if (array->dtype == WG_F64) {
        wg_tensor *leaf = wg_param(trial->tape, name, trial->dtype, shape);
        trial_write(trial, leaf, array);
        return leaf;
    }
    union elements e;
    const int64_t  count = array_count(array);
    ck_assert_msg(count <= TRIAL_NUMBERS, "%s: too many numbers", trial->label);
    to_elements(array->dtype, array->values, count, &e);
    return wg_constant(trial->tape, array->dtype, shape, &e, count);
}

wg_tensors trial_gradients(const struct trial *trial)
{
    const wg_tensors gradients =
        wg_grad(WG_TENSORS(trial->y), WG_TENSORS(trial->dy), trial->leaves);
    trial_expect_no_error(trial);
    EXPECT(gradients.count == trial->leaves.count);
    return gradients;
}

static void begin_gradients(struct trial *trial)
{
    const struct golden *golden = trial->golden;
    int                  count = 0;
    for (int k = 0; k < golden->inputs; k++) {
        if (golden->dx[k].dtype == WG_NO_DTYPE) continue;
        trial->input[count] = k;
        trial->leaf[count++] = trial->x[k];
    }
    EXPECT_MSG(count > 0 && golden->dy.dtype,
               "%s: golden gradients are missing; CASE_FORWARD_ONLY?", trial->label);
    trial->dy = make_input(trial, "dy", &golden->dy);
    trial->leaf[count] = trial->dy;
    trial->leaves = (wg_tensors){count, trial->leaf};
    trial->dx = trial_gradients(trial);
}

void trial_begin(struct trial *trial, wg_dtype dtype, const wg_tape_options *options)
{
    const struct golden *golden = trial->golden;
    snprintf(trial->label, sizeof trial->label, "%s: %s, %s (%s)", trial->family->name,
             trial->use->op, trial->use->name, wg_dtype_name(dtype));
    trial->dtype = dtype;
    trial->tape = wg_tape_new_with(options ? options : &(wg_tape_options){0});
    EXPECT(trial->tape);
    for (int k = 0; k < golden->inputs; k++)
        trial->x[k] = make_input(trial, (const char[]){'x', (char)('0' + k), 0}, &golden->x[k]);
    trial->y = trial->use->record(trial->x);
    trial_expect_no_error(trial);
    EXPECT_MSG(trial->y, "%s: no tensor and no error", trial->label);
    if (trial->use->flags & CASE_FORWARD_ONLY)
        EXPECT_MSG(!golden->dy.dtype, "%s: the golden case has gradients", trial->label);
    else
        begin_gradients(trial);
}

void trial_end(struct trial *trial)
{
    trial_expect_no_error(trial);
    wg_tape_free(trial->tape);
}
