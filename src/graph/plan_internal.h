// SPDX-License-Identifier: MIT
/* What the files that make and run plans share: how a plan looks in memory. */
#ifndef WENGERT_GRAPH_PLAN_INTERNAL_H
#define WENGERT_GRAPH_PLAN_INTERNAL_H

#include "internal.h"

/* Where a storage's memory comes from. */
typedef enum wg__place_kind {
    WG__IN_ARENA, /* shared by lifetimes */
    WG__IN_PLAN,  /* the plan's own: outputs and constants */
    WG__IN_LEAF   /* of a leaf, or of a tensor that holds a valid value */
} wg__place_kind;

/* A piece of memory that one or more values look at. */
typedef struct wg__storage {
    wg__place_kind kind;
    size_t         bytes;
    int            first, last; /* of wg__plan_lifetimes: the steps that need it */
    size_t         offset; /* in the arena */
    void
        *memory; /* other kinds: where it is. WG__IN_ARENA in a tape with options.apart: likewise */
    bool filled; /* with one element, `fill`, known when the plan is made */
    double fill;
    int    heir; /* the storage that this one may overwrite, and whose place it takes; -1 */
} wg__storage;

/* What a computed tensor is in a plan: a view of a storage. view.data is the offset in bytes. */
typedef struct wg__value {
    wg_view view;
    int     storage;
    int     packed; /* the same elements, packed; -1: not made yet */
} wg__value;

/*
 * A member of a fused step. end[i] says where its input i, and last its output, is: an end of the
 * step, or ~r for register r.
 */
typedef struct wg__member {
    wg_call    call; /* with views of its own: a member is there once for each part of the work */
    wg_kernel *kernel;
    int       *end;
} wg__member;

/* Elementwise steps as one: a tile goes through all members before the next one does. */
typedef struct wg__fused {
    int         members, registers;
    wg__member *member;                /* members of part 0, of part 1, ... */
    size_t      width, register_bytes; /* of an element, of a register */
    int64_t     tile, tiles;           /* elements; how many in a row */
    bool        reduces;               /* some members are the first stage of a reduction */
    int64_t    *advance;               /* of an end: bytes from one element to the next */
    char      **base;                  /* of an end, in each part: the row that it works on */
} wg__fused;

/* A step among several that one step does in turn, and the members that its output 0 goes through. */
typedef struct wg__stage {
    wg_call    call; /* with views of its own for each part */
    wg_kernel *kernel;
    int       *end;       /* which end of the whole each of its ends is */
    wg__fused *fused;     /* or NULL */
    size_t     registers; /* where in the scratch the members' are */
} wg__stage;

/* Steps as one, which all do a chunk of their units before the next one is begun: see chunks.c. */
typedef struct wg__chunks {
    int        stages;
    wg__stage *stage;
    int64_t    count;
    size_t    *piece; /* of an end: bytes of the largest chunk, if no more of it is there; or 0 */
    char     **data;  /* of an end, in each part: where it would begin */
} wg__chunks;

enum { WG__SCALAR_INPUTS = 3, WG__SCALAR_BYTES = 8 };

/*
 * A member of a list of scalar steps, with ends like those of a wg__member; and what is left of it
 * in a run.
 */
typedef struct wg__scalar {
    const wg_op *op;
    wg_one       one;
    const void  *attrs;
    wg_dtype     dtype; /* of all its numbers, which go by value; WG_NO_DTYPE: by address */
    int          inputs, end[WG__SCALAR_INPUTS + 1];
} wg__scalar;
typedef struct wg__entry {
    wg_one      one;
    void       *y;
    const void *x[WG__SCALAR_INPUTS], *attrs;
    wg_dtype    dtype; /* as above */
    unsigned    known; /* bit k: input k is the result of the member before, of the same dtype */
} wg__entry;

/* Steps of one element each as one. */
typedef struct wg__scalars {
    int         count, registers;
    wg__scalar *scalar;
    wg__entry  *entry;
} wg__scalars;

typedef struct wg__step {
    wg_call      call;
    wg_kernel   *kernel;
    int          parts;  /* that threads do at once */
    bool         again;  /* it computes what an earlier step did too, see recompute.c */
    uint64_t     unread; /* bit k: nobody asked for output k */
    wg_kernel   *inner; /* of an elementwise step whose inputs take several loops */
    const char  *where;
    const char **names;   /* of the inputs, for errors */
    int         *storage; /* of inputs, then outputs, then scratch (-1: none) */
    size_t      *offset;  /* of inputs and outputs in them, bytes */
    int64_t      loops;
    int64_t     *dim; /* of wg__step_rows: the loops' sizes, */
    int64_t (*stride)[WG_MAX_RANK]; /* and strides per input and output */
    wg__fused   *fused;             /* or NULL */
    wg__scalars *scalars;           /* or NULL */
    wg__chunks  *chunks;            /* or NULL */
} wg__step;

/* A member of a step that has some, for those who look at it. */
typedef struct wg__part {
    const wg_op *op;
    int          inputs;
    const int   *end;
} wg__part;

static inline int wg__step_members(const wg__step *step)
{
    if (step->scalars) return step->scalars->count;
    int count = step->fused ? step->fused->members : 0;
    for (int s = 0; s < (step->chunks ? step->chunks->stages : 0); s++)
        count += 1 + (step->chunks->stage[s].fused ? step->chunks->stage[s].fused->members : 0);
    return count;
}
static inline wg__part wg__step_member(const wg__step *step, int m)
{
    if (step->scalars) {
        const wg__scalar *scalar = &step->scalars->scalar[m];
        return (wg__part){scalar->op, scalar->inputs, scalar->end};
    }
    const wg__fused *fused = step->fused;
    for (int s = 0; !fused || m >= fused->members; s++) { /* the stage whose member it is */
        const wg__stage *stage = &step->chunks->stage[s];
        m -= fused ? fused->members : 0;
        if (m-- == 0) return (wg__part){stage->call.op, stage->call.inputs, stage->end};
        fused = stage->fused;
    }
    const wg__member *member = &fused->member[m];
    return (wg__part){member->call.op, member->call.inputs, member->end};
}

/*
 * An update: at the end of a run the leaf takes the value of `storage`; -1: it was written in
 * place.
 */
typedef struct wg__commit {
    wg_tensor *leaf;
    int        storage;
} wg__commit;

struct wg_plan {
    wg_tape     *tape;
    wg_plan     *next;
    wg__pool     pool;
    wg__value   *value;
    wg__storage *storage;
    wg__step    *step;
    size_t       value_capacity, storage_capacity, step_capacity;
    int          values, storages, steps,
        constants;                 /* the first steps, `constants` of them, ran when it was made */
    wg_tensors     outputs;        /* bound tensors; at[i] is NULL once its record is gone */
    int           *output_storage; /* -1: a leaf */
    wg__commit    *commit;
    int            commits;
    wg_tensor    **input; /* leaves that must have been written */
    int            inputs;
    uint64_t      *signature; /* what was planned, to be compared */
    size_t         signature_words, signature_capacity;
    uint64_t       hash;
    wg_tensors     updates; /* as asked for */
    void          *arena;   /* for which the steps are bound */
    size_t         arena_bytes;
    wg_plan_facts  facts;
    bool           freed; /* and empty */
    bool           held; /* made by wg_plan_new, so not to be taken for another purpose */
    bool           out_of_memory;
    wg__place_kind place;   /* of what steps compute that are being added */
    int            poisons; /* runs with poisoned memory */
};

/* ---- plan.c ---- */

/* Whether there is a plan to run or to look at; that it was freed is an error on its tape. */
bool wg__plan_usable(const wg_plan *plan);

/* ---- step.c; each -1, NULL or false without memory ---- */

/* Zeroed bytes that live as long as the plan. */
void *wg__plan_take(wg_plan *plan, size_t bytes);
/* A storage; `memory` of a leaf, else NULL. */
int wg__storage_new(wg_plan *plan, wg__place_kind kind, size_t bytes, void *memory);
/* A packed value of this type at the start of a storage. */
int wg__value_new(wg_plan *plan, const wg_type *type, int storage);
/* The value of a tensor that is there before the plan runs: a leaf, or one that holds a valid one. */
int wg__value_source(wg_plan *plan, wg_tensor *tensor);
/* A copy of a value, packed, in a storage of its own. */
int wg__value_copy(wg_plan *plan, int value, wg__place_kind kind);
/* A value with the same elements, packed: a copy unless it is packed already. */
int wg__value_packed(wg_plan *plan, int value);
/* An empty step with room for its views, not counted in yet. */
wg__step *wg__step_new(wg_plan *plan, const wg_op *op, int inputs, int outputs);
/* Puts a value at place `end` of the step: its inputs, then its outputs. */
void wg__step_set(wg_plan *plan, wg__step *step, int end, int value);
/* The parts into which so much work is to be split; 1: it is left to one thread. */
int wg__parts(const wg_plan *plan, int64_t units, double operations);
/* Gives each part of the step the scratch that was asked for. */
bool wg__step_scratch(wg_plan *plan, wg__step *step);
/* Room for an elementwise step's loops over so many ends; one without has a single loop. */
bool wg__step_rows(wg_plan *plan, wg__step *step, int ends);
/* Counts in a step, which lies elsewhere. */
bool wg__step_add(wg_plan *plan, const wg__step *step);
/* Counts in a step that copies the elements of value x to those of y. */
bool wg__step_copy(wg_plan *plan, int x, int y);
/* Lets the ops of all steps choose their kernels. */
bool wg__plan_prepare(wg_plan *plan);

/*
 * Moves outputs that were put behind room for `most_inputs` inputs behind those that are there.
 */
void wg__step_close(wg__step *step, int most_inputs, int inputs, int outputs);

/* ---- equal.c ---- */

/* The value that a tensor of the walk has in the plan. */
static inline int wg__value_of(const wg__walk *walk, const wg_tensor *tensor)
{
    return wg__walk_find(walk, tensor)->value;
}
static inline void wg__set_value(const wg__walk *walk, const wg_tensor *tensor, int value)
{
    wg__mark *mark = wg__walk_find(walk, tensor);
    if (mark) mark->value = value;
}
/* Finds the node of the table that is equal to this one, or puts this one in. */
wg__node *wg__find_equal(const wg__walk *walk, wg__node **table, size_t places, wg__node *node);
/*
 * Gives the outputs of `node` the values of its equal; those of the equal that nobody asked for
 * have none: then false, and the node is computed after all.
 */
bool wg__share_values(wg_plan *plan, wg__walk *walk, const wg__node *node, const wg__node *equal);

/* ---- fused.c ---- */

/*
 * Makes one step of the chain of elementwise steps first, next[first], ... to -1. `outside` tells
 * which storages others read too; `place` and `last` are room for a number of each storage.
 */
bool wg__step_fuse(wg_plan *plan, int first, const int *next, const bool *outside, int *place,
                   int *last, wg__step *made);
int  wg__run_fused(const wg_call *call);
/* The same members for a step whose end at[e] is end e of theirs, of `ends`; NULL without memory. */
wg__fused *wg__fused_move(wg_plan *plan, const wg__step *step, const wg__fused *from, int ends,
                          const int *at);
/* Takes elements of packed ends, which begin at base[end], through the members, for one part. */
void wg__fused_stretch(const wg__fused *fused, int part, char *const *base, char *registers,
                       int64_t first, int64_t count);

/* ---- stages.c ---- */

/* Whether a step is a reduction whose first stage may be a member of a fused step. */
bool wg__is_reduction(const wg_plan *plan, const wg__step *step);
/* Makes of such a step its first stage, and *whole the second one, if it has one. */
bool wg__step_stages(wg_plan *plan, int s, wg__step *whole);
/* The numbers that a first stage makes of rows along the last axis, seen as elements of `type`. */
void wg__spread_numbers(const wg_stretches *by, const wg_type *type, wg_view *view);

/* ---- plus.c ---- */

/* Lets members of a chain add what an addition would add to their output, which then is left out. */
bool wg__fuse_sums(wg_plan *plan, int *first, int *next, const bool *outside);

/* ---- listed.c ---- */

int wg__run_scalars(const wg_call *call);
/* Points a list at its memory. */
void wg__scalars_bind(const wg__step *step);

/* ---- chunks.c ---- */

/* Steps that read this storage, and updates that take it. */
int wg__readers(const wg_plan *plan, int storage);
/* Puts end `from` of another step at the end `to` of this one. */
int wg__put_end(wg__step *step, int to, const wg__step *other, int from);
/* Lets `join` make one step of those next to each other that `may` names. */
bool wg__chunks_join(wg_plan *plan,
                     bool (*may)(const wg_plan *, const wg__step *, const wg__step *),
                     bool (*join)(wg_plan *, const wg__step *, const wg__step *, wg__step *));
/* Makes `step` do chunks of what two steps do, whose own scratch is not needed any more. */
bool wg__chunks_begin(wg_plan *plan, wg__step *step, const wg__step *first, const wg__step *rest);
/* Adds the stages of `from`, itself one if it has none, whose end e is the step's end at[e]. */
bool wg__chunks_add(wg_plan *plan, wg__step *step, const wg__step *from, const int *at);
/* Room for all of it, now that its stages are known. */
bool wg__chunks_end(wg_plan *plan, wg__step *step);
int  wg__run_chunks(const wg_call *call);

/* ---- the passes, in their order ---- */

/*
 * Builds the plan of a walk: plan->outputs and plan->updates say what is asked. The walk stopped at
 * tensors with valid values.
 */
bool wg__plan_build(wg_plan *plan, wg__walk *walk);
/* Whether a pass is to be run: with options.apart none is. */
static inline bool wg__plan_with(const wg_plan *plan, unsigned pass)
{
    return !plan->tape->options.apart && !(plan->tape->options.without & pass);
}
/* Bytes that one core's share of the caches does not hold for long. */
static inline size_t wg__large(const wg_plan *plan)
{
    return plan->tape->options.large ? plan->tape->options.large : 16 << 20;
}
/* Computes again where it is read what is cheap and too large to be kept. */
bool wg__plan_recompute(wg_plan *plan);
/* Lays masks on chosen elements before these go back to their places. */
bool wg__plan_masks(wg_plan *plan);
/* Decides which images lie with channels last, before the kernels are chosen. */
bool wg__plan_layouts(wg_plan *plan);
/* Makes one step of elementwise steps over the same elements. */
bool wg__plan_fuse(wg_plan *plan);
/* groups[s]: equal for steps that wg__plan_fuse would join; -1: for others. False without memory. */
bool wg__plan_groups(wg_plan *plan, int *groups);
/* Lets elementwise steps finish the output of the step before, while it is in the cache. */
bool wg__plan_finish(wg_plan *plan);
/* Lets steps take pieces of the output of the step before, while they are in the cache. */
bool wg__plan_follow(wg_plan *plan);
/* Moves the steps that compute new params up behind what they wait for. */
bool wg__plan_update_early(wg_plan *plan);
/* Lets the last steps write new params where the old ones lie. */
bool wg__plan_update_in_place(wg_plan *plan);
/* Lets steps write over inputs that nobody needs afterwards. */
bool wg__plan_inherit(wg_plan *plan);
/* True when output k of an elementwise step, fused or not, may lie where the input lies. */
bool wg__may_overwrite(const wg__step *step, int k, int input);
/* Makes lists of runs of steps of one element each. */
bool wg__plan_list_scalars(wg_plan *plan);
/* Finds out anew from which step to which each storage is needed. */
void wg__plan_lifetimes(wg_plan *plan);
/* Gives every storage of the arena its offset. */
bool wg__plan_place(wg_plan *plan);
/* Makes the memory of the plan's own storages and room in the tape's arena. */
bool wg__plan_allocate(wg_plan *plan);
/* Where a storage is. */
void *wg__memory_of(const wg_plan *plan, int storage);
/* Points every step at its memory. */
void wg__plan_bind(wg_plan *plan);
/* What comes before the steps of a run (false with the error on the tape), and after them. */
bool wg__plan_begin(wg_plan *plan);
void wg__plan_end(wg_plan *plan);
/* Runs the steps from first to end; false with the error on the tape. */
bool wg__plan_steps(wg_plan *plan, int first, int end);
/* The kernel of an elementwise step whose inputs take several loops. */
int wg__run_loops(const wg_call *call);

/* ---- report.c ---- */

/* Bytes that a step reads and writes. */
double wg__step_bytes(const wg__step *step);
/* Its floating-point operations, or about so many where its op does not tell. */
double wg__step_flops(const wg__step *step);
/* Members of a JSON object that tell of a step. */
void wg__json_step(const wg_plan *plan, const wg__step *step, FILE *file);

#endif
