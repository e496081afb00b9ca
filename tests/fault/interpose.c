// Preloaded into vigie: sees every step of it that changes something below a directory, starts a program or
// opens a connection, and kills the process before the step of a given number, or lets that step fail.
//
//   VIGIE_FAULT_ROOT=DIR    only what happens to files below it is a step
//   VIGIE_FAULT_LOG=FILE    gets a line for each step, as it happens: `fsync /root/etc/wireguard/wg0.conf`
//   VIGIE_FAULT_AT=N        the step, counted from 1; without, nothing fails
//   VIGIE_FAULT_KIND=KIND   kill, TERM, stop: a signal; ENOSPC, EIO, EACCES, EROFS: the step fails;
//                           short: a write writes the first half; torn: and the next to that file fails
//   VIGIE_FAULT_FROM=1      every step from then on fails, as on a disk that is full or gone
//
// With ENOSPC what only frees space goes on working. Programs that vigie starts do not inherit any of this.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum verdict { GO_ON, FAIL, CUT };

static const char* root = "";
static const char* kind = "";
static long at;
static int ever_after;
static int log_fd = -1;
static atomic_long count;
static atomic_int torn_fd = -1;

__attribute__((constructor)) static void begin(void) {
    const char* number = getenv("VIGIE_FAULT_AT");
    const char* file = getenv("VIGIE_FAULT_LOG");
    kind = getenv("VIGIE_FAULT_KIND") != NULL ? getenv("VIGIE_FAULT_KIND") : "";
    at = number != NULL ? atol(number) : 0;
    ever_after = getenv("VIGIE_FAULT_FROM") != NULL;
    if (file != NULL)
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    root = getenv("VIGIE_FAULT_ROOT") != NULL ? getenv("VIGIE_FAULT_ROOT") : "";
}

static int error_of_kind(void) {
    return strcmp(kind, "ENOSPC") == 0   ? ENOSPC
           : strcmp(kind, "EIO") == 0    ? EIO
           : strcmp(kind, "EACCES") == 0 ? EACCES
           : strcmp(kind, "EROFS") == 0  ? EROFS
                                         : 0;
}

static enum verdict step(const char* name, const char* what) {
    char line[PATH_MAX + 64];
    const long mine = atomic_fetch_add(&count, 1) + 1;
    const int error = error_of_kind();
    const int frees = strcmp(name, "unlink") == 0 || strcmp(name, "rmdir") == 0;
    if (log_fd >= 0)
        syscall(SYS_write, log_fd, line, (size_t)snprintf(line, sizeof line, "%s %s\n", name, what));
    if (at == 0 || (ever_after ? mine < at : mine != at) || (error == ENOSPC && frees))
        return GO_ON;
    if (strcmp(kind, "kill") == 0)
        raise(SIGKILL);
    if (strcmp(kind, "TERM") == 0)
        raise(SIGTERM);
    if (strcmp(kind, "stop") == 0)
        raise(SIGSTOP);
    if (strcmp(kind, "short") == 0 || strcmp(kind, "torn") == 0)
        return CUT;
    errno = error;
    return error != 0 ? FAIL : GO_ON;
}

static enum verdict below_root(const char* name, const char* path) {
    const size_t length = strlen(root);
    const int below =
        length != 0 && strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == '\0');
    return below ? step(name, path) : GO_ON;
}

// The path of an open file; empty when it has none.
static void path_of(int fd, char* path, size_t size) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, size - 1);
    path[length < 0 ? 0 : length] = '\0';
}

static enum verdict on_file(const char* name, int fd) {
    char path[PATH_MAX];
    const int saved = errno;
    path_of(fd, path, sizeof path);
    errno = saved;
    return below_root(name, path);
}

static enum verdict on_path(const char* name, int directory, const char* path) {
    char base[PATH_MAX] = "", whole[2 * PATH_MAX];
    if (path[0] == '/')
        return below_root(name, path);
    if (directory != AT_FDCWD)
        path_of(directory, base, sizeof base);
    else if (getcwd(base, sizeof base) == NULL)
        base[0] = '\0';
    snprintf(whole, sizeof whole, "%s/%s", base, path);
    return below_root(name, whole);
}

// How much of a write is to be written; -1 when it fails.
static ssize_t allowed(const char* name, int fd, size_t size) {
    const enum verdict verdict = on_file(name, fd);
    if (fd >= 0 && fd == atomic_load(&torn_fd)) {
        atomic_store(&torn_fd, -1);
        errno = ENOSPC;
        return -1;
    }
    if (verdict == CUT && size > 1) {
        atomic_store(&torn_fd, strcmp(kind, "torn") == 0 ? fd : -1);
        return (ssize_t)(size / 2);
    }
    return verdict == FAIL ? -1 : (ssize_t)size;
}

static int make(int directory, const char* path, int flags, mode_t mode) {
    const int changes = (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    if (changes && on_path("open", directory, path) == FAIL)
        return -1;
    return (int)syscall(SYS_openat, directory, path, flags, mode);
}

#define OPEN(directory)                                                                \
    {                                                                                  \
        va_list rest;                                                                  \
        va_start(rest, flags);                                                         \
        const int makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;  \
        const int fd = make(directory, path, flags, makes ? va_arg(rest, mode_t) : 0); \
        va_end(rest);                                                                  \
        return fd;                                                                     \
    }
int open(const char* path, int flags, ...) OPEN(AT_FDCWD) int open64(const char* path, int flags, ...)
    OPEN(AT_FDCWD) int openat(int directory, const char* path, int flags, ...)
        OPEN(directory) int openat64(int directory, const char* path, int flags, ...) OPEN(directory)

            ssize_t write(int fd, const void* bytes, size_t size) {
    const ssize_t now = allowed("write", fd, size);
    return now < 0 ? -1 : syscall(SYS_write, fd, bytes, (size_t)now);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
    const ssize_t now = allowed("write", fd, size);
    return now < 0 ? -1 : syscall(SYS_pwrite64, fd, bytes, (size_t)now, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
    return pwrite(fd, bytes, size, offset);
}

// The C library's functions of one file or one path, each with the system call that it is.
#define CALL(verdict, ...) return (verdict) == FAIL ? -1 : (int)syscall(__VA_ARGS__);
int ftruncate(int fd, off_t size) {
    CALL(on_file("ftruncate", fd), SYS_ftruncate, fd, size)
}
int ftruncate64(int fd, off64_t size) {
    CALL(on_file("ftruncate", fd), SYS_ftruncate, fd, size)
}
int fsync(int fd) {
    CALL(on_file("fsync", fd), SYS_fsync, fd)
}
int fdatasync(int fd) {
    CALL(on_file("fsync", fd), SYS_fdatasync, fd)
}
int fchmod(int fd, mode_t mode) {
    CALL(on_file("chmod", fd), SYS_fchmod, fd, mode)
}
int fchown(int fd, uid_t uid, gid_t gid) {
    CALL(on_file("chown", fd), SYS_fchown, fd, uid, gid)
}
int renameat(int from, const char* old, int to, const char* new) {
    CALL(on_path("rename", to, new), SYS_renameat2, from, old, to, new, 0)
}
int unlinkat(int directory, const char* path, int flags) {
    CALL(on_path(flags != 0 ? "rmdir" : "unlink", directory, path), SYS_unlinkat, directory, path, flags)
}
int mkdirat(int directory, const char* path, mode_t mode) {
    CALL(on_path("mkdir", directory, path), SYS_mkdirat, directory, path, mode)
}
int linkat(int from, const char* old, int to, const char* new, int flags) {
    CALL(on_path("link", to, new), SYS_linkat, from, old, to, new, flags)
}
int symlinkat(const char* old, int to, const char* new) {
    CALL(on_path("symlink", to, new), SYS_symlinkat, old, to, new)
}
int chmod(const char* path, mode_t mode) {
    CALL(on_path("chmod", AT_FDCWD, path), SYS_fchmodat, AT_FDCWD, path, mode)
}
int chown(const char* path, uid_t uid, gid_t gid) {
    CALL(on_path("chown", AT_FDCWD, path), SYS_fchownat, AT_FDCWD, path, uid, gid, 0)
}
int rename(const char* old, const char* new) {
    return renameat(AT_FDCWD, old, AT_FDCWD, new);
}
int unlink(const char* path) {
    return unlinkat(AT_FDCWD, path, 0);
}
int rmdir(const char* path) {
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}
int mkdir(const char* path, mode_t mode) {
    return mkdirat(AT_FDCWD, path, mode);
}
int link(const char* old, const char* new) {
    return linkat(AT_FDCWD, old, AT_FDCWD, new, 0);
}
int symlink(const char* old, const char* new) {
    return symlinkat(old, AT_FDCWD, new);
}

int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length) {
    CALL(step("connect", ""), SYS_connect, fd, address.__sockaddr__, length)
}
int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const arguments[], char* const environment[]) {
    int (*next)(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                char* const[], char* const[]);
    *(void**)&next = dlsym(RTLD_NEXT, "posix_spawn");
    return step("start", path) == FAIL ? errno : next(pid, path, actions, attributes, arguments, environment);
}
