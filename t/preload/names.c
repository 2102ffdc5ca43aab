/*
 * For LD_PRELOAD: the name server is on 127.0.0.1, at the port that NAMES says.
 */
#undef _FORTIFY_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* _GNU_SOURCE has it, and a connect that nobody else can define. */
#ifndef RTLD_NEXT
#define RTLD_NEXT ((void *)-1)
#endif

FILE *
fopen(const char *path, const char *mode)
{
	static char file[] = "nameserver 127.0.0.1\n";
	FILE *(*real)(const char *, const char *);

	*(void **)(&real) = dlsym(RTLD_NEXT, "fopen");
	if (strcmp(path, "/etc/resolv.conf") == 0)
		return fmemopen(file, sizeof file - 1, "r");
	return real(path, mode);
}

int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	int (*real)(int, const struct sockaddr *, socklen_t);
	struct sockaddr_in in;

	*(void **)(&real) = dlsym(RTLD_NEXT, "connect");
	if (to->sa_family == AF_INET && len >= sizeof in) {
		memcpy(&in, to, sizeof in);
		if (in.sin_port == htons(53)) {
			in.sin_port = htons((uint16_t)atoi(getenv("NAMES")));
			return real(fd, (struct sockaddr *)&in, sizeof in);
		}
	}
	return real(fd, to, len);
}
