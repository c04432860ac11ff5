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
#include <string.h>
#include <wchar.h>

/* What the command line asks for; NULL where it does not say. */
struct request {
    const wchar_t *host, *user, *password, *name, *path;
    unsigned short port;
    BOOL active;
    /* The tracer, open since its header was checked; the process ends right after the sending and closes it. */
    HANDLE file;
    unsigned long long size;
};

struct outcome {
    BOOL ok;
    unsigned long long bytes;
    char error[256];
    unsigned long code;
};

struct outcome failed(const char *error, unsigned long code);
struct outcome send_ftp(const struct request *request);
struct outcome send_tftp(const struct request *request);
struct outcome send_smb(const struct request *request);

#endif
