import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Lab } from '../config/index.js';
import { LabError, type Clock } from '../core/index.js';
import { markerContent } from '../safety/index.js';
import { createEmbeddedSiem, type Siem } from '../siem/index.js';
import {
  combineFaults,
  createForwarder,
  createSimulatedHost,
  newKeyPair,
  type SimulatedHost,
} from '../simulator/index.js';
import { labCertificate } from '../sinks/index.js';
import { embeddedHosts, embeddedLabFile, embeddedLabName, embeddedMarker } from './embedded-lab-file.js';
import { embeddedRule, ruleDescription, ruleSettings } from './embedded-rule.js';
import { takeSlot, type SinkPlaces } from './embedded-slot.js';

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

/** The FTP sink's certificate of this lab alone. */
async function writeCertificate(
  directory: string,
  { plain }: SinkPlaces,
  clock: Clock,
): Promise<{ certificate: string; key: string }> {
  const made = labCertificate([plain], clock.now());
  const files = { certificate: join(directory, 'sink-ftp.crt'), key: join(directory, 'sink-ftp.key') };
  await writeFile(files.certificate, made.certificate);
  await writeFile(files.key, made.key.reveal(), { mode: 0o600 });
  return files;
}

/** Brings up the simulated Windows hosts, their forwarder and the embedded SIEM with its one rule. */
export async function startEmbeddedLab(options: EmbeddedLabOptions): Promise<EmbeddedLab> {
  const { directory, clock } = options;
  const faults = combineFaults(options.faults);
  const slot = await takeSlot(embeddedHosts.length);
  const keys = newKeyPair();
  const keyFile = join(directory, 'client-key');
  await writeFile(keyFile, keys.private, { mode: 0o600 });
  const tls = await writeCertificate(directory, slot.sinks, clock);

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
    for (const [index, host] of embeddedHosts.entries()) {
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
        marker: { path: embeddedMarker, content: markerContent(embeddedLabName) },
        directory: hostDirectory,
        services: { tftp: slot.sinks.ports.tftp, smb: slot.sinks.ports.smb },
        smbclient,
        clock,
        seed: `${options.seed}/${host.id}`,
        faults,
        backgroundEvents: Math.ceil(options.backgroundEvents / embeddedHosts.length),
        ship: (record) => {
          forwarder.ship(record);
        },
      });
      simulated.push(instance);
    }
    const lab = () =>
      embeddedLabFile({
        now: clock.now(),
        sinks: slot.sinks,
        hosts: addresses,
        keyFile,
        tls,
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
