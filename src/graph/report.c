// SPDX-License-Identifier: MIT
/* A plan as a table, as JSON and as a picture. */
#include "report.h"

#include "dot_internal.h"
#include "plan_internal.h"

#include <string.h>

/* ---- what a step costs ---- */

/* Bytes of the elements that a view looks at, each once. */
static double view_bytes(const wg_view *view)
{
    double count = view->type->count > 0;
    for (int i = 0; i < view->type->shape.rank && count > 0; i++)
        if (view->stride[i] != 0) count *= (double)view->type->shape.dim[i];
    return count * (double)wg_dtype_size(view->type->dtype);
}

double wg__step_bytes(const wg__step *step)
{
    double bytes = 0;
    for (int e = 0; e < step->call.inputs + step->call.outputs; e++)
        if (!step->chunks || !step->chunks->piece[e]) bytes += view_bytes(&step->call.x[e]);
    return bytes;
}

double wg__step_flops(const wg__step *step)
{
    return step->call.flops > 0 ? step->call.flops : step->call.operations;
}

static const char *place_text(const wg_plan *plan, int storage, char text[40])
{
    const wg__storage *s = &plan->storage[storage];
    if (s->kind == WG__IN_ARENA)
        snprintf(text, 40, "arena +%zu", s->offset);
    else
        snprintf(text, 40, "%s", s->kind == WG__IN_PLAN ? "kept" : "leaf");
    return text;
}

/* ---- as a table ---- */

static void print_members(const wg__step *step, FILE *file)
{
    int column = 0;
    for (int m = 0; m < wg__step_members(step); m++) {
        const char *name = wg__step_member(step, m).op->name;
        if (column > 80 || m == 0) column = fprintf(file, m ? "\n         " : "         ");
        column += fprintf(file, "%s%s", m ? " " : "= ", name);
    }
    fputc('\n', file);
}

/* How the images of a step lie; "" where it has none. */
static const char *layout_text(const wg__step *step)
{
    if (step->call.channels_last) return "nhwc";
    return step->call.y[0].type->shape.rank == 4 ? "nchw" : "";
}

/* The widest kernel's name, for its column. */
static int way_width(const wg_plan *plan)
{
    size_t widest = strlen("kernel");
    for (int s = plan->constants; s < plan->steps; s++) {
        const char *way = plan->step[s].call.way;
        if (way && strlen(way) > widest) widest = strlen(way);
    }
    return (int)widest;
}

static void print_step(const wg_plan *plan, int number, int width, FILE *file)
{
    const wg__step *step = &plan->step[number];
    const wg_type  *type = step->call.y[0].type;
    char            shape[WG_SHAPE_TEXT], place[40];
    fprintf(file, "%5d  %-22s %-*s %-6s %2d  %-5s %-18s %12.0f %12.4g  %-16s %s\n",
            number - plan->constants, step->call.op->name, width,
            step->call.way ? step->call.way : "", layout_text(step), step->parts,
            wg_dtype_name(type->dtype), wg_shape_text(type->shape, shape), wg__step_bytes(step),
            wg__step_flops(step), place_text(plan, step->storage[step->call.inputs], place),
            step->where);
    if (wg__step_members(step)) print_members(step, file);
    if (step->call.why) fprintf(file, "         by ours: %s\n", step->call.why);
}

bool wg_plan_print(const wg_plan *plan, FILE *file)
{
    if (!wg__plan_usable(plan) || !file) return false;
    const int width = way_width(plan);
    fprintf(file, "%5s  %-22s %-*s %-6s %2s  %-5s %-18s %12s %12s  %-16s %s\n", "step", "op", width,
            "kernel", "layout", "th", "dtype", "shape", "bytes", "flops", "place", "recorded at");
    for (int s = plan->constants; s < plan->steps; s++) print_step(plan, s, width, file);
    if (plan->tape->options.onednn && !plan->tape->onednn)
        fputs("oneDNN is asked for and not there\n", file);
    const wg_plan_facts *f = &plan->facts;
    fprintf(file,
            "%lld steps for %lld nodes: %lld merged with an equal one, %lld views, %lld fused, "
            "%lld folded, %lld turned, %lld masks moved, %d constants\n"
            "%lld bytes planned (%lld in the arena, %lld kept) for tensors of %lld bytes in sum\n",
            (long long)f->steps, (long long)f->nodes, (long long)f->merged, (long long)f->views,
            (long long)f->fused, (long long)f->folded, (long long)f->turned, (long long)f->masks,
            plan->constants, (long long)(f->arena_bytes + f->kept_bytes), (long long)f->arena_bytes,
            (long long)f->kept_bytes, (long long)f->sum_bytes);
    return !ferror(file);
}

/* ---- as JSON ---- */

static void write_text(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c < ' ')
            fprintf(file, "\\u%04x", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

void wg__json_step(const wg_plan *plan, const wg__step *step, FILE *file)
{
    const wg_type     *type = step->call.y[0].type;
    const wg__storage *storage = &plan->storage[step->storage[step->call.inputs]];
    char               shape[WG_SHAPE_TEXT], place[40];
    fprintf(file, "\"op\": \"%s\", \"members\": [", step->call.op->name);
    for (int m = 0; m < wg__step_members(step); m++)
        fprintf(file, "%s\"%s\"", m ? ", " : "", wg__step_member(step, m).op->name);
    fprintf(file,
            "], \"kernel\": \"%s\", \"layout\": \"%s\", \"threads\": %d, \"dtype\": \"%s\", "
            "\"shape\": \"%s\", ",
            step->call.way ? step->call.way : "", layout_text(step), step->parts,
            wg_dtype_name(type->dtype), wg_shape_text(type->shape, shape));
    fprintf(file, "\"bytes\": %.0f, \"flops\": %.0f, \"place\": \"%.5s\", \"offset\": %zu, ",
            wg__step_bytes(step), wg__step_flops(step),
            place_text(plan, step->storage[step->call.inputs], place),
            storage->kind == WG__IN_ARENA ? storage->offset : 0);
    fputs("\"why\": ", file);
    write_text(file, step->call.why ? step->call.why : "");
    fputs(", \"where\": ", file);
    write_text(file, step->where);
}

bool wg_plan_write_json(const wg_plan *plan, FILE *file)
{
    if (!wg__plan_usable(plan) || !file) return false;
    fputs("{\"steps\": [", file);
    for (int s = plan->constants; s < plan->steps; s++) {
        fprintf(file, "%s\n  {\"step\": %d, ", s > plan->constants ? "," : "", s - plan->constants);
        wg__json_step(plan, &plan->step[s], file);
        fputc('}', file);
    }
    const wg_plan_facts *f = &plan->facts;
    fprintf(file,
            "\n], \"facts\": {\"nodes\": %lld, \"steps\": %lld, \"merged\": %lld, \"views\": %lld, "
            "\"fused\": %lld, \"folded\": %lld, \"turned\": %lld, \"masks\": %lld,\n"
            "  \"arena_bytes\": %lld, \"kept_bytes\": %lld, \"sum_bytes\": %lld}}\n",
            (long long)f->nodes, (long long)f->steps, (long long)f->merged, (long long)f->views,
            (long long)f->fused, (long long)f->folded, (long long)f->turned, (long long)f->masks,
            (long long)f->arena_bytes, (long long)f->kept_bytes, (long long)f->sum_bytes);
    return !ferror(file);
}

/* ---- as a picture ---- */

/* Member m of step s, or the step itself where it is not fused. */
static void dot_name(FILE *file, int s, int m)
{
    fprintf(file, "s%d_%d", s, m);
}

static void dot_step(const wg_plan *plan, int s, FILE *file)
{
    const wg__step *step = &plan->step[s];
    const wg_type  *type = step->call.y[0].type;
    char            shape[WG_SHAPE_TEXT];
    if (!wg__step_members(step)) {
        fprintf(file, "  s%d_0 [label=\"%d: %s %s\\n%s %s %s\"];\n", s, s - plan->constants,
                step->call.op->name, step->call.way ? step->call.way : "",
                wg_dtype_name(type->dtype), wg_shape_text(type->shape, shape), layout_text(step));
        return;
    }
    fprintf(file, "  subgraph cluster_%d { label=\"%d: %s %s %s\"; style=rounded;\n", s,
            s - plan->constants, step->call.op->name, wg_shape_text(type->shape, shape),
            layout_text(step));
    for (int m = 0; m < wg__step_members(step); m++)
        fprintf(file, "    s%d_%d [label=\"%s\"];\n", s, m, wg__step_member(step, m).op->name);
    fputs("  }\n", file);
}

/* The member before `m` that writes an end or a register; -1. 0 in a step without members. */
static int writer_within(const wg__step *step, int end, int m)
{
    if (!wg__step_members(step)) return 0;
    for (int i = m - 1; i >= 0; i--) {
        const wg__part member = wg__step_member(step, i);
        if (member.end[member.inputs] == end) return i;
    }
    return -1;
}

/* An arrow from the last step before `s` that writes this storage. */
static void dot_arrow(const wg_plan *plan, int storage, int s, int m, FILE *file)
{
    for (int from = s - 1; from >= plan->constants; from--) {
        const wg__step *step = &plan->step[from];
        for (int k = 0; k < step->call.outputs; k++) {
            const int end = step->call.inputs + k;
            if (step->storage[end] != storage) continue;
            fputs("  ", file);
            dot_name(file, from, writer_within(step, end, wg__step_members(step)));
            fputs(" -> ", file);
            dot_name(file, s, m);
            fputs(";\n", file);
            return;
        }
    }
}

static void dot_arrows(const wg_plan *plan, int s, FILE *file)
{
    const wg__step *step = &plan->step[s];
    const int       members = wg__step_members(step);
    for (int i = 0; i < step->call.inputs && !members; i++)
        dot_arrow(plan, step->storage[i], s, 0, file);
    for (int m = 0; m < members; m++)
        for (int i = 0; i < wg__step_member(step, m).inputs; i++) {
            const int end = wg__step_member(step, m).end[i], from = writer_within(step, end, m);
            if (from >= 0)
                fprintf(file, "  s%d_%d -> s%d_%d;\n", s, from, s, m);
            else if (end >= 0)
                dot_arrow(plan, step->storage[end], s, m, file);
        }
}

bool wg_plan_write_dot(const wg_plan *plan, FILE *file)
{
    if (!wg__plan_usable(plan) || !file) return false;
    fputs("digraph plan {\n  node [shape=box, fontname=\"Helvetica\", fontsize=10];\n"
          "  fontname=\"Helvetica\"; fontsize=10;\n",
          file);
    for (int s = plan->constants; s < plan->steps; s++) dot_step(plan, s, file);
    for (int s = plan->constants; s < plan->steps; s++) dot_arrows(plan, s, file);
    fputs("}\n", file);
    return !ferror(file);
}
