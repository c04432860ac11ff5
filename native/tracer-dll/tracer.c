/*
 * The tracer DLL: sends one tracer file by FTP (WinINet), TFTP (Winsock) or to a share (CopyFileW), called as
 *
 *   rundll32.exe C:\dir\x.dll,Upload protocol=ftp host=H port=P mode=passive|active user=U password=W name=F path=LOCAL result=JSON
 *   rundll32.exe C:\dir\x.dll,Upload protocol=tftp host=H port=P name=F path=LOCAL result=JSON
 *   rundll32.exe C:\dir\x.dll,Upload protocol=smb name=\\server\share\F path=LOCAL result=JSON
 *
 * It sends nothing but Dyetrace's harmless tracers (the header is checked first), fetches nothing, and leaves nothing but the
 * result file: rundll32 returns 0 whatever happened. UploadW is the only export; rundll32 looks for it when told Upload.
 */
#include "tracer.h"

struct outcome failed(const char *error, unsigned long code)
{
    struct outcome outcome = {FALSE, 0, "", code};
    snprintf(outcome.error, sizeof outcome.error, "%s", error);
    return outcome;
}

/* The value of `key=` among the words, or NULL. */
static const wchar_t *value_of(int count, wchar_t **words, const wchar_t *key)
{
    size_t length = wcslen(key);
    for (int i = 0; i < count; i++)
        if (wcsncmp(words[i], key, length) == 0 && words[i][length] == L'=')
            return words[i] + length + 1;
    return NULL;
}

/* Whether a file begins as a tracer does (src/tracer/tracer.ts writes them). */
static BOOL is_tracer(HANDLE file)
{
    static const char first[] = "HARMLESS TEST DATA\r\n";
    static const char last[] = "\r\nEnd of header. Deterministic filler follows.\r\n";
    static const char execution[] = "\r\nExecution: d";
    char head[1025];
    DWORD length = 0;
    if (!ReadFile(file, head, sizeof head - 1, &length, NULL))
        return FALSE;
    head[length] = 0;
    if (strncmp(head, first, sizeof first - 1) != 0)
        return FALSE;
    char *end = strstr(head, last);
    if (end == NULL)
        return FALSE;
    *end = 0;
    const char *id = strstr(head, execution);
    return id != NULL && strspn(id + sizeof execution - 1, "0123456789abcdefghjkmnpqrstvwxyz") == 7;
}

static BOOL open_tracer(struct request *request, struct outcome *outcome)
{
    LARGE_INTEGER size, start = {.QuadPart = 0};
    /* Readers only: CopyFile opens it once more. */
    request->file = CreateFileW(request->path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (request->file == INVALID_HANDLE_VALUE) {
        *outcome = failed("the file cannot be opened", GetLastError());
        return FALSE;
    }
    if (!is_tracer(request->file)) {
        *outcome = failed("not a tracer: refused", ERROR_INVALID_DATA);
        CloseHandle(request->file);
        return FALSE;
    }
    if (!GetFileSizeEx(request->file, &size) || !SetFilePointerEx(request->file, start, NULL, FILE_BEGIN)) {
        *outcome = failed("the file cannot be read", GetLastError());
        CloseHandle(request->file);
        return FALSE;
    }
    request->size = (unsigned long long)size.QuadPart;
    return TRUE;
}

/* The redirector does the sending: to a UNC path, System (PID 4) owns the socket. */
struct outcome send_smb(const struct request *request)
{
    struct outcome outcome = {TRUE, request->size, "", 0};
    if (request->name == NULL)
        return failed("smb needs name", ERROR_INVALID_PARAMETER);
    if (!CopyFileW(request->path, request->name, TRUE))
        outcome = failed("CopyFile", GetLastError());
    return outcome;
}

/* One line of JSON. */
static void write_result(const wchar_t *path, const char *protocol, const struct outcome *outcome)
{
    char error[2 * sizeof outcome->error + 3] = "null";
    char line[1024];
    DWORD written;
    if (!outcome->ok) {
        char *out = error;
        *out++ = '"';
        for (const char *c = outcome->error; *c != 0; c++) {
            if (*c == '"' || *c == '\\')
                *out++ = '\\';
            /* A server's words may be in any encoding. */
            *out++ = *c < 0x20 || *c > 0x7e ? ' ' : *c;
        }
        *out++ = '"';
        *out = 0;
    }
    int length =
        snprintf(line, sizeof line, "{\"ok\":%s,\"protocol\":\"%s\",\"bytes\":%llu,\"error\":%s,\"code\":%lu}\n",
                 outcome->ok ? "true" : "false", protocol, outcome->bytes, error, outcome->code);
    /* CREATE_NEW: a file that is there already is not ours. */
    HANDLE file = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return;
    WriteFile(file, line, (DWORD)length, &written, NULL);
    CloseHandle(file);
}

static void upload(int count, wchar_t **words)
{
    static const struct {
        const wchar_t *name;
        const char *shown;
        struct outcome (*send)(const struct request *);
    } protocols[] = {{L"ftp", "ftp", send_ftp}, {L"tftp", "tftp", send_tftp}, {L"smb", "smb", send_smb}};

    const wchar_t *protocol = value_of(count, words, L"protocol");
    const wchar_t *result = value_of(count, words, L"result");
    const wchar_t *mode = value_of(count, words, L"mode");
    const wchar_t *port = value_of(count, words, L"port");
    struct request request = {
        .host = value_of(count, words, L"host"),
        .user = value_of(count, words, L"user"),
        .password = value_of(count, words, L"password"),
        .name = value_of(count, words, L"name"),
        .path = value_of(count, words, L"path"),
        .port = (unsigned short)(port != NULL ? wcstoul(port, NULL, 10) : 0),
        .active = mode != NULL && wcscmp(mode, L"active") == 0,
    };
    struct outcome outcome = failed("protocol must be ftp, tftp or smb", ERROR_INVALID_PARAMETER);
    const char *shown = "none";
    for (size_t i = 0; protocol != NULL && i < sizeof protocols / sizeof *protocols; i++) {
        if (wcscmp(protocol, protocols[i].name) != 0)
            continue;
        shown = protocols[i].shown;
        if (request.path == NULL)
            outcome = failed("path is needed", ERROR_INVALID_PARAMETER);
        else if (open_tracer(&request, &outcome)) {
            outcome = protocols[i].send(&request);
        }
    }
    if (result != NULL)
        write_result(result, shown, &outcome);
}

/* The entry point; the signature is rundll32's. */
__declspec(dllexport) void CALLBACK UploadW(HWND window, HINSTANCE instance, wchar_t *arguments, int show)
{
    (void)window, (void)instance, (void)show;
    /* CommandLineToArgvW takes the first word for a program's name, by other rules. */
    static const wchar_t program[] = L"x ";
    int count = 0;
    size_t room = wcslen(arguments) + wcslen(program) + 1;
    wchar_t *line = LocalAlloc(LMEM_FIXED, room * sizeof *line);
    if (line == NULL)
        return;
    wcscpy(line, program);
    wcscat(line, arguments);
    wchar_t **words = CommandLineToArgvW(line, &count);
    if (words != NULL)
        upload(count - 1, words + 1);
    LocalFree(words);
    LocalFree(line);
}
