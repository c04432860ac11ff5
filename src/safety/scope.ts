import type { Protocol, ResolvedLab } from '../config/index.js';
import { rfc3339, ScopeError } from '../core/index.js';

/** What a run may touch. Default-deny: each question gives the rule that allows it, or throws. */
export interface Scope {
  /** @returns the path of the rule in lab.yaml */
  host(id: string): string;
  sink(address: string, port: number): string;
  protocol(protocol: Protocol): string;
  /** Bytes of one tracer. */
  file(size: number): string;
  /** Bytes of a whole run. */
  total(bytes: number): string;
  /** Authorisation and time window, at a time in ms since the epoch. */
  time(now: number): string;
}

function refuse(code: string, message: string, path: string, remedy: string): never {
  throw new ScopeError({ code, message, where: { path }, remedy });
}

/** Minutes since midnight UTC. */
function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

function inWindow(now: number, from: string, until: string): boolean {
  const minute = Math.floor(now / 60_000) % 1440;
  const [start, end] = [minutesOf(from), minutesOf(until)];
  // A window such as 22:00 to 04:00 goes over midnight.
  return start <= end ? minute >= start && minute < end : minute >= start || minute < end;
}

/** The scope of a lab whose names have been resolved: addresses decide, never names. */
export function scopeOf(lab: ResolvedLab): Scope {
  const { scope, authorisation } = lab;
  return {
    host(id) {
      const index = scope.hosts.indexOf(id);
      if (index >= 0) return `scope.hosts[${index}]`;
      return refuse(
        'host-out-of-scope',
        `host "${id}" is not in the scope`,
        'scope.hosts',
        `add ${id} to scope.hosts if it may be used`,
      );
    },
    sink(address, port) {
      const index = scope.sinks.findIndex((sink) => sink.address === address && sink.ports.includes(port));
      if (index >= 0) return `scope.sinks[${index}]`;
      return refuse(
        'sink-out-of-scope',
        `sink ${address} port ${port} is not in the scope`,
        'scope.sinks',
        `add { address: ${address}, ports: [${port}] } to scope.sinks if it may receive`,
      );
    },
    protocol(protocol) {
      const index = scope.protocols.indexOf(protocol);
      if (index >= 0) return `scope.protocols[${index}]`;
      return refuse(
        'protocol-out-of-scope',
        `protocol ${protocol} is not in the scope`,
        'scope.protocols',
        `add ${protocol} to scope.protocols if it may be used`,
      );
    },
    file(size) {
      if (size <= scope.maxFileBytes) return 'scope.maxFileBytes';
      return refuse(
        'file-too-large',
        `a tracer of ${size} bytes is larger than the scope allows (${scope.maxFileBytes})`,
        'scope.maxFileBytes',
        'choose a smaller profile, or raise scope.maxFileBytes',
      );
    },
    total(bytes) {
      if (bytes <= scope.maxTotalBytes) return 'scope.maxTotalBytes';
      return refuse(
        'run-too-large',
        `the run would move ${bytes} bytes, the scope allows ${scope.maxTotalBytes}`,
        'scope.maxTotalBytes',
        'select fewer scenarios, or raise scope.maxTotalBytes',
      );
    },
    time(now) {
      if (now > Date.parse(authorisation.until)) {
        refuse(
          'authorisation-expired',
          `the authorisation by ${authorisation.by} ended at ${rfc3339(Date.parse(authorisation.until))}`,
          'authorisation.until',
          'have it renewed',
        );
      }
      if (scope.window !== undefined && !inWindow(now, scope.window.from, scope.window.until)) {
        refuse(
          'outside-window',
          `runs may start from ${scope.window.from} to ${scope.window.until} UTC`,
          'scope.window',
          'wait, or change scope.window',
        );
      }
      return 'authorisation';
    },
  };
}

/** What the lab marker file on a host must hold. */
export function markerContent(labName: string): string {
  return `dyetrace-lab: ${labName}\r\n`;
}

/** Whether a marker file's content names the lab. */
export function markerNames(content: Buffer, labName: string): boolean {
  return content
    .subarray(0, 4096)
    .toString('utf8')
    .split(/\r?\n/)
    .some((line) => line.trim() === `dyetrace-lab: ${labName}`);
}
