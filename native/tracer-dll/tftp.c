/* TFTP over Winsock (RFC 1350): WRQ in octet mode, with a block size where one is asked for (RFC 2348); block numbers wrap to 0. */
#include "tracer.h"

enum { WRQ = 2, DATA = 3, ACK = 4, ERROR_PACKET = 5, OACK = 6, HEADER = 4 };
enum { DEFAULT_BLOCK = 512, SMALLEST_BLOCK = 8, LARGEST_BLOCK = 65464, ANSWER_MAX = 516 };
enum { ANSWER_MS = 1000, ATTEMPTS = 5 };

/* One conversation: its socket, the server's address, and what was agreed on. */
struct talk {
    SOCKET socket;
    struct sockaddr_storage peer;
    int peer_length;
    BOOL has_tid;
    unsigned block;
};

static void put16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

static unsigned get16(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static BOOL same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family)
        return FALSE;
    if (a->ss_family == AF_INET)
        return memcmp(&((const struct sockaddr_in *)a)->sin_addr, &((const struct sockaddr_in *)b)->sin_addr, 4) == 0;
    return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, &((const struct sockaddr_in6 *)b)->sin6_addr, 16) == 0;
}

/* The port has one place for both families. */
static unsigned short port_of(const struct sockaddr_storage *address)
{
    return ((const struct sockaddr_in *)address)->sin_port;
}

/* The block size that an OACK grants (RFC 2347: names and values, each ended by a zero), or 512. */
static unsigned granted(const char *words, int length)
{
    const char *end = words + length;
    for (const char *name = words; name < end;) {
        const char *value = name + strlen(name) + 1;
        if (value >= end)
            break;
        if (_stricmp(name, "blksize") == 0) {
            unsigned long size = strtoul(value, NULL, 10);
            return size >= SMALLEST_BLOCK && size <= LARGEST_BLOCK ? (unsigned)size : DEFAULT_BLOCK;
        }
        name = value + strlen(value) + 1;
    }
    return DEFAULT_BLOCK;
}

/* Whether an answer acknowledges the block. The first one says which block size holds. */
static BOOL acknowledges(struct talk *talk, const unsigned char *answer, int got, unsigned block)
{
    if (get16(answer) == OACK && block == 0 && !talk->has_tid) {
        talk->block = granted((const char *)answer + 2, got - 2);
        return TRUE;
    }
    /* An acknowledgement of an earlier block is a duplicate: answering it would double every packet from here on. */
    return get16(answer) == ACK && get16(answer + 2) == block;
}

/*
 * Sends a packet until it is acknowledged. The first answer comes from a port that the server chose (its TID): later packets go
 * there, and answers from elsewhere are not heard.
 */
static BOOL exchange(struct talk *talk, const unsigned char *packet, int length, unsigned block, struct outcome *outcome)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (sendto(talk->socket, (const char *)packet, length, 0, (struct sockaddr *)&talk->peer, talk->peer_length) ==
            SOCKET_ERROR) {
            fail(outcome, "sendto", (unsigned long)WSAGetLastError());
            return FALSE;
        }
        ULONGLONG deadline = GetTickCount64() + ANSWER_MS;
        for (ULONGLONG now; (now = GetTickCount64()) < deadline;) {
            /* The zero at the end is ours: text in it always ends. */
            unsigned char answer[ANSWER_MAX + 1];
            struct sockaddr_storage from;
            int from_length = sizeof from;
            DWORD wait = (DWORD)(deadline - now);
            setsockopt(talk->socket, SOL_SOCKET, SO_RCVTIMEO, (const char *)&wait, sizeof wait);
            int got = recvfrom(talk->socket, (char *)answer, ANSWER_MAX, 0, (struct sockaddr *)&from, &from_length);
            if (got == SOCKET_ERROR && WSAGetLastError() == WSAECONNRESET) {
                fail(outcome, "nobody listens there", WSAECONNRESET);
                return FALSE;
            }
            if (got < HEADER || !same_host(&from, &talk->peer) ||
                (talk->has_tid && port_of(&from) != port_of(&talk->peer)))
                continue;
            answer[got] = 0;
            if (get16(answer) == ERROR_PACKET) {
                char text[200];
                snprintf(text, sizeof text, "TFTP error %u: %s", get16(answer + 2), (const char *)answer + HEADER);
                fail(outcome, text, get16(answer + 2));
                return FALSE;
            }
            if (!acknowledges(talk, answer, got, block))
                continue;
            talk->peer = from;
            talk->peer_length = from_length;
            talk->has_tid = TRUE;
            return TRUE;
        }
    }
    fail(outcome, "no answer", WSAETIMEDOUT);
    return FALSE;
}

static BOOL transfer(struct talk *talk, const struct request *request, const struct tracer *tracer, struct outcome *outcome)
{
    static unsigned char packet[HEADER + LARGEST_BLOCK];
    int length = WideCharToMultiByte(CP_UTF8, 0, name_of(request, tracer), -1, (char *)packet + 2, 400, NULL, NULL);
    if (length == 0) {
        fail(outcome, "the name is too long", GetLastError());
        return FALSE;
    }
    length += 2;
    put16(packet, WRQ);
    memcpy(packet + length, "octet", 6);
    length += 6;
    if (request->block != 0) {
        memcpy(packet + length, "blksize", 8);
        length += 8;
        length += sprintf((char *)packet + length, "%u", request->block) + 1;
    }
    if (!exchange(talk, packet, length, 0, outcome))
        return FALSE;
    DWORD content = talk->block;
    /* A last block that is not full ends the transfer, so a full last one is followed by an empty one. */
    for (unsigned block = 1; content == talk->block; block = (block + 1) & 0xffff) {
        if (!ReadFile(tracer->file, packet + HEADER, talk->block, &content, NULL)) {
            fail(outcome, "the file cannot be read", GetLastError());
            return FALSE;
        }
        put16(packet, DATA);
        put16(packet + 2, block);
        if (!exchange(talk, packet, HEADER + (int)content, block, outcome))
            return FALSE;
    }
    return TRUE;
}

/* A conversation for each file: its own port is its transfer identifier. */
static void send_all(const ADDRINFOW *server, const struct request *request, struct outcome *outcome)
{
    for (size_t i = 0; i < request->count; i++) {
        struct talk talk = {.block = DEFAULT_BLOCK, .peer_length = (int)server->ai_addrlen};
        pause_before(request, i);
        memcpy(&talk.peer, server->ai_addr, server->ai_addrlen);
        talk.socket = socket(server->ai_family, SOCK_DGRAM, IPPROTO_UDP);
        if (talk.socket == INVALID_SOCKET) {
            fail(outcome, "socket", (unsigned long)WSAGetLastError());
            return;
        }
        BOOL sent = transfer(&talk, request, &request->tracers[i], outcome);
        closesocket(talk.socket);
        if (!sent)
            return;
        arrived(outcome, &request->tracers[i]);
    }
}

void send_tftp(const struct request *request, struct outcome *outcome)
{
    WSADATA data;
    /* Addresses only: no name service is asked. */
    ADDRINFOW hints = {.ai_flags = AI_NUMERICHOST, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    wchar_t port[8];
    if (request->host == NULL) {
        fail(outcome, "tftp needs host", ERROR_INVALID_PARAMETER);
        return;
    }
    if (request->block != 0 && (request->block < SMALLEST_BLOCK || request->block > LARGEST_BLOCK)) {
        fail(outcome, "blksize must be 8 to 65464", ERROR_INVALID_PARAMETER);
        return;
    }
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) {
        fail(outcome, "WSAStartup", (unsigned long)WSAGetLastError());
        return;
    }
    swprintf(port, sizeof port / sizeof *port, L"%u", request->port != 0 ? request->port : 69u);
    if (GetAddrInfoW(request->host, port, &hints, &found) != 0)
        fail(outcome, "host must be an IP address", (unsigned long)WSAGetLastError());
    else {
        send_all(found, request, outcome);
        FreeAddrInfoW(found);
    }
    WSACleanup();
}
