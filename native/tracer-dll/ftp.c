/* FTP by WinINet's FtpPutFile: rundll32.exe owns the control connection and, in passive mode, opens the data connection. */
#include "tracer.h"

/* WinINet's error, or the server's own last words where it has them. */
static struct outcome failed_with_reply(const char *what)
{
    unsigned long code = GetLastError();
    wchar_t reply[200];
    DWORD reply_code = 0, length = sizeof reply / sizeof *reply - 1;
    struct outcome outcome = failed(what, code);
    if (code == ERROR_INTERNET_EXTENDED_ERROR && InternetGetLastResponseInfoW(&reply_code, reply, &length)) {
        reply[length] = 0;
        snprintf(outcome.error, sizeof outcome.error, "%s: %ls", what, reply);
    }
    return outcome;
}

struct outcome send_ftp(const struct request *request)
{
    struct outcome outcome = {TRUE, request->size, "", 0};
    if (request->host == NULL || request->name == NULL || request->user == NULL || request->password == NULL)
        return failed("ftp needs host, name, user and password", ERROR_INVALID_PARAMETER);
    HINTERNET internet = InternetOpenW(L"Dyetrace", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0);
    if (internet == NULL)
        return failed("InternetOpen", GetLastError());
    HINTERNET session = InternetConnectW(internet, request->host,
                                         request->port != 0 ? request->port : INTERNET_DEFAULT_FTP_PORT, request->user,
                                         request->password, INTERNET_SERVICE_FTP,
                                         request->active ? 0 : INTERNET_FLAG_PASSIVE, 0);
    /* FtpPutFile opens the file for itself alone. */
    CloseHandle(request->file);
    if (session == NULL)
        outcome = failed_with_reply("InternetConnect");
    else if (!FtpPutFileW(session, request->path, request->name, FTP_TRANSFER_TYPE_BINARY, 0))
        outcome = failed_with_reply("FtpPutFile");
    InternetCloseHandle(session);
    InternetCloseHandle(internet);
    return outcome;
}
