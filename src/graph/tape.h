// SPDX-License-Identifier: MIT
/*
 * The tape: the record of a computation, and everything that belongs to it.
 *
 *     wg_tape   *tape = wg_tape_new();
 *     wg_tensor *x    = wg_input(tape, "x", WG_F32, WG_SHAPE(3));
 *     wg_tensor *y    = wg_sum(wg_square(x));              // recorded, not computed
 *     wg_write(x, (float[]){1, 2, 3}, 3);
 *     printf("%g\n", wg_item(y));                          // computed now: 14
 *     wg_tape_free(tape);
 *
 * Ownership. A tape owns its tensors, their values, its plans and the lists that it hands out. What
 * a function returns is borrowed, unless its name ends in _new. Nothing is reference-counted.
 *
 * Errors. The first failure is kept, as one line of text with the op, the tensors' names and shapes
 * and the user's file and line. The failed call returns NULL, and so does each call that is given
 * that NULL; so it is enough to ask wg_tape_error once, at the end.
 *
 * Threads. Two tapes share nothing. One tape is used by one thread at a time.
 *
 * A tape that is never cleared keeps each node that it records, about 200 bytes a node; see
 * wg_tape_clear.
 */
#ifndef WENGERT_GRAPH_TAPE_H
#define WENGERT_GRAPH_TAPE_H

#include "where.h"

#include "../tensor/print.h"

/* What a plan does beyond computing step by step; each may be left out, for debugging. */
enum wg_passes {
    WG_PASS_EQUAL = 1 << 0,   /* equal nodes are computed once */
    WG_PASS_FUSE = 1 << 1,    /* elementwise steps over the same elements become one */
    WG_PASS_SCALARS = 1 << 5, /* runs of steps of one element become lists of formulas */
    WG_PASS_FOLD = 1 << 6,    /* what depends on constants alone is computed once; x 1 is x */
    WG_PASS_UPDATE = 1 << 2,  /* new params are written where the old ones lie */
    WG_PASS_INHERIT = 1 << 3, /* a step writes over an input that nobody needs afterwards */
    WG_PASS_SHARE = 1 << 4,   /* what is not needed at the same time shares memory */
    WG_PASS_FINISH = 1 << 7,  /* elementwise steps finish an output while it is in the cache */
    WG_PASS_REDUCE = 1 << 8,  /* a reduction takes elements as soon as they are made */
    WG_PASS_RECOMPUTE = 1 << 9, /* what is cheap and large is computed again, not kept */
    WG_PASS_LAYOUT = 1 << 10, /* images keep their channels last where kernels want them so */
    WG_PASS_EARLY = 1 << 11,  /* new params are computed as soon as their gradients are there */
    WG_PASS_FOLLOW = 1 << 12, /* a step takes pieces of its input as soon as they are made */
    WG_PASS_MASKS = 1 << 13,  /* a mask is laid on chosen elements before they go to their places */
    WG_PASS_ALL = (1 << 14) - 1
};

enum { WG_MAX_THREADS = 256 }; /* of one run */

/*
 * Whether a tape takes oneDNN's kernels, and those of Winograd's algorithm too: for convolutions of
 * 3 x 3, stride 1, 32 channels and filters or more, where oneDNN has it. An element is off by up to
 * 1e-6 of the sum of its absolute products then, by up to 5e-7 without (measured against f64, of
 * inputs between -1 and 1; forward 8e-7 and 1.5e-7).
 */
enum wg_onednn { WG_ONEDNN_NONE, WG_ONEDNN_DIRECT, WG_ONEDNN_WINOGRAD };

/* What a tape is made with. Members left zero stand for the default. */
typedef struct wg_tape_options {
    const wg_allocator *allocator; /* malloc; must outlive the tape, the struct itself is copied */
    uint64_t            seed;      /* of all random numbers: 0 */
    /* Compute each op as it is recorded, for debugging. The same values, bit for bit. */
    bool eager;
    /*
     * Give each tensor of a plan memory of its own, filled with a pattern before each run, so that
     * a kernel that leaves its output unwritten, or leaves its bounds, is found.
     */
    bool apart;
    /*
     * Threads that a run may use, at most WG_MAX_THREADS. 0 or less: as many as OMP_NUM_THREADS
     * says, or as there are processors for the process. The same values for any number.
     */
    int      threads;
    unsigned without; /* of enum wg_passes: those that plans leave out. The same values */
    /*
     * Bytes that the caches do not hold: 16 MB. Plans compute a tensor as large again where that
     * is cheap, instead of keeping it, and join no steps between which so much is made.
     */
    size_t large;
    /*
     * Products and convolutions of f32 by oneDNN, where it has a good kernel for one that is large
     * enough; the plan's table says which and, of others, why not. Other bits than ours. As
     * measured with 2.6.3, runs repeat theirs, and the number of threads does not change them but
     * for adjoints of a convolution's weights; that number is OpenMP's, `threads` has no say in it.
     * oneDNN takes memory of its own, most of it when a plan is made. The library is looked for now;
     * without effect where wg_onednn_version is NULL.
     */
    enum wg_onednn onednn;
} wg_tape_options;

#ifndef __cplusplus
/* A list written in place: WG_TENSORS(w, b). It lives as long as the block in which it stands. */
#define WG_TENSORS(...)                                                                            \
    ((wg_tensors){sizeof((wg_tensor *[]){__VA_ARGS__}) / sizeof(wg_tensor *),                      \
                  (wg_tensor *[]){__VA_ARGS__}})
#endif

/* What a tensor is to the tape. */
typedef enum wg_role {
    WG_RECORDED, /* an op's output */
    WG_INPUT,    /* a leaf that the program writes */
    WG_PARAM,    /* a leaf that training changes */
    WG_STATE,    /* a leaf that runs change, without gradient: running statistics, momentum */
    WG_CONSTANT  /* values given when recorded */
} wg_role;

WG_BEGIN_DECLS

/* ---- a tape's life ---- */

/* A new tape with all defaults; NULL when there is no memory. Freed with wg_tape_free. */
WG_API wg_tape *wg_tape_new(void);

/* A new tape with these options. */
WG_API wg_tape *wg_tape_new_with(const wg_tape_options *options);

/*
 * The version of oneDNN that the library is built for, "2.6.3"; NULL when it is built without, or
 * this machine has none of that kind.
 */
WG_API const char *wg_onednn_version(void);

/* Frees the tape and all that it owns. NULL is fine. */
WG_API void wg_tape_free(wg_tape *tape);

/*
 * Forgets the record, to record anew: leaves with their values, plans and memory stay. Recording
 * the same ops again gives the same tensors at little cost, finds their derivatives without
 * deriving and their plans without planning. A tensor from before the clear is not to be used until
 * its op was recorded again, identically (leaves: until asked for again); using one earlier is an
 * error on the tape, or gives the tensor that now stands in its place. A plan from before can still
 * be run.
 */
WG_API void wg_tape_clear(wg_tape *tape);

/*
 * The first error since the tape was made or wg_tape_error_clear, "file:line: op: reason"; NULL
 * when there is none.
 */
WG_API const char *wg_tape_error(const wg_tape *tape);

/* Forgets the error, so that the tape goes on. */
WG_API void wg_tape_error_clear(wg_tape *tape);

/*
 * Puts an error on the tape as the library does, with the user's file and line before it, unless
 * one is there already. For functions built on this library.
 */
WG_API void wg_tape_error_set(wg_tape *tape, const char *format, ...) WG_PRINTF(2, 3);

/* The tape that a tensor is recorded on; NULL for NULL. */
WG_API wg_tape *wg_tape_of(const wg_tensor *tensor);

/* Number of tensors in the present record, leaves left out. */
WG_API int64_t wg_tape_count(const wg_tape *tape);

/* Tensor number i of the present record, 0 <= i < wg_tape_count; NULL outside. */
WG_API wg_tensor *wg_tape_at(const wg_tape *tape, int64_t i);

/* The options that the tape was made with. */
WG_API const wg_tape_options *wg_tape_settings(const wg_tape *tape);

/* ---- randomness ---- */

/*
 * Random numbers depend on the tape's seed, the node, and the number of the run; a run by
 * wg_plan_run and wg_tape_clear count it up. Reading or setting the number is for checkpoints and
 * for repeating a run.
 */
WG_API void     wg_tape_seed(wg_tape *tape, uint64_t seed);
WG_API uint64_t wg_tape_seed_of(const wg_tape *tape);
WG_API uint64_t wg_tape_run_number(const wg_tape *tape);
WG_API void     wg_tape_set_run_number(wg_tape *tape, uint64_t number);

/* ---- modes ---- */

/*
 * Whether what is recorded from here on is to train, as at first, or to evaluate. Layers that differ
 * (dropout, batch normalisation) ask when they are recorded; so the mode is changed between
 * wg_tape_clear and the next recording, and each mode finds its plan again. Stays over a clear.
 */
WG_API void wg_tape_train(wg_tape *tape, bool train);
WG_API bool wg_tape_trains(const wg_tape *tape);

/*
 * While on, asking for a param or a state gives the one that was asked for in this record already,
 * where it is an error otherwise; and one that was not is an error. So what is recorded twice, by
 * the same function, shares all of its weights:
 *
 *     wg_tensor *a = tower(left);
 *     wg_share_params(tape, true);
 *     wg_tensor *b = tower(right);
 *     wg_share_params(tape, false);
 *
 * wg_tape_clear turns it off.
 */
WG_API void wg_share_params(wg_tape *tape, bool on);
WG_API bool wg_shares_params(const wg_tape *tape);

/* ---- names ---- */

/* Names and nodes recorded until wg_scope_pop belong to this scope: "conv1/W". Scopes nest. */
WG_API void wg_scope_push(wg_tape *tape, const char *name);
WG_API void wg_scope_pop(wg_tape *tape);

/* Names a tensor, behind the open scopes, and returns it. Leaves have their name for good. */
WG_API wg_tensor *wg_name(wg_tensor *tensor, const char *name);

/* ---- leaves ---- */

/*
 * A leaf is known by its scope and name: asked for again after wg_tape_clear, it is the same tensor
 * with the same values. Twice in one record is an error, see wg_share_params. An input asked for
 * again with another type is a leaf of its own (the last, smaller batch); a param or state is not,
 * that is an error.
 */

/* A leaf for the program to write; reading what depends on it before it was written is an error. */
WG_API wg_tensor *wg_input(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape);

/* A leaf to be trained, of f32 or f64, zero at first. */
WG_API wg_tensor *wg_param(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape);

/* A leaf that runs change but training does not; every element is `value` at first. */
WG_API wg_tensor *wg_state(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape,
                           double value);

/* A state of the training and not of the network, as momentum is: files of weights leave it out. */
WG_API wg_tensor *wg_training_state(wg_tape *tape, const char *name, wg_dtype dtype,
                                    wg_shape shape, double value);
WG_API bool wg_is_of_training(const wg_tensor *leaf);

/* A 0-d f64 leaf of the program, `value` at first: a learning rate. */
WG_API wg_tensor *wg_scalar(wg_tape *tape, const char *name, double value);

/* True for a leaf to which nothing was written yet: a layer then gives a param its first values. */
WG_API bool wg_is_new(const wg_tensor *leaf);

/*
 * A tensor with these values, packed in row-major order, which are copied: `count` elements of
 * `dtype`.
 */
WG_API wg_tensor *wg_constant(wg_tape *tape, wg_dtype dtype, wg_shape shape, const void *values,
                              int64_t count);

/* A tensor whose elements are all `value`. Takes no memory of its own. */
WG_API wg_tensor *wg_full(wg_tape *tape, wg_dtype dtype, wg_shape shape, double value);

/* A tensor of x's type whose elements are all `value`. */
WG_API wg_tensor *wg_full_like(wg_tensor *x, double value);

/* x itself, with nothing flowing back: its derivative is zero. */
WG_API wg_tensor *wg_detach(wg_tensor *x);

/* ---- params ---- */

/* Takes a param out of training, or puts it back: wg_backward leaves frozen params out. */
WG_API void wg_param_freeze(wg_tensor *param, bool frozen);
WG_API bool wg_param_is_frozen(const wg_tensor *param);

/* The tape's params in the order in which they were first asked for, frozen ones included. */
WG_API wg_tensors wg_params(wg_tape *tape);

/* All leaves: inputs, params and states. */
WG_API wg_tensors wg_leaves(wg_tape *tape);

/* The param of this full name ("conv1/W"), or NULL, which is no error. */
WG_API wg_tensor *wg_param_find(wg_tape *tape, const char *name);

/* Number of trainable numbers: the elements of all params that are not frozen. */
WG_API int64_t wg_param_elements(wg_tape *tape);

/* ---- what a tensor is ---- */

/* NULL, no dtype and the shape of rank 0 for NULL. The name is NULL where there is none. */
WG_API const char    *wg_name_of(const wg_tensor *tensor);
WG_API wg_dtype       wg_dtype_of(const wg_tensor *tensor);
WG_API wg_shape       wg_shape_of_tensor(const wg_tensor *tensor);
WG_API const wg_type *wg_type_of(const wg_tensor *tensor);
WG_API int64_t        wg_count_of(const wg_tensor *tensor);
WG_API wg_role        wg_role_of(const wg_tensor *tensor);

/*
 * The node behind a tensor: its op (NULL for a leaf), settings, inputs, which of the outputs the
 * tensor is, the user's "file:line", the scope ("" outside).
 */
WG_API const wg_op *wg_op_of(const wg_tensor *tensor);
WG_API const void  *wg_attrs_of(const wg_tensor *tensor);
WG_API wg_tensors   wg_inputs_of(const wg_tensor *tensor);
WG_API int          wg_output_number(const wg_tensor *tensor);
WG_API const char  *wg_where_of(const wg_tensor *tensor);
WG_API const char  *wg_scope_of(const wg_tensor *tensor);

/*
 * For a tensor that a local rule recorded: the tensor whose adjoint that rule passed on. NULL for
 * what the user recorded.
 */
WG_API wg_tensor *wg_derived_from(const wg_tensor *tensor);

/* ---- values ---- */

/*
 * A value is valid until a leaf changes, by a write or by a run. Reading a tensor without a valid
 * value computes it from the leaves as they are now. What a plan was asked for keeps what the run
 * computed until the next run or write, so that the loss read after a training step is the loss of
 * that step.
 */

/*
 * Copies `count` elements of the tensor's dtype from or to `values`; the count must be the
 * tensor's. Only leaves are written. False on an error, which is on the tape. wg_write and wg_read
 * take the dtype from the pointer: float, double, int32_t, int64_t, uint8_t, bool.
 */
WG_API bool wg_write_values(wg_tensor *leaf, wg_dtype dtype, const void *values, int64_t count);
WG_API bool wg_read_values(wg_tensor *tensor, wg_dtype dtype, void *values, int64_t count);

#ifndef __cplusplus
#define WG__DTYPE(pointer)                                                                         \
    _Generic((pointer), float *: WG_F32, const float *: WG_F32, double *: WG_F64,                  \
             const double *: WG_F64, int32_t *: WG_I32, const int32_t *: WG_I32, long *: WG_I64,   \
             const long *: WG_I64, long long *: WG_I64, const long long *: WG_I64,                 \
             uint8_t *: WG_U8, const uint8_t *: WG_U8, bool *: WG_BOOL, const bool *: WG_BOOL)
/* wg_write_values and wg_read_values with the dtype of the pointer. */
#define wg_write(leaf, values, count)  wg_write_values(leaf, WG__DTYPE(values), values, count)
#define wg_read(tensor, values, count) wg_read_values(tensor, WG__DTYPE(values), values, count)
#endif

/* Writes `value`, converted to the leaf's dtype, to every element. */
WG_API bool wg_write_all(wg_tensor *leaf, double value);

/* The value of a tensor of one element, as a double; NaN on an error. */
WG_API double wg_item(wg_tensor *tensor);

/* Element i of the packed, row-major values as a double; NaN on an error. */
WG_API double wg_element(wg_tensor *tensor, int64_t i);

/*
 * The packed values themselves, computed if need be; valid until the next run, write or clear. NULL
 * on an error.
 */
WG_API const void *wg_values(wg_tensor *tensor);

/* Computes several tensors in one run without updates: what they share is computed once. */
WG_API bool wg_eval(wg_tensors wanted);

/* Prints "name dtype shape" and the values to `file`; options may be NULL. */
WG_API bool wg_print(wg_tensor *tensor, FILE *file, const wg_print_options *options);

/* ---- updates ---- */

/*
 * Records that `leaf` (a param or state) is to become `value`, of the same type. It takes effect at
 * the end of a run of a plan that names the returned tensor among its updates, after every read of
 * that run. The returned tensor is the new value; its derivative is value's.
 */
WG_API wg_tensor *wg_assign(wg_tensor *leaf, wg_tensor *value);

/*
 * Every wg_assign of the present record, in order: .updates = wg_assigns(tape) trains with
 * batch-norm statistics and all.
 */
WG_API wg_tensors wg_assigns(wg_tape *tape);

/* a and b, one list behind the other. */
WG_API wg_tensors wg_join(wg_tape *tape, wg_tensors a, wg_tensors b);

WG_END_DECLS

/* Each recording call leaves the caller's file and line, see where.h. */
#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_name(...)         WG__CALL(wg_name(__VA_ARGS__))
#define wg_input(...)        WG__CALL(wg_input(__VA_ARGS__))
#define wg_param(...)        WG__CALL(wg_param(__VA_ARGS__))
#define wg_state(...)        WG__CALL(wg_state(__VA_ARGS__))
#define wg_training_state(...) WG__CALL(wg_training_state(__VA_ARGS__))
#define wg_scalar(...)       WG__CALL(wg_scalar(__VA_ARGS__))
#define wg_constant(...)     WG__CALL(wg_constant(__VA_ARGS__))
#define wg_full(...)         WG__CALL(wg_full(__VA_ARGS__))
#define wg_full_like(...)    WG__CALL(wg_full_like(__VA_ARGS__))
#define wg_detach(...)       WG__CALL(wg_detach(__VA_ARGS__))
#define wg_assign(...)       WG__CALL(wg_assign(__VA_ARGS__))
#define wg_apply(...)        WG__CALL(wg_apply(__VA_ARGS__))
#define wg_apply_source(...) WG__CALL(wg_apply_source(__VA_ARGS__))
#define wg_output(...)       WG__CALL(wg_output(__VA_ARGS__))
#define wg_write_values(...) WG__CALL_BOOL(wg_write_values(__VA_ARGS__))
#define wg_read_values(...)  WG__CALL_BOOL(wg_read_values(__VA_ARGS__))
#define wg_write_all(...)    WG__CALL_BOOL(wg_write_all(__VA_ARGS__))
#define wg_eval(...)         WG__CALL_BOOL(wg_eval(__VA_ARGS__))
#define wg_print(...)        WG__CALL_BOOL(wg_print(__VA_ARGS__))
#define wg_item(...)         WG__CALL_NUMBER(wg_item(__VA_ARGS__))
#define wg_element(...)      WG__CALL_NUMBER(wg_element(__VA_ARGS__))
#define wg_values(...)       WG__CALL_POINTER(const void *, wg_values(__VA_ARGS__))
#endif

#endif
