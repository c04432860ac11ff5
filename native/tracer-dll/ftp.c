/* FTP by WinINet's FtpPutFile: rundll32.exe owns the control connection and, in passive mode, opens the data connections. */
#include "tracer.h"

/* WinINet's error, or the server's own last words where it has them. */
static void fail_with_reply(struct outcome *outcome, const char *what)
{
    unsigned long code = GetLastError();
    wchar_t reply[200];
    DWORD reply_code = 0, length = sizeof reply / sizeof *reply - 1;
    fail(outcome, what, code);
    if (code == ERROR_INTERNET_EXTENDED_ERROR && InternetGetLastResponseInfoW(&reply_code, reply, &length)) {
        reply[length] = 0;
        snprintf(outcome->error, sizeof outcome->error, "%s: %ls", what, reply);
    }
}

static void put(const struct request *request, HINTERNET session, struct outcome *outcome)
{
    for (size_t i = 0; i < request->count; i++) {
        struct tracer *tracer = &request->tracers[i];
        pause_before(request, i);
        /* FtpPutFile opens the file for itself alone. */
        CloseHandle(tracer->file);
        tracer->file = INVALID_HANDLE_VALUE;
        if (!FtpPutFileW(session, tracer->path, name_of(request, tracer), FTP_TRANSFER_TYPE_BINARY, 0)) {
            fail_with_reply(outcome, "FtpPutFile");
            return;
        }
        arrived(outcome, tracer);
    }
}

void send_ftp(const struct request *request, struct outcome *outcome)
{
    if (request->host == NULL || request->user == NULL || request->password == NULL) {
        fail(outcome, "ftp needs host, user and password", ERROR_INVALID_PARAMETER);
        return;
    }
    HINTERNET internet = InternetOpenW(L"Dyetrace", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0);
    if (internet == NULL) {
        fail(outcome, "InternetOpen", GetLastError());
        return;
    }
    HINTERNET session = InternetConnectW(internet, request->host,
                                         request->port != 0 ? request->port : INTERNET_DEFAULT_FTP_PORT, request->user,
                                         request->password, INTERNET_SERVICE_FTP,
                                         request->active ? 0 : INTERNET_FLAG_PASSIVE, 0);
    if (session == NULL)
        fail_with_reply(outcome, "InternetConnect");
    else {
        put(request, session, outcome);
        InternetCloseHandle(session);
    }
    InternetCloseHandle(internet);
}
