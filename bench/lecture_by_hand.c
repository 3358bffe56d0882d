// SPDX-License-Identifier: MIT
#include "lecture_by_hand.h"

#include <math.h>

float lecture_step(struct lecture_params *p, const float *x, float label, float rate)
{
    /* Z1 = X * W1 + B1 */
    float z1[16];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            float sum = p->b1;
            for (int a = 0; a < 3; a++)
                for (int b = 0; b < 3; b++) sum += x[(i + a) * 6 + j + b] * p->w1[a * 3 + b];
            z1[i * 4 + j] = sum;
        }

    /* A1 = relu Z1, P1 its maxima with their places, Z2 = W2 P1 + B2 */
    float p1[4], z2 = p->b2;
    int   place[4];
    for (int k = 0; k < 4; k++) {
        const int first = k / 2 * 8 + k % 2 * 2,
                  window[] = {first, first + 1, first + 4, first + 5};
        int best = first;
        for (int i = 1; i < 4; i++)
            if (z1[window[i]] > z1[best]) best = window[i];
        place[k] = best;
        p1[k] = z1[best] > 0 ? z1[best] : 0;
        z2 += p1[k] * p->w2[k];
    }
    const float a2 = 1 / (1 + expf(-z2)), dz2 = a2 - label;
    const float loss = -(label * logf(a2) + (1 - label) * logf(1 - a2));

    float dw1[9] = {0}, db1 = 0;
    for (int k = 0; k < 4; k++) {
        const float dp1 = dz2 * p->w2[k];
        p->w2[k] -= rate * dz2 * p1[k];
        if (!(p1[k] > 0)) continue;
        const int i = place[k] / 4, j = place[k] % 4;
        db1 += dp1;
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++) dw1[a * 3 + b] += dp1 * x[(i + a) * 6 + j + b];
    }
    p->b2 -= rate * dz2;
    p->b1 -= rate * db1;
    for (int k = 0; k < 9; k++) p->w1[k] -= rate * dw1[k];
    return loss;
}
