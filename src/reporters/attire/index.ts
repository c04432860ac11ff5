import { createHash } from 'node:crypto';
import type { RunResult } from '../../coverage/index.js';
import type { ExecutionResult } from '../../verify/index.js';
import { attack } from '../attack.js';
import { clientAddress } from '../client-address.js';
import type { Reporter } from '../types.js';
import { simulatedText } from '../words.js';

/** The same procedure has the same GUID in every run: what a consumer follows over time. Laid out as RFC 9562's version 8. */
function procedureGuid(execution: ExecutionResult): string {
  const hex = createHash('sha256')
    .update(`dyetrace ${execution.scenario} ${execution.profile}`)
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function procedure(execution: ExecutionResult, startedAt: string, order: number) {
  const { scenario, profile, initiator, protocol, variant, host, sink, exitCode, outcome, control } =
    execution;
  return {
    'procedure-name': `${scenario} (${profile})`,
    'procedure-description': `${control ? 'Control, not to be detected: ' : ''}${initiator} moves a synthetic file from ${host.name} to ${sink.address}:${sink.port} over ${protocol.toUpperCase()} (${variant}).`,
    'procedure-id': { type: 'guid', id: procedureGuid(execution) },
    'mitre-technique-id': attack.subTechnique.id,
    order,
    steps: [
      {
        command: execution.commandLine,
        order: 1,
        'time-start': startedAt,
        'time-stop': execution.endedAt ?? startedAt,
        output: [
          {
            content: `exit code ${exitCode ?? 'unknown'}, execution ${execution.id}, outcome ${outcome}`,
            level: 'INFO',
            type: 'console',
          },
        ],
      },
    ],
  };
}

/** What was executed, in the order of time; what never started is no procedure of the log. */
function procedures(executions: readonly ExecutionResult[]) {
  return executions
    .flatMap((execution) =>
      execution.startedAt === null ? [] : [{ execution, startedAt: execution.startedAt }],
    )
    .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
    .map(({ execution, startedAt }, index) => procedure(execution, startedAt, index + 1));
}

const hostsOf = ({ executions }: RunResult) => [...new Set(executions.map(({ host }) => host.id))];

/**
 * ATTiRe execution log, schema 1.1 (SecurityRiskAdvisors/ATTiRe, attire-1-1-schema.json), which VECTR imports. A log has one target,
 * so a run over several hosts becomes a file for each.
 */
export const attireReporter: Reporter = {
  fileName: 'attire.json',
  parts: (result) =>
    hostsOf(result).length < 2
      ? [{ fileName: 'attire.json', result }]
      : hostsOf(result).map((id) => ({
          fileName: `attire-${id.replaceAll(/[^\w.-]/g, '_')}.json`,
          result: { ...result, executions: result.executions.filter(({ host }) => host.id === id) },
        })),
  render(result) {
    const { run, executions } = result;
    const ip = executions.map(clientAddress).find((address) => address !== null);
    const log = {
      'attire-version': '1.1',
      'execution-data': {
        'execution-id': `${run.id}${executions[0] === undefined ? '' : `-${executions[0].host.id}`}`,
        'execution-source': 'Dyetrace',
        'execution-command': `dyetrace run, seed ${run.seed}. ${simulatedText(result)}`,
        'execution-category': { name: 'Dyetrace AN1169', abbreviation: 'DYE' },
        target: {
          host: executions[0]?.host.name ?? '',
          ...(ip === undefined ? {} : { ip }),
        },
        'time-generated': run.endedAt,
      },
      procedures: procedures(executions),
    };
    return `${JSON.stringify(log, null, 2)}\n`;
  },
};
