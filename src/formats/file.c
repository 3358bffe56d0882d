// SPDX-License-Identifier: MIT
/* Files by POSIX calls, which need no memory of their own. A file is replaced in four steps that
   survive a crash at any point: write under another name, flush it to the disk, rename it, flush
   the folder. */
#define _POSIX_C_SOURCE 200809L
#include "file.h"

#include "array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reasons ---- */

static void write_reason(char *reason, const char *path, const char *format, va_list arguments)
{
    enum { shown = 100 };
    if (!reason) return;
    const size_t length = strlen(path);
    const bool   long_path = length > shown;
    const int    used = snprintf(reason, WG_REASON, "%s%s: ", long_path ? "..." : "",
                              long_path ? path + length - shown : path);
    vsnprintf(reason + used, (size_t)(WG_REASON - used), format, arguments);
}

bool wg__refuse(char *reason, const char *path, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_reason(reason, path, format, arguments);
    va_end(arguments);
    return false;
}

bool wg__file_refuse(const wg__file *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_reason(file->reason, file->path, format, arguments);
    va_end(arguments);
    return false;
}

bool wg__refuse_errno(char *reason, const char *path, const char *done)
{
    char why[100] = "";
    if (strerror_r(errno, why, sizeof why) != 0) snprintf(why, sizeof why, "error %d", errno);
    return wg__refuse(reason, path, "cannot be %s: %s", done, why);
}

/* ---- reading ---- */

bool wg__file_open(wg__file *file, const char *path, char *reason)
{
    if (!path) return wg__refuse(reason, "NULL", "is no path");
    /* A pipe would wait for its other end before we could see that it is one. */
    const int handle = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (handle < 0) return wg__refuse_errno(reason, path, "opened");
    struct stat status;
    bool        good = fstat(handle, &status) == 0 || wg__refuse_errno(reason, path, "opened");
    if (good && !S_ISREG(status.st_mode)) good = wg__refuse(reason, path, "is not a regular file");
    if (good) *file = (wg__file){path, reason, handle, status.st_size, status.st_size};
    if (!good) close(handle);
    return good;
}

bool wg__file_read(wg__file *file, void *to, int64_t bytes)
{
    if (bytes > file->left) {
        return wg__file_refuse(file, "ends early: %lld bytes are wanted, %lld are left",
                               (long long)bytes, (long long)file->left);
    }
    unsigned char *at = to;
    while (bytes > 0) {
        const ssize_t got = read(file->handle, at, (size_t)bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return wg__refuse_errno(file->reason, file->path, "read");
        if (got == 0) return wg__file_refuse(file, "became shorter while it was read");
        at += got;
        bytes -= got;
        file->left -= got;
    }
    return true;
}

bool wg__file_seek(wg__file *file, int64_t at)
{
    if (at < 0 || at > file->size)
        return wg__file_refuse(file, "ends before byte %lld", (long long)at);
    if (lseek(file->handle, (off_t)at, SEEK_SET) < 0)
        return wg__refuse_errno(file->reason, file->path, "read");
    file->left = file->size - at;
    return true;
}

bool wg__file_begins(const wg__file *file, unsigned char first, unsigned char second)
{
    unsigned char magic[2];
    return pread(file->handle, magic, sizeof magic, 0) == sizeof magic && magic[0] == first &&
           magic[1] == second;
}

void wg__file_close(wg__file *file)
{
    close(file->handle);
}

/* ---- writing ---- */

/* Creates a file beside `path` that nobody else has: a leftover of a killed process, or a link,
   is never opened. */
static int create_beside(wg__draft *draft)
{
    enum { tries = 100 };
    errno = EEXIST;
    for (int i = 0; i < tries && errno == EEXIST; i++) {
        const int length = snprintf(draft->name, sizeof draft->name, "%s.%ld-%d.tmp", draft->path,
                                    (long)getpid(), i);
        if (length >= (int)sizeof draft->name) {
            errno = ENAMETOOLONG;
            return -1;
        }
        const int handle = open(draft->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (handle >= 0) return handle;
    }
    return -1;
}

bool wg__draft_open(wg__draft *draft, const char *path, char *reason)
{
    if (!path) return wg__refuse(reason, "NULL", "is no path");
    draft->path = path;
    draft->reason = reason;
    /* The rename would put a file in the place of a device. */
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        return wg__refuse(reason, path, "is not a regular file");
    }
    draft->handle = create_beside(draft);
    return draft->handle >= 0 || wg__refuse_errno(reason, path, "written");
}

bool wg__draft_write(wg__draft *draft, const void *data, size_t bytes)
{
    const unsigned char *at = data;
    while (bytes > 0) {
        const ssize_t put = write(draft->handle, at, bytes);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return wg__refuse_errno(draft->reason, draft->path, "written");
        at += put;
        bytes -= (size_t)put;
    }
    return true;
}

/* Flushes the folder of the draft, so that the rename outlives a crash. The file is in place by
   now: where a folder cannot be opened or flushed, nothing is left to be done about it. */
static void flush_folder(wg__draft *draft)
{
    char *slash = strrchr(draft->name, '/');
    if (slash == draft->name) slash++;
    if (slash) *slash = '\0';
    const int folder = open(slash ? draft->name : ".", O_RDONLY | O_CLOEXEC);
    if (folder < 0) return;
    fsync(folder);
    close(folder);
}

bool wg__draft_close(wg__draft *draft, bool good)
{
    if (good)
        good = fsync(draft->handle) == 0 || wg__refuse_errno(draft->reason, draft->path, "written");
    if (close(draft->handle) != 0 && good)
        good = wg__refuse_errno(draft->reason, draft->path, "written");
    if (good) {
        good = rename(draft->name, draft->path) == 0 ||
               wg__refuse_errno(draft->reason, draft->path, "written");
    }
    if (good)
        flush_folder(draft);
    else
        unlink(draft->name);
    return good;
}
