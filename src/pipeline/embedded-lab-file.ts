import { labSchema, type Lab, type LabInput } from '../config/index.js';
import { rfc3339 } from '../core/index.js';
import type { SinkPlaces } from './embedded-slot.js';

export const embeddedLabName = 'embedded';
export const embeddedMarker = 'C:\\ProgramData\\Dyetrace\\lab.txt';
/** Stands where a host has not been started, so has no key yet. No server has this key. */
const noKey = `SHA256:${'A'.repeat(43)}`;

/** The simulated hosts: two, so that hosts run side by side and coverage has two roles. */
export const embeddedHosts = [
  { id: 'ws01', name: 'WS01', role: 'workstation', scenarios: ['powershell-*', 'renamed-*', 'control-*'] },
  { id: 'srv01', name: 'SRV01', role: 'server', scenarios: ['cmd-*', 'rundll32-*'] },
] as const;

/** Id of the sink that offers TLS. */
export const tlsSink = 'sink-ftp';

export interface EmbeddedLabDetails {
  readonly now: number;
  readonly sinks: SinkPlaces;
  readonly hosts: readonly { readonly address: string; readonly port: number; readonly hostKey: string }[];
  readonly keyFile: string;
  /** PEM files of the FTP sink. */
  readonly tls: { readonly certificate: string; readonly key: string };
}

function sinksOf({
  sinks: { plain, approved, encrypted, ports },
  tls,
}: EmbeddedLabDetails): LabInput['sinks'] {
  const backup = approved === null ? [] : (['ftp', 'smb', 'tftp'] as const);
  return [
    { id: tlsSink, protocol: 'ftp', address: plain, port: ports.ftp, zone: 'internet', tls },
    { id: 'sink-smb', protocol: 'smb', address: plain, port: ports.smb, zone: 'partner' },
    { id: 'sink-tftp', protocol: 'tftp', address: plain, port: ports.tftp, zone: 'internet' },
    {
      id: 'sink-smb-encrypted',
      protocol: 'smb',
      address: encrypted.address,
      port: encrypted.port,
      zone: 'partner',
      encrypt: 'required',
    },
    ...backup.map((protocol) => ({
      id: `approved-${protocol}`,
      protocol,
      address: approved ?? '',
      port: ports[protocol],
      zone: 'internal',
    })),
  ];
}

function approvedTransfersOf({ sinks: { approved } }: EmbeddedLabDetails): LabInput['approvedTransfers'] {
  if (approved === null) return [];
  const common = { owner: 'the embedded lab', destination: approved };
  return [
    { ...common, id: 'nightly-backup', protocol: 'smb', process: 'cmd.exe', description: 'robocopy backup' },
    { ...common, id: 'nightly-report', protocol: 'ftp', process: 'powershell.exe', maxBytes: '50 MiB' },
    { ...common, id: 'config-push', protocol: 'tftp', process: 'cmd.exe', maxBytes: '64 KiB' },
  ];
}

/** The lab file of the embedded lab. Ports and keys are those of one start; `dyetrace plan --embedded` shows the usual ones. */
export function embeddedLabFile(details: EmbeddedLabDetails): Lab {
  const { plain, approved, encrypted, ports } = details.sinks;
  const until = rfc3339(details.now + 24 * 3_600_000);
  const usual = [...new Set(Object.values(ports))];
  const lab: LabInput = {
    lab: { name: embeddedLabName, contact: 'whoever started this run' },
    authorisation: { by: 'the embedded lab: loopback only', until },
    scope: {
      hosts: embeddedHosts.map((host) => host.id),
      sinks: [
        { address: plain, ports: usual },
        { address: encrypted.address, ports: [encrypted.port] },
        ...(approved === null ? [] : [{ address: approved, ports: usual }]),
      ],
      protocols: ['ftp', 'smb', 'tftp'],
    },
    hosts: embeddedHosts.map((host, index) => {
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
        marker: embeddedMarker,
        executor: { kind: 'ssh', port, user: 'dyetrace', hostKey, key: `file:${details.keyFile}` },
      };
    }),
    sinks: sinksOf(details),
    siem: { kind: 'embedded' },
    collect: { deadline: '15 s' },
    parameters: {
      protocolPorts: {
        ftp: [...new Set([21, 990, ports.ftp])],
        smb: [...new Set([445, 139, ports.smb, encrypted.port])],
        tftp: [...new Set([69, ports.tftp])],
      },
    },
    slow: { pieces: 6, window: '3 s' },
    approvedTransfers: approvedTransfersOf(details),
    incidentRules: [
      { category: 'data exfiltration to the internet', zone: 'internet' },
      { category: 'lateral data staging', protocol: 'smb' },
    ],
  };
  return labSchema.parse(lab);
}
