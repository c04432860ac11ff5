import type { SimulatedProcess, SimulatedSocket } from '../../../src/simulator/activity.js';

/** A small world made by hand: a session shell, PowerShell and ftp.exe below it, and their sockets. */
export const at = Date.parse('2026-11-24T18:45:12.345Z');

const system32 = 'C:\\Windows\\System32';

export function process(values: Partial<SimulatedProcess> & { image: string }): SimulatedProcess {
  return {
    pid: 1000,
    guid: '{a1b2c3d4-0000-0000-0000-00000000000f}',
    parent: null,
    originalFileName: values.image.slice(values.image.lastIndexOf('\\') + 1),
    commandLine: values.image,
    currentDirectory: 'C:\\Dyetrace\\',
    user: 'LAB\\dyetrace',
    startedAt: at,
    ...values,
  };
}

export const system = process({
  image: 'System',
  pid: 4,
  originalFileName: '-',
  commandLine: '',
  user: 'NT AUTHORITY\\SYSTEM',
});
export const sshd = process({
  image: `${system32}\\OpenSSH\\sshd.exe`,
  pid: 2400,
  user: 'NT AUTHORITY\\SYSTEM',
});
export const cmd = process({
  image: `${system32}\\cmd.exe`,
  pid: 500,
  parent: sshd,
  originalFileName: 'Cmd.Exe',
  commandLine: 'cmd.exe /d /c "ftp.exe -n -s:C:\\Dyetrace\\x.txt" & rem <&>',
});
export const ftp = process({
  image: `${system32}\\ftp.exe`,
  pid: 0x1f4c,
  guid: '{a1b2c3d4-1111-2222-3333-444444444444}',
  parent: cmd,
  commandLine: 'ftp.exe -n -s:C:\\Dyetrace\\x.txt',
});

const client = '127.0.1.1';
const sink = '127.0.2.1';

export function socket(values: Partial<SimulatedSocket>): SimulatedSocket {
  return {
    id: `socket-${values.service ?? ''}-${values.remote?.port ?? ''}-${values.openedBy ?? ''}`,
    transport: 'tcp',
    local: { ip: client, port: 50_001 },
    remote: { ip: sink, port: 21 },
    openedBy: 'local',
    owner: ftp,
    openedAt: at,
    service: null,
    ...values,
  };
}

export const control = socket({ service: 'ftp' });
export const passiveData = socket({
  service: 'ftp-data',
  local: { ip: client, port: 50_002 },
  remote: { ip: sink, port: 60_000 },
});
/** Active mode: the sink opens it. */
export const activeData = socket({
  service: 'ftp-data',
  local: { ip: client, port: 50_003 },
  remote: { ip: sink, port: 20 },
  openedBy: 'remote',
});
export const smb = socket({
  service: 'smb',
  local: { ip: client, port: 50_004 },
  remote: { ip: sink, port: 445 },
  owner: system,
});
/** WRQ to port 69, and the flow in which the sink's first packet opens the transfer to the same client port. */
export const tftpRequest = socket({
  service: 'tftp',
  transport: 'udp',
  local: { ip: client, port: 50_005 },
  remote: { ip: sink, port: 69 },
});
export const tftpTransfer = socket({
  service: 'tftp',
  transport: 'udp',
  local: { ip: client, port: 50_005 },
  remote: { ip: sink, port: 61_000 },
  openedBy: 'remote',
});
