#ifndef DYETRACE_TRACER_H
#define DYETRACE_TRACER_H

#define WIN32_LEAN_AND_MEAN
#define UNICODE
#define _UNICODE
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <wininet.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* A file whose header was checked; it stays open, so that nobody can change it before it is sent. */
struct tracer {
    wchar_t *path;
    /* The path's last part. */
    const wchar_t *name;
    HANDLE file;
    unsigned long long size;
};

/* What the command line asks for; NULL where it does not say. */
struct request {
    const wchar_t *host, *user, *password, *name, *share, *path;
    unsigned short port;
    BOOL active;
    /* TFTP's block size to ask for, 0 for none; milliseconds between two files. */
    unsigned block, pause;
    struct tracer *tracers;
    size_t count;
};

struct outcome {
    BOOL ok;
    /* What has arrived. */
    unsigned long long bytes;
    unsigned files;
    char error[256];
    unsigned long code;
};

/* Makes an outcome a failure; what has arrived stays. */
void fail(struct outcome *outcome, const char *error, unsigned long code);
/* Counts a file that has arrived. */
void arrived(struct outcome *outcome, const struct tracer *tracer);
/* Waits between two files. */
void pause_before(const struct request *request, size_t index);
/* The name that a file gets at the server: the one that was asked for, or its own. */
const wchar_t *name_of(const struct request *request, const struct tracer *tracer);

/* files.c: fills in the tracers that `path` names. FALSE where one is none: then nothing may be sent. */
BOOL open_tracers(struct request *request, struct outcome *outcome);
void close_tracers(struct request *request);

void send_ftp(const struct request *request, struct outcome *outcome);
void send_tftp(const struct request *request, struct outcome *outcome);
void send_smb(const struct request *request, struct outcome *outcome);

#endif
