/*
 * A name server for the test of dialling: answers from a zone, one query at a
 * time, when serve is called. Included by one .c file.
 */
#ifndef T_NAME_SERVER_H
#define T_NAME_SERVER_H

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "sexp/buf.h"

enum { A = 1, AAAA = 28, SRV = 33, ANY = 255 };
enum { SERVFAIL = 2, NXDOMAIN = 3, SILENT = 100 };

/* The records that the name server knows; RCODE other than 0 is all that it
 * says. */
struct record {
	const char *name, *data;
	int type, rcode, priority, weight, port;
};

static struct record zone[200];
static size_t zone_count;
static char queries[20000]; /* "TYPE name" of each, a space behind */
static int server = -1;
static char server_name[40];

static struct record *
add(const char *name, int type, const char *data)
{
	struct record *r = &zone[zone_count++];

	*r = (struct record){.name = name, .type = type, .data = data};
	return r;
}

static void
add_srv(const char *name, int priority, int weight, int port, const char *host)
{
	struct record *r = add(name, SRV, host);

	r->priority = priority;
	r->weight = weight;
	r->port = port;
}

static void
add_code(const char *name, int type, int rcode)
{
	add(name, type, NULL)->rcode = rcode;
}

static void
add_u16(struct buf *b, int n)
{
	buf_addc(b, n >> 8);
	buf_addc(b, n & 255);
}

static void
add_name(struct buf *b, const char *name)
{
	size_t n;

	for (; *name != '\0' && strcmp(name, ".") != 0; name += n) {
		n = strcspn(name, ".");
		buf_addc(b, (int)n);
		buf_add(b, name, n);
		n += name[n] == '.';
	}
	buf_addc(b, 0);
}

static void
add_answer(struct buf *b, const struct record *r)
{
	unsigned char address[16];
	struct buf data;

	buf_init(&data, 300);
	if (r->type == SRV) {
		add_u16(&data, r->priority);
		add_u16(&data, r->weight);
		add_u16(&data, r->port);
		add_name(&data, r->data);
	} else {
		inet_pton(r->type == A ? AF_INET : AF_INET6, r->data, address);
		buf_add(&data, address, r->type == A ? 4 : 16);
	}
	add_u16(b, 0xc00c); /* the name of the question */
	add_u16(b, r->type);
	add_u16(b, 1);
	add_u16(b, 0);
	add_u16(b, 60);
	add_u16(b, (int)buf_len(&data));
	buf_add(b, buf_data(&data), buf_len(&data));
	buf_clear(&data);
}

/* Reads the question of N bytes at Q; returns its end. */
static size_t
read_question(const unsigned char *q, size_t n, char *name, int *type)
{
	size_t i = 12;

	*name = '\0';
	while (i < n && q[i] != 0) {
		sprintf(name + strlen(name), "%s%.*s", *name ? "." : "", q[i],
		    (const char *)q + i + 1);
		i += 1u + q[i];
	}
	*type = q[i + 1] << 8 | q[i + 2];
	return i + 5;
}

/* Answers one query. */
static void
serve(void)
{
	unsigned char q[600];
	struct sockaddr_storage from;
	socklen_t from_len = sizeof from;
	ssize_t n = recvfrom(
	    server, q, sizeof q, 0, (struct sockaddr *)&from, &from_len);
	int type, rcode = NXDOMAIN, count = 0;
	size_t end, i;
	char name[300];
	struct buf b, answers;

	if (n < 17)
		return;
	end = read_question(q, (size_t)n, name, &type);
	snprintf(queries + strlen(queries), sizeof queries - strlen(queries),
	    "%s %s ",
	    type == SRV ? "SRV"
	    : type == A ? "A"
			: "AAAA",
	    name);
	buf_init(&b, 4096);
	buf_init(&answers, 4096);
	for (i = 0; i < zone_count; i++) {
		if (strcmp(zone[i].name, name) != 0)
			continue;
		if (rcode == NXDOMAIN)
			rcode = 0;
		if (zone[i].type != type && zone[i].type != ANY)
			continue;
		if (zone[i].rcode != 0)
			rcode = zone[i].rcode;
		else
			add_answer(&answers, &zone[i]), count++;
	}
	buf_add(&b, q, 2);
	add_u16(&b, 0x8180 | rcode);
	add_u16(&b, 1);
	add_u16(&b, count);
	add_u16(&b, 0);
	add_u16(&b, 0);
	buf_add(&b, q + 12, end - 12);
	buf_add(&b, buf_data(&answers), buf_len(&answers));
	if (rcode != SILENT)
		sendto(server, buf_data(&b), buf_len(&b), 0,
		    (struct sockaddr *)&from, from_len);
	buf_clear(&b);
	buf_clear(&answers);
}

#endif
