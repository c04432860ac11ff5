import type { Shell } from '../config/index.js';
import type { Clock } from '../core/index.js';

/** A Windows event before any shipper or renderer shaped it. */
export interface WindowsEvent {
  readonly channel: string;
  readonly provider: string;
  readonly eventId: number;
  readonly recordId: number;
  /** When it was logged, ms since the epoch, by the host's clock. */
  readonly at: number;
  readonly computer: string;
  /** System/Execution: who wrote it. For PowerShell's own events that is the process which the event is about. */
  readonly execution: { readonly processId: number; readonly threadId: number };
  /** System/Security: SID of the account that the writer ran as; null where the event has none. */
  readonly userId: string | null;
  /** EventData in the order of the manifest; values as the event has them (strings). */
  readonly data: Readonly<Record<string, string>>;
}

/** A record on its way to the SIEM: `source` is the folder it will lie in (winlogbeat, zeek-conn, zeek-ftp, gateway, …). */
export interface ShippedRecord {
  readonly source: string;
  readonly host: string;
  readonly at: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/** What the sensors see may be altered on its way: one hook per place where a real chain breaks. */
export interface FaultHooks {
  /** Sensor: a Windows event as it is being written; null loses it, on the host's own channel too. */
  windowsEvent?(event: WindowsEvent): WindowsEvent | null;
  /** Network sensor: a Zeek record as it is being written. */
  networkRecord?(source: string, record: Record<string, unknown>): Record<string, unknown> | null;
  /** Forwarder: null loses the record between host and SIEM; `delayMs` adds to its delay. */
  forward?(record: ShippedRecord): { record: ShippedRecord; delayMs?: number } | null;
  /** Ingest: the record as the SIEM stores it. */
  ingest?(record: ShippedRecord): ShippedRecord;
  /** The alert rule's settings. */
  rule?(settings: AlertRuleSettings): AlertRuleSettings;
}

/** The settings of the embedded SIEM's one rule; what an administrator could turn wrong. */
export interface AlertRuleSettings {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly excludesPrivateAddresses: boolean;
  readonly largeTransferBytes: number;
  readonly dataFlowDirectionThreshold: number;
  readonly lookBackMs: number;
  /** Overrides the category by the lab's own mapping; null keeps it. */
  readonly category: string | null;
}

/** A fault that the simulated lab can be given. */
export interface Fault {
  readonly description: string;
  /** Where in the chain it strikes, for the help text. */
  readonly at: 'sensor' | 'network sensor' | 'forwarder' | 'ingest' | 'rule';
  readonly hooks: FaultHooks;
}

export interface SimulatedHostOptions {
  readonly id: string;
  /** The Windows computer name. */
  readonly name: string;
  /** Loopback address that is the host's own: the SSH server binds it, clients connect from it. */
  readonly address: string;
  /** Port of the SSH server; 0 takes a free one. */
  readonly port: number;
  readonly shell: Shell;
  readonly user: string;
  /** Public key (OpenSSH format) that may log in. */
  readonly authorizedKey: string;
  /** Lab marker: path on the host, and content. */
  readonly marker: { readonly path: string; readonly content: string };
  /** Directory of this host's own on the control host: its disk and its state. Made and removed by the caller. */
  readonly directory: string;
  /** `%SystemRoot%\\System32\\drivers\\etc\\services`: the ports that tftp.exe and the SMB redirector use by name. */
  readonly services: { readonly tftp: number; readonly smb: number };
  /** Path on the control host of smbclient; null where there is none. */
  readonly smbclient: string | null;
  readonly clock: Clock;
  readonly seed: string;
  readonly faults: readonly FaultHooks[];
  /** Ordinary events around the run, at least. */
  readonly backgroundEvents: number;
  /** The way to the SIEM. */
  readonly ship: (record: ShippedRecord) => void;
}

export interface SimulatedHost {
  /** Starts the sensors, the SSH server and the background. */
  start(): Promise<{ readonly port: number; readonly hostKey: string }>;
  /** Ends sessions, processes and sensors; flows that are still open are written as a sensor would. Idempotent. */
  stop(): Promise<void>;
}
