import type { Receipt } from '../../src/sinks/index.js';
import {
  hostAddress,
  iso,
  sha256,
  sinkAddress,
  size,
  type ModelRow,
  type Tables,
  type Variant,
} from './verify-variants.js';

export function receiptOf(variant: Variant, id: string, at: number, shift: number): Receipt {
  const upload = variant.direction !== 'download';
  return {
    id: `receipt-${id}`,
    protocol: variant.protocol,
    sink: `sink-${variant.protocol}`,
    executionId: id,
    direction: upload ? 'upload' : 'download',
    command: upload ? 'STOR' : 'RETR',
    sockets: variant.sockets.map(({ role, openedBy, client, server }) => {
      const clientEnd = { ip: hostAddress, port: client + shift };
      const serverEnd = { ip: sinkAddress, port: server };
      const content = role === 'data' || role === 'transfer';
      return {
        role,
        transport: variant.protocol === 'tftp' ? ('udp' as const) : ('tcp' as const),
        source: openedBy === 'client' ? clientEnd : serverEnd,
        destination: openedBy === 'client' ? serverEnd : clientEnd,
        openedBy,
        bytesFromClient: content && upload ? size : 120,
        bytesToClient: content && !upload ? size : 80,
      };
    }),
    fileName: `${id}.dat`,
    size,
    sha256,
    complete: true,
    error: null,
    firstByteAt: iso(at + 1000),
    lastByteAt: iso(at + 1500),
  };
}

/** Rows of the endpoint: Sysmon 1 and 3, Security 4688 and 5156, as a host with both would write them. */
export function endpointRows(
  variant: Variant,
  id: string,
  at: number,
  receipt: Receipt,
): Required<Pick<Tables, 'process' | 'connection'>> {
  const images: Record<string, string> = {
    powershell: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
    cmd: 'C:\\Windows\\System32\\cmd.exe',
    rundll32: 'C:\\Windows\\System32\\rundll32.exe',
    other: `C:\\Windows\\System32\\${variant.owner}`,
  };
  const image = images[variant.initiator] ?? '';
  const base = 1000 + at;
  const processes = [
    {
      key: 'shell',
      executable: images['cmd'] ?? '',
      pid: base + 1,
      parent: { executable: 'C:\\Windows\\System32\\OpenSSH\\sshd.exe', pid: 900, key: 'sshd' },
    },
    {
      key: 'initiator',
      executable: image,
      pid: base + 2,
      parent: { executable: images['cmd'] ?? '', pid: base + 1, key: 'shell' },
    },
    ...(variant.owner === 'System' || image.endsWith(`\\${variant.owner}`)
      ? []
      : [
          {
            key: 'owner',
            executable: `C:\\Windows\\System32\\${variant.owner}`,
            pid: base + 3,
            parent: { executable: image, pid: base + 2, key: 'initiator' },
          },
        ]),
  ];
  const owner =
    variant.owner === 'System'
      ? { executable: 'System', pid: 4, key: 'system' }
      : (processes.at(-1) ?? { executable: '', pid: 0, key: '' });
  const host = { 'host.name': 'WS01' };
  return {
    process: processes.flatMap(({ key, executable, pid, parent }, index) => {
      const common = {
        ...host,
        '@timestamp': iso(at + 100 + index * 100),
        'event.action': 'start',
        'process.pid': pid,
        'process.executable': executable,
        'process.name': executable.split('\\').at(-1) ?? '',
        'process.command_line': `${executable} C:\\Dyetrace\\${id}\\${id.toUpperCase()}.DAT`,
        'process.parent.pid': parent.pid,
        'process.parent.executable': parent.executable,
      };
      return [
        {
          ...common,
          'event.id': `ws01/sysmon/${id}-${key}`,
          'event.module': 'sysmon',
          'event.code': '1',
          'process.entity_id': `${id}-${key}`,
          'process.parent.entity_id': `${id}-${parent.key}`,
        },
        {
          ...common,
          'event.id': `ws01/security/${id}-${key}`,
          'event.module': 'security',
          'event.code': '4688',
        },
      ];
    }),
    connection: receipt.sockets.flatMap((socket, index) => {
      const common = {
        ...host,
        '@timestamp': iso(at + 900 + index),
        'process.pid': owner.pid,
        'process.executable': owner.executable,
        'source.ip': socket.source.ip,
        'source.port': socket.source.port,
        'destination.ip': socket.destination.ip,
        'destination.port': socket.destination.port,
        'network.transport': socket.transport,
        'network.direction': socket.openedBy === 'client' ? 'egress' : 'ingress',
      };
      return [
        {
          ...common,
          'event.id': `ws01/sysmon/${id}-socket${index}`,
          'event.module': 'sysmon',
          'event.code': '3',
          'process.entity_id': owner.key === 'system' ? 'system' : `${id}-${owner.key}`,
        },
        {
          ...common,
          'event.id': `ws01/security/${id}-socket${index}`,
          'event.module': 'security',
          'event.code': '5156',
        },
      ];
    }),
  };
}

/** Rows of Zeek and of the server's own log. They exist in the SIEM alone. */
export function networkRows(
  variant: Variant,
  id: string,
  at: number,
  receipt: Receipt,
): Required<Pick<Tables, 'transfer' | 'flow'>> {
  const [first] = receipt.sockets;
  const tuple = {
    'source.ip': hostAddress,
    'source.port': first?.source.port ?? 0,
    'destination.ip': sinkAddress,
    'destination.port': first?.destination.port ?? 0,
    'network.transport': first?.transport ?? 'tcp',
  };
  const transfer = {
    ...tuple,
    '@timestamp': iso(at + 1400),
    'network.protocol': variant.protocol,
    'event.action': receipt.direction === 'upload' ? (variant.protocol === 'smb' ? 'open' : 'write') : 'read',
    'event.outcome': 'success',
    'file.name': receipt.fileName,
  };
  return {
    transfer: [
      ...(variant.protocol === 'tftp'
        ? []
        : [
            {
              ...transfer,
              'event.id': `zeek/${id}`,
              'event.module': 'zeek',
              'event.code': variant.protocol,
              'observer.type': 'sensor',
              'flow.uid': `C${id}0`,
            },
          ]),
      {
        ...transfer,
        'event.id': `gateway/${id}`,
        'event.module': 'gateway',
        'observer.type': 'server',
        'observer.name': receipt.sink,
      },
    ],
    flow: receipt.sockets.map((socket, index) => {
      const clientFirst = socket.openedBy === 'client';
      return {
        'event.id': `conn/${id}-${index}`,
        'event.module': 'zeek',
        'event.code': 'conn',
        'event.start': iso(at + 900 + index),
        'event.end': iso(at + 1600),
        'observer.name': 'zeek',
        'source.ip': socket.source.ip,
        'source.port': socket.source.port,
        'destination.ip': socket.destination.ip,
        'destination.port': socket.destination.port,
        'network.transport': socket.transport,
        'network.protocol': index === 0 ? variant.protocol : null,
        'source.bytes': clientFirst ? socket.bytesFromClient : socket.bytesToClient,
        'destination.bytes': clientFirst ? socket.bytesToClient : socket.bytesFromClient,
        'source.packets': 100,
        'destination.packets': 100,
        'flow.counter': 'payload',
        'flow.uid': `C${id}${index}`,
      };
    }),
  };
}

export const ingested = (rows: ModelRow[] | undefined, delay: number): ModelRow[] =>
  (rows ?? []).map((row) => {
    const at = row['@timestamp'] ?? row['event.end'];
    return {
      ...row,
      'event.ingested': typeof at === 'string' ? new Date(Date.parse(at) + delay).toISOString() : null,
    };
  });

/** Other traffic and processes, before and after the run: what shows that sensors and forwarders live. */
export function addOrdinaryLife(world: { host: Tables; siem: Tables }): void {
  const process = (name: string, at: number): ModelRow => ({
    'event.id': `ws01/${name}/life${at}`,
    'event.module': name,
    'event.code': name === 'sysmon' ? '1' : '4688',
    '@timestamp': iso(at),
    'host.name': 'WS01',
    'event.action': 'start',
    'process.pid': 70,
    'process.entity_id': name === 'sysmon' ? `life${at}` : null,
    'process.executable': 'C:\\Windows\\System32\\svchost.exe',
    'process.command_line': 'svchost.exe -k netsvcs',
  });
  for (const at of [-30_000, 300_000])
    for (const name of ['sysmon', 'security']) {
      world.host.process?.push(process(name, at));
      world.siem.process?.push(...ingested([process(name, at)], 1000));
    }
  const other = {
    'source.ip': '10.0.0.77',
    'source.port': 51_000,
    'destination.ip': '10.0.0.88',
    'network.transport': 'tcp',
  };
  for (const [protocol, port] of [
    ['ftp', 21],
    ['smb', 445],
    ['tftp', 69],
  ] as const) {
    const row = {
      ...other,
      'destination.port': port,
      '@timestamp': iso(-20_000),
      'network.protocol': protocol,
    };
    world.siem.transfer?.push(
      {
        ...row,
        'event.id': `zeek/life-${protocol}`,
        'event.module': 'zeek',
        'observer.type': 'sensor',
        'file.name': 'report.doc',
      },
      {
        ...row,
        'event.id': `gateway/life-${protocol}`,
        'event.module': 'gateway',
        'observer.type': 'server',
        'file.name': 'report.doc',
      },
    );
    world.siem.flow?.push({
      ...other,
      'event.id': `conn/life-${protocol}`,
      'event.module': 'zeek',
      'event.start': iso(-21_000),
      'event.end': iso(-20_000),
      'destination.port': port,
      'source.bytes': 500,
      'destination.bytes': 900,
      'flow.counter': 'payload',
    });
  }
}
