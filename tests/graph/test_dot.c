// SPDX-License-Identifier: MIT
/* Pictures: what is in them, that Graphviz takes them, what happens when they cannot be made. */
#define _POSIX_C_SOURCE 200809L
#include "../support/expect.h"
#include "../support/failing.h"
#include "toy.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wengert/graph/dot.h>

enum { ROOM = 1 << 16 };

/* What was written to the file, which is closed. */
static const char *contents(FILE *file)
{
    static char text[ROOM];
    rewind(file);
    text[fread(text, 1, ROOM - 1, file)] = '\0';
    fclose(file);
    return text;
}

static const char *drawn(struct wg_dot dot)
{
    dot.file = tmpfile();
    EXPECT(dot.file != NULL);
    const bool  good = wg_dot_write_with(dot);
    const char *text = contents(dot.file);
    EXPECT(good == (wg_tape_error(wg_tape_of(dot.output)) == NULL));
    return text;
}

static bool has(const char *text, const char *piece)
{
    return strstr(text, piece) != NULL;
}

static int count_of(const char *text, const char *piece)
{
    int count = 0;
    while ((text = strstr(text, piece)) != NULL) text++, count++;
    return count;
}

/* L = sum(w w) */
static wg_tensor *small_loss(wg_tape *tape)
{
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(2));
    wg_write(w, ((double[]){0.5, -1.25}), 2);
    return wg_name(toy_sum(wg_name(toy_mul(w, w), "q")), "L");
}

START_TEST(a_small_graph_is_exactly_this_text)
{
    wg_tape    *tape = wg_tape_new();
    const char *text = drawn((struct wg_dot){.output = small_loss(tape)});
    EXPECT_TEXT(
        text,
        "digraph wengert {\n"
        "graph [fontname=\"Helvetica\", fontsize=12, labelloc=b, nodesep=0.3, ranksep=0.35, "
        "color=\"#808080\",\nlabel=<solid: values forward>];\n"
        "node [fontname=\"Helvetica\", fontsize=14];\n"
        "edge [fontname=\"Helvetica\", fontsize=10, fontcolor=\"#707070\"];\n"
        "n0 [label=<<b>w</b><br/><font point-size=\"10\">param f64 (2,)</font>>, "
        "shape=cylinder, margin=\"0.1,0.12\", style=filled, fillcolor=\"#d5efcf\"];\n"
        "n1 [label=<<b>q</b><br/><font point-size=\"10\">f64 (2,)<br/>toy_mul<br/>"
        "<i>q = w w</i></font>>, shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\"];\n"
        "n2 [label=<<b>L</b><br/><font point-size=\"10\">f64 ()<br/>toy_sum<br/>"
        "<i>L = sum q</i></font>>, shape=doubleoctagon, style=filled, fillcolor=\"#fff3b0\"];\n"
        "n0 -> n1 [weight=2];\n"
        "n0 -> n1 [weight=2];\n"
        "n1 -> n2 [weight=8];\n"
        "}\n");
    wg_tape_free(tape);
}
END_TEST

START_TEST(the_sweep_names_each_adjoint_and_the_part_of_the_rule_that_made_it)
{
    wg_tape    *tape = wg_tape_new();
    wg_tensor  *a = wg_param(tape, "a", WG_F64, WG_SHAPE(2));
    wg_tensor  *b = wg_input(tape, "b", WG_F64, WG_SHAPE(2));
    wg_tensor  *loss = wg_name(toy_sum(wg_name(toy_mul(b, a), "q")), "L");
    const char *text = drawn((struct wg_dot){.output = loss, .backward = true});
    EXPECT(has(text, "<b>dL</b>  = \xe2\x88\x82L/\xe2\x88\x82L<br/>"));
    EXPECT(has(text, "<b>dq</b>  = \xe2\x88\x82L/\xe2\x88\x82q<br/>"));
    EXPECT(has(text, "<i>toy_sum: dq = dL everywhere</i>"));
    EXPECT(has(text, "<b>da</b>  = \xe2\x88\x82L/\xe2\x88\x82"
                     "a<br/>"));
    EXPECT(has(text, "<i>toy_mul: da = dq b</i>")); /* the op's letters are a and b, for b and a */
    EXPECT(!has(text, "<b>db</b>"));                /* nobody wants the derivative by an input */
    EXPECT(count_of(text, "rank=same") == 3);
    EXPECT(count_of(text, "[dir=back, style=dashed") == 2);
    EXPECT(count_of(text, "[style=dotted, color") == 1); /* b, which the rule of mul reads */
    EXPECT(count_of(text, "shape=cylinder") == 2);       /* a and da */
    EXPECT(has(drawn((struct wg_dot){.output = loss, .backward = true, .wanted = {1, &b}}),
               "<i>toy_mul: db = dq a</i>"));
    wg_tape_free(tape);
}
END_TEST

START_TEST(an_adjoint_of_a_tensor_used_twice_is_the_sum_over_its_uses)
{
    wg_tape    *tape = wg_tape_new();
    const char *text = drawn((struct wg_dot){.output = small_loss(tape), .backward = true});
    EXPECT(has(text, "<b>dw</b>  = \xe2\x88\x82L/\xe2\x88\x82w<br/>"));
    EXPECT(has(text, "<i>sum over its uses</i>"));
    EXPECT(count_of(text, "shape=plain") == 2); /* the two products that are added */
    wg_tape_free(tape);
}
END_TEST

START_TEST(the_picture_leaves_the_tape_as_it_was)
{
    wg_tape      *tape = wg_tape_new();
    wg_tensor    *loss = small_loss(tape);
    const int64_t before = wg_tape_count(tape);
    struct wg_dot all = {.output = loss, .backward = true, .values = true, .norms = true};
    char         *first = strdup(drawn(all));
    EXPECT(wg_tape_count(tape) == before);
    const wg_gradients *g = wg_backward(loss);
    wg_tensor          *w = wg_param_find(tape, "w");
    EXPECT_CLOSE(wg_element(wg_gradient_of(g, w), 1), -2.5, 0);
    EXPECT_CLOSE(wg_item(loss), 0.25 + 1.5625, 0);
    const int64_t after = wg_tape_count(tape);
    EXPECT_TEXT(drawn(all), first);
    EXPECT(wg_tape_count(tape) == after);
    EXPECT_CLOSE(wg_element(wg_gradient_of(g, w), 0), 1, 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    free(first);
    wg_tape_free(tape);
}
END_TEST

START_TEST(the_same_graph_on_another_tape_gives_the_same_bytes)
{
    wg_tape *one = wg_tape_new(), *other = wg_tape_new();
    wg_full(other, WG_F64, WG_SHAPE(3), 2.5); /* of no concern to the loss */
    wg_input(other, "idle", WG_F64, WG_SHAPE(3));
    char *text = strdup(drawn((struct wg_dot){.output = small_loss(one), .backward = true}));
    EXPECT_TEXT(drawn((struct wg_dot){.output = small_loss(other), .backward = true}), text);
    free(text);
    wg_tape_free(one);
    wg_tape_free(other);
}
END_TEST

START_TEST(scopes_are_boxes_in_boxes_and_an_adjoint_stands_where_its_tensor_does)
{
    wg_tape *tape = wg_tape_new();
    wg_scope_push(tape, "net");
    wg_scope_push(tape, "conv<1>");
    wg_tensor *w = wg_param(tape, "W", WG_F64, WG_SHAPE(2));
    wg_tensor *y = wg_name(toy_mul(w, w), "y");
    wg_scope_pop(tape);
    wg_scope_push(tape, "last");
    y = wg_name(toy_mul(y, y), "z");
    wg_scope_pop(tape);
    wg_scope_pop(tape);
    const char *text = drawn((struct wg_dot){.output = wg_name(toy_sum(y), "L"), .backward = true});
    const char *net = strstr(text, "label=<<b>net</b>>"), *conv = strstr(text, "conv&lt;1&gt;");
    const char *last = strstr(text, "label=<<b>last</b>>"), *dw = strstr(text, "<b>dW</b>");
    EXPECT(net && conv && last && dw);
    EXPECT(net < conv && conv < strstr(text, "<b>W</b>") && conv < dw && dw < last);
    EXPECT(strstr(text, "<b>dL</b>") < net); /* the outermost scope comes first */
    EXPECT(count_of(text, "subgraph cluster_") == 3);
    EXPECT(strstr(last, "\n}\n}\nn") != NULL); /* last and net end, then come the arrows */
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(views_without_a_name_are_words_on_arrows)
{
    wg_tape    *tape = wg_tape_new();
    wg_tensor  *w = wg_param(tape, "w", WG_F64, WG_SHAPE(2));
    wg_tensor  *y = toy_sum(toy_mul(wg_detach(w), w));
    const char *text = drawn((struct wg_dot){.output = y});
    EXPECT(has(text, ", label=<detach>];") && count_of(text, "[label=<") == 3);
    EXPECT(has(text, "<b>toy_sum #3</b>") && has(text, "<i>y = sum x</i>"));
    EXPECT(has(drawn((struct wg_dot){.output = y, .backward = true}), "<b>d toy_sum #3</b>"));
    wg_tensor *copy = wg_name(wg_detach(w), "copy");
    text = drawn((struct wg_dot){.output = toy_mul(copy, w)});
    EXPECT(has(text, "<b>copy</b>") && count_of(text, "[label=<") == 3);
    wg_tensor *named = wg_name(wg_detach(toy_mul(w, w)), "named");
    text = drawn((struct wg_dot){.output = named});
    EXPECT(has(text, "toy_mul, detach<br/><i>named = w w</i>"));
    EXPECT(count_of(text, "[label=<") == 2);
    wg_tape_free(tape);
}
END_TEST

START_TEST(kinds_of_leaves_differ_by_shape_and_line)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(1));
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(1));
    wg_tensor *s = wg_state(tape, "s", WG_F64, WG_SHAPE(1), 0.5);
    wg_tensor *c = wg_full(tape, WG_F64, WG_SHAPE(1), 2.5);
    wg_param_freeze(w, true);
    const char *text =
        drawn((struct wg_dot){.output = toy_mul(toy_mul(x, w), toy_mul(s, c)), .bytes = true});
    EXPECT(has(text, "input f64 (1,), 8 B</font>>, shape=parallelogram"));
    EXPECT(has(text, "frozen param f64 (1,), 8 B</font>>, shape=cylinder"));
    EXPECT(has(text, "state f64 (1,), 8 B</font>>, shape=folder"));
    EXPECT(has(text, "shape=ellipse, style=dotted"));
    wg_tape_free(tape);
}
END_TEST

/* An op that is there for its settings. */
struct settings {
    double  slope;
    int64_t stride[2], list[WG_MAX_RANK + 1];
};

static const wg_op op_settings = {.name = "set",
                                  .inputs = 1,
                                  .outputs = 1,
                                  .attrs_size = sizeof(struct settings),
                                  .settings = "<slope> %g, stride %d %d, axes %a, beyond %d",
                                  .formula = "y = x"};

START_TEST(settings_are_worded_as_the_op_says_and_never_read_beyond_their_end)
{
    wg_tape              *tape = wg_tape_new();
    wg_tensor            *w = wg_param(tape, "w", WG_F64, WG_SHAPE(1));
    const struct settings attrs = {.slope = 0.25, .stride = {2, -3}, .list = {2, 0, -1}};
    const char           *text = drawn((struct wg_dot){
                  .output = (wg_apply)(&op_settings, &attrs, WG_NO_DTYPE, &w, 1)});
    EXPECT(has(text, "<br/>set &lt;slope&gt; 0.25, stride 2 -3, axes (0,-1), beyond <br/>"));
    wg_tape_free(tape);
}
END_TEST

START_TEST(values_and_norms_are_shown_and_a_nan_is_red)
{
    wg_tape    *tape = wg_tape_new();
    wg_tensor  *loss = small_loss(tape);
    const char *text = drawn(
        (struct wg_dot){.output = loss, .backward = true, .values = true, .norms = true});
    EXPECT(has(text, "<br/>[0.5, -1.25]</font>"));
    EXPECT(has(text, "<br/>1.812</font>"));
    EXPECT(has(text, "<br/>[1, -2.5]<br/>norm 2.693</font>"));
    EXPECT(!has(text, "NaN") && !has(text, "red"));
    wg_write(wg_param_find(tape, "w"), ((double[]){0.5, (double)NAN}), 2);
    text = drawn((struct wg_dot){.output = loss, .values = true});
    EXPECT(count_of(text, "<b>holds a NaN</b>") == 3);
    EXPECT(count_of(text, "color=red, fontcolor=red, penwidth=3") == 3);
    EXPECT(!has(drawn((struct wg_dot){.output = loss}), "NaN"));
    wg_tape_free(tape);
}
END_TEST

static const char *const hostile[] = {
    "\"quoted\"", "<b>&amp;</b>",    "line\nline\ttab",        "back\\slash \\N \\G",
    "a->b; }",    "\xc3\xa9\xe2\x82\xac", "\xff\xfe\xc0\x80\xed\xa0\x80", "\x01\x1b[0m\x7f",
    "]]>",        "<!-- --",         "%s%n",                  "\xf4\x90\x80\x80\xef\xbf\xbf"};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

static wg_tensor *hostile_graph(wg_tape *tape)
{
    wg_tensor *y = NULL;
    for (int i = 0; i < HOSTILE; i++) {
        wg_scope_push(tape, hostile[i]);
        wg_tensor *w = wg_param(tape, hostile[(i + 1) % HOSTILE], WG_F64, WG_SHAPE(1));
        y = wg_name(toy_mul(w, y ? y : w), hostile[i]);
    }
    return wg_name(toy_sum(y), hostile[2]);
}

START_TEST(hostile_names_are_escaped)
{
    wg_tape    *tape = wg_tape_new();
    const char *text = drawn((struct wg_dot){.output = hostile_graph(tape), .backward = true});
    EXPECT(has(text, "<b>&quot;quoted&quot;</b>"));
    EXPECT(has(text, "&lt;b&gt;&amp;amp;&lt;"));
    EXPECT(has(text, "<b>line\\\\nline\\\\ttab</b>"));
    EXPECT(has(text, "<b>back\\\\slash \\\\N \\\\G</b>"));
    EXPECT(has(text, "<b>\xc3\xa9\xe2\x82\xac</b>"));
    EXPECT(has(text, "\\\\x01\\\\x1b[0m\\\\x7f"));
    EXPECT(has(text, "<b>]]&gt;</b>") && has(text, "<b>%s%n</b>"));
    EXPECT(!has(text, "\xff") && !has(text, "\xc0\x80") && !has(text, "\xed\xa0"));
    EXPECT(count_of(text, "\xef\xbf\xbd") > 10);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

/* What `dot -Tsvg` says, both outputs, to this picture; NULL where there is no dot. */
static const char *svg_of(const char *picture, int *status)
{
    char path[] = "wengert-dot-XXXXXX", command[100];
    if (system("dot -V >/dev/null 2>&1") != 0) return NULL;
    FILE *file = fdopen(mkstemp(path), "w");
    EXPECT(file && fputs(picture, file) != EOF && fclose(file) == 0);
    snprintf(command, sizeof command, "dot -Tsvg %s 2>&1", path);
    FILE       *pipe = popen(command, "r");
    static char text[4 * ROOM];
    text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
    *status = pclose(pipe);
    remove(path);
    return text;
}

START_TEST(graphviz_takes_hostile_names_and_shows_them)
{
    wg_tape    *tape = wg_tape_new();
    int         status = 0;
    const char *svg = svg_of(
        drawn((struct wg_dot){.output = hostile_graph(tape), .backward = true, .values = true}),
        &status);
    if (svg) {
        EXPECT_MSG(status == 0, "dot: %.400s", svg);
        EXPECT(!has(svg, "Warning") && !has(svg, "Error") && has(svg, "</svg>"));
        EXPECT(has(svg, ">back\\slash \\N \\G<") && has(svg, ">line\\nline\\ttab<"));
        EXPECT(has(svg, ">&quot;quoted&quot;<") && has(svg, ">]]&gt;<"));
    } else {
        printf("there is no dot program: pictures are not tried with Graphviz\n");
    }
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_path_that_cannot_be_written_is_an_error_with_path_and_reason)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *loss = small_loss(tape);
    EXPECT(!wg_dot_save(loss, "/no/such/folder/net.dot", .backward = true));
    const char *error = wg_tape_error(tape);
    EXPECT(error && has(error, "test_dot.c:") && has(error, "\"/no/such/folder/net.dot\""));
    EXPECT(has(error, "No such file or directory"));
    wg_tape_error_clear(tape);
    EXPECT(!wg_dot_write(loss, NULL));
    EXPECT(wg_tape_error(tape) && has(wg_tape_error(tape), "wg_dot_write: no file is given"));
    wg_tape_error_clear(tape);
    FILE *full = fopen("/dev/full", "w");
    if (full) {
        EXPECT(!wg_dot_write(loss, full));
        EXPECT(wg_tape_error(tape) && has(wg_tape_error(tape), "the file: "));
        fclose(full);
    }
    EXPECT(!wg_dot_write(NULL, stdout));
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_picture_is_saved_at_its_path)
{
    char path[] = "wengert-dot-XXXXXX";
    close(mkstemp(path));
    wg_tape   *tape = wg_tape_new();
    wg_tensor *loss = small_loss(tape);
    char      *wanted = strdup(drawn((struct wg_dot){.output = loss}));
    EXPECT(wg_dot_save(loss, path));
    EXPECT_TEXT(contents(fopen(path, "r")), wanted);
    free(wanted);
    remove(path);
    wg_tape_free(tape);
}
END_TEST

START_TEST(an_op_without_derivative_and_an_unwritten_input_are_errors)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(2));
    wg_tensor *loss = toy_sum(toy_check(w));
    drawn((struct wg_dot){.output = loss, .backward = true});
    EXPECT(wg_tape_error(tape) && has(wg_tape_error(tape), "the op has no derivative"));
    EXPECT(wg_tape_count(tape) == 2);
    wg_tape_error_clear(tape);
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(2));
    drawn((struct wg_dot){.output = toy_mul(x, w), .values = true});
    EXPECT(wg_tape_error(tape) && has(wg_tape_error(tape), "\"x\" was never written"));
    wg_tape_error_clear(tape);
    EXPECT(has(drawn((struct wg_dot){.output = x, .values = true}), "<b>x</b>"));
    EXPECT(wg_tape_error(tape) == NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_derivative_that_the_user_recorded_is_drawn_as_what_it_is)
{
    wg_tape    *tape = wg_tape_new();
    wg_tensor  *loss = small_loss(tape), *w = wg_param_find(tape, "w");
    wg_tensor  *slope = wg_name(toy_sum(wg_derivative(loss, w)), "slope");
    const char *text = drawn((struct wg_dot){.output = slope, .backward = true});
    EXPECT(has(text, "<b>dslope</b>") && has(text, "<b>dw</b>"));
    EXPECT(has(text, "toy_mul: da = dy b, db = dy a")); /* nobody kept whose adjoints these are */
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_chain_of_100000_nodes_is_drawn_with_its_sweep)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SCALAR), *y = w;
    for (int i = 0; i < 50000; i++) y = toy_mul(y, w);
    for (int i = 0; i < 50000; i++) y = wg_detach(toy_mul(y, y));
    const int64_t count = wg_tape_count(tape);
    FILE         *file = tmpfile();
    EXPECT(file && wg_dot_write(y, file) && ftell(file) > 20000000);
    rewind(file);
    wg_tensor *z = w;
    for (int i = 0; i < 100000; i++) z = toy_mul(z, w);
    EXPECT(wg_dot_write(z, file, .backward = true, .values = true) && ftell(file) > 90000000);
    EXPECT(wg_tape_count(tape) == count + 100000);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    fclose(file);
    wg_tape_free(tape);
}
END_TEST

/* The picture of a small network with everything on it. */
static bool draw_program(const wg_allocator *allocator, void *context)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator});
    if (!tape) return false;
    wg_scope_push(tape, "scope");
    wg_tensor *loss = small_loss(tape);
    wg_scope_pop(tape);
    const bool drew = wg_dot_write(loss, context, .backward = true, .values = true, .norms = true);
    const bool worked = wg_tape_error(tape) == NULL;
    EXPECT(drew || !worked);
    EXPECT(worked || has(wg_tape_error(tape), "out of memory"));
    wg_tape_free(tape);
    return worked;
}

START_TEST(a_picture_without_memory_is_an_error_and_leaks_nothing)
{
    FILE *file = tmpfile();
    EXPECT(file != NULL);
    const long refusals = failing_sweep(draw_program, file);
    EXPECT_MSG(refusals > 40, "%ld refusals", refusals);
    fclose(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph dot");
    TCase *tests = tcase_create("dot");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, a_small_graph_is_exactly_this_text);
    tcase_add_test(tests, the_sweep_names_each_adjoint_and_the_part_of_the_rule_that_made_it);
    tcase_add_test(tests, an_adjoint_of_a_tensor_used_twice_is_the_sum_over_its_uses);
    tcase_add_test(tests, the_picture_leaves_the_tape_as_it_was);
    tcase_add_test(tests, the_same_graph_on_another_tape_gives_the_same_bytes);
    tcase_add_test(tests, scopes_are_boxes_in_boxes_and_an_adjoint_stands_where_its_tensor_does);
    tcase_add_test(tests, views_without_a_name_are_words_on_arrows);
    tcase_add_test(tests, kinds_of_leaves_differ_by_shape_and_line);
    tcase_add_test(tests, settings_are_worded_as_the_op_says_and_never_read_beyond_their_end);
    tcase_add_test(tests, values_and_norms_are_shown_and_a_nan_is_red);
    tcase_add_test(tests, hostile_names_are_escaped);
    tcase_add_test(tests, graphviz_takes_hostile_names_and_shows_them);
    tcase_add_test(tests, a_path_that_cannot_be_written_is_an_error_with_path_and_reason);
    tcase_add_test(tests, a_picture_is_saved_at_its_path);
    tcase_add_test(tests, an_op_without_derivative_and_an_unwritten_input_are_errors);
    tcase_add_test(tests, a_derivative_that_the_user_recorded_is_drawn_as_what_it_is);
    tcase_add_test(tests, a_chain_of_100000_nodes_is_drawn_with_its_sweep);
    tcase_add_test(tests, a_picture_without_memory_is_an_error_and_leaks_nothing);
    return expect_run(suite);
}
