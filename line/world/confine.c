/* For syscall(2), O_PATH, and what the BSDs declare beside POSIX. */
#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__FreeBSD__)
#undef _POSIX_C_SOURCE
#elif defined(__OpenBSD__)
#define _BSD_SOURCE
#endif
#include "line/world/confine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The sanitizers trace the process at its end and read what they report on. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Begins a further part in PARTS. */
static void
add_part(struct buf *parts, const char *text)
{
	if (buf_len(parts) > 0)
		buf_adds(parts, ", ");
	buf_adds(parts, text);
}

#if defined(NO_CONFINE)

void
confine_process(const struct confine_options *o, struct buf *parts)
{
	(void)o;
	add_part(parts, "nothing (built with CONFINE=no)");
}

#elif defined(__linux__)

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <wchar.h>

#include "line/world/syscalls.h"

/* landlock(7): the kernel's names and numbers, which older headers lack. */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule	     445
#define __NR_landlock_restrict_self  446
#endif
#define LANDLOCK_CREATE_RULESET_VERSION	    (1u << 0)
#define LANDLOCK_RULE_PATH_BENEATH	    1
#define LANDLOCK_ACCESS_FS_WRITE_FILE	    (UINT64_C(1) << 1)
#define LANDLOCK_ACCESS_FS_READ_FILE	    (UINT64_C(1) << 2)
#define LANDLOCK_ACCESS_FS_READ_DIR	    (UINT64_C(1) << 3)
#define LANDLOCK_ACCESS_FS_REMOVE_DIR	    (UINT64_C(1) << 4)
#define LANDLOCK_ACCESS_FS_REMOVE_FILE	    (UINT64_C(1) << 5)
#define LANDLOCK_ACCESS_FS_MAKE_DIR	    (UINT64_C(1) << 7)
#define LANDLOCK_ACCESS_FS_MAKE_REG	    (UINT64_C(1) << 8)
#define LANDLOCK_ACCESS_FS_MAKE_FIFO	    (UINT64_C(1) << 10)
#define LANDLOCK_ACCESS_FS_REFER	    (UINT64_C(1) << 13) /* ABI 2 */
#define LANDLOCK_ACCESS_FS_TRUNCATE	    (UINT64_C(1) << 14) /* ABI 3 */
#define LANDLOCK_ACCESS_FS_IOCTL_DEV	    (UINT64_C(1) << 15) /* ABI 5 */
#define LANDLOCK_ACCESS_NET_BIND_TCP	    (UINT64_C(1) << 0)	/* ABI 4 */
/* ABI 6 */
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C(1) << 0)
#define LANDLOCK_SCOPE_SIGNAL		    (UINT64_C(1) << 1)

/* All rights that ABI 1 knows, and those that are given. */
enum {
	FS_ABI_1 = (1 << 13) - 1,
	MAY_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	MAY_WRITE = MAY_READ | LANDLOCK_ACCESS_FS_WRITE_FILE |
		    LANDLOCK_ACCESS_FS_REMOVE_DIR |
		    LANDLOCK_ACCESS_FS_REMOVE_FILE |
		    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		    LANDLOCK_ACCESS_FS_TRUNCATE,
	/* All that a file can have that is no directory. */
	MAY_USE_FILE =
	    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
	    LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_IOCTL_DEV
};

/* Symbolic links that are followed from one file, at most. */
#define LINKS				    8

/* struct landlock_ruleset_attr with the fields of ABI 4 and 6. */
struct ruleset_attr {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

/* struct landlock_path_beneath_attr. */
struct path_beneath_attr {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

/* A ruleset that is being made. */
struct ruleset {
	int fd;
	uint64_t handled;
};

/* Allows ACCESS to what is open as FD, and below it if it is a directory. */
static void
allow_fd(const struct ruleset *r, int fd, uint64_t access)
{
	struct path_beneath_attr rule = {
	    .allowed_access = access & r->handled, .parent_fd = fd};
	struct stat st;

	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= MAY_USE_FILE;
	syscall(__NR_landlock_add_rule, r->fd, LANDLOCK_RULE_PATH_BENEATH,
	    &rule, 0);
}

/* As allow_fd for PATH relative to AT, if it is there. */
static void
allow_path(const struct ruleset *r, int at, const char *path, uint64_t access)
{
	int fd = openat(at, path, O_PATH | O_CLOEXEC);

	if (fd == -1)
		return;
	allow_fd(r, fd, access);
	close(fd);
}

/* Returns 1 if the home directory is PATH or below it. */
static int
holds_home(const char *path)
{
	char at[PATH_MAX], home[PATH_MAX];
	const char *name = getenv("HOME");
	size_t n;

	if (realpath(path, at) == NULL)
		return 0;
	if (name == NULL || realpath(name, home) == NULL)
		return strcmp(at, "/") == 0;
	n = strlen(at);
	return strcmp(at, "/") == 0 || (strncmp(at, home, n) == 0 &&
					   (home[n] == '/' || home[n] == '\0'));
}

/*
 * Allows the file PATH to be read where symbolic links lead to, and what is
 * beside it, as it may be replaced by rename(2). PATH begins with a slash.
 */
static void
allow_linked(const struct ruleset *r, const char *path)
{
	char at[PATH_MAX], link[PATH_MAX], directory[PATH_MAX];
	ssize_t n;
	int i, len;

	snprintf(at, sizeof at, "%s", path);
	for (i = 0; i < LINKS; i++) {
		len = (int)(strrchr(at, '/') - at);
		snprintf(directory, sizeof directory, "%.*s/", len, at);
		if (holds_home(directory))
			allow_path(r, AT_FDCWD, at, MAY_READ);
		else
			allow_path(r, AT_FDCWD, directory, MAY_READ);
		n = readlink(at, link, sizeof link - 1);
		if (n <= 0)
			return;
		link[n] = '\0';
		if (link[0] == '/')
			n = snprintf(at, sizeof at, "%s", link);
		else
			n = snprintf(at, sizeof at, "%s%s", directory, link);
		if (n >= (ssize_t)sizeof at)
			return;
	}
}

/* Allows the configuration directory and the tree. */
static void
allow_directories(const struct ruleset *r, const struct confine_options *o)
{
	if (o->directory != NULL)
		allow_fd(
		    r, o->directory_fd, o->read_only ? MAY_READ : MAY_WRITE);
	if (o->directory != NULL && o->read_only) {
		allow_path(r, o->directory_fd, "omemo", MAY_WRITE);
		if (o->queue)
			allow_path(r, o->directory_fd, "positions", MAY_WRITE);
	}
	if (o->tree != NULL)
		allow_fd(
		    r, o->tree_fd, MAY_WRITE | LANDLOCK_ACCESS_FS_MAKE_FIFO);
}

/* Allows what libc, c-ares and libedit open again while we run. */
static void
allow_system(const struct ruleset *r, const struct confine_options *o)
{
	/* These are symbolic links in many systems. */
	static const char *const linked[] = {"/etc/resolv.conf", "/etc/hosts",
	    "/etc/nsswitch.conf", "/etc/host.conf", "/etc/localtime"};
	static const char *const read[] = {"/etc", "/usr/share/zoneinfo",
	    "/usr/share/terminfo", "/lib/terminfo", "/dev/urandom"};
	const char *aliases = getenv("HOSTALIASES");
	size_t i;

	for (i = 0; i < sizeof linked / sizeof *linked; i++)
		allow_linked(r, linked[i]);
	for (i = 0; i < sizeof read / sizeof *read; i++)
		allow_path(r, AT_FDCWD, read[i], MAY_READ);
	if (aliases != NULL)
		allow_path(r, AT_FDCWD, aliases, MAY_READ);
	allow_path(r, AT_FDCWD, "/dev/tty", MAY_USE_FILE);
	allow_path(r, AT_FDCWD, "/dev/null", MAY_USE_FILE);
	/* The libraries of name lookups are loaded when they are needed. */
	if (o->tor) {
		allow_path(r, AT_FDCWD, "/lib", MAY_READ);
		allow_path(r, AT_FDCWD, "/lib64", MAY_READ);
		allow_path(r, AT_FDCWD, "/usr/lib", MAY_READ);
		allow_path(r, AT_FDCWD, "/usr/local/lib", MAY_READ);
		allow_path(r, AT_FDCWD, "/run", MAY_READ);
	}
	if (SANITIZED)
		allow_path(r, AT_FDCWD, "/", MAY_READ);
#ifdef CONFINE_ALSO
	allow_path(r, AT_FDCWD, CONFINE_ALSO, MAY_WRITE);
#endif
}

/* Fills A with all that version ABI of Landlock can refuse. Returns its size.
 */
static size_t
fill_attr(struct ruleset_attr *a, long abi, const struct confine_options *o)
{
	memset(a, 0, sizeof *a);
	a->handled_access_fs = FS_ABI_1;
	if (abi >= 2)
		a->handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		a->handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		a->handled_access_fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (abi < 4)
		return offsetof(struct ruleset_attr, handled_access_net);
	/* Any port may be that of a server; none is ours to listen at. */
	a->handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP;
	if (abi < 6)
		return offsetof(struct ruleset_attr, scoped);
	/* torsocks may find its server at such a socket. The signal of Ctrl-Z
	 * is for the whole process group; seccomp refuses others. */
	if (!o->tor)
		a->scoped |= LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET;
	if (!o->terminal)
		a->scoped |= LANDLOCK_SCOPE_SIGNAL;
	return sizeof *a;
}

/* Restricts files, and further things by the age of the kernel: Landlock. */
static void
restrict_files(const struct confine_options *o, struct buf *parts)
{
	long abi = syscall(__NR_landlock_create_ruleset, NULL, (size_t)0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset_attr attr;
	struct ruleset r;
	size_t size;
	long done;

	if (abi < 1) {
		add_part(parts, "no Landlock (not in this kernel)");
		return;
	}
	size = fill_attr(&attr, abi, o);
	r.handled = attr.handled_access_fs;
	r.fd = (int)syscall(__NR_landlock_create_ruleset, &attr, size, 0);
	if (r.fd == -1) {
		add_part(parts, "no Landlock (");
		buf_addf(parts, "%s)", strerror(errno));
		return;
	}
	allow_directories(&r, o);
	allow_system(&r, o);
	done = syscall(__NR_landlock_restrict_self, r.fd, 0);
	if (done == -1) {
		add_part(parts, "no Landlock (");
		buf_addf(parts, "%s)", strerror(errno));
	} else {
		add_part(parts, "Landlock ABI ");
		buf_addf(parts, "%ld (files%s%s%s)", abi,
		    SANITIZED ? ", read anywhere for the sanitizers" : "",
		    abi >= 4 ? ", TCP" : "", abi >= 6 ? ", sockets" : "");
		if (abi >= 6 && !o->terminal) {
			buf_cut(parts, buf_len(parts) - 1);
			buf_adds(parts, ", signals)");
		}
	}
	close(r.fd);
}

#ifdef SYSCALLS_ARCH
/* Offsets of FIELD, and of the lower half of argument N, in the call that the
 * filter looks at. */
#define DATA(field) ((uint32_t)offsetof(struct seccomp_data, field))
#define ARG(n)	    (DATA(args) + 8 * (uint32_t)(n))

#define FILTER_MAX  1024

/* A filter of system calls that is being made (seccomp(2)). */
struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short len;
};

static void
add_code(struct filter *f, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	if (f->len == FILTER_MAX)
		abort();
	f->code[f->len++] = (struct sock_filter){code, yes, no, k};
}

/* Loads the word of struct seccomp_data at OFFSET. */
static void
load_word(struct filter *f, uint32_t offset)
{
	add_code(f, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void
return_verdict(struct filter *f, uint32_t verdict)
{
	add_code(f, BPF_RET | BPF_K, verdict, 0, 0);
}

/* VERDICT if what was loaded is VALUE. */
static void
decide_if(struct filter *f, uint32_t value, uint32_t verdict)
{
	add_code(f, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
	return_verdict(f, verdict);
}

/* VERDICT for each of the COUNT system calls in CALLS. */
static void
decide_calls(
    struct filter *f, const uint16_t *calls, size_t count, uint32_t verdict)
{
	size_t i;

	for (i = 0; i < count; i++)
		decide_if(f, calls[i], verdict);
}

#define REFUSE	    (SECCOMP_RET_ERRNO | EPERM)

/*
 * Begins the code for CALL, whose word at OFFSET is loaded: what follows, up to
 * the filter's end_call, is for this call alone. Returns where end_call is told
 * that it began.
 */
static unsigned short
begin_call(struct filter *f, uint32_t call, uint32_t offset)
{
	unsigned short at = f->len;

	add_code(f, BPF_JMP | BPF_JEQ | BPF_K, call, 0, 0);
	load_word(f, offset);
	return at;
}

/* Ends the code for the call that begin_call began AT: the rest is refused. */
static void
end_call(struct filter *f, unsigned short at)
{
	return_verdict(f, REFUSE);
	f->code[at].jf = (uint8_t)(f->len - at - 1);
}

/* Allows CALL if its argument of number ARGUMENT is one of the COUNT VALUES. */
static void
allow_if(struct filter *f, uint32_t call, int argument, const uint32_t *values,
    size_t count)
{
	unsigned short at = begin_call(f, call, ARG(argument));
	size_t i;

	for (i = 0; i < count; i++)
		decide_if(f, values[i], SECCOMP_RET_ALLOW);
	end_call(f, at);
}

/* Allows CALL if none of the bits BITS is in its argument of number ARGUMENT.
 */
static void
allow_without(struct filter *f, uint32_t call, int argument, uint32_t bits)
{
	unsigned short at = begin_call(f, call, ARG(argument));

	add_code(f, BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0);
	return_verdict(f, SECCOMP_RET_ALLOW);
	end_call(f, at);
}

/* Allows prlimit64 to ask for our own limits, not to set one. */
static void
allow_limits(struct filter *f)
{
	unsigned short at = begin_call(f, __NR_prlimit64, ARG(2));

	add_code(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3);
	load_word(f, ARG(2) + 4);
	decide_if(f, 0, SECCOMP_RET_ALLOW);
	end_call(f, at);
}

/* Allows mknodat to make a FIFO, for --tree. */
static void
allow_fifos(struct filter *f)
{
	unsigned short at = begin_call(f, __NR_mknodat, ARG(2));

	add_code(f, BPF_ALU | BPF_AND | BPF_K, S_IFMT, 0, 0);
	decide_if(f, S_IFIFO, SECCOMP_RET_ALLOW);
	end_call(f, at);
}

/* The calls of which only some uses are allowed. */
static void
decide_uses(struct filter *f, const struct confine_options *o)
{
	/* c-ares does without the sockets that lookups of libc use. */
	static const uint32_t families[] = {AF_INET, AF_INET6};
	static const uint32_t requests[] = {SYSCALLS_IOCTLS};
	static const uint32_t commands[] = {SYSCALLS_FCNTLS};
	/* The process itself, and as job control does, its group. */
	const uint32_t processes[] = {(uint32_t)getpid(), 0};

	allow_if(f, __NR_socket, 0, families, 2);
	allow_if(
	    f, __NR_ioctl, 1, requests, sizeof requests / sizeof *requests);
	allow_if(
	    f, __NR_fcntl, 1, commands, sizeof commands / sizeof *commands);
	allow_if(f, __NR_kill, 0, processes, o->terminal ? 2 : 1);
	allow_if(f, __NR_tgkill, 0, processes, 1);
	allow_without(f, __NR_mmap, 2, PROT_EXEC);
	allow_without(f, __NR_mprotect, 2, PROT_EXEC);
	allow_limits(f);
	if (o->tree != NULL)
		allow_fifos(f);
}

/* Restricts the system calls: seccomp(2). */
static void
restrict_calls(const struct confine_options *o, struct buf *parts)
{
	static const uint16_t allowed[] = {SYSCALLS_ALLOWED};
	static const uint16_t deadly[] = {SYSCALLS_DEADLY};
	static struct filter f;
	struct sock_fprog program = {.filter = f.code};

	f.len = 0;
	load_word(&f, DATA(arch));
	add_code(&f, BPF_JMP | BPF_JEQ | BPF_K, SYSCALLS_ARCH, 1, 0);
	return_verdict(&f, SECCOMP_RET_KILL_PROCESS);
	load_word(&f, DATA(nr));
	decide_calls(
	    &f, allowed, sizeof allowed / sizeof *allowed, SECCOMP_RET_ALLOW);
	/* A tracer has taken the call away (ptrace(2)). */
	decide_if(&f, UINT32_MAX, SECCOMP_RET_ALLOW);
	decide_uses(&f, o);
	decide_calls(&f, deadly, sizeof deadly / sizeof *deadly,
	    SECCOMP_RET_KILL_PROCESS);
	/* Calls of another table, as those of x32, have a high bit. */
	add_code(&f, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
	return_verdict(&f, SECCOMP_RET_KILL_PROCESS);
	/* One that is newer than this list is as in an older kernel, where
	 * libc does without it. */
	add_code(&f, BPF_JMP | BPF_JGT | BPF_K, SYSCALLS_LAST, 0, 1);
	return_verdict(&f, SECCOMP_RET_ERRNO | ENOSYS);
	return_verdict(&f, REFUSE);
	program.len = f.len;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) {
		add_part(parts, "seccomp");
		return;
	}
	add_part(parts, "no seccomp (");
	buf_addf(parts, "%s)", strerror(errno));
}

#else

static void
restrict_calls(const struct confine_options *o, struct buf *parts)
{
	(void)o;
	add_part(parts, "no seccomp (no list for this processor)");
}
#endif

/* Has libc load what it loads at the first use: the time zone, and the tables
 * of the locale's characters. */
static void
load_tables(void)
{
	wchar_t w;

	tzset();
	if (mbtowc(&w, "a", 1) == -1)
		return; /* The locale has no `a`; its files are loaded. */
}

void
confine_process(const struct confine_options *o, struct buf *parts)
{
	load_tables();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		add_part(parts, "no new privileges");
	if (SANITIZED)
		add_part(parts, "dumpable (for the sanitizers)");
	else if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
		add_part(parts, "not dumpable");
	restrict_files(o, parts);
	if (SANITIZED)
		add_part(parts, "no seccomp (for the sanitizers)");
	else if (o->tor)
		add_part(parts, "no seccomp (torsocks needs more calls)");
	else
		restrict_calls(o, parts);
}

#elif defined(__OpenBSD__)

#include <limits.h>
#include <stdio.h>

/* Unveils NAME in the configuration directory of O. */
static void
unveil_inside(const struct confine_options *o, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/%s", o->directory, name);

	if (n > 0 && n < (int)sizeof path)
		unveil(path, "rwc");
}

void
confine_process(const struct confine_options *o, struct buf *parts)
{
	if (o->directory != NULL)
		unveil(o->directory, o->read_only ? "r" : "rwc");
	if (o->directory != NULL && o->read_only) {
		unveil_inside(o, "omemo");
		if (o->queue)
			unveil_inside(o, "positions");
	}
	if (o->tree != NULL)
		unveil(o->tree, "rwc");
	unveil("/etc", "r");
	unveil("/usr/share/zoneinfo", "r");
	unveil("/usr/share/misc/terminfo.db", "r");
	unveil("/dev/tty", "rw");
	unveil("/dev/null", "rw");
	add_part(parts, unveil(NULL, NULL) == 0 ? "unveil" : "no unveil");
	add_part(parts,
	    pledge(
		o->tree != NULL
		    ? "stdio rpath wpath cpath fattr flock inet dns tty dpath"
		    : "stdio rpath wpath cpath fattr flock inet dns tty",
		NULL) == 0
		? "pledge"
		: "no pledge");
}

#elif defined(__FreeBSD__)

#include <sys/procctl.h>

#include <capsicum_helpers.h>

/*
 * In capability mode connect(2) is not permitted, and so no connection could be
 * regained: cap_enter(2) is not called.
 */
void
confine_process(const struct confine_options *o, struct buf *parts)
{
	int mode = PROC_TRACE_CTL_DISABLE;

	if (procctl(P_PID, 0, PROC_TRACE_CTL, &mode) == 0)
		add_part(parts, "not traced");
#ifdef PROC_NO_NEW_PRIVS_CTL
	mode = PROC_NO_NEW_PRIVS_ENABLE;
	if (procctl(P_PID, 0, PROC_NO_NEW_PRIVS_CTL, &mode) == 0)
		add_part(parts, "no new privileges");
#endif
	if (!o->terminal && caph_limit_stdio() == 0)
		add_part(parts, "standard descriptors");
	add_part(parts, "no capability mode (it cannot connect)");
}

#else

void
confine_process(const struct confine_options *o, struct buf *parts)
{
	(void)o;
	add_part(parts, "nothing (not known for this system)");
}

#endif
