<#
.SYNOPSIS
    Uploads Dyetrace tracers by one of Windows' own clients: ftp.exe, tftp.exe or curl.exe.
.DESCRIPTION
    The client is a child of this process and owns the sockets. Whatever is not a tracer is refused before the client starts; a
    command file for ftp.exe may put nothing else either. ftp.exe ends with 0 whatever happened: the server's 226 is what counts.
.PARAMETER Path
    The tracer, or a pattern (* and ? in the name): several tracers go one after another, in the order of their names.
.PARAMETER Client
    ftp, tftp or curl.
.PARAMETER CommandFile
    ftp: the commands. It may say open, user, binary, prompt, quit, !ping.exe of 127.0.0.1 to wait, and put, mput or append of the
    very Path that is checked here, or of the files that it names.
.PARAMETER Server
    tftp: address of the server. tftp.exe takes the port from the services file.
.PARAMETER RemoteName
    tftp: name of the file at the server; without it, the file's own.
.PARAMETER Uri
    curl: where it goes, ftp:// or tftp://; a folder, which ends with a slash, takes each tracer under its own name.
.PARAMETER User
    curl: FTP account of the run.
.PARAMETER Password
    curl: its password, a nonce of the run, no secret.
.PARAMETER PauseMilliseconds
    Pause between two tracers.
.OUTPUTS
    One line of JSON: ok, bytes, files, pid, error.
.NOTES
    Exit code 0: uploaded; 1: the transfer failed; 2: a file is no tracer, or the command file puts another, and nothing was sent.
    Windows PowerShell 5.1 and PowerShell 7.
.EXAMPLE
    .\Invoke-TracerClient.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Client ftp -CommandFile C:\Dyetrace\dk3f9q2x.txt
.EXAMPLE
    .\Invoke-TracerClient.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Client tftp -Server 192.0.2.10 -RemoteName dk3f9q2x.dat
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [string] $Path,

    [Parameter(Mandatory = $true)]
    [ValidateSet('ftp', 'tftp', 'curl')]
    [string] $Client,

    [string] $CommandFile = '',

    [string] $Server = '',

    [string] $RemoteName = '',

    [string] $Uri = '',

    [string] $User = '',

    [string] $Password = '',

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

# Whether a command file for ftp.exe sends what was checked and nothing else; it may wait by ping.exe.
function Test-CommandFile {
    param([string[]] $File)

    $puts = 0
    foreach ($line in [System.IO.File]::ReadAllLines($CommandFile)) {
        if ($line -match '^\s*((open|user)\s.*|binary|prompt|quit|!ping\.exe -n \d+ 127\.0\.0\.1)?\s*$') { continue }
        if ($line -notmatch '^\s*(?:m?put|append)\s+(?:"(?<path>[^"]+)"|(?<path>\S+))(?:\s+\S+)?\s*$') { return $false }
        if ($Matches['path'] -ne $Path -and $File -notcontains $Matches['path']) { return $false }
        $puts++
    }
    return $puts -gt 0
}

function Send-ByFtp {
    param([string[]] $File)

    $output = @(& ftp.exe -n "-s:$CommandFile")
    $done = @($output -match '^226').Count
    if ($done -lt $File.Count) { throw "ftp.exe: $done of $($File.Count) transfers were confirmed by 226: $($output -join ' | ')" }
}

function Send-ByTftp {
    param([string] $File)

    $remote = $RemoteName
    if ($remote -eq '') { $remote = [System.IO.Path]::GetFileName($File) }
    $output = @(& tftp.exe -i $Server PUT $File $remote)
    if ($LASTEXITCODE -ne 0) { throw "tftp.exe ended with ${LASTEXITCODE}: $($output -join ' | ')" }
}

function Send-ByCurl {
    param([string] $File)

    $options = @('--silent', '--show-error')
    if ($User -ne '') { $options += @('--user', "${User}:$Password") }
    & curl.exe @options --upload-file $File $Uri
    if ($LASTEXITCODE -ne 0) { throw "curl.exe ended with $LASTEXITCODE" }
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
    $needed = @{ ftp = $CommandFile; tftp = $Server; curl = $Uri }[$Client]
    if ($needed -eq '') { throw "$Client needs -CommandFile (ftp), -Server (tftp) or -Uri (curl)" }
    if ($files.Count -gt 1 -and ($RemoteName -ne '' -or ($Client -eq 'curl' -and -not $Uri.EndsWith('/')))) {
        throw 'several tracers go under their own names: leave -RemoteName out, and let the Uri end with a slash'
    }
    if ($Client -eq 'ftp') {
        if (-not (Test-CommandFile -File $files)) {
            $exitCode = 2
            throw "$CommandFile does not put $Path alone: refused"
        }
        Send-ByFtp -File $files
    }
    foreach ($file in $files) {
        if ($Client -ne 'ftp') {
            if ($result.files -gt 0 -and $PauseMilliseconds -gt 0) { Start-Sleep -Milliseconds $PauseMilliseconds }
            if ($Client -eq 'tftp') { Send-ByTftp -File $file } else { Send-ByCurl -File $file }
        }
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
