import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { existsSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { labSchema, type Lab, type LabInput, type Protocol } from '../config/index.js';
import { LabError, rfc3339, type Clock } from '../core/index.js';
import { markerContent } from '../safety/index.js';
import type { Siem } from '../siem/index.js';
import { createEmbeddedSiem } from '../siem/index.js';
import {
  combineFaults,
  createForwarder,
  createSimulatedHost,
  type SimulatedHost,
  newKeyPair,
} from '../simulator/index.js';
import { embeddedRule, ruleDescription, ruleSettings } from './embedded-rule.js';

const labName = 'embedded';
const marker = 'C:\\ProgramData\\Dyetrace\\lab.txt';
/** Stands where a host has not been started, so has no key yet. No server has this key. */
const noKey = `SHA256:${'A'.repeat(43)}`;
const usualPorts: Readonly<Record<Protocol, number>> = { ftp: 21, smb: 445, tftp: 69 };

/** The simulated hosts: two, so that hosts run side by side and coverage has two roles. */
const hosts = [
  { id: 'ws01', name: 'WS01', role: 'workstation', scenarios: ['powershell-*', 'control-*'] },
  { id: 'srv01', name: 'SRV01', role: 'server', scenarios: ['cmd-*', 'rundll32-*'] },
] as const;

/** A place among the loopback addresses that no other run of this machine uses, and the ports that can be bound there. */
interface Slot {
  readonly hostAddresses: readonly string[];
  readonly sinkAddress: string;
  readonly ports: Readonly<Record<Protocol, number>>;
  release(): void;
}

async function listens(server: Server, port: number, address: string): Promise<boolean> {
  server.listen(port, address);
  return once(server, 'listening').then(
    () => true,
    () => false,
  );
}

async function freePort(address: string, wanted: number, transport: 'tcp' | 'udp'): Promise<number> {
  for (const port of [wanted, 0]) {
    if (transport === 'tcp') {
      const server = createServer();
      if (!(await listens(server, port, address))) continue;
      const bound = server.address();
      server.close();
      await once(server, 'close');
      if (bound !== null && typeof bound === 'object') return bound.port;
    } else {
      const socket = createSocket('udp4');
      socket.bind(port, address);
      const bound = await once(socket, 'listening').then(
        () => socket.address().port,
        () => undefined,
      );
      if (bound === undefined) continue;
      socket.close();
      return bound;
    }
  }
  throw new LabError({
    code: 'no-free-port',
    message: `no free ${transport} port on ${address}`,
    remedy: 'end other servers on this address',
  });
}

/** Linux and Windows have all of 127.0.0.0/8; macOS has 127.0.0.1 alone, and its hosts and sinks share it. */
async function takeSlot(): Promise<Slot> {
  const wide = platform() !== 'darwin';
  const lockPort = 6169;
  for (let slot = 1; slot <= (wide ? 100 : 1); slot++) {
    const sinkAddress = wide ? `127.0.2.${slot}` : '127.0.0.1';
    const lock = createServer((socket) => socket.destroy());
    if (!(await listens(lock, lockPort, sinkAddress))) continue;
    lock.unref();
    const ports = {
      ftp: await freePort(sinkAddress, usualPorts.ftp, 'tcp'),
      smb: await freePort(sinkAddress, usualPorts.smb, 'tcp'),
      tftp: await freePort(sinkAddress, usualPorts.tftp, 'udp'),
    };
    const hostAddresses = hosts.map((_, index) =>
      wide ? `127.0.1.${(slot - 1) * hosts.length + index + 1}` : '127.0.0.1',
    );
    return { hostAddresses, sinkAddress, ports, release: () => lock.close() };
  }
  throw new LabError({
    code: 'no-free-slot',
    message: 'no loopback address is free for the embedded lab',
    remedy: 'wait until other runs of this machine have ended',
  });
}

/** The lab file of the embedded lab. Ports and keys are those of one start; `dyetrace plan --embedded` shows the usual ones. */
export function embeddedLabFile(details: {
  readonly now: number;
  readonly sinkAddress: string;
  readonly ports: Readonly<Record<Protocol, number>>;
  readonly hosts: readonly { readonly address: string; readonly port: number; readonly hostKey: string }[];
  readonly keyFile: string;
}): Lab {
  const { sinkAddress, ports } = details;
  const until = rfc3339(details.now + 24 * 3_600_000);
  const lab: LabInput = {
    lab: { name: labName, contact: 'whoever started this run' },
    authorisation: { by: 'the embedded lab: loopback only', until },
    scope: {
      hosts: hosts.map((host) => host.id),
      sinks: [{ address: sinkAddress, ports: [...new Set(Object.values(ports))] }],
      protocols: ['ftp', 'smb', 'tftp'],
    },
    hosts: hosts.map((host, index) => {
      const { address, port, hostKey } = details.hosts[index] ?? {
        address: `127.0.1.${index + 1}`,
        port: 22,
        hostKey: noKey,
      };
      return {
        ...host,
        scenarios: [...host.scenarios],
        aliases: [`${host.name}.lab.example`],
        address,
        marker,
        executor: { kind: 'ssh', port, user: 'dyetrace', hostKey, key: `file:${details.keyFile}` },
      };
    }),
    sinks: [
      { id: 'sink-ftp', protocol: 'ftp', address: sinkAddress, port: ports.ftp, zone: 'internet' },
      { id: 'sink-smb', protocol: 'smb', address: sinkAddress, port: ports.smb, zone: 'partner' },
      { id: 'sink-tftp', protocol: 'tftp', address: sinkAddress, port: ports.tftp, zone: 'internet' },
    ],
    siem: { kind: 'embedded' },
    collect: { deadline: '15 s' },
    parameters: {
      protocolPorts: {
        ftp: [...new Set([21, 990, ports.ftp])],
        smb: [...new Set([445, 139, ports.smb])],
        tftp: [...new Set([69, ports.tftp])],
      },
    },
    incidentRules: [
      { category: 'data exfiltration to the internet', zone: 'internet' },
      { category: 'lateral data staging', protocol: 'smb' },
    ],
  };
  return labSchema.parse(lab);
}

/** Where smbclient is, if it is there. */
function findSmbclient(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'smbclient')).find((path) => existsSync(path)) ?? null;
}

function smbclientMissing(): LabError {
  return new LabError({
    code: 'smbclient-missing',
    message: 'the simulated hosts have no SMB client: smbclient is not installed',
    remedy: 'install smbclient (Debian and Ubuntu: apt-get install smbclient)',
  });
}

export interface EmbeddedLab {
  readonly lab: Lab;
  /** Why the simulated hosts cannot do SMB; null where they can. */
  readonly smbHindrance: LabError | null;
  readonly siem: Siem;
  /** Takes the sinks' own logs to the SIEM. */
  readonly gatewayLog: (record: Readonly<Record<string, unknown>>) => void;
  readonly stop: () => Promise<void>;
}

export interface EmbeddedLabOptions {
  /** State of the lab on this machine. Made by the caller, who removes it. */
  readonly directory: string;
  readonly seed: string;
  readonly faults: readonly string[];
  readonly clock: Clock;
  /** Ordinary events that surround the run, at least. */
  readonly backgroundEvents: number;
}

/** Brings up the simulated Windows hosts, their forwarder and the embedded SIEM with its one rule. */
export async function startEmbeddedLab(options: EmbeddedLabOptions): Promise<EmbeddedLab> {
  const { directory, clock } = options;
  const faults = combineFaults(options.faults);
  const slot = await takeSlot();
  const keys = newKeyPair();
  const keyFile = join(directory, 'client-key');
  await writeFile(keyFile, keys.private, { mode: 0o600 });

  const siem: { current?: ReturnType<typeof createEmbeddedSiem> } = {};
  const forwarder = createForwarder({
    deliver: ({ source, record }) => siem.current?.ingest(source, record),
    delayMs: 200,
    faults,
    clock,
  });
  const smbclient = findSmbclient();
  const simulated: SimulatedHost[] = [];
  const stop = async () => {
    for (const host of simulated) await host.stop();
    forwarder.stop();
    await siem.current?.close();
    slot.release();
  };

  try {
    const addresses: { address: string; port: number; hostKey: string }[] = [];
    for (const [index, host] of hosts.entries()) {
      const address = slot.hostAddresses[index] ?? '127.0.0.1';
      const hostDirectory = join(directory, host.id);
      await mkdir(hostDirectory, { recursive: true });
      const instance = createSimulatedHost({
        id: host.id,
        name: host.name,
        address,
        port: 0,
        shell: 'cmd',
        user: 'dyetrace',
        authorizedKey: keys.public,
        marker: { path: marker, content: markerContent(labName) },
        directory: hostDirectory,
        services: { tftp: slot.ports.tftp, smb: slot.ports.smb },
        smbclient,
        clock,
        seed: `${options.seed}/${host.id}`,
        faults,
        backgroundEvents: Math.ceil(options.backgroundEvents / hosts.length),
        ship: (record) => {
          forwarder.ship(record);
        },
      });
      simulated.push(instance);
    }
    const lab = () =>
      embeddedLabFile({
        now: clock.now(),
        sinkAddress: slot.sinkAddress,
        ports: slot.ports,
        hosts: addresses,
        keyFile,
      });
    const parameters = lab().parameters;
    const rule = faults.reduce(
      (settings, fault) => fault.rule?.(settings) ?? settings,
      ruleSettings(parameters),
    );
    const indices = join(directory, 'siem');
    siem.current = createEmbeddedSiem({
      directory: indices,
      clock,
      ruleIntervalMs: 2000,
      rule: (folder, now) => embeddedRule({ indices: folder, now, settings: rule, lab: lab() }),
      rules: [ruleDescription(rule)],
    });
    for (const [index, instance] of simulated.entries()) {
      const started = await instance.start();
      addresses.push({ address: slot.hostAddresses[index] ?? '127.0.0.1', ...started });
    }
    return {
      lab: lab(),
      smbHindrance: smbclient === null ? smbclientMissing() : null,
      siem: siem.current,
      gatewayLog: (record) => forwarder.ship({ source: 'gateway', host: 'gateway', at: clock.now(), record }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
