// SPDX-License-Identifier: MIT
/*
 * A network as a table. What an op costs is asked of its prepare, by a call that has types and no
 * memory, as in a plan.
 */
#include "summary.h"

#include "plan_internal.h"

#include <string.h>

/* A row: the nodes of one scope that follow each other. */
typedef struct row {
    const wg__node *heaviest, *last;
    double          most;  /* operations of the heaviest */
    int             steps; /* nodes that compute something */
    int64_t         params;
    double          flops, bytes;
} row;

/* What the rows add up to. */
typedef struct sums {
    int64_t params, frozen;
    double  param_bytes, flops, bytes;
} sums;

static const wg_type *type_of(const wg_tape *tape, const wg__node *node, int k)
{
    return wg__node_output(tape, node, k)->type;
}

/* ---- what a node costs ---- */

static bool is_view(const wg__node *node)
{
    return node->op->view && node->inputs > 0;
}

static void set_view(wg_view *view, const wg_type *type)
{
    view->type = type;
    wg_shape_strides(type->shape, view->stride);
}

/* Lets the op choose its kernel for packed inputs, and reads what it says of the work. */
static double ask_flops(wg_plan *plan, const wg__node *node)
{
    wg__step *step = wg__step_new(plan, node->op, node->inputs, node->outputs);
    if (!step) return -1;
    step->call.attrs = node->attrs;
    for (int i = 0; i < node->inputs; i++) set_view(&step->call.x[i], node->x[i]->type);
    for (int k = 0; k < node->outputs; k++)
        set_view(&step->call.y[k], type_of(plan->tape, node, k));
    const bool   chosen = node->op->prepare(&step->call);
    const double flops = wg__step_flops(step);
    if (chosen && node->op->release) node->op->release(&step->call);
    if (plan->out_of_memory) return -1;
    const bool untold = flops == 0 && (node->op->traits & WG_ELEMENTWISE);
    return untold ? (double)type_of(plan->tape, node, 0)->count : flops;
}

/* Operations of a node, about; negative without memory. */
static double flops_of(wg_tape *tape, const wg__node *node)
{
    if (is_view(node) || type_of(tape, node, 0)->count == 0) return 0;
    wg_plan      plan = {.tape = tape, .pool = {.allocator = &tape->allocator}};
    const double flops = ask_flops(&plan, node);
    wg__free(&tape->allocator, plan.step);
    wg__pool_done(&plan.pool);
    return flops;
}

static double bytes_of(const wg_tape *tape, const wg__node *node)
{
    double bytes = 0;
    for (int k = 0; k < node->outputs && !is_view(node); k++)
        bytes += (double)wg__type_bytes(type_of(tape, node, k));
    return bytes;
}

/* ---- the rows ---- */

/* Params that no row has counted yet; a mark's `needs` says that one has. */
static int64_t new_params(const wg__walk *walk, const wg__node *node, sums *all)
{
    int64_t count = 0;
    for (int i = 0; i < node->inputs; i++) {
        const wg_tensor *leaf = node->x[i];
        wg__mark        *mark = wg__walk_find(walk, leaf);
        if (leaf->role != WG_PARAM || mark->needs) continue;
        mark->needs = true;
        count += leaf->type->count;
        all->frozen += leaf->frozen ? leaf->type->count : 0;
        all->param_bytes += (double)wg__type_bytes(leaf->type);
    }
    return count;
}

static bool add_node(const wg__walk *walk, const wg__node *node, row *r, sums *all)
{
    const double flops = flops_of(walk->tape, node);
    if (flops < 0) return wg__out_of_memory(walk->tape);
    r->last = node;
    r->steps += !is_view(node);
    if (!r->heaviest || (!is_view(node) && (is_view(r->heaviest) || flops > r->most))) {
        r->heaviest = node;
        r->most = flops;
    }
    r->params += new_params(walk, node, all);
    r->flops += flops;
    r->bytes += bytes_of(walk->tape, node);
    return true;
}

/* "57.8 M"; whole below a thousand. */
static const char *short_number(double number, char text[32])
{
    const char *unit = " kMGTPE";
    int         k = 0;
    for (; number >= 999.5 && k < 6; k++) number /= 1000;
    if (k == 0)
        snprintf(text, 32, "%.0f  ", number);
    else
        snprintf(text, 32, "%.*f %c", number < 9.995 ? 2 : number < 99.95 ? 1 : 0, number, unit[k]);
    return text;
}

static void print_row(const wg__walk *walk, const row *r, FILE *file)
{
    const wg_tensor *y = wg__node_output(walk->tape, r->last, 0);
    char             shape[WG_SHAPE_TEXT], flops[32], bytes[32], op[64];
    const char      *name = *r->last->scope ? r->last->scope : y->name ? y->name : "";
    snprintf(op, sizeof op, r->steps > 1 ? "%.30s +%d" : "%.30s", r->heaviest->op->name,
             r->steps - 1);
    fprintf(file, "%-30s  %-24s  %-20s %12lld %9s %9s\n", name, op,
            wg_shape_text(y->type->shape, shape), (long long)r->params,
            short_number(r->flops, flops), short_number(r->bytes, bytes));
}

static void print_sums(const sums *all, FILE *file)
{
    char flops[32], bytes[32], params[32];
    fprintf(file, "params: %lld, of which %lld are frozen, %s bytes\n", (long long)all->params,
            (long long)all->frozen, short_number(all->param_bytes, params));
    fprintf(file, "forward: %s operations, %s bytes of results\n", short_number(all->flops, flops),
            short_number(all->bytes, bytes));
}

/* Rows in the order of the record, which the walk has backwards. */
static bool print_rows(const wg__walk *walk, FILE *file, sums *all)
{
    row r = {0};
    for (int n = walk->count - 1; n >= 0; n--) {
        const wg__node *node = walk->node[n];
        if (wg__node_output(walk->tape, node, 0)->role == WG_CONSTANT) continue;
        const bool same = r.last && *node->scope && r.last->scope == node->scope;
        if (r.last && !same) {
            print_row(walk, &r, file);
            r = (row){0};
        }
        const row before = r;
        if (!add_node(walk, node, &r, all)) return false;
        all->params += r.params - before.params;
        all->flops += r.flops - before.flops;
        all->bytes += r.bytes - before.bytes;
    }
    if (r.last) print_row(walk, &r, file);
    return true;
}

bool wg_summary(wg_tensor *output, FILE *file)
{
    if (!wg__usable(output) || !file) return false;
    wg__walk walk;
    sums     all = {0};
    wg__walk_init(&walk, output->tape);
    fprintf(file, "%-30s  %-24s  %-20s %12s %9s %9s\n", "layer", "op", "output shape", "params",
            "FLOPs  ", "bytes  ");
    bool good =
        (wg__walk_mark(&walk, output) && wg__walk_run(&walk, 0)) || wg__out_of_memory(output->tape);
    good = good && print_rows(&walk, file, &all);
    if (good) print_sums(&all, file);
    wg__walk_done(&walk);
    return good && !ferror(file);
}
