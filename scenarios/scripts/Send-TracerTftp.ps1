<#
.SYNOPSIS
    Uploads Dyetrace tracers by TFTP, spoken over System.Net.Sockets.UdpClient.
.DESCRIPTION
    RFC 1350, by default in octet mode and without options; block numbers wrap after 65535. The port of the server's first answer is
    its transfer identifier. A packet that is not answered within a second is sent again, five times in all. Whatever is not a tracer
    is refused before anything is sent.
.PARAMETER Path
    The tracer, or a pattern (* and ? in the name): several tracers go one after another, in the order of their names.
.PARAMETER Address
    IP address of the TFTP server.
.PARAMETER Port
    Its well-known port.
.PARAMETER Name
    Name of the file at the server; without it, the file's own. Several tracers go under their own names.
.PARAMETER BlockSize
    Block size to ask for (RFC 2348), 8 to 65464 bytes; a server that knows no options is sent blocks of 512. 0: no option.
.PARAMETER Mode
    octet, or netascii: an end of line travels as CR LF, a CR of its own as CR NUL (RFC 764); the server turns them back.
.PARAMETER PauseMilliseconds
    Pause between two tracers.
.OUTPUTS
    One line of JSON: ok, bytes, files, pid, error.
.NOTES
    Exit code 0: uploaded; 1: the transfer failed; 2: a file is no tracer, and nothing was sent.
    Windows PowerShell 5.1 and PowerShell 7.
.EXAMPLE
    .\Send-TracerTftp.ps1 -Path C:\Dyetrace\dk3f9q2x.dat -Address 192.0.2.10 -Port 69 -Name dk3f9q2x.dat
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [string] $Path,

    [Parameter(Mandatory = $true)]
    [ipaddress] $Address,

    [Parameter(Mandatory = $true)]
    [ValidateRange(1, 65535)]
    [int] $Port,

    [ValidatePattern('^[A-Za-z0-9._-]*$')]
    [string] $Name = '',

    [ValidateScript({ $_ -eq 0 -or ($_ -ge 8 -and $_ -le 65464) })]
    [int] $BlockSize = 0,

    [ValidateSet('octet', 'netascii')]
    [string] $Mode = 'octet',

    [ValidateRange(0, 3600000)]
    [int] $PauseMilliseconds = 0
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$attempts = 5
$resendAfter = [timespan]::FromSeconds(1)

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

# The block size that an option acknowledgement grants (RFC 2347: opcode, then names and values, each ended by a zero).
function Get-GrantedBlockSize {
    param([byte[]] $Answer)

    $words = [System.Text.Encoding]::ASCII.GetString($Answer, 2, $Answer.Length - 2).Split([char] 0)
    for ($index = 0; $index + 1 -lt $words.Length; $index += 2) {
        if ($words[$index] -eq 'blksize') { return [int] $words[$index + 1] }
    }
    return 512
}

# Sends a packet until the acknowledgement of the block has come; returns who acknowledged it, and the block size from then on.
function Send-Block {
    param(
        [System.Net.Sockets.UdpClient] $Client,
        [byte[]] $Packet,
        [int] $Block,
        [System.Net.IPEndPoint] $Peer,
        [bool] $PeerIsKnown
    )

    for ($attempt = 0; $attempt -lt $attempts; $attempt++) {
        [void] $Client.Send($Packet, $Packet.Length, $Peer)
        $deadline = [datetime]::UtcNow + $resendAfter
        while ($true) {
            $left = ($deadline - [datetime]::UtcNow).TotalMilliseconds
            if ($left -le 0) { break }
            if (-not $Client.Client.Poll([int] ($left * 1000), [System.Net.Sockets.SelectMode]::SelectRead)) { break }
            $from = [System.Net.IPEndPoint]::new($Peer.Address, 0)
            $answer = $Client.Receive([ref] $from)
            if (-not $from.Address.Equals($Peer.Address)) { continue }
            if ($PeerIsKnown -and $from.Port -ne $Peer.Port) {
                # Another conversation's answer: its sender is told, ours goes on (RFC 1350, 4).
                [byte[]] $unknown = (0, 5, 0, 5) + [System.Text.Encoding]::ASCII.GetBytes("Unknown transfer ID`0")
                [void] $Client.Send($unknown, $unknown.Length, $from)
                continue
            }
            if ($answer.Length -lt 4) { continue }
            $operation = 256 * $answer[0] + $answer[1]
            $value = 256 * $answer[2] + $answer[3]
            if ($operation -eq 5) {
                $text = [System.Text.Encoding]::ASCII.GetString($answer, 4, $answer.Length - 4).TrimEnd([char] 0)
                throw "TFTP error ${value}: $text"
            }
            # An old acknowledgement is passed over and not answered (RFC 1123, 4.2.3.1).
            if ($operation -eq 4 -and $value -eq $Block) { return [pscustomobject] @{ Peer = $from; BlockSize = 512 } }
            if ($operation -eq 6 -and $Block -eq 0 -and -not $PeerIsKnown) {
                return [pscustomobject] @{ Peer = $from; BlockSize = (Get-GrantedBlockSize -Answer $answer) }
            }
        }
    }
    throw "no acknowledgement of block $Block from $Peer"
}

# The content as it travels.
function Open-Content {
    param([string] $File)

    if ($Mode -eq 'octet') { return [System.IO.File]::OpenRead($File) }
    # ISO 8859-1: every byte is a character, and stays that byte.
    $latin = [System.Text.Encoding]::GetEncoding(28591)
    $text = $latin.GetString([System.IO.File]::ReadAllBytes($File)).Replace("`r", "`r`0").Replace("`n", "`r`n")
    return [System.IO.MemoryStream]::new($latin.GetBytes($text))
}

function Send-File {
    param([string] $File, [string] $RemoteName)

    $client = [System.Net.Sockets.UdpClient]::new(0, $Address.AddressFamily)
    $content = Open-Content -File $File
    try {
        $server = [System.Net.IPEndPoint]::new($Address, $Port)
        $words = "$RemoteName`0$($Mode.ToLowerInvariant())`0"
        if ($BlockSize -gt 0) { $words += "blksize`0$BlockSize`0" }
        [byte[]] $request = (0, 2) + [System.Text.Encoding]::ASCII.GetBytes($words)
        $agreed = Send-Block -Client $client -Packet $request -Block 0 -Peer $server -PeerIsKnown $false
        $buffer = [byte[]]::new($agreed.BlockSize)
        $block = 0
        do {
            $block = ($block + 1) -band 0xFFFF
            $count = $content.Read($buffer, 0, $buffer.Length)
            $packet = [byte[]]::new(4 + $count)
            $packet[1] = 3
            $packet[2] = [byte] ($block -shr 8)
            $packet[3] = [byte] ($block -band 0xFF)
            [System.Array]::Copy($buffer, 0, $packet, 4, $count)
            [void] (Send-Block -Client $client -Packet $packet -Block $block -Peer $agreed.Peer -PeerIsKnown $true)
        } while ($count -eq $buffer.Length)
    }
    finally {
        $content.Dispose()
        $client.Dispose()
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
    if ($files.Count -gt 1 -and $Name -ne '') { throw 'several tracers go under their own names: leave -Name out' }
    foreach ($file in $files) {
        if ($result.files -gt 0 -and $PauseMilliseconds -gt 0) { Start-Sleep -Milliseconds $PauseMilliseconds }
        $remoteName = $Name
        if ($remoteName -eq '') { $remoteName = [System.IO.Path]::GetFileName($file) }
        Send-File -File $file -RemoteName $remoteName
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
