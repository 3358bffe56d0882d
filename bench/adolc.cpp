// SPDX-License-Identifier: MIT
/*
 * ADOL-C's steps for the chain of scalars: recorded and derived anew, or its tape replayed. Stepped
 * like the others; see worker.h.
 */
#include "worker.h"

#include <adolc/adolc.h>

#include <cstdio>
#include <cstring>
#include <string>

static double value, derivative, start;
static bool   anew;

static void record()
{
    trace_on(1);
    adouble a, b;
    a <<= start;
    b = a;
    for (int i = 0; i < 1000; i++) b = sin(b) * a + b;
    b >>= value;
    trace_off();
}

static const char *go(long steps)
{
    for (long i = 0; i < steps; i++) {
        if (anew) record();
        if (gradient(1, 1, &start, &derivative) < 0) return "no gradient";
    }
    return NULL;
}

/* The last 8 bytes of a .npy file of one float64. */
static const char *load(const char *workload, const char *folder)
{
    const std::string path = std::string(folder) + "/a.npy";
    anew = !strcmp(workload, "scalar-anew");
    FILE      *file = fopen(path.c_str(), "rb");
    const bool read = file && !fseek(file, -8, SEEK_END) && fread(&start, 8, 1, file) == 1;
    if (file) fclose(file);
    record();
    return read ? NULL : "a.npy cannot be read";
}

/* A .npy file of one float64, of rank 0. */
static const char *save(const char *folder, const char *name, double number)
{
    char header[129];
    snprintf(header, sizeof header, "\x93NUMPY\x01%c\x76%c%-117s\n", 0, 0,
             "{'descr': '<f8', 'fortran_order': False, 'shape': (), }");
    const std::string path = std::string(folder) + "/" + name + ".npy";
    FILE             *file = fopen(path.c_str(), "wb");
    if (!file) return "cannot be written";
    const bool good = fwrite(header, 128, 1, file) == 1 && fwrite(&number, 8, 1, file) == 1;
    return !fclose(file) && good ? NULL : "cannot be written";
}

static const char *check(const char *folder)
{
    const char *error = go(1);
    if (!error) error = save(folder, "output", value);
    return error ? error : save(folder, "a", derivative);
}

int main()
{
    const struct worker worker = {load, check, go};
    return worker_serve(&worker);
}
