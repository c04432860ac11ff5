import type { SimulatedProcess, SimulatedSocket } from '../activity.js';
import type { Session } from './everyday.js';
import { servers, type World } from './world.js';

const system32 = 'C:\\Windows\\System32';
const powershell = `${system32}\\WindowsPowerShell\\v1.0\\powershell.exe`;
const kib = 1024;
const mib = 1024 * kib;

/** A passive FTP session of one transfer, as its control connection and the network show it. */
function ftpSession(
  world: World,
  options: {
    readonly owner: SimulatedProcess;
    readonly server: string;
    readonly user: string;
    readonly command: 'STOR' | 'RETR';
    readonly fileName: string;
    readonly bytes: number;
    readonly at: number;
    readonly lastsMs: number;
  },
): void {
  const { owner, server, at, lastsMs, command, bytes, fileName, user } = options;
  const upload = command === 'STOR';
  const port = 50_000 + world.random.integer(10_000);
  const control = world.connect({
    owner,
    remote: { ip: server, port: 21 },
    at,
    lastsMs: lastsMs + 600,
    sent: 110 + fileName.length,
    received: 380,
    service: 'ftp',
  });
  const data = world.connect({
    owner,
    remote: { ip: server, port },
    at: at + 300,
    lastsMs,
    sent: upload ? bytes : 0,
    received: upload ? 0 : bytes,
    service: 'ftp-data',
  });
  const shared = { kind: 'ftp-command', socket: control, user } as const;
  const pasv = `Entering Passive Mode (${[...server.split('.'), port >> 8, port & 255].join(',')}).`;
  world.activities.push({
    ...shared,
    at: at + 250,
    command: 'PASV',
    argument: null,
    replyCode: 227,
    replyText: pasv,
    data: {
      passive: true,
      source: { ip: world.address, port: null },
      destination: { ip: server, port },
    },
    content: null,
  });
  world.activities.push({
    ...shared,
    at: at + 300 + lastsMs,
    command,
    argument: fileName,
    replyCode: 226,
    replyText: 'Transfer complete.',
    data: null,
    content: { bytes, socket: data, fileName },
  });
}

/** PowerShell fetches from a vendor's FTP server: a filtered process and 30 MiB, but inbound. */
const ftpDownload: Session = (world, at) => {
  const path = 'C:\\Admin\\Update-Signatures.ps1';
  const owner = world.start(world.scheduler, powershell, `powershell.exe -NoProfile -File ${path}`, at);
  const fileName = 'signatures.cab';
  const text = `(New-Object Net.WebClient).DownloadFile('ftp://${servers.vendorFtp}/${fileName}', "$env:TEMP\\${fileName}")`;
  world.activities.push({ kind: 'script-block', at: at + 300, process: owner, text, path });
  const transfer = { owner, server: servers.vendorFtp, user: 'anonymous', fileName, at: at + 600 };
  ftpSession(world, { ...transfer, command: 'RETR', bytes: 30 * mib, lastsMs: 25_000 });
  world.end(owner, at + 28_000);
};

/** PowerShell sends a status file: outbound share near 1, but 2 KiB. */
const ftpStatus: Session = (world, at) => {
  const path = 'C:\\Admin\\Send-Status.ps1';
  const owner = world.start(world.scheduler, powershell, `powershell.exe -NoProfile -File ${path}`, at);
  const transfer = {
    owner,
    server: servers.statusFtp,
    user: 'status',
    fileName: 'status.json',
    at: at + 400,
  };
  ftpSession(world, { ...transfer, command: 'STOR', bytes: 2 * kib, lastsMs: 200 });
  world.end(owner, at + 1800);
};

/** A large upload by a program that the filter does not name. */
const partnerUpload: Session = (world, at) => {
  const owner = world.start(
    world.shell,
    'C:\\Program Files (x86)\\WinSCP\\WinSCP.exe',
    '"C:\\Program Files (x86)\\WinSCP\\WinSCP.exe" /ini=nul',
    at,
  );
  const transfer = {
    owner,
    server: servers.partnerFtp,
    user: 'corp',
    fileName: 'drawings.zip',
    at: at + 2000,
  };
  ftpSession(world, { ...transfer, command: 'STOR', bytes: 40 * mib, lastsMs: 60_000 });
  world.end(owner, at + 90_000);
};

/** The nightly backup's own service process: robocopy, 80 MiB out over SMB, no filtered ancestor. */
const backup: Session = (world, at) => {
  const share = `\\\\${servers.backup}\\nightly`;
  const process = world.start(
    world.backupAgent,
    `${system32}\\Robocopy.exe`,
    `robocopy.exe C:\\Users ${share} /MIR /R:1`,
    at,
  );
  const bytes = 80 * mib;
  const socket = world.connect({
    owner: world.system,
    remote: { ip: servers.backup, port: 445 },
    at: at + 100,
    lastsMs: 70_000,
    sent: bytes + 40 * kib,
    received: 60 * kib,
    service: 'smb',
  });
  const file = { socket, share, fileName: 'users.vhdx' };
  world.activities.push({ kind: 'smb-file', at: at + 200, ...file, action: 'open', bytes: 0 });
  world.activities.push({ kind: 'smb-file', at: at + 69_000, ...file, action: 'write', bytes });
  world.end(process, at + 71_000);
};

/** PowerShell uploads 12 MiB, by HTTPS: large and outbound, another protocol. */
const httpsUpload: Session = (world, at) => {
  const owner = world.start(
    world.scheduler,
    powershell,
    'powershell.exe -NoProfile -File C:\\Admin\\Publish-Report.ps1',
    at,
  );
  world.connect({
    owner,
    remote: { ip: '203.0.113.80', port: 443 },
    at: at + 500,
    lastsMs: 9000,
    sent: 12 * mib,
    received: 30 * kib,
  });
  world.end(owner, at + 10_000);
};

/** cmd.exe → tftp.exe pushes a switch's configuration: 4 KiB. */
const switchConfig: Session = (world, at) => {
  const parent = world.start(
    world.shell,
    `${system32}\\cmd.exe`,
    `C:\\Windows\\system32\\cmd.exe /c tftp.exe -i ${servers.switch} PUT sw-floor2.cfg`,
    at,
  );
  const owner = world.start(
    parent,
    `${system32}\\TFTP.EXE`,
    `tftp.exe  -i ${servers.switch} PUT sw-floor2.cfg`,
    at + 40,
  );
  const bytes = 4 * kib;
  const blocks = Math.floor(bytes / 512) + 1;
  const udp = { owner, transport: 'udp', service: 'tftp' } as const;
  // Opcode, name, zero, mode, zero (RFC 1350).
  const request: SimulatedSocket = world.connect({
    ...udp,
    remote: { ip: servers.switch, port: 69 },
    at: at + 80,
    lastsMs: 1,
    sent: 2 + 'sw-floor2.cfg'.length + 1 + 'octet'.length + 1,
    received: 0,
  });
  world.connect({
    ...udp,
    remote: { ip: servers.switch, port: 2000 + world.random.integer(2000) },
    openedBy: 'remote',
    localPort: request.local.port,
    at: at + 90,
    lastsMs: 60,
    sent: bytes + 4 * blocks,
    received: 4 * (blocks + 1),
  });
  world.end(owner, at + 200);
  world.end(parent, at + 220);
};

/** How often each happens in the hour. Few and small enough that their sum stays below every threshold as well. */
export const nearMisses: readonly (readonly [number, Session])[] = [
  [3, ftpDownload],
  [2, ftpStatus],
  [1, partnerUpload],
  [2, backup],
  [1, httpsUpload],
  [1, switchConfig],
];
