<#
.SYNOPSIS
    Uploads a Dyetrace tracer by TFTP, spoken over System.Net.Sockets.UdpClient.
.DESCRIPTION
    RFC 1350 in octet mode, blocks of 512 bytes, no options; block numbers wrap after 65535. The port of the server's first answer
    is its transfer identifier. A packet that is not answered within a second is sent again, five times in all. A file that is no
    tracer is refused before anything is sent.
.PARAMETER Path
    The tracer.
.PARAMETER Address
    IP address of the TFTP server.
.PARAMETER Port
    Its well-known port.
.PARAMETER Name
    Name of the file at the server.
.OUTPUTS
    One line of JSON: ok, bytes, pid, error.
.NOTES
    Exit code 0: uploaded; 1: the transfer failed; 2: the file is no tracer.
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

    [Parameter(Mandatory = $true)]
    [ValidatePattern('^[A-Za-z0-9._-]+$')]
    [string] $Name
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$blockSize = 512
$attempts = 5
$resendAfter = [timespan]::FromSeconds(1)

function Test-TracerHeader {
    param([string] $File)

    $head = [byte[]]::new(1024)
    $stream = [System.IO.File]::OpenRead($File)
    try { $count = $stream.Read($head, 0, $head.Length) } finally { $stream.Dispose() }
    $text = [System.Text.Encoding]::UTF8.GetString($head, 0, $count)
    return $text -cmatch '\AHARMLESS TEST DATA\r\n(?s:.*\r\nExecution: d[0-9a-z]{7}\r\n.*)\r\nEnd of header\. Deterministic filler follows\.\r\n'
}

# Sends a packet until the acknowledgement of the block has come; returns the endpoint that acknowledged it.
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
            if ($operation -eq 4 -and $value -eq $Block) { return $from }
        }
    }
    throw "no acknowledgement of block $Block from $Peer"
}

$result = [ordered]@{ ok = $false; bytes = 0; pid = $PID; error = $null }
$exitCode = 1
try {
    if (-not (Test-TracerHeader -File $Path)) {
        $exitCode = 2
        throw "$Path is no Dyetrace tracer: refused"
    }
    $client = [System.Net.Sockets.UdpClient]::new(0, $Address.AddressFamily)
    $file = [System.IO.File]::OpenRead($Path)
    try {
        $server = [System.Net.IPEndPoint]::new($Address, $Port)
        [byte[]] $request = (0, 2) + [System.Text.Encoding]::ASCII.GetBytes("$Name`0octet`0")
        $peer = Send-Block -Client $client -Packet $request -Block 0 -Peer $server -PeerIsKnown $false
        $buffer = [byte[]]::new($blockSize)
        $block = 0
        do {
            $block = ($block + 1) -band 0xFFFF
            $count = $file.Read($buffer, 0, $blockSize)
            $packet = [byte[]]::new(4 + $count)
            $packet[1] = 3
            $packet[2] = [byte] ($block -shr 8)
            $packet[3] = [byte] ($block -band 0xFF)
            [System.Array]::Copy($buffer, 0, $packet, 4, $count)
            [void] (Send-Block -Client $client -Packet $packet -Block $block -Peer $peer -PeerIsKnown $true)
            $result.bytes += $count
        } while ($count -eq $blockSize)
    }
    finally {
        $file.Dispose()
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
