// SPDX-License-Identifier: MIT
/*
 * A process that saves checkpoints without a pause is killed again and again: a reader finds the
 * old one or the new one, whole, every time.
 */
#define _POSIX_C_SOURCE 200809L /* kill, nanosleep */
#include "../formats/scratch.h"
#include "../support/expect.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wengert/wengert.h>

enum { ELEMENTS = 20000, KILLS = 1000, AMIDST = 300, MOST = 20000 };

/* Saves checkpoints whose every number is that of the step, for ever. */
static void save_without_end(wg_tape *tape, const char *path, int64_t step)
{
    wg_tensor *w = wg_param_find(tape, "w");
    for (;;) {
        step++;
        if (!wg_write_all(w, (double)step) ||
            !wg_checkpoint_save(tape, path, &(wg_position){.step = step, .best = 1}))
            _exit(1);
    }
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void sleep_for(double time)
{
    const long whole = (long)time;
    nanosleep(&(struct timespec){whole, (long)(1e9 * (time - (double)whole))}, NULL);
}

/* Kills a process after a moment; true when it had a file half written, which is removed. */
static bool kill_after(double time, wg_tape *tape, const char *path, int64_t step)
{
    char        half[SCRATCH_PATH + 40];
    const pid_t child = fork();
    EXPECT(child >= 0);
    if (child == 0) save_without_end(tape, path, step);
    sleep_for(time);
    int status;
    EXPECT(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    snprintf(half, sizeof half, "%s.%ld-0.tmp", path, (long)child);
    return remove(half) == 0;
}

START_TEST(a_reader_finds_a_whole_checkpoint_whenever_the_writer_was_killed)
{
    char        path[SCRATCH_PATH];
    wg_tape    *tape = wg_tape_new();
    wg_tensor  *w = wg_param(tape, "w", WG_F32, WG_SHAPE(ELEMENTS));
    int         amidst = 0, kills = 0;
    uint32_t    random = 1;
    wg_position found = {0};
    scratch_path("net.safetensors", path);
    EXPECT(wg_checkpoint_save(tape, path, &found));
    const double start = seconds();
    EXPECT(wg_checkpoint_save(tape, path, &found));
    const double save = seconds() - start; /* a kill comes within four times that */
    for (; (kills < KILLS || amidst < AMIDST) && kills < MOST; kills++) {
        random = random * 1664525 + 1013904223;
        const int64_t before = found.step;
        amidst += kill_after(random * 0x1p-32 * 4 * save, tape, path, before);
        EXPECT(wg_checkpoint_load(tape, path, &found) && found.step >= before);
        const float *values = wg_values(w);
        int          right = 0;
        for (int i = 0; i < ELEMENTS; i++) right += values[i] == (float)found.step;
        EXPECT(right == ELEMENTS);
    }
    printf("%d kills, %d of them with a file half written, %lld checkpoints written\n", kills,
           amidst, (long long)found.step);
    EXPECT(amidst >= AMIDST && found.step > KILLS / 10);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kill");
    TCase *tests = tcase_create("kill");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, a_reader_finds_a_whole_checkpoint_whenever_the_writer_was_killed);
    tcase_set_timeout(tests, 250);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
