import { siemError, type Context, type Evidence } from './context.js';
import { distinctBreaks, emptyLeg, type Break, type LegJudgement } from './leg.js';
import { linksOf, networkTimeBreaks, whyNetworkAbsent } from './network-legs.js';
import type { FlowRow } from './rows.js';
import { factTime } from './time.js';
import { errorPercent, toleratedError, type Volume } from './volume.js';

function absentParts(rows: readonly FlowRow[]): string[] {
  const parts: [string, (row: FlowRow) => unknown][] = [
    ['source.ip', (row) => row.sourceIp],
    ['source.port', (row) => row.sourcePort],
    ['destination.ip', (row) => row.destinationIp],
    ['destination.port', (row) => row.destinationPort],
  ];
  return parts.filter(([, value]) => rows.some((row) => value(row) === null)).map(([name]) => name);
}

function breaksOf(volume: Volume, evidence: Evidence): Break[] {
  const { truth } = evidence.facts;
  const ids = volume.rows.map((row) => row.id);
  const breaks: Break[] = [...networkTimeBreaks(volume.rows, evidence)];
  if (volume.uncounted.length > 0)
    breaks.push({
      link: 'parse',
      cause: 'sense-or-parse',
      detail: 'a flow record has no byte counters (source.bytes, destination.bytes)',
      evidence: volume.uncounted.map((row) => row.id),
    });
  const loose = volume.rows.filter((row) => row.via === 'partial 5-tuple');
  if (loose.length > 0)
    breaks.push({
      link: 'parse',
      cause: 'sense-or-parse',
      detail: `a flow record lacks ${absentParts(loose).join(', ')}`,
      evidence: loose.map((row) => row.id),
    });
  if (volume.unseen.length > 0)
    breaks.push({
      link: 'sense',
      cause: 'flow-incomplete',
      detail: `no flow record of the ${volume.unseen.map((socket) => socket.role).join(' and ')} socket`,
      evidence: ids,
    });
  else if (
    volume.bytesOut !== null &&
    truth !== null &&
    volume.uncounted.length === 0 &&
    truth - volume.bytesOut > Math.max(64, truth * toleratedError)
  )
    breaks.push({
      link: 'sense',
      cause: 'flow-incomplete',
      detail: `the flow records count ${volume.bytesOut} bytes out, the sink received ${truth}`,
      evidence: ids,
    });
  return distinctBreaks(breaks);
}

/** Leg flow_volume: flow records of every socket that carried something, and whose bytes agree with the receipt. */
export function flowLeg(evidence: Evidence, volume: Volume, context: Context): LegJudgement {
  const { facts } = evidence;
  const leg = 'flow_volume';
  const expected = facts.planned.expected.legs.includes(leg);
  const error = siemError(context, leg);
  if (volume.rows.length === 0) {
    if (error !== null)
      return emptyLeg(leg, expected, 'unknown', `the SIEM did not answer: ${error}`, {
        error,
        links: { sense: 'unknown', ship: 'unknown', parse: 'unknown' },
      });
    if (facts.sockets.length === 0)
      return emptyLeg(leg, expected, 'not_applicable', 'no sink saw a connection');
    if (!expected) return emptyLeg(leg, expected, 'not_applicable', 'not expected of this scenario');
    const why = whyNetworkAbsent(
      leg,
      facts.planned.protocol,
      context.siemSources,
      'no flow record has a 5-tuple of this transfer',
    );
    return emptyLeg(leg, expected, 'missing', why.breaks.map((each) => each.detail).join('; '), why);
  }
  const breaks = breaksOf(volume, evidence);
  const arrivals = volume.rows.map((row) => row.ingested).filter((time) => time !== null);
  const delays = volume.rows.flatMap((row) =>
    row.ingested === null ? [] : [row.ingested - factTime(row.end ?? row.at, facts, 0)],
  );
  const percent = errorPercent(volume.bytesOut, facts.truth);
  const measured = `${volume.bytesOut ?? 'no'} bytes out by ${volume.rows.length} flow records${percent === null ? '' : `, ${percent} % from the receipt`}`;
  return {
    leg,
    expected,
    result: {
      state: breaks.length === 0 ? 'seen' : 'partial',
      evidence: [...new Set(volume.rows.map((row) => row.id))],
      missingFields: [
        ...(volume.uncounted.length > 0 ? ['source.bytes', 'destination.bytes'] : []),
        ...absentParts(volume.rows.filter((row) => row.via === 'partial 5-tuple')),
        ...(breaks.some((each) => each.cause === 'wrong-time-zone') ? ['event.start'] : []),
      ],
      delayMs: delays.length === 0 ? null : Math.max(...delays),
      via: volume.rows[0]?.via ?? null,
      text: volume.shared
        ? `${measured}; the connection carried other transfers as well`
        : breaks.length === 0
          ? measured
          : breaks.map((each) => each.detail).join('; '),
    },
    links: linksOf(breaks),
    breaks: expected ? breaks : [],
    completeAt: breaks.length === 0 && arrivals.length === volume.rows.length ? Math.max(...arrivals) : null,
    error: null,
  };
}
