import type { CauseCode } from '../causes/index.js';
import { isFiring } from './alerts.js';
import { isWeaker, type Tie } from './attribution.js';
import type { Context, Evidence } from './context.js';
import type { LegJudgement } from './leg.js';
import type { ChainEntry, ExecutionResult } from './result-schema.js';
import { sureSkew } from './skew.js';

/** Beyond this a skew is worth naming where the analytic found no tie; below it any correlation has to cope. */
const noticeableSkewMs = 30_000;

/**
 * The link correlate: process and connection records are both in the SIEM; does a key join them as the scenario says?
 * Broken where the grade is weaker than expected, or where a connection names an owner that is no process of the execution.
 */
export function correlateOf(
  evidence: Evidence,
  context: Context,
  legs: readonly LegJudgement[],
  tie: Tie,
  attribution: ExecutionResult['attribution'],
): ChainEntry {
  const { planned, sockets } = evidence.facts;
  const about: ChainEntry['legs'] = ['process_creation', 'network_connection'];
  const entry = (state: ChainEntry['state'], text: string, cause: CauseCode | null = null): ChainEntry => ({
    link: 'correlate',
    state,
    legs: state === 'not-applicable' ? [] : about,
    cause,
    evidence: [...tie.evidence],
    text,
  });
  if (planned.expected.attribution === 'none') return entry('not-applicable', 'no initiator is expected');
  const wanted = legs.filter((leg) => about.includes(leg.leg));
  if (wanted.every((leg) => leg.result.state === 'not_applicable'))
    return entry('not-applicable', 'nothing to correlate');

  const skew = context.skew.get(planned.host.id);
  const skewMs = sureSkew(skew);
  const toAlert = planned.expected.outcome === 'alerted';
  const fired = evidence.hits.some(isFiring);
  const unexplained = toAlert && !fired && legs.every((leg) => leg.breaks.length === 0);
  if (
    skew?.from === 'host' &&
    (skewMs > context.plan.parameters.sessionWindow || (skewMs > noticeableSkewMs && unexplained))
  )
    return entry(
      'broken',
      `the clock of ${planned.host.name} is off by ${skew.ms} ms (± ${skew.uncertaintyMs} ms)`,
      'clock-skew',
    );

  if (!tie.judgeable) {
    const reused = legs.find((leg) => leg.leg === 'network_connection')?.result.state === 'not_applicable';
    if (reused && evidence.hits.length > 0)
      return entry('ok', `${attribution.grade} by ${attribution.via ?? 'the analytic'}`);
    return entry('unknown', 'not both of process and connection are in the SIEM');
  }
  const strangers = evidence.siem.processes.some(
    (row) => row.via === 'command_line' && row.host !== planned.host.id,
  );
  const others = evidence.siem.connections.some(
    (row) => row.via === '5-tuple' && row.host !== planned.host.id,
  );
  const weaker = isWeaker(attribution.grade, attribution.expectedGrade);
  const noHit = toAlert && evidence.hits.length === 0;
  if ((strangers || others) && (weaker || noHit || tie.keysDisagree))
    return entry(
      'broken',
      'the records are under a host name that lab.yaml does not know',
      'host-name-mismatch',
    );
  const translated = sockets.some((socket) => socket.client.ip !== planned.host.address);
  if (translated && noHit)
    return entry(
      'broken',
      `the sink saw ${sockets[0]?.client.ip ?? ''}, the host has ${planned.host.address}`,
      'address-translated',
    );
  if (tie.keysDisagree && (weaker || noHit || tie.via === null || tie.via === '5-tuple'))
    return entry(
      'broken',
      `the connection's owner ${tie.owner?.executable ?? ''} (${tie.owner?.pid ?? 'no pid'}) is no process of this execution`,
      'process-key-mismatch',
    );
  // With a record damaged, the weaker grade is what follows from that and says nothing of the keys.
  if (weaker && wanted.some((leg) => leg.breaks.length > 0))
    return entry('unknown', `${attribution.grade}, with what is left of the records`);
  if (weaker)
    return entry(
      'broken',
      `${attribution.grade} where ${attribution.expectedGrade} is expected`,
      'process-key-mismatch',
    );
  return entry('ok', `${attribution.grade} by ${attribution.via ?? 'the telemetry'}`);
}
