import type { RunResult } from '../../coverage/index.js';
import type { ExecutionResult } from '../../verify/index.js';
import { attack } from '../attack.js';
import { clientAddress } from '../client-address.js';
import type { Reporter } from '../types.js';
import { attackNotice, legNames } from '../words.js';

type Gap = ExecutionResult['gaps'][number];

/** High where the gap stands beside an unmet expectation, else Low: the evidence is thinner, the alert came. */
function severity(execution: ExecutionResult) {
  return execution.met ? { severity_id: 2, severity: 'Low' } : { severity_id: 4, severity: 'High' };
}

function evidence(execution: ExecutionResult) {
  const client = clientAddress(execution);
  return {
    process: {
      cmd_line: execution.commandLine,
      ...(execution.pid === null ? {} : { pid: execution.pid }),
      name: execution.initiator === 'other' ? 'unknown' : `${execution.initiator}.exe`,
    },
    src_endpoint: { hostname: execution.host.name, ...(client === null ? {} : { ip: client }) },
    dst_endpoint: { ip: execution.sink.address, port: execution.sink.port },
  };
}

function finding(result: RunResult, execution: ExecutionResult, gap: Gap) {
  const { run } = result;
  const title = result.findings.find(({ cause }) => cause === gap.cause)?.title ?? gap.cause;
  const time = Date.parse(run.endedAt);
  return {
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    type_uid: 200401,
    type_name: 'Detection Finding: Create',
    time,
    ...(execution.startedAt === null ? {} : { start_time: Date.parse(execution.startedAt) }),
    ...(execution.endedAt === null ? {} : { end_time: Date.parse(execution.endedAt) }),
    ...severity(execution),
    status_id: 1,
    status: 'New',
    message: `${run.simulated ? 'Simulated host: ' : ''}${execution.scenario} on ${execution.host.name}: ${gap.text}`,
    metadata: {
      version: '1.3.0',
      product: { name: 'Dyetrace', vendor_name: 'Dyetrace', version: run.version },
    },
    finding_info: {
      uid: [run.id, execution.id, gap.link, gap.leg ?? 'all', gap.cause].join('/'),
      title: `Detection gap: ${title}`,
      desc: `Link ${gap.link}${gap.leg === null ? '' : `, leg ${legNames[gap.leg]}`}: ${gap.text}`,
      types: ['Detection gap'],
      created_time: time,
      analytic: { uid: attack.analytic.id, name: attack.strategy.name, type: 'Behavioral', type_id: 2 },
      attacks: [
        {
          version: attack.version,
          tactic: { uid: attack.tactic.id, name: attack.tactic.name },
          technique: { uid: attack.technique.id, name: attack.technique.name },
          sub_technique: { uid: attack.subTechnique.id, name: attack.subTechnique.name },
        },
      ],
    },
    remediation: { desc: gap.remedy },
    resources: [{ uid: execution.host.id, name: execution.host.name, type: execution.host.role }],
    evidences: [evidence(execution)],
    unmapped: {
      run: run.id,
      simulated: run.simulated,
      execution: execution.id,
      outcome: execution.outcome,
      expected: execution.expected,
      link: gap.link,
      leg: gap.leg,
      cause: gap.cause,
      notice: attackNotice,
    },
  };
}

/**
 * A Detection Finding (OCSF 1.3.0, class 2004) for every gap of every execution, one JSON document per line; times in milliseconds
 * since the epoch. Errors are no findings: what could not be looked at is no gap.
 */
export const ocsfReporter: Reporter = {
  fileName: 'ocsf.ndjson',
  render: (result) =>
    result.executions
      .flatMap((execution) =>
        execution.gaps.map((gap) => `${JSON.stringify(finding(result, execution, gap))}\n`),
      )
      .join(''),
};
