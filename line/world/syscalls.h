/*
 * The system calls of Linux that confine.c decides on, by their names in
 * <sys/syscall.h>, which knows their numbers on each processor. A list is the
 * initialiser of an array.
 *
 * What is in neither list gets EPERM: calls that do no harm beyond what a
 * program can live without, as a library that tries them must go on (a thread,
 * an extended attribute, the memory of another kind). Those that only somebody
 * who has taken over the process would call end it: they run another program,
 * look into another process, change the kernel, or are large parts of the
 * kernel that other programs rarely use and that had many faults.
 */
#ifndef LINE_WORLD_SYSCALLS_H
#define LINE_WORLD_SYSCALLS_H

#include <fcntl.h>
#include <linux/audit.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>

/* The processor that the list is for; not defined on others. */
#if defined(__x86_64__) && !defined(__ILP32__)
#define SYSCALLS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && !defined(__AARCH64EB__) && !defined(__ILP32__)
#define SYSCALLS_ARCH AUDIT_ARCH_AARCH64
#endif

#ifndef __NR_faccessat2
#define __NR_faccessat2 439
#endif

/* The newest call that was looked at, file_setattr of Linux 6.17. */
#define SYSCALLS_LAST 469

#ifdef __x86_64__
/* Calls that later processors never had. */
#define SYSCALLS_OLD                                                           \
	__NR_access, __NR_alarm, __NR_dup2, __NR_epoll_wait, __NR_getpgrp,     \
	    __NR_lstat, __NR_open, __NR_poll, __NR_readlink, __NR_select,      \
	    __NR_stat, __NR_time,
#define SYSCALLS_OLD_DEADLY                                                    \
	__NR_create_module, __NR_get_kernel_syms, __NR_ioperm, __NR_iopl,      \
	    __NR_modify_ldt, __NR_query_module, __NR_uselib,
#else
#define SYSCALLS_OLD
#define SYSCALLS_OLD_DEADLY
#endif

/* Descriptors. */
#define SYSCALLS_DESCRIPTORS                                                   \
	__NR_close, __NR_dup, __NR_dup3, __NR_flock, __NR_lseek, __NR_pread64, \
	    __NR_preadv, __NR_pwrite64, __NR_pwritev, __NR_read, __NR_readv,   \
	    __NR_write, __NR_writev
/* Files. No name is given another mode or owner. */
#define SYSCALLS_FILES                                                         \
	__NR_faccessat, __NR_faccessat2, __NR_fchmod, __NR_fdatasync,          \
	    __NR_fstat, __NR_fstatfs, __NR_fsync, __NR_ftruncate, __NR_getcwd, \
	    __NR_getdents64, __NR_linkat, __NR_mkdirat, __NR_newfstatat,       \
	    __NR_openat, __NR_readlinkat, __NR_renameat, __NR_renameat2,       \
	    __NR_statx, __NR_unlinkat
/* The network. Nothing is bound or listened to. */
#define SYSCALLS_NETWORK                                                       \
	__NR_connect, __NR_getpeername, __NR_getsockname, __NR_getsockopt,     \
	    __NR_recvfrom, __NR_recvmmsg, __NR_recvmsg, __NR_sendmmsg,         \
	    __NR_sendmsg, __NR_sendto, __NR_setsockopt, __NR_shutdown
/* Waiting, and the time. */
#define SYSCALLS_TIME                                                          \
	__NR_clock_getres, __NR_clock_gettime, __NR_clock_nanosleep,           \
	    __NR_epoll_create1, __NR_epoll_ctl, __NR_epoll_pwait,              \
	    __NR_gettimeofday, __NR_nanosleep, __NR_ppoll, __NR_pselect6,      \
	    __NR_restart_syscall, __NR_setitimer, __NR_timerfd_create,         \
	    __NR_timerfd_gettime, __NR_timerfd_settime, __NR_times
/* Memory. */
#define SYSCALLS_MEMORY                                                        \
	__NR_brk, __NR_madvise, __NR_mlock, __NR_mlock2, __NR_mremap,          \
	    __NR_munlock, __NR_munmap
/* The process itself. */
#define SYSCALLS_PROCESS                                                       \
	__NR_exit, __NR_exit_group, __NR_futex, __NR_getcpu, __NR_getegid,     \
	    __NR_geteuid, __NR_getgid, __NR_getpgid, __NR_getpid,              \
	    __NR_getppid, __NR_getrandom, __NR_getrusage, __NR_getsid,         \
	    __NR_gettid, __NR_getuid, __NR_rseq, __NR_rt_sigaction,            \
	    __NR_rt_sigpending, __NR_rt_sigprocmask, __NR_rt_sigreturn,        \
	    __NR_rt_sigsuspend, __NR_rt_sigtimedwait, __NR_sched_getaffinity,  \
	    __NR_sched_yield, __NR_set_robust_list, __NR_sigaltstack,          \
	    __NR_sysinfo, __NR_umask, __NR_uname

/* The calls of a session, and those that another libc may use instead. */
#define SYSCALLS_ALLOWED                                                       \
	SYSCALLS_OLD SYSCALLS_DESCRIPTORS, SYSCALLS_FILES, SYSCALLS_NETWORK,   \
	    SYSCALLS_TIME, SYSCALLS_MEMORY, SYSCALLS_PROCESS

/* Requests of ioctl(2): of terminals, and the number of an interface, which the
 * address of a name server may have. TIOCSTI, which types, is not among them.
 */
#define SYSCALLS_IOCTLS                                                        \
	TCGETS, TCSETS, TCSETSW, TCSETSF, TCSBRK, TCXONC, TCFLSH, TIOCGWINSZ,  \
	    TIOCGPGRP, TIOCGSID, FIONREAD, SIOCGIFINDEX, SIOCGIFNAME,          \
	    SYSCALLS_TCGETS2, SYSCALLS_TCSETS2, SYSCALLS_TCSETS2 + 1,          \
	    SYSCALLS_TCSETS2 + 2
/* TCGETS2, TCSETS2 and the two that follow, which newer versions of libc use;
 * their names are not in <termios.h>. */
#define SYSCALLS_TCGETS2 0x802c542a
#define SYSCALLS_TCSETS2 0x402c542b

/* Commands of fcntl(2). F_SETOWN, which names a process that is to be sent a
 * signal, is not among them. */
#define SYSCALLS_FCNTLS                                                        \
	F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, \
	    F_SETLK, F_SETLKW

/* Another program, or another process. */
#define SYSCALLS_PROGRAMS                                                      \
	__NR_execve, __NR_execveat, __NR_kcmp, __NR_pidfd_getfd,               \
	    __NR_pidfd_open, __NR_pidfd_send_signal, __NR_process_madvise,     \
	    __NR_process_vm_readv, __NR_process_vm_writev, __NR_ptrace,        \
	    __NR_rt_sigqueueinfo, __NR_rt_tgsigqueueinfo
/* Privileges. */
#define SYSCALLS_PRIVILEGES                                                    \
	__NR_capset, __NR_setfsgid, __NR_setfsuid, __NR_setgid,                \
	    __NR_setgroups, __NR_setns, __NR_setregid, __NR_setresgid,         \
	    __NR_setresuid, __NR_setreuid, __NR_setuid, __NR_unshare
/* The whole system. */
#define SYSCALLS_SYSTEM                                                        \
	__NR_acct, __NR_adjtimex, __NR_chroot, __NR_clock_adjtime,             \
	    __NR_clock_settime, __NR_delete_module, __NR_finit_module,         \
	    __NR_fsconfig, __NR_fsmount, __NR_fsopen, __NR_fspick,             \
	    __NR_init_module, __NR_kexec_file_load, __NR_kexec_load,           \
	    __NR_lookup_dcookie, __NR_mount, __NR_move_mount,                  \
	    __NR_name_to_handle_at, __NR_nfsservctl, __NR_open_by_handle_at,   \
	    __NR_open_tree, __NR_pivot_root, __NR_quotactl, __NR_reboot,       \
	    __NR_sethostname, __NR_settimeofday, __NR_swapoff, __NR_swapon,    \
	    __NR_syslog, __NR_umount2, __NR_vhangup
/* Large parts of the kernel, rarely used, that had many faults. */
#define SYSCALLS_FAULTY                                                        \
	__NR_add_key, __NR_bpf, __NR_fanotify_init, __NR_io_setup,             \
	    __NR_io_uring_enter, __NR_io_uring_register, __NR_io_uring_setup,  \
	    __NR_keyctl, __NR_perf_event_open, __NR_personality,               \
	    __NR_request_key, __NR_userfaultfd, __NR_vmsplice

#define SYSCALLS_DEADLY                                                        \
	SYSCALLS_OLD_DEADLY SYSCALLS_PROGRAMS, SYSCALLS_PRIVILEGES,            \
	    SYSCALLS_SYSTEM, SYSCALLS_FAULTY

#endif
