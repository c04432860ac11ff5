import type { Leg } from '../config/index.js';

/** A span of time. Milliseconds since the epoch, both ends included. */
export interface TimeWindow {
  readonly from: number;
  readonly until: number;
}

export interface TelemetryQuery {
  readonly window: TimeWindow;
  /** Host names (with aliases) whose endpoint records are wanted. */
  readonly hosts: readonly string[];
  /** Addresses of hosts and sinks whose network records are wanted. */
  readonly addresses: readonly string[];
  readonly legs: readonly Leg[];
}

/** How one source answered. An error says that we could not look; an answer without records says that there are none. */
export interface SourceAnswer {
  /** For example winlogbeat, zeek-conn, gateway, alerts: the folder under telemetry/siem/. */
  readonly source: string;
  readonly legs: readonly Leg[];
  readonly records: number;
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null;
  /** What was asked, in the product's own language. */
  readonly query: string;
}

/** What the SIEM says about a rule of its own. null: it does not say. */
export interface RuleDescription {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly excludesPrivateAddresses: boolean | null;
  readonly largeTransferBytes: number | null;
  readonly dataFlowDirectionThreshold: number | null;
  readonly lookBackMs: number | null;
}

/** The SIEM that a lab names. Read only; raw records are written as they came, one NDJSON folder per source. */
export interface Siem {
  /** @throws LabError where it cannot be reached or read. */
  probe(): Promise<{ readonly product: string; readonly version: string }>;
  /** One batched query per leg and source, whatever the number of executions. Writes `<directory>/<source>/records.ndjson`. */
  telemetry(query: TelemetryQuery, directory: string): Promise<readonly SourceAnswer[]>;
  /** Writes `<directory>/alerts/records.ndjson`. */
  alerts(window: TimeWindow, directory: string): Promise<SourceAnswer>;
  /** The rules that could raise those alerts; null where the product or the account does not show them. */
  rules(): Promise<readonly RuleDescription[] | null>;
  capabilities(): { readonly legs: readonly Leg[]; readonly alerts: boolean; readonly rules: boolean };
  close(): Promise<void>;
}
