/** Rows of the model that may be evidence, as the queries of gather.ts give them. Times are ms since the epoch. */
export interface Row {
  /** The execution that the row may belong to. */
  readonly execution: string;
  /** How it was found: see gather.ts. */
  readonly via: string;
  readonly id: string;
  readonly module: string | null;
  readonly code: string | null;
  readonly ingested: number | null;
  readonly at: number | null;
}

interface OfHost {
  /** Host id of the plan; null for a name that the plan does not know. */
  readonly host: string | null;
  readonly hostName: string | null;
}

interface OfProcess {
  readonly entityId: string | null;
  readonly pid: number | null;
  readonly executable: string | null;
}

export interface Tuple {
  /** Index of the execution's socket that the row has; null where it was found in another way. */
  readonly socket: number | null;
  readonly sourceIp: string | null;
  readonly sourcePort: number | null;
  readonly destinationIp: string | null;
  readonly destinationPort: number | null;
  readonly transport: string | null;
}

export interface ProcessRow extends Row, OfHost, OfProcess {
  /** start or end. */
  readonly action: string | null;
  readonly name: string | null;
  readonly originalFileName: string | null;
  readonly commandLine: string | null;
  readonly parentEntityId: string | null;
  readonly parentPid: number | null;
  readonly parentExecutable: string | null;
  /** Generations below the row that names the execution. */
  readonly depth: number;
}

export interface ConnectionRow extends Row, OfHost, OfProcess, Tuple {}

export interface TransferRow extends Row, Tuple {
  readonly observerType: string | null;
  readonly protocol: string | null;
  readonly action: string | null;
  readonly command: string | null;
  readonly outcome: string | null;
  readonly fileName: string | null;
  readonly filePath: string | null;
  readonly encrypted: boolean | null;
  readonly flowUid: string | null;
}

export interface FlowRow extends Row, Tuple {
  readonly end: number | null;
  readonly observerName: string | null;
  readonly protocol: string | null;
  readonly sourceBytes: number | null;
  readonly sourcePackets: number | null;
  readonly destinationBytes: number | null;
  readonly destinationPackets: number | null;
  readonly counter: string | null;
  readonly uid: string | null;
}

export interface ScriptRow extends Row, OfHost {
  readonly pid: number | null;
}

export interface PreventionRow extends Row, OfHost, OfProcess, Tuple {
  readonly filePath: string | null;
  readonly reason: string | null;
}

/** Whether a source lives: what else of it is in the store. */
export interface SourceCount {
  readonly kind: 'process' | 'connection' | 'sensor' | 'server' | 'gateway' | 'host' | 'flow';
  readonly host: string | null;
  readonly module: string | null;
  readonly protocol: string | null;
  readonly records: number;
  readonly latest: number | null;
  /** Process starts that have a command line. */
  readonly commandLines: number;
}

/** What one store holds of the plan's executions. */
export interface Gathered {
  readonly processes: readonly ProcessRow[];
  readonly connections: readonly ConnectionRow[];
  readonly transfers: readonly TransferRow[];
  readonly flows: readonly FlowRow[];
  readonly scripts: readonly ScriptRow[];
  readonly preventions: readonly PreventionRow[];
  readonly sources: readonly SourceCount[];
}
