<#
.SYNOPSIS
    Writes Dyetrace tracers to a share in chunks, over System.IO.FileStream.
.DESCRIPTION
    The SMB redirector (System, PID 4) owns the connection. With -Settings the command line names no share: script block and module
    logging are what shows it. Whatever is not a tracer is refused before anything is written.
.PARAMETER Path
    The tracer, or a pattern (* and ? in the name): several tracers go one after another, in the order of their names.
.PARAMETER Destination
    Where it goes: \\server\share\name, or a folder, \\server\share\, which takes each tracer under its own name. The session has to
    have credentials for the share already (net use).
.PARAMETER Settings
    A file that holds the destination instead: {"destination": "\\\\server\\share\\name"}
.PARAMETER ChunkBytes
    Bytes of one write.
.PARAMETER PauseMilliseconds
    Pause between two tracers.
.OUTPUTS
    One line of JSON: ok, bytes, files, pid, error.
.NOTES
    Exit code 0: written; 1: the writing failed; 2: a file is no tracer, and nothing was sent.
    Windows PowerShell 5.1 and PowerShell 7.
.EXAMPLE
    .\Write-TracerSmb.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Destination \\192.0.2.10\drop\dk3f9q2x.dat
.EXAMPLE
    .\Write-TracerSmb.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Settings C:\Dyetrace\dk3f9q2x.txt
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [string] $Path,

    [string] $Destination = '',

    [string] $Settings = '',

    [ValidateRange(1, 16777216)]
    [int] $ChunkBytes = 65536,

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

# Writes one file, chunk by chunk; what is there already under that name is written over, as Copy-Item does.
function Write-File {
    param([string] $File, [string] $Target)

    $source = [System.IO.File]::OpenRead($File)
    try {
        $stream = [System.IO.FileStream]::new($Target, [System.IO.FileMode]::Create, [System.IO.FileAccess]::Write)
        try {
            $buffer = [byte[]]::new($ChunkBytes)
            while (($count = $source.Read($buffer, 0, $buffer.Length)) -gt 0) {
                $stream.Write($buffer, 0, $count)
                $stream.Flush()
            }
        }
        finally {
            $stream.Dispose()
        }
    }
    finally {
        $source.Dispose()
    }
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
    if (($Destination -eq '') -eq ($Settings -eq '')) { throw 'either -Destination or -Settings is needed' }
    if ($Settings -ne '') {
        $Destination = (Get-Content -LiteralPath $Settings -Raw -Encoding UTF8 | ConvertFrom-Json).destination
    }
    $isFolder = $Destination.EndsWith('\')
    if ($files.Count -gt 1 -and -not $isFolder) { throw 'several tracers need a folder: a destination that ends with a backslash' }
    foreach ($file in $files) {
        if ($result.files -gt 0 -and $PauseMilliseconds -gt 0) { Start-Sleep -Milliseconds $PauseMilliseconds }
        $target = $Destination
        if ($isFolder) { $target += [System.IO.Path]::GetFileName($file) }
        Write-File -File $file -Target $target
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
