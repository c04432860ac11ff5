<#
.SYNOPSIS
    Copies a Dyetrace tracer to a share with Copy-Item.
.DESCRIPTION
    The SMB redirector (System, PID 4) owns the connection; this process names the share. A file that is no tracer is refused.
.PARAMETER Path
    The tracer.
.PARAMETER Destination
    Where it goes: \\server\share\name. The session has to have credentials for the share already (net use).
.OUTPUTS
    One line of JSON: ok, bytes, pid, error.
.NOTES
    Exit code 0: copied; 1: the copy failed; 2: the file is no tracer.
    Windows PowerShell 5.1 and PowerShell 7.
.EXAMPLE
    .\Copy-TracerSmb.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Destination \\192.0.2.10\drop\dk3f9q2x.dat
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [string] $Path,

    [Parameter(Mandatory = $true)]
    [string] $Destination
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
    Copy-Item -LiteralPath $Path -Destination $Destination
    $result.bytes = [System.IO.FileInfo]::new($Path).Length
    $result.ok = $true
    $exitCode = 0
}
catch {
    $result.error = $_.Exception.Message
}
ConvertTo-Json -InputObject $result -Compress
exit $exitCode
