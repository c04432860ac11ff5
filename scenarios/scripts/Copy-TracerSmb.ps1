<#
.SYNOPSIS
    Copies Dyetrace tracers to a share with Copy-Item.
.DESCRIPTION
    The SMB redirector (System, PID 4) owns the connection; this process names the share. Whatever is not a tracer is refused
    before anything is copied.
.PARAMETER Path
    The tracer, or a pattern (* and ? in the name): several tracers go one after another, in the order of their names.
.PARAMETER Destination
    Where it goes: \\server\share\name, or a folder, \\server\share\, which takes each tracer under its own name. The session has to
    have credentials for the share already (net use).
.PARAMETER PauseMilliseconds
    Pause between two tracers.
.OUTPUTS
    One line of JSON: ok, bytes, files, pid, error.
.NOTES
    Exit code 0: copied; 1: the copy failed; 2: a file is no tracer, and nothing was sent.
    Windows PowerShell 5.1 and PowerShell 7.
.EXAMPLE
    .\Copy-TracerSmb.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Destination \\192.0.2.10\drop\dk3f9q2x.dat
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [string] $Path,

    [Parameter(Mandatory = $true)]
    [string] $Destination,

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
    $isFolder = $Destination.EndsWith('\')
    if ($files.Count -gt 1 -and -not $isFolder) { throw 'several tracers need a folder: a Destination that ends with a backslash' }
    foreach ($file in $files) {
        if ($result.files -gt 0 -and $PauseMilliseconds -gt 0) { Start-Sleep -Milliseconds $PauseMilliseconds }
        $target = $Destination
        if ($isFolder) { $target += [System.IO.Path]::GetFileName($file) }
        Copy-Item -LiteralPath $file -Destination $target
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
