import type { Endpoint } from '../core/index.js';

/**
 * What really happened on a simulated host: processes that its interpreter ran, sockets that its clients opened. Programs report
 * it; sensors turn it into telemetry. Nothing here names a scenario, a plan or a verdict. Times are ms since the epoch.
 */
export interface SimulatedProcess {
  readonly pid: number;
  /** ProcessGuid in Sysmon's form, with braces. */
  readonly guid: string;
  readonly parent: SimulatedProcess | null;
  /** Full path, `C:\Windows\System32\cmd.exe`. */
  readonly image: string;
  readonly originalFileName: string;
  readonly commandLine: string;
  readonly currentDirectory: string;
  /** `LAB\dyetrace` */
  readonly user: string;
  readonly startedAt: number;
}

/** One real socket. Bytes are transport payload, final in `socket-closed`. */
export interface SimulatedSocket {
  readonly id: string;
  readonly transport: 'tcp' | 'udp';
  /** This host's end, and the other. */
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Who sent the first packet. */
  readonly openedBy: 'local' | 'remote';
  /** The process that Windows would name: System (PID 4) for SMB. */
  readonly owner: SimulatedProcess;
  readonly openedAt: number;
  /** What a network sensor would take it for. */
  readonly service: 'ftp' | 'ftp-data' | 'smb' | 'tftp' | 'ssl' | null;
}

export type Activity =
  | { readonly kind: 'process-started'; readonly at: number; readonly process: SimulatedProcess }
  | {
      readonly kind: 'process-ended';
      readonly at: number;
      readonly process: SimulatedProcess;
      readonly exitCode: number;
    }
  | { readonly kind: 'socket-opened'; readonly at: number; readonly socket: SimulatedSocket }
  | {
      readonly kind: 'socket-closed';
      readonly at: number;
      readonly socket: SimulatedSocket;
      readonly bytesSent: number;
      readonly bytesReceived: number;
      /** UDP: datagrams each way, counted. TCP's segments are the kernel's own and not known here. */
      readonly datagrams?: { readonly sent: number; readonly received: number };
      /** Time of the first and last payload byte. */
      readonly firstByteAt: number | null;
      readonly lastByteAt: number | null;
    }
  | {
      readonly kind: 'file-created';
      readonly at: number;
      readonly process: SimulatedProcess;
      readonly path: string;
    }
  /** The engine compiled a script block (4104); `path` is the script file, null for a command line. */
  | {
      readonly kind: 'script-block';
      readonly at: number;
      readonly process: SimulatedProcess;
      readonly text: string;
      readonly path: string | null;
    }
  /** A cmdlet was invoked (4103). */
  | {
      readonly kind: 'module-logged';
      readonly at: number;
      readonly process: SimulatedProcess;
      readonly command: string;
      readonly parameters: Readonly<Record<string, string>>;
      readonly path: string | null;
    }
  | {
      readonly kind: 'name-resolved';
      readonly at: number;
      readonly process: SimulatedProcess;
      readonly name: string;
      readonly answers: readonly string[];
    }
  /** One FTP command with its reply, as on the control connection. `data` is the channel that PASV, EPSV, PORT or EPRT announced. */
  | {
      readonly kind: 'ftp-command';
      readonly at: number;
      readonly socket: SimulatedSocket;
      readonly command: string;
      readonly argument: string | null;
      readonly replyCode: number;
      readonly replyText: string;
      readonly user: string | null;
      readonly data: {
        readonly passive: boolean;
        readonly source: Endpoint | { readonly ip: string; readonly port: null };
        readonly destination: Endpoint;
      } | null;
      /** STOR, RETR, APPE, STOU: bytes of content moved and the data socket that carried them. */
      readonly content: {
        readonly bytes: number;
        readonly socket: SimulatedSocket;
        readonly fileName: string;
      } | null;
    }
  | {
      readonly kind: 'tftp-request';
      readonly at: number;
      readonly socket: SimulatedSocket;
      readonly transferSocket: SimulatedSocket;
      readonly write: boolean;
      readonly fileName: string;
      readonly bytes: number;
    }
  | {
      readonly kind: 'smb-file';
      readonly at: number;
      readonly socket: SimulatedSocket;
      /** `\\127.0.2.1\drop` */
      readonly share: string;
      readonly fileName: string;
      readonly action: 'open' | 'write' | 'read';
      readonly bytes: number;
      /** The session is encrypted (SMB 3): a network sensor sees no names. */
      readonly encrypted?: boolean;
    }
  /** A security product or the firewall stopped it. */
  | {
      readonly kind: 'prevented';
      readonly at: number;
      readonly process: SimulatedProcess;
      readonly by: 'defender' | 'firewall';
      readonly path: string | null;
      readonly remote: Endpoint | null;
    };

/** Where programs report and sensors listen. Listeners must not throw. */
export interface ActivityBus {
  emit(activity: Activity): void;
  subscribe(listener: (activity: Activity) => void): void;
}

export function activityBus(): ActivityBus {
  const listeners: ((activity: Activity) => void)[] = [];
  return {
    emit: (activity) => {
      for (const listener of listeners) listener(activity);
    },
    subscribe: (listener) => {
      listeners.push(listener);
    },
  };
}
