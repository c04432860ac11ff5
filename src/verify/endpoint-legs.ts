import type { Leg } from '../config/index.js';
import { preferredModule, siemError, type Context, type Evidence } from './context.js';
import { judgePart, type Field, type Part, type PartVerdict } from './endpoint-part.js';
import type { SocketFact } from './facts.js';
import { imagesOf, initiatorImage, isSessionShell } from './images.js';
import { distinctBreaks, emptyLeg, worst, type LegJudgement } from './leg.js';
import type { ConnectionRow, ProcessRow, Row } from './rows.js';
import { provedSkew } from './skew.js';
import { factTime, nearest } from './time.js';

const hostFields: readonly Field<ProcessRow | ConnectionRow>[] = [
  ['@timestamp', (row) => row.at],
  ['host.name', (row) => row.hostName],
  ['process.pid', (row) => row.pid],
  ['process.executable', (row) => row.executable],
];
// What processes and connections are joined by has to be there; whether the values agree is judged by the link correlate.
const comparedElsewhere = [
  '@timestamp',
  'host.name',
  'process.executable',
  'process.pid',
  'process.entity_id',
];
const sysmonFields: readonly Field<ProcessRow | ConnectionRow>[] = [
  ['process.entity_id', (row) => row.entityId],
];

/** Host names differ in case and form between a host and its SIEM, and a path may be a device's: presence is what counts. */
function presence<R extends Row>(fields: readonly Field<R>[]): Field<R>[] {
  return fields.map(([name, value]) =>
    comparedElsewhere.includes(name)
      ? [name, (row) => (value(row) === null ? null : 'present')]
      : [name, value],
  );
}

function processFields(lineage: boolean): (row: ProcessRow) => Field<ProcessRow>[] {
  return (row) => [
    ...presence<ProcessRow>(hostFields),
    ...(row.module === 'sysmon' ? presence<ProcessRow>(sysmonFields) : []),
    ['process.command_line', (each) => each.commandLine],
    ...(lineage
      ? ([
          ['process.parent.pid', (each) => each.parentPid ?? each.parentEntityId],
        ] satisfies Field<ProcessRow>[])
      : []),
  ];
}

function connectionFields(row: ConnectionRow): Field<ConnectionRow>[] {
  return [
    ...presence<ConnectionRow>(hostFields),
    ...(row.module === 'sysmon' ? presence<ConnectionRow>(sysmonFields) : []),
    ['source.ip', (each) => each.sourceIp],
    ['source.port', (each) => each.sourcePort],
    ['destination.ip', (each) => each.destinationIp],
    ['destination.port', (each) => each.destinationPort],
    ['network.transport', (each) => each.transport],
  ];
}

/** The processes that the leg has to show: the initiator, and the socket's owner where that is another one. */
function processParts(evidence: Evidence, sessionParents: readonly string[]): Part<ProcessRow>[] {
  const { planned } = evidence.facts;
  const owner = planned.expected.socketOwner;
  const images = [initiatorImage(planned), ...(owner === 'System' ? [] : [owner.toLowerCase()])];
  const lineage = planned.expected.attribution === 'lineage';
  return [...new Set(images)].map((image) => {
    const twins = new Map(evidence.host.processes.map((row) => [row.id, row]));
    const own = (rows: readonly ProcessRow[]) => {
      const fitting = rows.filter((row) => {
        const twin = twins.get(row.id);
        if (
          isSessionShell(row, sessionParents) ||
          (twin !== undefined && isSessionShell(twin, sessionParents))
        )
          return false;
        const named = imagesOf(row);
        return (named.length === 0 && twin !== undefined ? imagesOf(twin) : named).includes(image);
      });
      const sure = fitting.filter((row) => row.via !== 'time');
      return nearest(sure.length > 0 ? sure : fitting, evidence.facts);
    };
    return {
      leg: 'process_creation',
      name: image,
      hostRows: own(evidence.host.processes),
      siemRows: own(evidence.siem.processes),
      needed: processFields(lineage && image === owner.toLowerCase()),
    };
  });
}

/** Whether what a row says of its 5-tuple does not contradict a socket. Behind an address translation only the server's end is sure. */
function fits(row: ConnectionRow, socket: SocketFact, translated: boolean): boolean {
  const ends = [
    [row.sourceIp, row.sourcePort, row.destinationIp, row.destinationPort],
    [row.destinationIp, row.destinationPort, row.sourceIp, row.sourcePort],
  ] as const;
  const is = (value: string | number | null, wanted: string | number) => value === null || value === wanted;
  return ends.some(
    ([clientIp, clientPort, serverIp, serverPort]) =>
      is(serverIp, socket.server.ip) &&
      is(serverPort, socket.server.port) &&
      (translated ? serverIp !== null : is(clientIp, socket.client.ip) && is(clientPort, socket.client.port)),
  );
}

const roleNames: Record<SocketFact['role'], string> = {
  control: 'the control connection',
  data: 'the data connection',
  request: 'the request',
  transfer: 'the transfer',
};

/**
 * The sockets that the leg has to show: TCP connections and TFTP's request. Blocks of TFTP come from a port that no sensor of the
 * host need log by itself; a connection that an earlier execution opened is not logged again (trap 13).
 */
function connectionParts(evidence: Evidence): Part<ConnectionRow>[] {
  const { facts, host, siem } = evidence;
  const sockets = facts.sockets.filter((socket) => !socket.reused && socket.role !== 'transfer');
  return sockets.map((socket) => {
    const translated = socket.client.ip !== facts.planned.host.address;
    const own = (rows: readonly ConnectionRow[]) => {
      const exact = rows.filter((row) => row.socket === socket.index);
      const loose = rows.filter(
        (row) => row.socket === null && row.via !== 'event_id' && fits(row, socket, translated),
      );
      return nearest(exact.length > 0 ? exact : loose, facts);
    };
    const hostRows = own(host.connections);
    const ids = new Set(hostRows.map((row) => row.id));
    const twins = siem.connections.filter((row) => ids.has(row.id));
    const copies = own(siem.connections).filter((row) => !ids.has(row.id));
    return {
      leg: 'network_connection',
      name: roleNames[socket.role],
      hostRows,
      siemRows: [...twins, ...copies],
      needed: connectionFields,
    };
  });
}

function legOf<R extends Row>(
  leg: Leg,
  parts: readonly Part<R>[],
  verdicts: readonly PartVerdict<R>[],
  evidence: Evidence,
  context: Context,
): LegJudgement {
  const { facts } = evidence;
  const expected = facts.planned.expected.legs.includes(leg);
  const rows = verdicts.flatMap((verdict) => verdict.rows);
  const error = siemError(context, leg);
  const complete = verdicts.every((verdict) => verdict.complete);
  if (error !== null && !complete) {
    return {
      ...emptyLeg(leg, expected, 'unknown', `the SIEM did not answer: ${error}`, { error }),
      links: {
        sense: worst(parts.map((part) => (part.hostRows.length > 0 ? 'ok' : 'unknown'))),
        ship: 'unknown',
        parse: 'unknown',
      },
    };
  }
  const best = verdicts.flatMap((verdict) => (verdict.row === null ? [] : [verdict.row]));
  const delays = best.map((row) =>
    row.ingested === null
      ? null
      : row.ingested - factTime(row.at, facts, provedSkew(context.skew.get(facts.planned.host.id))),
  );
  const known = delays.filter((delay) => delay !== null);
  const arrivals = best.map((row) => row.ingested).filter((time) => time !== null);
  const breaks = distinctBreaks(verdicts.flatMap((verdict) => verdict.breaks));
  const state = complete ? 'seen' : best.length > 0 ? 'partial' : 'missing';
  const shown = parts.filter((_, index) => verdicts[index]?.complete).map((part) => part.name);
  return {
    leg,
    expected,
    result: {
      state,
      evidence: [...new Set(rows.map((row) => row.id))],
      missingFields: [...new Set(verdicts.flatMap((verdict) => verdict.missingFields))],
      delayMs: known.length === 0 ? null : Math.max(...known),
      via: best[0]?.via ?? null,
      text: complete
        ? `${shown.join(', ')}: in the SIEM with every field that is needed`
        : breaks.map((each) => each.detail).join('; '),
    },
    links: {
      sense: worst(verdicts.map((verdict) => verdict.links.sense)),
      ship: worst(verdicts.map((verdict) => verdict.links.ship)),
      parse: worst(verdicts.map((verdict) => verdict.links.parse)),
    },
    breaks: expected ? breaks : [],
    completeAt: complete && arrivals.length === best.length && best.length > 0 ? Math.max(...arrivals) : null,
    error: null,
  };
}

/** Evidence that nobody asked for still counts as seen: a leg that the scenario does not expect, or a transfer that did not happen. */
function unasked(leg: Leg, rows: readonly Row[], text: string, expected: boolean): LegJudgement {
  if (rows.length === 0) return emptyLeg(leg, expected, 'not_applicable', text);
  const empty = emptyLeg(leg, expected, 'not_applicable', text);
  const ids = [...new Set(rows.map((row) => row.id))];
  return {
    ...empty,
    result: {
      ...empty.result,
      state: 'seen',
      evidence: ids,
      via: rows[0]?.via ?? null,
      text: 'seen, though not required here',
    },
  };
}

/** Leg process_creation: expected of every command that ran, also of one that was blocked. */
export function processLeg(evidence: Evidence, context: Context): LegJudgement {
  const { facts, siem } = evidence;
  const { sessionParents } = context.plan.parameters;
  const sure = siem.processes.filter((row) => row.via !== 'time' && !isSessionShell(row, sessionParents));
  const expected = facts.planned.expected.legs.includes('process_creation');
  // Earlier steps (net use) only prepare: the last one starts the initiator.
  const initiating = facts.planned.steps.at(-1)?.commandLine;
  const initiated = facts.commands.some(({ commandLine }) => commandLine === initiating);
  if (!initiated && facts.receipts.length === 0)
    return unasked('process_creation', sure, 'the initiating command was not run', expected);
  if (!expected) return unasked('process_creation', sure, 'not expected of this scenario', expected);
  const preferred = preferredModule(context, facts.planned.host.id);
  const parts = processParts(evidence, sessionParents);
  return legOf(
    'process_creation',
    parts,
    parts.map((part) => judgePart(part, evidence, context, preferred)),
    evidence,
    context,
  );
}

/** Leg network_connection: one record for every socket that the sink saw. */
export function connectionLeg(evidence: Evidence, context: Context): LegJudgement {
  const { facts, siem } = evidence;
  const expected = facts.planned.expected.legs.includes('network_connection');
  const sure = siem.connections.filter((row) => row.via !== 'time' && row.via !== 'partial 5-tuple');
  if (facts.sockets.length === 0)
    return unasked('network_connection', sure, 'no sink saw a connection', expected);
  const parts = connectionParts(evidence);
  if (parts.length === 0)
    return emptyLeg(
      'network_connection',
      expected,
      'not_applicable',
      'the connection is an earlier transfer’s, which Windows reused',
    );
  if (!expected) return unasked('network_connection', sure, 'not expected of this scenario', expected);
  const preferred = preferredModule(context, facts.planned.host.id);
  return legOf(
    'network_connection',
    parts,
    parts.map((part) => judgePart(part, evidence, context, preferred)),
    evidence,
    context,
  );
}
