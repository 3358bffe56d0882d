// SPDX-License-Identifier: MIT
/*
 * The op contract: what an op is.
 *
 * An op is one constant struct of rules, and its address is its identity. There is no registry: a
 * program's own op is the same struct in the program's own file, and wg_apply records it as it
 * records ours.
 *
 *     record   infer     which types come out, or why these inputs will not do
 *     derive   derive    the local rule: from x, y and dy record dx, with other ops
 *     plan     view      an op that only looks at its input differently moves no data
 *              prepare   picks the kernel for these shapes and this dtype, once
 *     run      kernel    reads x, writes y; never allocates, never prints
 */
#ifndef WENGERT_GRAPH_OP_H
#define WENGERT_GRAPH_OP_H

#include "../tensor/memory.h"
#include "../tensor/shape.h"

/* The record of a computation, and everything that belongs to it; see tape.h. */
typedef struct wg_tape wg_tape;
/* A recorded value. Its tape owns it. */
typedef struct wg_tensor  wg_tensor;
typedef struct wg_op      wg_op;
typedef struct wg_infer   wg_infer;
typedef struct wg_call    wg_call;
typedef struct wg_adjoint wg_adjoint;
typedef struct wg_term    wg_term;

/* A count of inputs or outputs that differs from node to node; `infer` checks it. */
#define WG_VARIADIC (-1)

/* The most outputs that a variadic op may have. */
#define WG_MAX_OUTPUTS 64

/*
 * A kernel computes one node's outputs. It returns 0, or wg_flag(...) when the data is bad (an
 * index out of range): then the run ends with an error on the tape, and none of its updates takes
 * effect.
 */
typedef int wg_kernel(const wg_call *call);

/*
 * What the kernel of an elementwise op does for one element, for plans with many steps of one
 * element each. An op of at most three inputs may have it. Where inputs and output are all of f32,
 * or all of f64, the numbers go by value (those beyond the op's inputs mean nothing), else by
 * address.
 */
typedef union wg_one {
    float (*f32)(float a, float b, float c, const void *attrs);
    double (*f64)(double a, double b, double c, const void *attrs);
    void (*any)(void *y, const void *const *x, const void *attrs);
} wg_one;

/* How a reduction may be made in two stages, see wg_by_stretches. */
typedef struct wg_stretches {
    int64_t    row, length;  /* elements of a row of x, and of a stretch of it */
    wg_kernel *part, *whole; /* numbers from stretches, y from numbers */
} wg_stretches;

/* What the plan may take for granted about an op. */
enum wg_traits {
    /*
     * y[i] depends on x[.][i] alone, all inputs have y's shape, there is one output. Its kernel
     * gets call->n elements at a time; element i of input k is at x[k].data[i * call->step[k]], y
     * is packed; y may share its memory with an input.
     */
    WG_ELEMENTWISE = 1 << 0,
    /*
     * The kernel reads inputs of any strides. Without it (and without WG_ELEMENTWISE) inputs come
     * packed.
     */
    WG_STRIDED = 1 << 1,
    /* Draws random numbers with wg_draw: equal nodes are never merged. */
    WG_RANDOM = 1 << 2,
    /* The kernel may return wg_flag. */
    WG_FLAGS = 1 << 3,
    /* No derivative, on purpose: nothing flows back through it. */
    WG_NO_DERIVATIVE = 1 << 4,
    /*
     * With WG_ELEMENTWISE: an element takes no longer to compute than to write to memory and to
     * read again, so that a plan may do it twice.
     */
    WG_CHEAP = 1 << 5,
    /*
     * Of two outputs: the elements of y[0] are elements of x[0], at places in it that y[1] tells.
     * The other way round: y is zero, but that each element of x[0] is added at a place in it that
     * x[1] tells. Places are told by nothing else. So the adjoint of a choice is put where it chose.
     */
    WG_CHOOSES = 1 << 6,
    WG_PUTS = 1 << 7,
    /* With WG_ELEMENTWISE: y[i] is x[0][i] or 0, and with two inputs x[1][i] tells which. */
    WG_MASKS = 1 << 8
};

/* An op: its name, its counts and its rules. */
struct wg_op {
    const char *name;    /* "conv2d" */
    int         inputs;  /* how many, or WG_VARIADIC */
    int         outputs; /* how many, or WG_VARIADIC: infer sets the number */
    /*
     * Bytes of settings, copied when recorded. Members of 8 bytes only, so that no padding lies
     * between: reals as double, integers as int64_t, and no dtype (see wg_apply).
     */
    size_t   attrs_size;
    unsigned traits; /* of enum wg_traits */

    /*
     * Sets the output types, or says with wg_refuse why not. NULL: one output, of the first input's
     * type, all floating.
     */
    const char *(*infer)(wg_infer *);

    /*
     * Picks the kernel, once per plan, by types and settings alone; may ask for wg_scratch and
     * wg_keep. NULL from it: no memory, or no kernel for this dtype (then the error says so).
     * Required unless `view` is there.
     */
    wg_kernel *(*prepare)(wg_call *);

    /* Frees what prepare made beyond wg_keep and wg_scratch, or NULL. */
    void (*release)(wg_call *);

    /*
     * An op without work: y comes as a copy of the view x of the op's first input, with y's own
     * type; it sets the strides, moves the start with wg_view_advance, and returns true; false when
     * the elements of x must be packed first. NULL: not such an op.
     */
    bool (*view)(const void *attrs, const wg_view *x, wg_view *y);

    /* The local rule: for each input with d->needs[i], records dx and gives it to wg_adjoint_add. */
    void (*derive)(wg_adjoint *d);

    /*
     * The same result from simpler ops: what `derive` falls back to, and what the kernel is tested
     * against. Or NULL.
     */
    wg_tensor *(*compose)(wg_tensor *const *x, const void *attrs);

    /*
     * a + b, both results of this op, recorded as one node where that is shorter than an addition;
     * else NULL. Adjoints that meet are added by it. Or NULL.
     */
    wg_tensor *(*sum)(const wg_term *a, const wg_term *b);

    /*
     * For images (n, c, h, w): the ends that the op can take and give with their channels last in
     * memory, bit i for input i and bit inputs + k for output k; 0: it cannot. *saves, 0 before, is
     * set to the moves of an element that this spares. A plan that takes it up says so in
     * call->channels_last before `prepare`, and these ends then have such strides. NULL: it cannot.
     * Elementwise ops need no such rule: they take all images alike.
     */
    uint64_t (*channels_last)(const wg_call *call, double *saves);

    /*
     * For two inputs: a value of input i, if not 0, for which y is the other one, bit for bit: {1, 1}
     * for a product. A plan then leaves the op out.
     */
    double neutral[2];

    /*
     * How pictures word the settings, read from the front of attrs: "stride %d %d, slope %g" with %d
     * for an int64_t, %g for a double, and %a for a list that is a count and WG_MAX_RANK numbers
     * (wg_shape, wg_axes). NULL: they are not shown.
     */
    const char *settings;
    const char *formula; /* "y = max(x, 0)" */
    /* "dx = dy [x > 0]": the local derivative, shown in pictures; "none" with WG_NO_DERIVATIVE. */
    const char *rule;
};

/* ---- infer ---- */

/* What infer sees (attrs, dtype, inputs, x) and sets (outputs when variadic, y). */
struct wg_infer {
    const void           *attrs;
    wg_dtype              dtype; /* what wg_apply was asked for, or WG_NO_DTYPE */
    int                   inputs, outputs;
    const wg_type *const *x;
    wg_type               y[WG_MAX_OUTPUTS];
    char                  reason[400];
};

WG_BEGIN_DECLS

/*
 * Writes the reason into i->reason and returns it: `return wg_refuse(i, "inner sizes differ, %lld
 * and %lld", ...)`.
 */
WG_API const char *wg_refuse(wg_infer *i, const char *format, ...) WG_PRINTF(2, 3);

/*
 * Ready reasons: NULL when it holds. All inputs floating and of one dtype; all inputs of one dtype;
 * input k of exactly this rank.
 */
WG_API const char *wg_infer_floats(wg_infer *i);
WG_API const char *wg_infer_same_dtype(wg_infer *i);
WG_API const char *wg_infer_rank(wg_infer *i, int k, int64_t rank);

/* Sets output k to this dtype and shape; refuses sizes that overflow. */
WG_API const char *wg_infer_output(wg_infer *i, int k, wg_dtype dtype, wg_shape shape);

/*
 * Ready infer for ops on floats of one type: all inputs alike, one output like them. The default.
 */
WG_API const char *wg_infer_like(wg_infer *i);

WG_END_DECLS

/* ---- prepare and run ---- */

/* The pieces of work from `first` to before `end`. */
typedef struct wg_range {
    int64_t first, end;
} wg_range;

/*
 * What prepare and a kernel see. The views' types and strides are there from prepare on; their data
 * only in a run.
 */
struct wg_call {
    const wg_op    *op;
    const void     *attrs;
    int             inputs, outputs;
    wg_view        *x, *y;
    int64_t         n;    /* WG_ELEMENTWISE: elements of this call */
    int64_t        *step; /* WG_ELEMENTWISE: from one element of input k to the next, in elements */
    void           *kept; /* of wg_keep: what prepare found out, for the kernel to read */
    void           *scratch; /* of wg_scratch */
    size_t          scratch_bytes;
    uint64_t        node; /* WG_RANDOM: number of this node among the record's random ones */
    const uint64_t *seed,
        *run;    /* WG_RANDOM: the tape's seed and the number of the run, see wg_draw */
    wg_one one; /* WG_ELEMENTWISE: set by prepare, or NULL */
    /*
     * WG_ELEMENTWISE: set by prepare, or NULL. The same kernel for one input more, of y's type,
     * which it adds to each element: with the bits of an addition that follows.
     */
    wg_kernel *plus;
    const char
        *way; /* set by prepare: the name of the kernel in reports, where there are several */
    const char *why; /* set by prepare: why it is not by the library that was asked for, or NULL */
    const struct wg__onednn_library *onednn; /* oneDNN, where the tape asks for it; or NULL */
    uint64_t channels_last; /* ends that lie so, see wg_op; 0: all images are packed */
    int64_t units;  /* of wg_parallel: pieces of the whole work */
    double  operations;           /* of wg_parallel */
    double  flops; /* set by prepare, for reports: floating-point operations, a multiply-add counted
                      as two; 0: reports take `operations` */
    int64_t runs;                 /* of wg_writes */
    bool    reads;                /* of wg_reads */
    wg_stretches stretches;       /* of wg_by_stretches */
    wg_range share;               /* the units that this call is to do, see wg_share, */
    int      part;                /* and its number among those that do the others */
    struct wg_plan        *plan;  /* whose step it is, */
    const struct wg__step *owner; /* and the step */
};

WG_BEGIN_DECLS

/*
 * In prepare: `bytes` zeroed bytes that live as long as the plan, also in call->kept. NULL when
 * there is no memory.
 */
WG_API void *wg_keep(wg_call *call, size_t bytes);

/* In prepare: asks for `bytes` bytes at call->scratch while the kernel runs, contents undefined. */
WG_API void wg_scratch(wg_call *call, size_t bytes);

/*
 * In prepare: the work falls into `units` pieces (rows, images, tiles) of which each can be done
 * without the others, at once by several threads; it is about `operations` additions or moves in
 * all, by which the plan decides whether threads are worth it. Scratch is each thread's own. The
 * kernel then does the pieces of wg_share, and its results must not depend on how many those are.
 */
WG_API void wg_parallel(wg_call *call, int64_t units, double operations);

/*
 * In prepare, after wg_parallel: output 0 consists of `runs` equal stretches, and unit u writes the
 * u-th of `units` equal pieces of each of them, which no other unit touches: runs is 1 for units
 * that follow each other in memory. The plan may then take each piece through elementwise steps as
 * soon as it is there.
 */
WG_API void wg_writes(wg_call *call, int64_t runs);

/*
 * In prepare, after wg_parallel: unit u reads the u-th of `units` equal pieces of input 0, and no
 * other element of it. The plan may then run the step piece by piece behind the one that makes
 * these, which need not be kept if nobody else reads them.
 */
WG_API void wg_reads(wg_call *call);

/*
 * In prepare, of an op that makes y of one input x: the same bits come out in two stages as well.
 * The elements of x, in order, are rows of `row` elements, and each row falls into stretches of
 * `length`, of which the last may be shorter. `part` gets call->n packed elements at x[0].data,
 * whole stretches as far as the row reaches, and writes one number of y's dtype for each stretch;
 * `whole` gets all of these numbers as its x, and makes y. NULL: they are y, as `length` is `row`.
 * The plan may then hand the elements to `part` as soon as elementwise steps have made them, so
 * that x need not be written.
 */
WG_API void wg_by_stretches(wg_call *call, const wg_stretches *stretches);

/*
 * In prepare: true when nobody reads output k. The kernel then must not write it, as it gets no
 * memory; an op that does not ask writes all of its outputs.
 */
WG_API bool wg_leave_out(wg_call *call, int k);

/* In a kernel: the pieces that this call is to do; all of them, from 0, where nothing is split. */
static inline wg_range wg_share(const wg_call *call)
{
    return call->share;
}

/*
 * In a kernel: flags bad data. The format may use two %lld, which are a and b. Returns what the
 * kernel is to return.
 */
WG_API int wg_flag(const wg_call *call, const char *format, long long a, long long b);

/* In a kernel of a WG_RANDOM op: four random words, number `block` of this node in this run. */
WG_API void wg_draw(const wg_call *call, uint64_t block, uint32_t words[4]);

/*
 * In prepare: f32 or f64 by the dtype of input 0, or of output 0 where there is none. NULL for
 * another dtype.
 */
WG_API wg_kernel *wg_kernel_of(const wg_call *call, wg_kernel *f32, wg_kernel *f64);

WG_END_DECLS

/* ---- derive ---- */

/*
 * What the local rule sees. dy[k] is NULL for an output that nothing differentiable used; an
 * integer output never has one. Rules record ops and touch no numbers, so that their result can be
 * derived again.
 */
struct wg_adjoint {
    const wg_op      *op;
    const void       *attrs;
    int               inputs, outputs;
    wg_tensor *const *x, *const *y, *const *dy;
    const bool *needs;  /* per input: is dx wanted? */
    wg_tensor **dx;     /* of wg_adjoint_add */
    bool        failed; /* something that was to be recorded is NULL */
};

/* One result of an op that is to be added to another, as it was recorded. */
struct wg_term {
    const void       *attrs;
    wg_tensor *const *x;
    int               inputs;
};

WG_BEGIN_DECLS

/*
 * Adds dx to the adjoint of input i. Nothing happens when needs[i] is false; a dx that is NULL, or
 * of another type than x, ends the derivation with an error.
 */
WG_API void wg_adjoint_add(wg_adjoint *d, int i, wg_tensor *dx);

/* dy[k], or zeros of y[k]'s type when nothing used that output. */
WG_API wg_tensor *wg_adjoint_dy(wg_adjoint *d, int k);

/* ---- recording ---- */

/*
 * Records a node: `op` on `count` inputs with these settings (NULL when op->attrs_size is 0).
 * `dtype` is what the outputs are to be where inputs and settings do not tell (cast, random
 * numbers), else WG_NO_DTYPE. Returns the first output, see wg_output for the others; NULL when it
 * is refused, with the error on the tape. Inputs that are all NULL give NULL.
 */
WG_API wg_tensor *wg_apply(const wg_op *op, const void *attrs, wg_dtype dtype, wg_tensor *const *x,
                           int count);

/* The same for an op without inputs, which therefore needs to be told the tape. */
WG_API wg_tensor *wg_apply_source(wg_tape *tape, const wg_op *op, const void *attrs,
                                  wg_dtype dtype);

/* Output k of the node that made `first`; NULL for NULL. */
WG_API wg_tensor *wg_output(wg_tensor *first, int k);

/*
 * Refuses, before it comes to recording: puts "where: op inputs: reason" on the tape of the inputs.
 * Returns NULL.
 */
WG_API wg_tensor *wg_reject(const wg_op *op, wg_tensor *const *x, int count, const char *format,
                            ...) WG_PRINTF(4, 5);

WG_END_DECLS

#endif
