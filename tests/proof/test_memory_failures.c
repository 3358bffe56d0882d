// SPDX-License-Identifier: MIT
/*
 * Programs that run out of memory: each is run with its k-th allocation refused, for every k, alone
 * and with all that follow. It must end with an error on its tape that says so, or without a tape,
 * never with a crash, a leak, or in silence.
 */
#define _XOPEN_SOURCE 700
#include "../support/expect.h"
#include "../support/failing.h"
#include "families.h"
#include "network.h"

#include <wengert/formats/params.h>
#include <wengert/graph/lift.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static long programs, refusals;

/* What a program does on its tape: whether all of it worked. */
typedef bool tape_program(wg_tape *tape);

/* A program, and the tape that it is to have. */
typedef struct trial {
    tape_program   *program;
    wg_tape_options options;
    const family   *family; /* or NULL */
    const char     *name;
} trial;

/* The family that the running trial records. */
static const family *chosen;

/* With memory there again, the tape that failed goes on as if nothing had been. */
static void expect_second_try_works(wg_tape *tape, const trial *t, failing *memory)
{
    memory->fail_at = 0;
    wg_tape_error_clear(tape);
    wg_tape_clear(tape);
    const bool said = t->program(tape);
    EXPECT_MSG(said && !wg_tape_error(tape), "%s, second try after %ld refusals: %s", t->name,
               memory->refused, wg_tape_error(tape) ? wg_tape_error(tape) : "failed in silence");
}

/* Runs the trial on a tape with this allocator: what failing_sweep repeats. */
static bool run_trial(const wg_allocator *allocator, void *context)
{
    const trial    *t = context;
    wg_tape_options options = t->options;
    options.allocator = allocator;
    wg_tape *tape = wg_tape_new_with(&options);
    if (!tape) return false;
    chosen = t->family;
    const bool  said = t->program(tape);
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(said || error, "%s failed in silence", t->name);
    EXPECT_MSG(!error || strstr(error, "out of memory") || strstr(error, "no memory"), "%s: %s",
               t->name, error);
    const bool worked = said && !error; /* some calls return nothing */
    if (!worked) expect_second_try_works(tape, t, allocator->context);
    wg_tape_free(tape);
    return worked;
}

static void sweep_trial(trial t)
{
    const long before = refusals;
    refusals += failing_sweep(run_trial, &t);
    EXPECT_MSG(refusals > before, "%s asks for no memory", t.name);
    programs++;
}

static void sweep(const char *name, tape_program *program)
{
    sweep_trial((trial){.name = name, .program = program});
}

/* ---- the families of ops ---- */

/* Everything that is done to a network once. */
static bool family_program(wg_tape *tape)
{
    wg_tensor          *loss = chosen->record(tape, WG_F64);
    const wg_gradients *gradients = wg_backward(loss);
    if (!gradients) return false;
    wg_plan *plan = wg_plan_new(loss, .outputs = gradients->values, .updates = wg_assigns(tape));
    return wg_plan_run(plan) && isfinite(wg_item(loss)) && !wg_tape_error(tape);
}

START_TEST(recording_deriving_and_running_each_family_of_ops)
{
    for (int i = 0; family_at(i); i++)
        sweep_trial(
            (trial){.name = family_at(i)->name, .program = family_program, .family = family_at(i)});
}
END_TEST

/* ---- recording ---- */

static bool record_leaves(wg_tape *tape)
{
    bool good = true;
    for (int i = 0; i < 100; i++) {
        char name[20];
        snprintf(name, sizeof name, "leaf%d", i);
        wg_scope_push(tape, name);
        good = wg_state(tape, "state", WG_F32, WG_SHAPE(1, i), 2) && good;
        good = wg_input(tape, "input", WG_U8, WG_SHAPE(i)) && good;
        wg_scope_pop(tape);
    }
    return good && wg_leaves(tape).count >= 200 && wg_scalar(tape, "rate", 0.1);
}

static bool record_many(wg_tape *tape)
{
    wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SHAPE(2)), *y = x;
    for (int i = 0; i < 1000 && y; i++) y = wg_add(y, x);
    return y && wg_name(y, "end") && wg_tape_count(tape) == 1000;
}

static bool clear_and_record_again(wg_tape *tape)
{
    for (int step = 0; step < 4; step++) {
        const network net = network_small(tape, WG_F32, step % 2 ? 2 : 3);
        wg_plan      *plan = wg_plan_new(net.loss, .updates = net.updates);
        if (!network_feed(&net, step) || !wg_plan_run(plan) || isnan(wg_item(net.loss)))
            return false;
        wg_tape_clear(tape);
    }
    return !wg_tape_error(tape);
}

START_TEST(recording_and_recording_again)
{
    sweep("leaves", record_leaves);
    sweep("many nodes", record_many);
    sweep("clear and record again", clear_and_record_again);
}
END_TEST

/* ---- training ---- */

static bool train(wg_tape *tape)
{
    const network net = network_small(tape, WG_F64, 2);
    wg_plan      *plan =
        wg_plan_new(net.loss, .outputs = WG_TENSORS(net.logits), .updates = net.updates);
    bool good = wg_init_uniform(tape, 3);
    for (int step = 0; step < 2; step++)
        good = network_feed(&net, step) && wg_plan_run(plan) && good;
    return good && !isnan(wg_item(net.loss));
}

/* The optimisers, with and without momentum. */
static bool optimise(wg_tape *tape)
{
    wg_tensor          *rate = wg_scalar(tape, "rate", 0.1);
    wg_tensor          *loss = family_at(0)->record(tape, WG_F32);
    const wg_gradients *gradients = wg_backward(loss);
    wg_plan            *plain = wg_plan_new(loss, .updates = wg_sgd(gradients, .rate = rate));
    wg_plan *heavy = wg_plan_new(loss, .updates = wg_sgd(gradients, .rate = rate, .momentum = 0.9));
    return wg_plan_run(plain) && wg_plan_run(heavy) && isfinite(wg_item(loss)) &&
           !wg_tape_error(tape);
}

START_TEST(training)
{
    sweep("training", train);
    sweep_trial((trial){.name = "eager", .program = train, .options = {.eager = true}});
    sweep_trial((trial){.name = "apart", .program = train, .options = {.apart = true}});
    sweep("optimisers", optimise);
}
END_TEST

/* ---- derivatives ---- */

/* sum tanh(x)^3 of three elements, and x. */
static wg_tensor *cubes(wg_tape *tape, wg_tensor **x)
{
    *x = wg_param(tape, "x", WG_F64, WG_SHAPE(3));
    wg_write_all(*x, 0.4);
    return wg_name(wg_pow(wg_tanh(*x), 3), "cubes");
}

static bool differentiate_to_third_order(wg_tape *tape)
{
    wg_tensor *x, *y = wg_sum(cubes(tape, &x));
    for (int order = 0; order < 3; order++) y = wg_sum(wg_derivative(y, x));
    return isfinite(wg_item(y));
}

static bool make_jacobian(wg_tape *tape)
{
    wg_tensor *x, *y = cubes(tape, &x);
    return isfinite(wg_element(wg_jacobian(y, x), 8));
}

static bool make_hessian(wg_tape *tape)
{
    wg_tensor *x, *y = wg_sum(cubes(tape, &x));
    return isfinite(wg_element(wg_hessian(y, x), 8));
}

static bool multiply_jacobian(wg_tape *tape)
{
    wg_tensor       *x, *y = cubes(tape, &x), *v = wg_full_like(x, 0.5);
    const wg_tensors list = wg_jvp(WG_TENSORS(y), WG_TENSORS(x), WG_TENSORS(v));
    return list.count == 1 && isfinite(wg_element(list.at[0], 2));
}

static bool multiply_hessian(wg_tape *tape)
{
    wg_tensor       *x, *y = wg_sum(cubes(tape, &x)), *v = wg_full_like(x, 0.5);
    const wg_tensors list = wg_hvp(y, WG_TENSORS(x), WG_TENSORS(v));
    return list.count == 1 && isfinite(wg_element(list.at[0], 2));
}

static bool penalise_gradient(wg_tape *tape)
{
    wg_tensor          *x, *y = wg_sum(cubes(tape, &x));
    const wg_gradients *first = wg_backward(y);
    const wg_gradients *second = wg_backward(wg_sum(wg_square(wg_gradient_of(first, x))));
    return isfinite(wg_element(wg_gradient_of(second, x), 0));
}

START_TEST(derivatives)
{
    sweep("third derivative", differentiate_to_third_order);
    sweep("jacobian", make_jacobian);
    sweep("hessian", make_hessian);
    sweep("jvp", multiply_jacobian);
    sweep("hvp", multiply_hessian);
    sweep("gradient penalty", penalise_gradient);
}
END_TEST

/* ---- ops of the program's own ---- */

/* y = x times the setting, by way of memory of all kinds. */
static int scale_kernel(const wg_call *call)
{
    double       *room = call->scratch;
    const double *x = call->x[0].data, *factor = call->kept;
    const int64_t n = call->x[0].type->count;
    for (int64_t i = 0; i < n; i++) room[i] = *factor * x[i];
    memcpy(call->y[0].data, room, (size_t)n * sizeof *room);
    return 0;
}

static wg_kernel *scale_prepare(wg_call *call)
{
    double *factor = wg_keep(call, sizeof *factor);
    if (!factor) return NULL;
    *factor = *(const double *)call->attrs;
    wg_scratch(call, (size_t)call->x[0].type->count * sizeof(double));
    return wg_kernel_of(call, NULL, scale_kernel);
}

static void scale_derive(wg_adjoint *d);
static void scale_derive_wrongly(wg_adjoint *d);

#define SCALE .inputs = 1, .outputs = 1, .attrs_size = sizeof(double), .prepare = scale_prepare
static const wg_op scale = {.name = "scale", SCALE, .derive = scale_derive};
static const wg_op wrong = {.name = "wrong", SCALE, .derive = scale_derive_wrongly};
#undef SCALE

/* dx = dy times the setting */
static void scale_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, wg_apply(&scale, d->attrs, WG_NO_DTYPE, d->dy, 1));
}

static void scale_derive_wrongly(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, wg_neg(d->dy[0]));
}

/* sum of exp(0.5 x), the scaling by `op`. */
static wg_tensor *own_loss(wg_tape *tape, const wg_op *op)
{
    wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SHAPE(3));
    wg_write_all(x, 0.7);
    return wg_sum(wg_exp(wg_apply(op, &(double){0.5}, WG_NO_DTYPE, &x, 1)));
}

static bool derive_own_op(wg_tape *tape)
{
    wg_tensor          *loss = own_loss(tape, &scale);
    const wg_gradients *gradients = wg_backward(loss);
    if (!gradients) return false;
    wg_plan *plan = wg_plan_new(loss, .outputs = gradients->values);
    return wg_plan_run(plan) && isfinite(wg_item(loss)) &&
           isfinite(wg_element(wg_gradient_of(gradients, wg_param_find(tape, "x")), 2));
}

static bool check_own_op(wg_tape *tape)
{
    wg_tensor *loss = own_loss(tape, &scale);
    return wg_check_passed(wg_check_gradients(loss, .second_order = true));
}

static bool find_wrong_op(wg_tape *tape)
{
    const wg_check *check = wg_check_gradients(own_loss(tape, &wrong));
    return check && check->row[0].verdict == WG_CHECK_FAIL && check->first.op == &wrong;
}

START_TEST(ops_of_the_programs_own)
{
    sweep("own op", derive_own_op);
    sweep("check of an own op", check_own_op);
    sweep("search for a wrong op", find_wrong_op);
}
END_TEST

/* ---- values ---- */

static bool write_read_and_print(wg_tape *tape)
{
    wg_tensor *x, *y = cubes(tape, &x);
    double     values[3];
    FILE      *file = tmpfile();
    bool       good = wg_write(x, ((double[]){1, 2, 3}), 3) && wg_read(y, values, 3);
    good = wg_eval(WG_TENSORS(wg_sum(y), wg_exp(y))) && good;
    good = wg_print(wg_exp(y), file, NULL) && good;
    fclose(file);
    return good;
}

static bool measure_and_print_plan(wg_tape *tape)
{
    wg_tensor *x, *y = cubes(tape, &x);
    wg_plan   *plan = wg_plan_new(
          wg_sum(y), .outputs = WG_TENSORS(y, wg_transpose(wg_expand(y, WG_SHAPE(2, 3)))));
    FILE      *file = tmpfile();
    const bool good = wg_plan_verify(plan) && wg_plan_print(plan, file) && wg_plan_run(plan);
    fclose(file);
    wg_plan_free(plan);
    return good;
}

static bool lift(wg_tape *tape)
{
    wg_tensor       *x, *y = wg_sum(cubes(tape, &x));
    wg_tape         *other = wg_tape_new_with(wg_tape_settings(tape));
    const wg_tensors lifted = wg_lift(other, WG_TENSORS(y), WG_F64, WG_F32);
    const bool       good = lifted.count == 1 && isfinite(wg_item(lifted.at[0]));
    if (!good && !wg_tape_error(tape))
        wg_tape_error_set(tape, "%s", other ? wg_tape_error(other) : "out of memory");
    wg_tape_free(other);
    return good;
}

static bool draw(wg_tape *tape)
{
    const network net = network_small(tape, WG_F32, 2);
    FILE         *file = tmpfile();
    bool          good = network_feed(&net, 0);
    good = good && wg_dot_write(net.loss, file, .backward = true, .values = true, .norms = true);
    fclose(file);
    return good;
}

static bool check_gradients(wg_tape *tape)
{
    wg_tensor      *x, *y = wg_sum(cubes(tape, &x));
    const wg_check *check = wg_check_gradients(y, .second_order = true);
    FILE           *file = tmpfile();
    const bool      good = wg_check_passed(check) && wg_check_print(check, file);
    fclose(file);
    return good;
}

/*
 * A network of f32 is lifted to f64 and checked along one direction. On a second try a param of the
 * first may be there that the loss does not reach.
 */
static bool check_network(wg_tape *tape)
{
    const network   net = network_small(tape, WG_F32, 1);
    const bool      fed = wg_init_uniform(tape, 7) && network_feed(&net, 0);
    const wg_check *check = fed ? wg_check_gradients(net.loss, .directions = 1) : NULL;
    for (int i = 0; check && i < check->count; i++)
        if (check->row[i].verdict != WG_CHECK_PASS && check->row[i].verdict != WG_CHECK_NOT_REACHED)
            return false;
    return check && check->count >= 4;
}

START_TEST(values_checks_and_pictures)
{
    sweep("gradient check of a network", check_network);
    sweep("gradient check", check_gradients);
    sweep("write, read, print", write_read_and_print);
    sweep("plan", measure_and_print_plan);
    sweep("lift", lift);
    sweep("picture", draw);
}
END_TEST

/* ---- files ---- */

static char folder[100];

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static bool save_params(wg_tape *tape)
{
    return network_small(tape, WG_F64, 1).loss && wg_params_save(tape, folder);
}

static bool load_params(wg_tape *tape)
{
    return network_small(tape, WG_F64, 1).loss && wg_params_load(tape, folder);
}

/* Makes a file of the folder. */
static bool make_file(const char *name, const unsigned char *bytes, size_t count, char path[200])
{
    snprintf(path, 200, "%s/%s", folder, name);
    FILE      *file = fopen(path, "wb");
    const bool good = file && fwrite(bytes, 1, count, file) == count;
    return file && fclose(file) == 0 && good;
}

/* The array becomes a constant; a failed read an error on the tape. */
static bool take_array(wg_tape *tape, bool read, wg_array *array, const char *reason)
{
    if (!read) wg_tape_error_set(tape, "%s", reason);
    const wg_type *type = &array->type;
    const bool good = read && wg_constant(tape, type->dtype, type->shape, array->data, type->count);
    wg_array_free(array);
    return good;
}

static bool load_idx(wg_tape *tape)
{
    static const unsigned char bytes[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
    char                       path[200], reason[WG_REASON];
    wg_array                   array;
    if (!make_file("matrix", bytes, sizeof bytes, path)) return false;
    const bool read = wg_idx_read(path, wg_tape_settings(tape)->allocator, &array, reason);
    return take_array(tape, read, &array, reason);
}

static bool load_npy(wg_tape *tape)
{
    char     path[200], reason[WG_REASON];
    double   values[6] = {1, 2, 3, 4, 5, 6};
    wg_array array;
    wg_type  type;
    wg_view  view = {.data = values, .type = &type, .stride = {1, 2}}; /* columns side by side */
    snprintf(path, sizeof path, "%s/matrix.npy", folder);
    if (!wg_type_make(WG_F64, WG_SHAPE(2, 3), &type) || !wg_npy_write(path, &view, reason))
        return false;
    const bool read = wg_npy_read(path, wg_tape_settings(tape)->allocator, &array, reason);
    return take_array(tape, read, &array, reason);
}

/* Two images of one pixel and their labels. */
static bool load_images(wg_tape *tape)
{
    static const unsigned char pixels[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9};
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 1, 0};
    char                       path[200], reason[WG_REASON];
    wg_images                  set;
    const wg_images_files      files = {.folder = folder,
                                        .part = "two",
                                        .classes = 2,
                                        .allocator = wg_tape_settings(tape)->allocator};
    if (!make_file("two-images-idx3-ubyte", pixels, sizeof pixels, path) ||
        !make_file("two-labels-idx1-ubyte", labels, sizeof labels, path))
        return false;
    const bool read = wg_images_read(&files, &set, reason);
    const bool good = take_array(tape, read, &set.pixels, reason);
    wg_images_free(&set);
    return good;
}

static bool save_picture(wg_tape *tape)
{
    char path[200];
    snprintf(path, sizeof path, "%s/net.dot", folder);
    return wg_dot_save(network_small(tape, WG_F32, 1).loss, path, .backward = true, .bytes = true);
}

START_TEST(files)
{
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/wengert-XXXXXX", parent ? parent : "/tmp");
    EXPECT(mkdtemp(folder) != NULL);
    sweep("saving params", save_params);
    sweep("loading params", load_params);
    sweep("loading an IDX file", load_idx);
    sweep("loading a .npy file", load_npy);
    sweep("loading images", load_images);
    sweep("saving a picture", save_picture);
    EXPECT(nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0);
}
END_TEST

/* ---- the sum ---- */

START_TEST(the_programs_are_many)
{
    printf("%ld programs, %ld failing allocations\n", programs, refusals);
    EXPECT(programs >= 40 && refusals > 3000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory failures");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, recording_deriving_and_running_each_family_of_ops);
    tcase_add_test(tests, recording_and_recording_again);
    tcase_add_test(tests, training);
    tcase_add_test(tests, derivatives);
    tcase_add_test(tests, ops_of_the_programs_own);
    tcase_add_test(tests, values_checks_and_pictures);
    tcase_add_test(tests, files);
    tcase_add_test(tests, the_programs_are_many);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
