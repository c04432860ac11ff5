import { senseCodeOf, type CauseCode } from '../causes/index.js';
import type { Leg } from '../config/index.js';
import { endpointSource, hostChannel, type Context, type Evidence } from './context.js';
import type { Break, LinkState, TelemetryLink } from './leg.js';
import type { Row } from './rows.js';
import { provedSkew } from './skew.js';
import { timeFault } from './time.js';

/** A value of a row by its ECS name, for comparing the host's copy of a record with the SIEM's. */
export type Field<R> = readonly [name: string, value: (row: R) => string | number | null];

/** One thing that an endpoint leg has to show: a process that started, a socket that opened. */
export interface Part<R extends Row> {
  readonly leg: Leg;
  /** For a reader: `powershell.exe`, `the data connection`. */
  readonly name: string;
  readonly hostRows: readonly R[];
  readonly siemRows: readonly R[];
  /** Fields that the analytic needs from such a record. */
  readonly needed: (row: R) => readonly Field<R>[];
}

export interface PartVerdict<R extends Row> {
  /** The SIEM's record that serves best; null where there is none. */
  readonly row: R | null;
  readonly rows: readonly R[];
  readonly complete: boolean;
  readonly missingFields: readonly string[];
  readonly links: Readonly<Record<TelemetryLink, LinkState>>;
  readonly breaks: readonly Break[];
}

/** Why the SIEM lacks a record: the host never made it, it was not shipped, or nothing tells. */
function whyAbsent<R extends Row>(
  part: Part<R>,
  evidence: Evidence,
  context: Context,
  preferred: 'sysmon' | null,
): { links: PartVerdict<R>['links']; breaks: Break[] } {
  const { planned } = evidence.facts;
  const hostRows = part.hostRows.filter((row) => preferred === null || row.module === preferred);
  const first = hostRows[0];
  if (first !== undefined) {
    const inSiem = endpointSource(context.siemSources, planned.host.id, first.module);
    const onHost = endpointSource(context.hostSources, planned.host.id, first.module);
    const newest = Math.max(...hostRows.map((row) => row.at ?? -Infinity));
    const behind = inSiem.latest !== null && inSiem.latest < newest && (onHost.latest ?? 0) > newest;
    const cause: CauseCode =
      inSiem.records === 0 ? 'channel-not-forwarded' : behind ? 'forwarder-late' : 'forwarder-dropped';
    const detail = `${part.name}: the host has ${first.module ?? ''} ${first.code ?? ''} (${first.id}), the SIEM has not`;
    return {
      links: { sense: 'ok', ship: 'broken', parse: 'unknown' },
      breaks: [{ link: 'ship', cause, detail, evidence: hostRows.map((row) => row.id) }],
    };
  }
  const channel = hostChannel(context, planned.host.id, preferred);
  if (channel.state === 'unread') {
    const detail = `${part.name}: the SIEM has no record, and ${channel.why}`;
    return {
      links: { sense: 'unknown', ship: 'unknown', parse: 'unknown' },
      breaks: [{ link: 'sense', cause: 'sense-or-ship', detail, evidence: [] }],
    };
  }
  const silent =
    preferred !== null && endpointSource(context.hostSources, planned.host.id, preferred).records === 0;
  return {
    links: { sense: 'broken', ship: 'unknown', parse: 'unknown' },
    breaks: [
      {
        link: 'sense',
        cause: silent ? 'sensor-silent' : senseCodeOf(part.leg),
        detail: `${part.name}: no record on ${planned.host.name} itself`,
        evidence: [],
      },
    ],
  };
}

function absentCause(field: string): CauseCode {
  return field === 'process.command_line' ? 'command-line-not-logged' : 'field-not-recorded';
}

/** What is wrong with the fields of a record in the SIEM, judged against the host's own copy where there is one. */
function fieldBreaks<R extends Row>(
  part: Part<R>,
  row: R,
  twin: R | undefined,
  readable: boolean,
): { missing: string[]; breaks: Break[] } {
  const missing: string[] = [];
  const breaks: Break[] = [];
  const add = (link: TelemetryLink, cause: CauseCode, detail: string) =>
    breaks.push({ link, cause, detail: `${part.name}: ${detail}`, evidence: [row.id] });
  for (const [name, value] of part.needed(row)) {
    const [copied, original] = [value(row), twin === undefined ? null : value(twin)];
    if (copied === null) {
      missing.push(name);
      if (original !== null)
        add(
          'parse',
          'field-unmapped',
          `${name} is "${shortened(original)}" on the host and absent in the SIEM`,
        );
      else if (twin !== undefined) add('sense', absentCause(name), `the host's own record has no ${name}`);
      else if (readable)
        add('sense', absentCause(name), `${name} is absent, and the host has no fuller record`);
      else add('parse', 'sense-or-parse', `${name} is absent`);
    } else if (
      original !== null &&
      twin?.id === row.id &&
      String(original).toLowerCase() !== String(copied).toLowerCase()
    ) {
      missing.push(name);
      const cut = typeof copied === 'string' && String(original).startsWith(copied);
      add(
        'parse',
        cut ? 'field-truncated' : 'field-mistyped',
        cut
          ? `${name} has ${copied.length} of ${String(original).length} characters`
          : `${name} is "${shortened(original)}" on the host and "${shortened(copied)}" in the SIEM`,
      );
    }
  }
  return { missing, breaks };
}

function shortened(value: string | number): string {
  const text = String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * Judges one part of an endpoint leg by its own evidence. The SIEM's record is compared with the host's own copy of the same
 * record (same event id, else the part's own record of the same product); where Sysmon lives it is Sysmon's record that counts.
 */
export function judgePart<R extends Row>(
  part: Part<R>,
  evidence: Evidence,
  context: Context,
  preferred: 'sysmon' | null,
): PartVerdict<R> {
  const { facts } = evidence;
  const fromPreferred = part.siemRows.filter((row) => preferred === null || row.module === preferred);
  if (fromPreferred.length === 0) {
    const why = whyAbsent(part, evidence, context, preferred);
    const substitute = part.siemRows[0] ?? null;
    return { row: substitute, rows: part.siemRows, complete: false, missingFields: [], ...why };
  }
  const skew = context.skew.get(facts.planned.host.id);
  const judged = fromPreferred.map((row) => {
    const twin =
      part.hostRows.find((own) => own.id === row.id) ??
      part.hostRows.find((own) => own.module === row.module && own.code === row.code);
    const same = twin?.id === row.id ? twin.at : null;
    const fields = fieldBreaks(
      part,
      row,
      twin,
      hostChannel(context, facts.planned.host.id, row.module).state === 'read',
    );
    const fault = timeFault(row.at, same, facts, skew?.from === 'host' ? provedSkew(skew) : 0);
    const timed: Break[] =
      fault === null
        ? []
        : [
            {
              link: 'parse',
              cause: fault.cause,
              detail: `${part.name}: ${fault.detail}`,
              evidence: [row.id],
            },
          ];
    return {
      row,
      missing: [...fields.missing, ...(fault === null ? [] : ['@timestamp'])],
      breaks: [...fields.breaks, ...timed],
    };
  });
  judged.sort((a, b) => a.breaks.length - b.breaks.length);
  const best = judged[0] ?? { row: null, missing: [], breaks: [] };
  const at = (link: TelemetryLink): LinkState =>
    best.breaks.some((each) => each.link === link) ? 'broken' : 'ok';
  return {
    row: best.row,
    rows: part.siemRows,
    complete: best.breaks.length === 0,
    missingFields: best.missing,
    links: { sense: at('sense'), ship: 'ok', parse: at('parse') },
    breaks: best.breaks,
  };
}
