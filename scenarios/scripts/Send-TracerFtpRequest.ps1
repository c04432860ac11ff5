<#
.SYNOPSIS
    Uploads Dyetrace tracers over FTP with System.Net.FtpWebRequest.
.DESCRIPTION
    Passive or active, by STOR, APPE or STOU, in clear or over TLS. In active mode the server opens the data connection, which the
    firewall has to let in. Whatever is not a tracer is refused before anything is sent.
.PARAMETER Path
    The tracer, or a pattern (* and ? in the name): several tracers go one after another, in the order of their names.
.PARAMETER Uri
    Where it goes: ftp://address:port/name, or a folder, ftp://address:port/, which takes each tracer under its own name. STOU
    needs a folder, since the server chooses the name.
.PARAMETER User
    FTP account of the run.
.PARAMETER Password
    Its password: a nonce of the run, no secret.
.PARAMETER Mode
    passive: this process opens the data connection; active: the server does.
.PARAMETER Method
    The FTP command: STOR, APPE (append) or STOU (unique name).
.PARAMETER Tls
    explicit: AUTH TLS before the login, and data connections are encrypted too.
.PARAMETER CertificateSha256
    SHA-256 of the server's certificate in hexadecimal. No other certificate is accepted, whoever has signed it.
.PARAMETER PauseMilliseconds
    Pause between two tracers.
.OUTPUTS
    One line of JSON: ok, bytes, files, pid, error.
.NOTES
    Exit code 0: uploaded; 1: the transfer failed; 2: a file is no tracer, and nothing was sent.
    Windows PowerShell 5.1 and PowerShell 7.
.EXAMPLE
    .\Send-TracerFtpRequest.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Uri ftp://192.0.2.10:21/dk3f9q2x.dat -User lab -Password nonce -Mode active
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [string] $Path,

    [Parameter(Mandatory = $true)]
    [uri] $Uri,

    [Parameter(Mandatory = $true)]
    [string] $User,

    [Parameter(Mandatory = $true)]
    [string] $Password,

    [ValidateSet('passive', 'active')]
    [string] $Mode = 'passive',

    [ValidateSet('STOR', 'APPE', 'STOU')]
    [string] $Method = 'STOR',

    [ValidateSet('none', 'explicit')]
    [string] $Tls = 'none',

    [ValidatePattern('^([0-9A-Fa-f]{64})?$')]
    [string] $CertificateSha256 = '',

    [ValidateRange(0, 3600000)]
    [int] $PauseMilliseconds = 0
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# The same text in every script: each is staged by itself.
function Test-TracerHeader {
    param([string] $File)

    $head = [byte[]]::new(1024)
    $stream = [System.IO.File]::OpenRead($File)
    try { $count = $stream.Read($head, 0, $head.Length) } finally { $stream.Dispose() }
    $text = [System.Text.Encoding]::UTF8.GetString($head, 0, $count)
    return $text -cmatch '\AHARMLESS TEST DATA\r\n(?s:.*\r\nExecution: d[0-9a-z]{7}\r\n.*)\r\nEnd of header\. Deterministic filler follows\.\r\n'
}

# The file that a path names, or all that a pattern names, in the order of their names. The same text in every script that sends.
function Get-TracerFile {
    param([string] $Pattern)

    $name = [System.IO.Path]::GetFileName($Pattern)
    if ($name -notmatch '[*?]') { return $Pattern }
    $folder = [System.IO.Path]::GetDirectoryName($Pattern)
    if ($folder -eq '') { $folder = '.' }
    $found = [System.IO.Directory]::GetFiles($folder, $name) | Sort-Object
    if ($null -eq $found) { throw "$Pattern names no file" }
    return $found
}

# Makes this process accept the pinned certificate, and no other.
function Set-CertificatePin {
    # What Windows PowerShell 5.1 would offer by itself may be older than any server takes.
    [System.Net.ServicePointManager]::SecurityProtocol = [System.Net.SecurityProtocolType]::Tls12
    [System.Net.ServicePointManager]::ServerCertificateValidationCallback = [System.Net.Security.RemoteCertificateValidationCallback] {
        param($origin, $certificate)

        $sha256 = [System.Security.Cryptography.SHA256]::Create()
        try { $digest = $sha256.ComputeHash($certificate.GetRawCertData()) } finally { $sha256.Dispose() }
        return [System.BitConverter]::ToString($digest).Replace('-', '') -eq $script:CertificateSha256
    }
}

# Sends one file; the server's last reply decides.
function Send-File {
    param([string] $File, [uri] $Target)

    $request = [System.Net.WebRequest]::Create($Target)
    $request.Method = $Method.ToUpperInvariant()
    $request.Credentials = New-Object -TypeName System.Net.NetworkCredential -ArgumentList $User, $Password
    # A proxy would see the transfer instead of the sink.
    $request.Proxy = $null
    $request.UseBinary = $true
    $request.UsePassive = $Mode -eq 'passive'
    $request.EnableSsl = $Tls -eq 'explicit'
    $request.KeepAlive = $false
    $source = [System.IO.File]::OpenRead($File)
    try {
        $stream = $request.GetRequestStream()
        try { $source.CopyTo($stream) } finally { $stream.Dispose() }
    }
    finally {
        $source.Dispose()
    }
    $response = $request.GetResponse()
    try { $code = [int] $response.StatusCode } finally { $response.Dispose() }
    # 226 or 250: the file is there (RFC 959, 5.4).
    if ($code -ne 226 -and $code -ne 250) { throw "the server ended the transfer with $code" }
}

$result = [ordered]@{ ok = $false; bytes = 0; files = 0; pid = $PID; error = $null }
$exitCode = 1
try {
    $files = @(Get-TracerFile -Pattern $Path)
    foreach ($file in $files) {
        if (-not (Test-TracerHeader -File $file)) {
            $exitCode = 2
            throw "$file is no Dyetrace tracer: refused"
        }
    }
    $isFolder = $Uri.AbsolutePath.EndsWith('/')
    if (-not $isFolder -and ($files.Count -gt 1 -or $Method -eq 'STOU')) {
        throw 'several tracers, and STOU, need a folder: a Uri that ends with a slash'
    }
    if ($Uri.Scheme -ne 'ftp') { throw "$Uri is no FTP address" }
    if ($Tls -eq 'explicit') {
        if ($CertificateSha256 -eq '') { throw '-Tls explicit needs -CertificateSha256' }
        Set-CertificatePin
    }
    foreach ($file in $files) {
        if ($result.files -gt 0 -and $PauseMilliseconds -gt 0) { Start-Sleep -Milliseconds $PauseMilliseconds }
        $target = $Uri
        if ($isFolder -and $Method -ne 'STOU') {
            $target = [uri]::new($Uri, [uri]::EscapeDataString([System.IO.Path]::GetFileName($file)))
        }
        Send-File -File $file -Target $target
        $result.bytes += [System.IO.FileInfo]::new($file).Length
        $result.files += 1
    }
    $result.ok = $true
    $exitCode = 0
}
catch {
    $result.error = $_.Exception.Message
}
ConvertTo-Json -InputObject $result -Compress
exit $exitCode
