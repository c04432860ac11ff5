<#
.SYNOPSIS
    Uploads Dyetrace tracers over FTP with System.Net.WebClient.
.DESCRIPTION
    Passive FTP: both connections are opened by this process. Whatever is not a tracer is refused before anything is sent.
.PARAMETER Path
    The tracer, or a pattern (* and ? in the name): several tracers go one after another, in the order of their names.
.PARAMETER Uri
    Where it goes: ftp://address:port/name, or a folder, ftp://address:port/, which takes each tracer under its own name.
.PARAMETER User
    FTP account of the run.
.PARAMETER Password
    Its password: a nonce of the run, no secret.
.PARAMETER PauseMilliseconds
    Pause between two tracers.
.OUTPUTS
    One line of JSON: ok, bytes, files, pid, error.
.NOTES
    Exit code 0: uploaded; 1: the transfer failed; 2: a file is no tracer, and nothing was sent.
    Windows PowerShell 5.1 and PowerShell 7.
.EXAMPLE
    .\Send-TracerFtp.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Uri ftp://192.0.2.10:21/dk3f9q2x.dat -User lab -Password nonce
.EXAMPLE
    .\Send-TracerFtp.ps1 -Path C:\Dyetrace\dk3f9q2x.0* -Uri ftp://192.0.2.10:21/ -User lab -Password nonce -PauseMilliseconds 500
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
    if ($files.Count -gt 1 -and -not $isFolder) { throw 'several tracers need a folder: a Uri that ends with a slash' }
    $client = New-Object -TypeName System.Net.WebClient
    try {
        # A proxy would see the transfer instead of the sink.
        $client.Proxy = $null
        $client.Credentials = New-Object -TypeName System.Net.NetworkCredential -ArgumentList $User, $Password
        foreach ($file in $files) {
            if ($result.files -gt 0 -and $PauseMilliseconds -gt 0) { Start-Sleep -Milliseconds $PauseMilliseconds }
            $target = $Uri
            if ($isFolder) { $target = [uri]::new($Uri, [uri]::EscapeDataString([System.IO.Path]::GetFileName($file))) }
            [void] $client.UploadFile($target, $file)
            $result.bytes += [System.IO.FileInfo]::new($file).Length
            $result.files += 1
        }
    }
    finally {
        $client.Dispose()
    }
    $result.ok = $true
    $exitCode = 0
}
catch {
    $result.error = $_.Exception.Message
}
ConvertTo-Json -InputObject $result -Compress
exit $exitCode
