import type { Leg } from '../config/index.js';
import type { RunResult } from '../coverage/index.js';

/** How a report calls a leg. */
export const legNames: Readonly<Record<Leg, string>> = {
  process_creation: 'process creation',
  network_connection: 'network connection',
  protocol_log: 'protocol log',
  flow_volume: 'flow volume',
  gateway_log: 'gateway log',
};

/** ATT&CK's terms of use ask for this line. */
export const attackNotice =
  'AN1169 and T1071.002 are content of MITRE ATT&CK®, © The MITRE Corporation, reproduced and distributed with its permission (attack.mitre.org/resources/legal-and-branding/terms-of-use).';

/** The first thing that a reader must know. */
export function simulatedText(result: RunResult): string {
  return result.run.simulated
    ? 'Simulated hosts: transfers and sinks were real, Windows and its sensors were simulated. This says nothing about your own network.'
    : 'Real lab hosts.';
}

/** The result in one sentence. */
export function headline(result: RunResult): string {
  const { outcomes, controls, errors } = result.coverage;
  const parts = [`${outcomes.alerted.count} of ${outcomes.alerted.of} uploads alerted`];
  if (outcomes.blocked.count > 0) parts.push(`${outcomes.blocked.count} blocked`);
  if (outcomes.logged.count > 0) parts.push(`${outcomes.logged.count} logged without an alert`);
  if (outcomes.none.count > 0) parts.push(`${outcomes.none.count} left no trace in the SIEM`);
  parts.push(`${controls.count} of ${controls.of} controls silent`);
  if (errors > 0) parts.push(`${errors} in error, counted in no rate`);
  return parts.join(', ');
}

/** Errors of the run and of each execution. */
export function allErrors(result: RunResult): RunResult['errors'] {
  return [...result.errors, ...result.executions.flatMap((execution) => execution.errors)];
}
