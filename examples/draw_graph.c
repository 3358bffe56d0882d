// SPDX-License-Identifier: MIT
/*
 * Draws the lecture's network, forward and backward with each op's local rule: draw_graph [FOLDER]
 * writes lecture.dot there, and lecture.svg where Graphviz is installed.
 */
#include <stdlib.h>
#include <string.h>
#include <wengert/wengert.h>

static wg_tensor *network(wg_tape *tape)
{
    wg_tensor *x = wg_input(tape, "X", WG_F32, WG_SHAPE(1, 1, 6, 6));
    wg_tensor *y = wg_input(tape, "Y", WG_F32, WG_SHAPE(1, 1));
    wg_tensor *w1 = wg_param(tape, "W1", WG_F32, WG_SHAPE(1, 1, 3, 3));
    wg_tensor *b1 = wg_param(tape, "B1", WG_F32, WG_SHAPE(1));
    wg_tensor *w2 = wg_param(tape, "W2", WG_F32, WG_SHAPE(1, 4));
    wg_tensor *b2 = wg_param(tape, "B2", WG_F32, WG_SHAPE(1));
    wg_tensor *z1 = wg_name(wg_conv2d(x, w1, b1), "Z1");
    wg_tensor *a1 = wg_name(wg_relu(z1), "A1");
    wg_tensor *p1 = wg_name(wg_max_pool2d(a1, .kernel = {2, 2}), "P1");
    wg_tensor *f = wg_name(wg_flatten(p1, 1), "F");
    wg_tensor *z2 = wg_name(wg_linear(f, w2, b2), "Z2");
    wg_tensor *a2 = wg_name(wg_sigmoid(z2), "A2");
    return wg_name(wg_binary_cross_entropy(a2, y), "L");
}

int main(int count, char **arguments)
{
    const char *folder = count > 1 ? arguments[1] : ".";
    if (count > 2 || *folder == '-') {
        printf("usage: %s [FOLDER]\n"
               "writes lecture.dot and, with Graphviz, lecture.svg to FOLDER, or here\n",
               arguments[0]);
        return strcmp(folder, "--help") == 0 ? 0 : 2;
    }

    wg_tape    *tape = wg_tape_new();
    wg_tensor  *loss = network(tape);
    char        path[400], command[1000];
    snprintf(path, sizeof path, "%s/lecture.dot", folder);
    if (!wg_dot_save(loss, path, .backward = true)) {
        fprintf(stderr, "%s\n", wg_tape_error(tape));
        wg_tape_free(tape);
        return 1;
    }
    wg_tape_free(tape);
    printf("the graph: %s\n", path);

    if (system("dot -V 2>/dev/null") != 0) {
        printf("no picture: Graphviz is not installed\n");
        return 0;
    }
    snprintf(command, sizeof command, "dot -Tsvg '%s' -o '%s/lecture.svg'", path, folder);
    if (system(command) != 0) return 1;
    printf("the picture: %s/lecture.svg\n", folder);
    return 0;
}
