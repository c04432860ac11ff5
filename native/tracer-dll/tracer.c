/*
 * The tracer DLL: sends tracers by FTP (WinINet), TFTP (Winsock) or to a share (CopyFileW), called as
 *
 *   rundll32.exe C:\dir\x.dll,Upload protocol=ftp host=H port=P mode=passive|active user=U password=W path=LOCAL …
 *   rundll32.exe C:\dir\x.dll,Upload protocol=tftp host=H port=P blksize=N path=LOCAL …
 *   rundll32.exe C:\dir\x.dll,Upload protocol=smb host=H share=S path=LOCAL …
 *   rundll32.exe C:\dir\x.dll,Upload protocol=smb name=\\server\share\F path=LOCAL …
 *
 * path: one file, or several by * and ? in its last part, which go one after another in this one process.
 * name=F: the name at the server; without it, and for several, each file's own.   pause=MS: between two files.
 * result=JSON: where the outcome is written, since rundll32 returns 0 whatever happened.
 *
 * It sends nothing but Dyetrace's harmless tracers (all headers are checked before the first is sent), fetches nothing, and leaves
 * nothing but the result file. UploadW is the only export; rundll32 looks for it when told Upload.
 */
#include "tracer.h"

void fail(struct outcome *outcome, const char *error, unsigned long code)
{
    outcome->ok = FALSE;
    outcome->code = code;
    snprintf(outcome->error, sizeof outcome->error, "%s", error);
}

void arrived(struct outcome *outcome, const struct tracer *tracer)
{
    outcome->bytes += tracer->size;
    outcome->files++;
}

void pause_before(const struct request *request, size_t index)
{
    if (index > 0)
        Sleep(request->pause);
}

const wchar_t *name_of(const struct request *request, const struct tracer *tracer)
{
    return request->name != NULL ? request->name : tracer->name;
}

/* The value of `key=` among the words, or NULL; an empty one is none. */
static const wchar_t *value_of(int count, wchar_t **words, const wchar_t *key)
{
    size_t length = wcslen(key);
    for (int i = 0; i < count; i++)
        if (wcsncmp(words[i], key, length) == 0 && words[i][length] == L'=' && words[i][length + 1] != 0)
            return words[i] + length + 1;
    return NULL;
}

static unsigned number_of(int count, wchar_t **words, const wchar_t *key)
{
    const wchar_t *value = value_of(count, words, key);
    return value != NULL ? (unsigned)wcstoul(value, NULL, 10) : 0;
}

/* Where a file goes: \\host\share\name, or what `name` says; a name that ends with a backslash is a folder. */
static BOOL destination(const struct request *request, const struct tracer *tracer, wchar_t *path, size_t room)
{
    int length;
    if (request->share != NULL)
        length = swprintf(path, room, L"\\\\%ls\\%ls\\%ls", request->host, request->share, name_of(request, tracer));
    else {
        BOOL folder = request->name[wcslen(request->name) - 1] == L'\\';
        length = swprintf(path, room, L"%ls%ls", request->name, folder ? tracer->name : L"");
    }
    return length > 0 && (size_t)length < room;
}

/* The redirector does the sending: to a UNC path, System (PID 4) owns the socket. */
void send_smb(const struct request *request, struct outcome *outcome)
{
    static wchar_t path[32768];
    if (request->share != NULL ? request->host == NULL : request->name == NULL) {
        fail(outcome, "smb needs host and share, or name", ERROR_INVALID_PARAMETER);
        return;
    }
    for (size_t i = 0; i < request->count; i++) {
        struct tracer *tracer = &request->tracers[i];
        pause_before(request, i);
        if (!destination(request, tracer, path, sizeof path / sizeof *path)) {
            fail(outcome, "the destination is too long", ERROR_FILENAME_EXCED_RANGE);
            return;
        }
        /* A share may hold an empty file of that name, which is what lets us write; on a disk nothing is overwritten. */
        if (!CopyFileW(tracer->path, path, wcsncmp(path, L"\\\\", 2) != 0)) {
            fail(outcome, "CopyFile", GetLastError());
            return;
        }
        arrived(outcome, tracer);
    }
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
        snprintf(line, sizeof line, "{\"ok\":%s,\"protocol\":\"%s\",\"bytes\":%llu,\"files\":%u,\"error\":%s,\"code\":%lu}\n",
                 outcome->ok ? "true" : "false", protocol, outcome->bytes, outcome->files, error, outcome->code);
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
        void (*send)(const struct request *, struct outcome *);
    } protocols[] = {{L"ftp", "ftp", send_ftp}, {L"tftp", "tftp", send_tftp}, {L"smb", "smb", send_smb}};

    const wchar_t *protocol = value_of(count, words, L"protocol");
    const wchar_t *result = value_of(count, words, L"result");
    const wchar_t *mode = value_of(count, words, L"mode");
    struct request request = {
        .host = value_of(count, words, L"host"),
        .user = value_of(count, words, L"user"),
        .password = value_of(count, words, L"password"),
        .name = value_of(count, words, L"name"),
        .share = value_of(count, words, L"share"),
        .path = value_of(count, words, L"path"),
        .port = (unsigned short)number_of(count, words, L"port"),
        .active = mode != NULL && wcscmp(mode, L"active") == 0,
        .block = number_of(count, words, L"blksize"),
        .pause = number_of(count, words, L"pause"),
    };
    struct outcome outcome = {.ok = TRUE};
    size_t known = sizeof protocols / sizeof *protocols;
    size_t i = 0;
    while (i < known && (protocol == NULL || wcscmp(protocol, protocols[i].name) != 0))
        i++;
    if (i == known)
        fail(&outcome, "protocol must be ftp, tftp or smb", ERROR_INVALID_PARAMETER);
    else if (request.path == NULL)
        fail(&outcome, "path is needed", ERROR_INVALID_PARAMETER);
    else if (open_tracers(&request, &outcome)) {
        BOOL folder = request.name != NULL && request.name[wcslen(request.name) - 1] == L'\\';
        if (request.count > 1 && request.name != NULL && !folder)
            fail(&outcome, "several tracers go under their own names", ERROR_INVALID_PARAMETER);
        else
            protocols[i].send(&request, &outcome);
    }
    close_tracers(&request);
    if (result != NULL)
        write_result(result, i == known ? "none" : protocols[i].shown, &outcome);
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
