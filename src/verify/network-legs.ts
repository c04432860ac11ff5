import { senseCodeOf } from '../causes/index.js';
import { siemError, type Context, type Evidence } from './context.js';
import {
  distinctBreaks,
  emptyLeg,
  worst,
  type Break,
  type LegJudgement,
  type LinkState,
  type TelemetryLink,
} from './leg.js';
import type { SourceCount, TransferRow } from './rows.js';
import { factTime, nearest, timeFault } from './time.js';

/** Sensors that write flows and protocol logs both: one of their logs shows that the sensor lives and ships. */
const sensorsOfBoth: readonly (string | null)[] = ['zeek', 'suricata', 'tshark'];

const recordsOf = (sources: readonly SourceCount[]) =>
  sources.reduce((sum, source) => sum + source.records, 0);

/**
 * Network sensors, servers and gateways have no channel on the monitored host. Whether their record was made can only be told
 * by what else arrived:
 * - this log, for other traffic: the way works, so the source did not make this record (sense);
 * - other logs of the same network sensor: the sensor lives and its way works, so this log is not written (sense); a forwarder
 *   that leaves out this one file would look the same, and the cause's text says so;
 * - nothing of that source at all: it may not have been made or not have been shipped (sense-or-ship).
 */
export function whyNetworkAbsent(
  leg: 'protocol_log' | 'flow_volume' | 'gateway_log',
  protocol: string,
  sources: readonly SourceCount[],
  detail: string,
): Pick<LegJudgement, 'links' | 'breaks'> {
  const kinds: Record<typeof leg, readonly SourceCount['kind'][]> = {
    protocol_log: ['sensor'],
    flow_volume: ['flow'],
    gateway_log: ['server', 'gateway'],
  };
  const ofLog = sources.filter(
    (source) => kinds[leg].includes(source.kind) && (leg === 'flow_volume' || source.protocol === protocol),
  );
  const ofSensor =
    leg === 'gateway_log'
      ? []
      : sources.filter(
          (source) => ['sensor', 'flow'].includes(source.kind) && sensorsOfBoth.includes(source.module),
        );
  const [same, other] = [recordsOf(ofLog), recordsOf(ofSensor)];
  if (same === 0 && other === 0) {
    return {
      links: { sense: 'unknown', ship: 'unknown', parse: 'unknown' },
      breaks: [
        {
          link: 'sense',
          cause: 'sense-or-ship',
          detail: `${detail}, nor any other record of this source`,
          evidence: [],
        },
      ],
    };
  }
  const arrived =
    same > 0
      ? `${same} records of this log arrived for other traffic`
      : `${other} records of the sensor's other logs arrived`;
  return {
    links: { sense: 'broken', ship: 'unknown', parse: 'unknown' },
    breaks: [{ link: 'sense', cause: senseCodeOf(leg), detail: `${detail}, while ${arrived}`, evidence: [] }],
  };
}

/** Breaks by wrong times of records that have no copy on the host. */
export function networkTimeBreaks(
  rows: readonly { readonly id: string; readonly at: number | null }[],
  evidence: Evidence,
): Break[] {
  return rows.flatMap((row): Break[] => {
    const fault = timeFault(row.at, null, evidence.facts, 0);
    return fault === null
      ? []
      : [{ link: 'parse', cause: fault.cause, detail: fault.detail, evidence: [row.id] }];
  });
}

export function linksOf(breaks: readonly Break[]): Record<TelemetryLink, LinkState> {
  const at = (link: TelemetryLink): LinkState =>
    worst(
      breaks.map((each) =>
        each.link !== link ? 'ok' : each.cause === 'sense-or-ship' ? 'unknown' : 'broken',
      ),
    );
  const state = (link: TelemetryLink) => (breaks.length === 0 ? 'ok' : at(link));
  return { sense: state('sense'), ship: state('ship'), parse: state('parse') };
}

const fileActions: readonly (string | null)[] = ['write', 'read', 'open', 'delete'];
const outcomeOf = (rows: readonly TransferRow[], facts: Evidence['facts']) => ({
  ids: [...new Set(rows.map((row) => row.id))],
  arrivals: rows.map((row) => row.ingested).filter((time) => time !== null),
  delays: rows.flatMap((row) => (row.ingested === null ? [] : [row.ingested - factTime(row.at, facts, 0)])),
});

interface LogLeg {
  readonly leg: 'protocol_log' | 'gateway_log';
  readonly isOurs: (observerType: string | null) => boolean;
  readonly what: string;
}

/**
 * Where the server names the file (STOU, RFC 959), its name holds no execution id: then the record of the write in this execution's
 * own session is meant, with the name that the receipt has, or with none where the sensor does not read the reply.
 */
function namedByServer(row: TransferRow, { planned, receipts }: Evidence['facts']): boolean {
  if (!planned.serverNames || row.action !== 'write') return false;
  return row.fileName === null || receipts.some(({ fileName }) => fileName === row.fileName);
}

/** Where sockets of several executions are one (trap 13), a session's record is no evidence of this execution; its name is. */
function judgeLog(evidence: Evidence, context: Context, log: LogLeg): LegJudgement {
  const { leg } = log;
  const { facts, siem } = evidence;
  const { planned } = facts;
  const expected = planned.expected.legs.includes(leg);
  const error = siemError(context, leg);
  const translated = facts.sockets.some((socket) => socket.client.ip !== planned.host.address);
  const rows = nearest(
    siem.transfers.filter((row) => log.isOurs(row.observerType) && (row.via !== 'time' || translated)),
    facts,
  );
  const session = rows.filter((row) => row.via !== 'file_name' && !facts.sockets[row.socket ?? -1]?.shared);
  const named = rows.filter(
    (row) => row.via === 'file_name' || (session.includes(row) && namedByServer(row, facts)),
  );
  const found = outcomeOf([...new Set([...named, ...session])], facts);
  const base = {
    leg,
    expected,
    completeAt: found.arrivals.length > 0 ? Math.min(...outcomeOf(named, facts).arrivals, Infinity) : null,
    error: null,
  };
  const result = {
    evidence: found.ids,
    missingFields: [] as string[],
    delayMs: found.delays.length > 0 ? Math.max(...found.delays) : null,
  };

  if (named.length > 0) {
    const late = distinctBreaks(networkTimeBreaks(named, evidence));
    const loose = named.every(
      (row) => row.flowUid === null && (row.sourceIp === null || row.destinationIp === null),
    );
    const breaks: Break[] = [
      ...late,
      ...(loose && leg === 'protocol_log'
        ? [
            {
              link: 'parse',
              cause: 'sense-or-parse',
              detail: `${log.what}: the record names the file, but neither addresses nor a flow`,
              evidence: found.ids,
            } as const,
          ]
        : []),
    ];
    return {
      ...base,
      completeAt: base.completeAt === Infinity ? null : base.completeAt,
      result: {
        ...result,
        state: breaks.length === 0 ? 'seen' : 'partial',
        missingFields: [
          ...(late.length > 0 ? ['@timestamp'] : []),
          ...(loose && leg === 'protocol_log' ? ['source.ip', 'destination.ip'] : []),
        ],
        via: named[0]?.via ?? null,
        text:
          breaks.length === 0
            ? `${log.what} names ${named[0]?.fileName ?? planned.tracers[0]?.fileName ?? ''}`
            : breaks.map((each) => each.detail).join('; '),
      },
      links: linksOf(breaks),
      breaks: expected ? breaks : [],
    };
  }
  if (error !== null)
    return emptyLeg(leg, expected, 'unknown', `the SIEM did not answer: ${error}`, {
      error,
      links: { sense: 'unknown', ship: 'unknown', parse: 'unknown' },
    });
  if (session.length > 0) {
    const encrypted = session.some((row) => row.encrypted === true);
    const fileRecord = session.some(
      (row) => fileActions.includes(row.action) && row.fileName === null && row.filePath === null,
    );
    const broken: Break = encrypted
      ? {
          link: 'sense',
          cause: 'content-encrypted',
          detail: `${log.what}: the session is there, its content is encrypted`,
          evidence: found.ids,
        }
      : fileRecord
        ? {
            link: 'parse',
            cause: 'sense-or-parse',
            detail: `${log.what}: the transfer is there without its file.name`,
            evidence: found.ids,
          }
        : {
            link: 'sense',
            cause: senseCodeOf(leg),
            detail: `${log.what}: the session is there, its transfer is not`,
            evidence: found.ids,
          };
    return {
      ...base,
      completeAt: null,
      result: {
        ...result,
        state: encrypted ? 'not_observable' : 'partial',
        missingFields: ['file.name'],
        via: session[0]?.via ?? null,
        text: broken.detail,
      },
      links: linksOf([broken]),
      breaks: expected ? [broken] : [],
    };
  }
  if (facts.sockets.length === 0)
    return emptyLeg(leg, expected, 'not_applicable', 'no sink saw a connection');
  const why = whyNetworkAbsent(
    leg,
    planned.protocol,
    context.siemSources,
    `${log.what}: no record of this transfer`,
  );
  return emptyLeg(leg, expected, 'missing', why.breaks.map((each) => each.detail).join('; '), why);
}

/** What nobody expects of a scenario is either seen or does not apply. */
function logLeg(evidence: Evidence, context: Context, log: LogLeg): LegJudgement {
  const judged = judgeLog(evidence, context, log);
  if (judged.expected || judged.result.state === 'seen') return judged;
  if (evidence.facts.planned.expected.notObservable.includes(log.leg))
    return emptyLeg(
      log.leg,
      false,
      'not_observable',
      'the content is encrypted: no sensor on the way can name it',
    );
  return emptyLeg(log.leg, false, 'not_applicable', 'not expected of this scenario');
}

/** Leg protocol_log: a network sensor's record that names the file. TFTP has no log that ATT&CK names. */
export function protocolLogLeg(evidence: Evidence, context: Context): LegJudgement {
  return logLeg(evidence, context, {
    leg: 'protocol_log',
    isOurs: (type) => type === 'sensor' || type === null,
    what: `the ${evidence.facts.planned.protocol} log`,
  });
}

/** Leg gateway_log: the receiving server's own log, or a proxy's or firewall's. */
export function gatewayLogLeg(evidence: Evidence, context: Context): LegJudgement {
  return logLeg(evidence, context, {
    leg: 'gateway_log',
    isOurs: (type) => type === 'server' || type === 'gateway',
    what: "the server's log",
  });
}
