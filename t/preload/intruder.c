/*
 * For LD_PRELOAD: does what an intruder would who has taken over the process,
 * once it is confined: the deed that DEED names, in the directory VICTIM of
 * somebody else and in the configuration directory OURS. It says on standard
 * error `done`, or why not. With EARLY in the environment it does so before the
 * program begins, where nothing is confined and all must succeed.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Returns DIRECTORY/NAME, where the environment says what DIRECTORY is. */
static const char *
path(const char *directory, const char *name)
{
	static char text[4][4096];
	static int turn;
	char *at = text[turn++ % 4];

	snprintf(at, sizeof text[0], "%s/%s", getenv(directory), name);
	return at;
}

static long
open_as(const char *name, int flags)
{
	return open(name, flags, 0600);
}

static long
read_secret(void)
{
	return open_as(path("VICTIM", ".ssh/id"), O_RDONLY);
}

static long
list_directory(void)
{
	return open_as(path("VICTIM", ".ssh"), O_RDONLY | O_DIRECTORY);
}

static long
write_secret(void)
{
	return open_as(path("VICTIM", ".ssh/id"), O_WRONLY | O_APPEND);
}

static long
make_file(void)
{
	return open_as(path("VICTIM", "new"), O_WRONLY | O_CREAT);
}

static long
make_directory(void)
{
	return mkdir(path("VICTIM", "newdir"), 0700);
}

static long
remove_file(void)
{
	return unlink(path("VICTIM", "old"));
}

static long
truncate_file(void)
{
	return truncate(path("VICTIM", ".ssh/id"), 0);
}

static long
rename_in(void)
{
	return rename(path("VICTIM", "old"), path("OURS", "old"));
}

static long
rename_out(void)
{
	return rename(path("OURS", "password"), path("VICTIM", "password"));
}

static long
link_in(void)
{
	return link(path("VICTIM", ".ssh/id"), path("OURS", "id"));
}

static long
make_link(void)
{
	return symlink(path("VICTIM", ".ssh/id"), path("OURS", "link"));
}

static long
make_socket(void)
{
	return mknod(path("OURS", "socket"), S_IFSOCK | 0600, 0);
}

static long
change_mode(void)
{
	return chmod(path("VICTIM", ".ssh/id"), 0644);
}

static long
change_owner(void)
{
	return chown(path("VICTIM", ".ssh/id"), getuid(), getgid());
}

static long
change_time(void)
{
	return utimensat(AT_FDCWD, path("VICTIM", ".ssh/id"), NULL, 0);
}

static long
read_process(void)
{
	return open_as("/proc/self/environ", O_RDONLY);
}

static long
write_memory(void)
{
	return open_as("/proc/self/mem", O_RDWR);
}

static long
run_program(void)
{
	char *argv[] = {"true", NULL}, *env[] = {NULL};

	return execve("/bin/true", argv, env);
}

static long
run_descriptor(void)
{
	char *argv[] = {"true", NULL}, *env[] = {NULL};

	return syscall(SYS_execveat, open_as("/bin/true", O_PATH), "", argv,
	    env, AT_EMPTY_PATH);
}

static long
make_process(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child == -1 ? -1 : waitpid(child, NULL, 0);
}

static long
connect_path(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd == -1)
		return -1;
	snprintf(to.sun_path, sizeof to.sun_path, "%s", path("VICTIM", "../s"));
	return connect(fd, (struct sockaddr *)&to, sizeof to);
}

static long
connect_abstract(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd == -1)
		return -1;
	snprintf(to.sun_path + 1, sizeof to.sun_path - 1, "%s",
	    path("VICTIM", "../s"));
	return connect(fd, (struct sockaddr *)&to,
	    (socklen_t)(sizeof(sa_family_t) + 1 + strlen(to.sun_path + 1)));
}

static long
make_pair(void)
{
	int ends[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static long
bind_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd == -1 ? -1 : bind(fd, (struct sockaddr *)&at, sizeof at);
}

static long
listen_port(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd == -1 ? -1 : listen(fd, 1);
}

static long
ask_kernel(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

static long
signal_parent(void)
{
	return kill(getppid(), 0);
}

static long
own_by_parent(void)
{
	return fcntl(0, F_SETOWN, getppid());
}

static long
trace_parent(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);
}

static long
read_other(void)
{
	char byte;
	struct iovec to = {&byte, 1}, from = {(void *)path("OURS", ""), 1};

	return process_vm_readv(getppid(), &to, 1, &from, 1, 0);
}

static long
map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		   ? -1
		   : 0;
}

static long
make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static long
type_key(void)
{
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);

	return ioctl(fd == -1 ? 0 : fd, TIOCSTI, "x");
}

static long
be_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long
allow_core(void)
{
	struct rlimit limit = {0, 0};

	return setrlimit(RLIMIT_CORE, &limit);
}

static long
load_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static long
use_ring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}

static long
use_keys(void)
{
	return syscall(SYS_keyctl, 0, -1, 0);
}

static long
mount_system(void)
{
	return mount("none", path("OURS", ""), "tmpfs", 0, NULL);
}

static long
leave_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static long
change_user(void)
{
	return setuid(getuid());
}

static long
call_x32(void)
{
	return syscall(0x40000000 | SYS_getpid);
}

static long
call_new(void)
{
	return syscall(4000);
}

/* The operations that must go on working. */

static long
read_names(void)
{
	return open_as("/etc/hosts", O_RDONLY);
}

static long
read_ours(void)
{
	return open_as(path("OURS", "password"), O_RDONLY);
}

static long
write_omemo(void)
{
	return open_as(path("OURS", "omemo/x"), O_WRONLY | O_CREAT);
}

static long
write_ours(void)
{
	return open_as(path("OURS", "log"), O_WRONLY | O_CREAT);
}

static long
make_ours(void)
{
	return mkdirat(AT_FDCWD, path("OURS", "users2"), 0700);
}

static long
use_internet(void)
{
	return socket(AF_INET6, SOCK_DGRAM, 0);
}

#define DEED(name)                                                             \
	{                                                                      \
#name, name                                                    \
	}
static const struct {
	const char *name;
	long (*deed)(void);
} deeds[] = {DEED(read_secret), DEED(list_directory), DEED(write_secret),
    DEED(make_file), DEED(make_directory), DEED(remove_file),
    DEED(truncate_file), DEED(rename_in), DEED(rename_out), DEED(link_in),
    DEED(make_link), DEED(make_socket), DEED(change_mode), DEED(change_owner),
    DEED(change_time), DEED(read_process), DEED(write_memory),
    DEED(run_program), DEED(run_descriptor), DEED(make_process),
    DEED(connect_path), DEED(connect_abstract), DEED(make_pair),
    DEED(bind_port), DEED(listen_port), DEED(ask_kernel), DEED(signal_parent),
    DEED(own_by_parent), DEED(trace_parent), DEED(read_other), DEED(map_code),
    DEED(make_code), DEED(type_key), DEED(be_dumpable), DEED(allow_core),
    DEED(load_bpf), DEED(use_ring), DEED(use_keys), DEED(mount_system),
    DEED(leave_namespace), DEED(change_user), DEED(call_x32), DEED(call_new),
    DEED(read_names), DEED(write_ours), DEED(read_ours), DEED(write_omemo),
    DEED(make_ours), DEED(use_internet)};

static void
do_deed(void)
{
	const char *name = getenv("DEED");
	char text[200] = "no such deed\n";
	size_t i;

	for (i = 0; i < sizeof deeds / sizeof *deeds; i++)
		if (strcmp(deeds[i].name, name) == 0)
			snprintf(text, sizeof text, "%s: %s\n", name,
			    deeds[i].deed() == -1 ? strerrorname_np(errno)
						  : "done");
	if (write(2, text, strlen(text)) == -1)
		_exit(98);
}

__attribute__((constructor)) static void
begin(void)
{
	if (getenv("EARLY") != NULL) {
		do_deed();
		_exit(0);
	}
}

/* The checked name of poll, called where the length of the array is known. */
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);

int
__poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	(void)size;
	return poll(fds, n, timeout);
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	int (*real)(struct pollfd *, nfds_t, int);
	static int is_over;

	*(void **)(&real) = dlsym(RTLD_NEXT, "poll");
	/* Either it is refused already to ask that, or the answer is 1; in the
	 * helper, which is not confined, it is 0. */
	if (!is_over && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0) {
		is_over = 1;
		do_deed();
	}
	return real(fds, n, timeout);
}
