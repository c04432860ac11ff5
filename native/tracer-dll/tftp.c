/* TFTP over Winsock (RFC 1350): WRQ in octet mode, blocks of 512 bytes without options; block numbers wrap to 0. */
#include "tracer.h"

enum { WRQ = 2, DATA = 3, ACK = 4, ERROR_PACKET = 5, BLOCK = 512, HEADER = 4 };
enum { ANSWER_MS = 1000, ATTEMPTS = 5 };

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

/*
 * Sends a packet until it is acknowledged. The first answer comes from a port that the server chose (its TID): later packets go
 * there, and answers from elsewhere are not heard.
 */
static BOOL exchange(SOCKET socket, struct sockaddr_storage *peer, int *peer_length, BOOL *has_tid,
                     const unsigned char *packet, int length, unsigned block, struct outcome *outcome)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (sendto(socket, (const char *)packet, length, 0, (struct sockaddr *)peer, *peer_length) == SOCKET_ERROR) {
            *outcome = failed("sendto", (unsigned long)WSAGetLastError());
            return FALSE;
        }
        ULONGLONG deadline = GetTickCount64() + ANSWER_MS;
        for (ULONGLONG now; (now = GetTickCount64()) < deadline;) {
            unsigned char answer[HEADER + BLOCK + 1];
            struct sockaddr_storage from;
            int from_length = sizeof from;
            DWORD wait = (DWORD)(deadline - now);
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, (const char *)&wait, sizeof wait);
            int got = recvfrom(socket, (char *)answer, sizeof answer - 1, 0, (struct sockaddr *)&from, &from_length);
            if (got == SOCKET_ERROR && WSAGetLastError() == WSAECONNRESET) {
                *outcome = failed("nobody listens there", WSAECONNRESET);
                return FALSE;
            }
            if (got < HEADER || !same_host(&from, peer) || (*has_tid && port_of(&from) != port_of(peer)))
                continue;
            if (get16(answer) == ERROR_PACKET) {
                answer[got] = 0;
                char text[200];
                snprintf(text, sizeof text, "TFTP error %u: %s", get16(answer + 2), (const char *)answer + HEADER);
                *outcome = failed(text, get16(answer + 2));
                return FALSE;
            }
            /* An acknowledgement of an earlier block is a duplicate: answering it would double every packet from here on. */
            if (get16(answer) != ACK || get16(answer + 2) != block)
                continue;
            *peer = from;
            *peer_length = from_length;
            *has_tid = TRUE;
            return TRUE;
        }
    }
    *outcome = failed("no answer", WSAETIMEDOUT);
    return FALSE;
}

static struct outcome transfer(SOCKET socket, struct sockaddr_storage *peer, int peer_length, const struct request *request)
{
    struct outcome outcome = {TRUE, 0, "", 0};
    BOOL has_tid = FALSE;
    unsigned char packet[HEADER + BLOCK];
    int name = WideCharToMultiByte(CP_UTF8, 0, request->name, -1, (char *)packet + 2, 400, NULL, NULL);
    if (name == 0)
        return failed("the name is too long", GetLastError());
    put16(packet, WRQ);
    memcpy(packet + 2 + name, "octet", 6);
    if (!exchange(socket, peer, &peer_length, &has_tid, packet, 2 + name + 6, 0, &outcome))
        return outcome;
    DWORD length = BLOCK;
    /* A last block of less than 512 bytes ends the transfer, so a whole last one is followed by an empty one. */
    for (unsigned block = 1; length == BLOCK; block = (block + 1) & 0xffff) {
        if (!ReadFile(request->file, packet + HEADER, BLOCK, &length, NULL))
            return failed("the file cannot be read", GetLastError());
        put16(packet, DATA);
        put16(packet + 2, block);
        unsigned long long sent = outcome.bytes + length;
        if (!exchange(socket, peer, &peer_length, &has_tid, packet, HEADER + (int)length, block, &outcome)) {
            outcome.bytes = sent - length;
            return outcome;
        }
        outcome.bytes = sent;
    }
    return outcome;
}

struct outcome send_tftp(const struct request *request)
{
    WSADATA data;
    /* Addresses only: no name service is asked. */
    ADDRINFOW hints = {.ai_flags = AI_NUMERICHOST, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    wchar_t port[8];
    if (request->host == NULL || request->name == NULL)
        return failed("tftp needs host and name", ERROR_INVALID_PARAMETER);
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return failed("WSAStartup", (unsigned long)WSAGetLastError());
    struct outcome outcome;
    swprintf(port, sizeof port / sizeof *port, L"%u", request->port != 0 ? request->port : 69u);
    if (GetAddrInfoW(request->host, port, &hints, &found) != 0)
        outcome = failed("host must be an IP address", (unsigned long)WSAGetLastError());
    else {
        struct sockaddr_storage peer = {0};
        int peer_length = (int)found->ai_addrlen;
        memcpy(&peer, found->ai_addr, found->ai_addrlen);
        SOCKET udp = socket(found->ai_family, SOCK_DGRAM, IPPROTO_UDP);
        if (udp == INVALID_SOCKET)
            outcome = failed("socket", (unsigned long)WSAGetLastError());
        else {
            outcome = transfer(udp, &peer, peer_length, request);
            closesocket(udp);
        }
        FreeAddrInfoW(found);
    }
    WSACleanup();
    return outcome;
}
