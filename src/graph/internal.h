// SPDX-License-Identifier: MIT
/*
 * What the files of this room share and nobody else sees: how a tape, a tensor and a node look in
 * memory.
 *
 * The record is a row of tensor slots of fixed size, which never move and are never given back
 * before the tape is, so that an outdated handle can be told from a valid one; node bodies (op,
 * inputs, settings) lie in a pool beside it. wg_tape_clear only sets `count` back to 0: the slots
 * up to `top` are ghosts, with which what is recorded next is compared. As long as it is the same,
 * it costs a comparison; at the first difference the ghosts are dropped.
 */
#ifndef WENGERT_GRAPH_INTERNAL_H
#define WENGERT_GRAPH_INTERNAL_H

#include "basic.h"
#include "derive.h"
#include "plan.h"
#include "tape.h"

#include "../tensor/pool.h"
#include "team.h"

#include <stdatomic.h>

typedef struct wg__node {
    const wg_op *op;
    const void  *attrs;
    const char  *where, *scope;
    wg_tensor   *from;   /* whose adjoint the rule that recorded this passed on; NULL: the user */
    uint64_t     random; /* number among the record's random nodes */
    uint64_t     met;    /* number of the walk that met it last */
    uint32_t     first;  /* number of its first output in the record */
    uint32_t     attrs_bytes;
    int          inputs, outputs;
    wg_dtype     dtype; /* as asked for */
    wg_tensor   *x[];
} wg__node;

struct wg_tensor {
    wg_tape       *tape;
    wg__node      *node; /* NULL: a leaf */
    const wg_type *type; /* one per type and tape: equal types are equal pointers */
    const char    *name; /* with scopes; NULL: none */
    void    *value; /* packed elements: of a leaf always, else while stamp is the tape's version */
    uint64_t stamp;
    void    *work;  /* of the walk that is going on, NULL outside one */
    uint32_t index; /* in the record, or among the leaves */
    uint8_t  role;
    bool     owns_value;      /* eager: freed with the slot */
    bool     written, frozen; /* leaves */
    bool     filled;          /* leaves: by the program */
    bool     shares_name;     /* with another leaf */
    bool     of_training;     /* states: see wg_training_state */
    wg_tensor *next_leaf;     /* leaves of the same name */
    uint64_t   record;        /* leaves: in which record they were asked for last */
};

/* A derivation as recorded, to be found again: the nodes from `begin` to `end` came out of it. */
typedef struct wg__derivation {
    uint32_t   begin, end;
    wg_tensors outputs, seeds, wanted, results;
    bool      *reached;
} wg__derivation;

typedef struct wg__name wg__name;

enum { WG__SLOTS = 256 /* per block */ };

struct wg_tape {
    wg_allocator    allocator;
    wg_tape_options options;
    char            error[1024]; /* "" while there is none */
    int             threads;     /* that runs may use, 1 at least */
    wg__team       *team;        /* made when a plan first needs it */
    struct wg__onednn_library *onednn;      /* where options ask for it and it is there */
    atomic_flag     flagging;    /* a kernel is writing the error */

    wg_tensor **blocks; /* of WG__SLOTS slots each */
    size_t      blocks_capacity;
    uint32_t    slots;   /* in all blocks */
    uint32_t    count;   /* tensors of the present record */
    uint32_t    top;     /* the same with ghosts */
    uint64_t    record;  /* counts wg_tape_clear */
    uint64_t    randoms; /* random nodes of the present record */
    wg__pool    nodes;   /* bodies, derivations: in step with the slots */
    wg__pool    lists;   /* lists handed out, until wg_tape_clear */

    wg__derivation **derivations;
    size_t           derivations_capacity;
    uint32_t         derivation_count, derivation_next;

    wg_tensor **leaves;
    size_t      leaves_capacity;
    int         leaf_count, leaf_expected; /* the one behind that asked for last */

    wg__pool        permanent; /* names, types, leaves */
    wg__name      **names;
    const wg_type **types;
    size_t          name_buckets, name_count, type_buckets, type_count;

    const char  *scope; /* open scopes joined by '/', "" outside */
    const char **scope_stack;
    size_t       scope_capacity;
    int          scope_depth;
    bool         evaluates, shares; /* modes */
    wg_tensor   *from; /* while a local rule records */
    int          deriving;

    uint64_t version; /* counts writes and runs */
    uint64_t runs;
    uint64_t seed;
    int64_t  visits, plans_made;
    uint64_t walks;
    wg_plan *plans, *freed_plans; /* lists */
    void    *arena;
    size_t   arena_bytes;
};

/* ---- tape.c ---- */

/* Puts an error on the tape unless there is one: "where: " and the text. Returns NULL. */
void *wg__fail(wg_tape *tape, const char *where, const char *format, ...) WG_PRINTF(3, 4);
void *wg__out_of_memory(wg_tape *tape);

/* `bytes` bytes that live until the next wg_tape_clear; NULL with the error on the tape. */
void *wg__list_take(wg_tape *tape, size_t bytes);
/* A list of `count` tensors there, copied from `at` unless that is NULL. Count 0 without memory. */
wg_tensors wg__list_new(wg_tape *tape, int count, wg_tensor *const *at);

/* ---- names.c ---- */

struct wg__name {
    wg__name  *next;
    wg_tensor *leaves; /* of this name */
    uint64_t   hash;
    char       text[];
};

/* The one entry of "prefix/name" ("name" with an empty prefix); NULL without memory. */
wg__name *wg__intern_name(wg_tape *tape, const char *prefix, const char *name);
/* True when the text is "prefix/name", or "name" with an empty prefix. */
bool wg__is_joined(const char *text, const char *prefix, const char *name);
/* The one type equal to this; NULL without memory. */
const wg_type *wg__intern_type(wg_tape *tape, const wg_type *type);

/* ---- record.c ---- */

static inline wg_tensor *wg__slot(const wg_tape *tape, uint32_t index)
{
    return &tape->blocks[index / WG__SLOTS][index % WG__SLOTS];
}
/* Output k of a node. */
static inline wg_tensor *wg__node_output(const wg_tape *tape, const wg__node *node, int k)
{
    return wg__slot(tape, node->first + (uint32_t)k);
}
/* wg_apply with settings of any length. `tape` may be NULL when there is an input. */
wg_tensor *wg__record(wg_tape *tape, const wg_op *op, const void *attrs, size_t attrs_bytes,
                      wg_dtype dtype, wg_tensor *const *x, int count);
/* Drops ghosts, and what was recorded, from slot `count` on. */
void wg__truncate(wg_tape *tape, uint32_t count);
/*
 * True when the tensor may be used now; else false with an error on its tape that says why. NULL:
 * false.
 */
bool wg__usable(const wg_tensor *tensor);
/* True when all of them are of one tape and usable; *tape is that tape. An empty list is fine. */
bool wg__list_usable(wg_tensors list, wg_tape **tape);

/* ---- leaf.c ---- */

void wg__leaf_free(wg_tape *tape, wg_tensor *leaf);

/* ---- walk.c ---- */

/*
 * What a walk leaves at each tensor that it meets: `work` points to it until wg__walk_done. Walks
 * nest, since a rule may derive: `outer` is what was there before.
 */
typedef struct wg__mark {
    wg_tensor       *tensor;
    void            *outer;
    struct wg__mark *next; /* of the walk's marks */
    struct wg__walk *walk;
    bool             stop, needs; /* derive: is wanted; depends on what is wanted */
    bool             constant;    /* plan: depends on constants alone */
    wg_tensor       *adjoint;     /* derive; lift: its copy */
    int              value;       /* plan: number of its value, -1 */
} wg__mark;

/* A walk back from some tensors to the leaves: the nodes met, latest first, each once. */
typedef struct wg__walk {
    wg_tape   *tape;
    wg__pool   pool;
    wg__mark  *marks;
    wg__node **node;
    size_t     capacity;
    int        count;
    bool       to_values; /* goes no further than to tensors that hold a valid value */
} wg__walk;

/* True while the value that a recorded tensor holds is the one it should have. */
static inline bool wg__has_value(const wg_tensor *tensor)
{
    return tensor->value && tensor->stamp == tensor->tape->version;
}

void wg__walk_init(wg__walk *walk, wg_tape *tape);
/*
 * Marks a tensor, once, before the walk runs; the walk does not go behind marks with `stop`. NULL
 * without memory.
 */
wg__mark *wg__walk_mark(wg__walk *walk, wg_tensor *tensor);
/* The tensor's mark in this walk, or NULL. */
static inline wg__mark *wg__walk_find(const wg__walk *walk, const wg_tensor *tensor)
{
    wg__mark *mark = tensor->work;
    return mark && mark->walk == walk ? mark : NULL;
}
/* Walks from the marked tensors; `floor`: nodes before it do not matter. False without memory. */
bool wg__walk_run(wg__walk *walk, uint32_t floor);
/* Takes the marks away. */
void wg__walk_done(wg__walk *walk);

/* ---- lift.c ---- */

/*
 * wg_lift that tells in *refused, which may be NULL, at which node it stopped; NULL when it did not
 * come to the nodes.
 */
wg_tensors wg__lift(wg_tape *to, wg_tensors wanted, wg_dtype from, wg_dtype into,
                    const wg__node **refused);

/* Records one node again, on these inputs: its first output, or NULL with the error on `to`. */
wg_tensor *wg__record_again(wg_tape *to, const wg__node *node, wg_tensor *const *x, wg_dtype from,
                            wg_dtype into);

/* ---- plan ---- */

/* Computes the tensors without updates; those that hold valid values are taken as they are. */
bool wg__compute(wg_tape *tape, wg_tensors wanted);
/* As wg_plan_run, without counting as a run. */
bool wg__plan_execute(wg_plan *plan);
/* A plan whose outputs are on a dropped record keeps no tie to them. */
void wg__plans_unbind(wg_tape *tape, uint32_t from);
void wg__plans_free(wg_tape *tape);
void wg__plan_delete(wg_plan *plan);

#endif
