import { describeGap, isCauseCode, type CauseCode } from '../causes/index.js';
import { legs as legNames, type Leg } from '../config/index.js';
import { alertResult, type AlertRow } from './alerts.js';
import { alertOf, routeOf } from './alert-links.js';
import { attributionOf, tieOf } from './attribution.js';
import { alertsError, hostChannel, type Context, type Evidence, type Readable } from './context.js';
import { correlateOf } from './correlate.js';
import { deliveryOf, type Delivery } from './deliver.js';
import { connectionLeg, processLeg } from './endpoint-legs.js';
import { flowLeg } from './flow-leg.js';
import { worst, type LegJudgement, type TelemetryLink } from './leg.js';
import { gatewayLogLeg, protocolLogLeg } from './network-legs.js';
import { initiatorImage, imagesOf, isSessionShell } from './images.js';
import { isMet, outcomeOf } from './outcome.js';
import type { ChainEntry, ErrorEntry, ExecutionResult, Gap } from './result-schema.js';
import { errorPercent, volumeOf } from './volume.js';

/** Why a link is unknown: the SIEM did not answer, or the host's own channels could not be read. */
function unknownCause(link: TelemetryLink, errors: number, channel: Readable): CauseCode | null {
  if (link === 'sense') return channel.state === 'unread' ? 'host-log-unreadable' : null;
  return errors > 0 ? 'siem-unreadable' : null;
}

/**
 * One link over all expected legs: broken where any leg broke there, and the legs named are those that did. What comes after a
 * broken link of its own leg cannot be judged; the other legs speak for the link then.
 */
function telemetryEntry(link: TelemetryLink, legs: readonly LegJudgement[], channel: Readable): ChainEntry {
  const judged = legs.filter((leg) => leg.expected);
  const breaks = judged.flatMap((leg) =>
    leg.breaks.filter((each) => each.link === link).map((each) => ({ leg: leg.leg, ...each })),
  );
  if (breaks.length > 0) {
    return {
      link,
      state: 'broken',
      legs: [...new Set(breaks.map((each) => each.leg))],
      cause: breaks[0]?.cause ?? null,
      evidence: [...new Set(breaks.flatMap((each) => each.evidence))],
      text: breaks.map((each) => each.detail).join('; '),
    };
  }
  const counted = judged.filter((leg) => leg.error !== null || leg.links[link] !== 'unknown');
  const state =
    counted.length === 0 && judged.length > 0 ? 'unknown' : worst(counted.map((leg) => leg.links[link]));
  const errors = [...new Set(counted.flatMap((leg) => (leg.error === null ? [] : [leg.error])))];
  const unread = channel.state === 'unread' && link === 'sense' ? [channel.why] : [];
  return {
    link,
    state,
    legs:
      state === 'not-applicable'
        ? []
        : counted.filter((leg) => leg.links[link] === state).map((leg) => leg.leg),
    cause: state === 'unknown' ? unknownCause(link, errors.length, channel) : null,
    evidence: [],
    text: state === 'unknown' ? [...errors, ...unread].join('; ') : '',
  };
}

function gapsOf(
  evidence: Evidence,
  legs: readonly LegJudgement[],
  chain: readonly ChainEntry[],
  alertReasons: readonly { cause: CauseCode; detail: string }[],
): Gap[] {
  const { host, sink, protocol } = evidence.facts.planned;
  const gap = (link: ChainEntry['link'], leg: Leg | null, cause: CauseCode, detail: string): Gap => ({
    link,
    leg,
    cause,
    ...describeGap(cause, { host: host.name, sink: sink.address, port: sink.port, protocol, leg, detail }),
  });
  return chain.flatMap((entry) => {
    if (entry.state !== 'broken') return [];
    if (entry.link === 'sense' || entry.link === 'ship' || entry.link === 'parse')
      return legs.flatMap((leg) =>
        leg.breaks
          .filter((each) => each.link === entry.link)
          .map((each) => gap(each.link, leg.leg, each.cause, each.detail)),
      );
    if (entry.link === 'alert')
      return alertReasons.map(({ cause, detail }) => gap('alert', null, cause, detail));
    const leg = entry.link === 'correlate' ? 'network_connection' : null;
    return entry.cause !== null && isCauseCode(entry.cause)
      ? [gap(entry.link, leg, entry.cause, entry.text)]
      : [];
  });
}

/** The command that starts the transfer: the last one that carries the execution id. */
function mainCommand(evidence: Evidence): string {
  const lines = evidence.facts.planned.steps.map((step) => step.commandLine);
  const named = lines.filter((line) => line.toLowerCase().includes(evidence.facts.planned.id));
  return named.at(-1) ?? lines.at(-1) ?? '';
}

function pidOf(evidence: Evidence, context: Context): number | null {
  const { facts, host, siem } = evidence;
  const reported = facts.commands.map((command) => command.pid).findLast((pid) => pid !== null);
  if (reported != null) return reported;
  const image = initiatorImage(facts.planned);
  const found = [...host.processes, ...siem.processes].find(
    (row) =>
      row.via === 'command_line' &&
      imagesOf(row).includes(image) &&
      !isSessionShell(row, context.plan.parameters.sessionParents),
  );
  return found?.pid ?? null;
}

function errorsOf(
  evidence: Evidence,
  delivery: Delivery,
  legs: readonly LegJudgement[],
  context: Context,
): ErrorEntry[] {
  const where = `execution ${evidence.facts.planned.id} (${evidence.facts.planned.scenario})`;
  const unread = legs.filter((leg) => leg.expected && leg.error !== null);
  const alerts = alertsError(context);
  return [
    ...(delivery.error === null ? [] : [delivery.error]),
    ...unread.map((leg) => ({
      where: `${where}, ${leg.leg}`,
      code: 'siem-unreadable',
      message: leg.error ?? '',
      remedy: null,
    })),
    ...(alerts === null
      ? []
      : [{ where: `${where}, alerts`, code: 'siem-unreadable', message: alerts, remedy: null }]),
  ];
}

const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());

/** Evidence to verdict, for one execution. */
export function judgeExecution(
  evidence: Evidence,
  context: Context,
  alerts: readonly AlertRow[],
): ExecutionResult {
  const { facts } = evidence;
  const { planned } = facts;
  const delivery = deliveryOf(evidence);
  const volume = volumeOf(evidence);
  const legs: LegJudgement[] = [
    processLeg(evidence, context),
    connectionLeg(evidence, context),
    protocolLogLeg(evidence, context),
    flowLeg(evidence, volume, context),
    gatewayLogLeg(evidence, context),
  ];
  const tie = tieOf(evidence, context);
  const attribution = attributionOf(evidence, tie);
  const transferred = delivery.error === null && !delivery.blocked;
  const channel = hostChannel(context, planned.host.id, null);
  const sensed = (['sense', 'ship', 'parse'] as const).map((link) => telemetryEntry(link, legs, channel));
  const idle = (link: ChainEntry['link']): ChainEntry => ({
    link,
    state: 'not-applicable',
    legs: [],
    cause: null,
    evidence: [],
    text: 'there was no transfer to alert on',
  });
  const correlate = transferred ? correlateOf(evidence, context, legs, tie, attribution) : idle('correlate');
  const brokenBefore = [...sensed, correlate].some(
    (entry) => entry.state === 'broken' || entry.state === 'unknown',
  );
  const alert =
    transferred || alerts.length > 0
      ? alertOf(evidence, context, alerts, brokenBefore)
      : { entry: idle('alert'), reasons: [] };
  const route = transferred ? routeOf(evidence, alerts) : idle('route');
  const chain = [delivery.execute, delivery.deliver, ...sensed, correlate, alert.entry, route];
  const outcome = outcomeOf(delivery, legs, alerts, context);
  const arrivals = legs
    .filter((leg) => leg.expected && leg.result.state !== 'not_applicable')
    .map((leg) => leg.completeAt);
  const end = facts.transferEnd;
  const firstAlert = alerts.map((row) => row.at).filter((at) => at !== null);
  const exitCodes = facts.commands.map((command) => command.exitCode);
  return {
    id: planned.id,
    scenario: planned.scenario,
    initiator: planned.initiator,
    protocol: planned.protocol,
    variant: planned.variant,
    profile: planned.profile,
    control: planned.control,
    host: { id: planned.host.id, name: planned.host.name, role: planned.host.role },
    sink: { id: planned.sink.id, address: planned.sink.address, port: planned.sink.port },
    commandLine: mainCommand(evidence),
    pid: pidOf(evidence, context),
    startedAt: iso(facts.startedAt),
    endedAt: iso(facts.endedAt),
    exitCode: exitCodes.at(-1) ?? null,
    outcome,
    expected: planned.expected.outcome,
    met: isMet(planned.expected.outcome, outcome, alerts.length),
    receipts: [...facts.receipts],
    legs: Object.fromEntries(
      legNames.map((name, index) => [name, legs[index]?.result]),
    ) as ExecutionResult['legs'],
    attribution,
    volume: {
      grade: volume.grade,
      bytesOut: volume.bytesOut,
      truth: facts.truth,
      errorPercent: errorPercent(volume.bytesOut, facts.truth),
    },
    chain,
    alerts: alerts.map(alertResult),
    gaps: gapsOf(evidence, legs, chain, alert.reasons),
    timeToTelemetryMs:
      end === null || arrivals.length === 0 || arrivals.includes(null)
        ? null
        : Math.max(...arrivals.filter((time) => time !== null)) - end,
    timeToAlertMs: end === null || firstAlert.length === 0 ? null : Math.min(...firstAlert) - end,
    incidentCategory: planned.incidentCategory,
    errors: errorsOf(evidence, delivery, legs, context),
  };
}
