<#
.SYNOPSIS
    Uploads a Dyetrace tracer over FTP with System.Net.WebClient.
.DESCRIPTION
    Passive FTP: both connections are opened by this process. A file that is no tracer is refused before anything is sent.
.PARAMETER Path
    The tracer.
.PARAMETER Uri
    Where it goes: ftp://address:port/name
.PARAMETER User
    FTP account of the run.
.PARAMETER Password
    Its password: a nonce of the run, no secret.
.OUTPUTS
    One line of JSON: ok, bytes, pid, error.
.NOTES
    Exit code 0: uploaded; 1: the transfer failed; 2: the file is no tracer.
    Windows PowerShell 5.1 and PowerShell 7.
.EXAMPLE
    .\Send-TracerFtp.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Uri ftp://192.0.2.10:21/dk3f9q2x.dat -User lab -Password nonce
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
    [string] $Password
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Test-TracerHeader {
    param([string] $File)

    $head = [byte[]]::new(1024)
    $stream = [System.IO.File]::OpenRead($File)
    try { $count = $stream.Read($head, 0, $head.Length) } finally { $stream.Dispose() }
    $text = [System.Text.Encoding]::UTF8.GetString($head, 0, $count)
    return $text -cmatch '\AHARMLESS TEST DATA\r\n(?s:.*\r\nExecution: d[0-9a-z]{7}\r\n.*)\r\nEnd of header\. Deterministic filler follows\.\r\n'
}

$result = [ordered]@{ ok = $false; bytes = 0; pid = $PID; error = $null }
$exitCode = 1
try {
    if (-not (Test-TracerHeader -File $Path)) {
        $exitCode = 2
        throw "$Path is no Dyetrace tracer: refused"
    }
    $client = New-Object -TypeName System.Net.WebClient
    try {
        # A proxy would see the transfer instead of the sink.
        $client.Proxy = $null
        $client.Credentials = New-Object -TypeName System.Net.NetworkCredential -ArgumentList $User, $Password
        [void] $client.UploadFile($Uri, $Path)
    }
    finally {
        $client.Dispose()
    }
    $result.bytes = [System.IO.FileInfo]::new($Path).Length
    $result.ok = $true
    $exitCode = 0
}
catch {
    $result.error = $_.Exception.Message
}
ConvertTo-Json -InputObject $result -Compress
exit $exitCode
