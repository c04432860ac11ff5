/* The tracers that a path names: one, or all that match * and ? in its last part, in the order of their names. */
#include "tracer.h"

static const wchar_t *last_part(const wchar_t *path)
{
    const wchar_t *name = path;
    for (const wchar_t *c = path; *c != 0; c++)
        if (*c == L'\\' || *c == L'/' || *c == L':')
            name = c + 1;
    return name;
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

static BOOL open_tracer(struct tracer *tracer, struct outcome *outcome)
{
    LARGE_INTEGER size, start = {.QuadPart = 0};
    tracer->name = last_part(tracer->path);
    /* Readers only: CopyFile opens it once more. */
    tracer->file = CreateFileW(tracer->path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (tracer->file == INVALID_HANDLE_VALUE) {
        fail(outcome, "the file cannot be opened", GetLastError());
        return FALSE;
    }
    if (!is_tracer(tracer->file)) {
        fail(outcome, "not a tracer: refused", ERROR_INVALID_DATA);
        return FALSE;
    }
    if (!GetFileSizeEx(tracer->file, &size) || !SetFilePointerEx(tracer->file, start, NULL, FILE_BEGIN)) {
        fail(outcome, "the file cannot be read", GetLastError());
        return FALSE;
    }
    tracer->size = (unsigned long long)size.QuadPart;
    return TRUE;
}

/* Takes a path in: `folder`, of so many characters, and `name`. */
static BOOL add(struct request *request, const wchar_t *folder, size_t length, const wchar_t *name)
{
    size_t room = length + wcslen(name) + 1;
    struct tracer *more = realloc(request->tracers, (request->count + 1) * sizeof *more);
    if (more == NULL)
        return FALSE;
    request->tracers = more;
    wchar_t *path = malloc(room * sizeof *path);
    if (path == NULL)
        return FALSE;
    wmemcpy(path, folder, length);
    wcscpy(path + length, name);
    more[request->count++] = (struct tracer){.path = path, .file = INVALID_HANDLE_VALUE};
    return TRUE;
}

static int by_path(const void *a, const void *b)
{
    return wcscmp(((const struct tracer *)a)->path, ((const struct tracer *)b)->path);
}

static BOOL find(struct request *request, struct outcome *outcome)
{
    const wchar_t *name = last_part(request->path);
    size_t folder = (size_t)(name - request->path);
    BOOL complete = TRUE;
    if (wcspbrk(name, L"*?") == NULL)
        complete = add(request, request->path, folder, name);
    else {
        WIN32_FIND_DATAW found;
        HANDLE search = FindFirstFileW(request->path, &found);
        if (search == INVALID_HANDLE_VALUE) {
            fail(outcome, "path names no file", GetLastError());
            return FALSE;
        }
        do {
            if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
                complete = add(request, request->path, folder, found.cFileName);
        } while (complete && FindNextFileW(search, &found));
        FindClose(search);
    }
    if (!complete)
        fail(outcome, "no memory", ERROR_NOT_ENOUGH_MEMORY);
    else if (request->count == 0)
        fail(outcome, "path names no file", ERROR_FILE_NOT_FOUND);
    return complete && request->count > 0;
}

BOOL open_tracers(struct request *request, struct outcome *outcome)
{
    if (!find(request, outcome))
        return FALSE;
    qsort(request->tracers, request->count, sizeof *request->tracers, by_path);
    for (size_t i = 0; i < request->count; i++)
        if (!open_tracer(&request->tracers[i], outcome))
            return FALSE;
    return TRUE;
}

void close_tracers(struct request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        if (request->tracers[i].file != INVALID_HANDLE_VALUE)
            CloseHandle(request->tracers[i].file);
        free(request->tracers[i].path);
    }
    free(request->tracers);
}
