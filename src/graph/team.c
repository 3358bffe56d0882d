// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* sched_getaffinity */
#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* Looks at the job before a thread goes to sleep: about 50 microseconds. */
#define SPINS 2000

struct wg__team {
    const wg_allocator *allocator;
    /*
     * The number of the job << 32 | its parts << 16 | the next part to be taken. Who has taken a
     * part may read the job: it does not change before all its parts are done.
     */
    _Atomic uint64_t job;
    int (*work)(const void *context, int part);
    const void     *context;
    _Atomic int     done, flagged, sleepers;
    _Atomic bool    ended;
    pthread_mutex_t mutex; /* of those who sleep */
    pthread_cond_t  wake;
    int             threads; /* besides the caller */
    pthread_t       thread[];
};

int wg__team_default(void)
{
    const char *wish = getenv("OMP_NUM_THREADS");
    const int   wished = wish ? atoi(wish) : 0;
    if (wished > 0) return wished < 1024 ? wished : 1024;
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

/* Tells the processor that a thread waits. */
static inline void pause_a_little(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Does parts of this job as long as there are any. */
static void help(wg__team *team, uint64_t number)
{
    uint64_t job = atomic_load(&team->job);
    while (job >> 32 == number && (job & 0xffff) < (job >> 16 & 0xffff)) {
        if (!atomic_compare_exchange_weak(&team->job, &job, job + 1)) continue;
        const int flag = team->work(team->context, (int)(job & 0xffff));
        if (flag) atomic_fetch_or(&team->flagged, flag);
        atomic_fetch_add(&team->done, 1);
        job = atomic_load(&team->job);
    }
}

/* Waits until there is another job than this one; returns its number. */
static uint64_t wait_for_job(wg__team *team, uint64_t number)
{
    for (int i = 0; i < SPINS; i++) {
        const uint64_t now = atomic_load(&team->job) >> 32;
        if (now != number || atomic_load(&team->ended)) return now;
        pause_a_little();
    }
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add(&team->sleepers, 1);
    while (atomic_load(&team->job) >> 32 == number && !atomic_load(&team->ended))
        pthread_cond_wait(&team->wake, &team->mutex);
    atomic_fetch_sub(&team->sleepers, 1);
    pthread_mutex_unlock(&team->mutex);
    return atomic_load(&team->job) >> 32;
}

static void *live(void *argument)
{
    wg__team *team = argument;
    uint64_t  number = 0;
    while (!atomic_load(&team->ended)) {
        number = wait_for_job(team, number);
        help(team, number);
    }
    return NULL;
}

static void wake_sleepers(wg__team *team)
{
    if (atomic_load(&team->sleepers) == 0) return;
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
}

wg__team *wg__team_new(const wg_allocator *allocator, int threads)
{
    const size_t others = threads > 1 ? (size_t)threads - 1 : 0;
    wg__team    *team = wg__alloc_zero(allocator, sizeof *team + others * sizeof *team->thread);
    if (!team) return NULL;
    team->allocator = allocator;
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->wake, NULL);
    while (team->threads < (int)others &&
           pthread_create(&team->thread[team->threads], NULL, live, team) == 0)
        team->threads++;
    return team;
}

void wg__team_free(wg__team *team)
{
    if (!team) return;
    atomic_store(&team->ended, true);
    wake_sleepers(team);
    for (int i = 0; i < team->threads; i++) pthread_join(team->thread[i], NULL);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    wg__free(team->allocator, team);
}

int wg__team_run(wg__team *team, int parts, int (*work)(const void *context, int part),
                 const void *context)
{
    const uint64_t number = ((atomic_load(&team->job) >> 32) + 1) & 0xffffffff;
    team->work = work;
    team->context = context;
    atomic_store(&team->done, 0);
    atomic_store(&team->flagged, 0);
    atomic_store(&team->job, number << 32 | (uint64_t)parts << 16);
    wake_sleepers(team);
    help(team, number);
    for (int i = 0; atomic_load(&team->done) < parts; i++) {
        if (i < SPINS)
            pause_a_little();
        else
            sched_yield();
    }
    return atomic_load(&team->flagged);
}
