<#
.SYNOPSIS
    Downloads a Dyetrace tracer over FTP with System.Net.WebClient.
.DESCRIPTION
    Passive FTP: both connections are opened by this process. What turns out to be no tracer is removed again.
.PARAMETER Uri
    Where it comes from: ftp://address:port/name
.PARAMETER Path
    Where it is written. A file that is there already is never overwritten.
.PARAMETER User
    FTP account of the run.
.PARAMETER Password
    Its password: a nonce of the run, no secret.
.OUTPUTS
    One line of JSON: ok, bytes, files, pid, error.
.NOTES
    Exit code 0: downloaded; 1: the transfer failed; 2: the content is no tracer.
    Windows PowerShell 5.1 and PowerShell 7.
.EXAMPLE
    .\Receive-TracerFtp.ps1 -Uri ftp://192.0.2.10:21/dk3f9q2x.dat -Path C:\Dyetrace\dk3f9q2x.dat -User lab -Password nonce
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [uri] $Uri,

    [Parameter(Mandatory = $true)]
    [string] $Path,

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

$result = [ordered]@{ ok = $false; bytes = 0; files = 0; pid = $PID; error = $null }
$exitCode = 1
try {
    if ([System.IO.File]::Exists($Path)) { throw "$Path is there already: not overwritten" }
    $client = New-Object -TypeName System.Net.WebClient
    try {
        # A proxy would see the transfer instead of the sink.
        $client.Proxy = $null
        $client.Credentials = New-Object -TypeName System.Net.NetworkCredential -ArgumentList $User, $Password
        $client.DownloadFile($Uri, $Path)
    }
    finally {
        $client.Dispose()
    }
    if (-not (Test-TracerHeader -File $Path)) {
        $exitCode = 2
        [System.IO.File]::Delete($Path)
        throw "what $Uri serves is no Dyetrace tracer: removed"
    }
    $result.bytes = [System.IO.FileInfo]::new($Path).Length
    $result.files = 1
    $result.ok = $true
    $exitCode = 0
}
catch {
    $result.error = $_.Exception.Message
}
ConvertTo-Json -InputObject $result -Compress
exit $exitCode
