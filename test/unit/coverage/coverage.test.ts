import { beforeAll, describe, expect, it } from 'vitest';
import {
  assembleRun,
  coverage,
  findings,
  judge,
  runResultSchema,
  type RunResult,
} from '../../../src/coverage/index.js';
import type { JournalLine } from '../../../src/runner/index.js';
import type { ExecutionResult, VerifyResult } from '../../../src/verify/index.js';
import {
  drop,
  goodWorld,
  iso,
  start,
  variants,
  verifyWorld,
  type World,
} from '../../helpers/verify-world.js';

let world: World;
let verified: VerifyResult;

beforeAll(async () => {
  world = goodWorld(variants.ftpPassive, variants.ftpActive, variants.smb, variants.tftp, variants.control);
  verified = await verifyWorld(world);
});

function altered(index: number, to: Partial<ExecutionResult>): ExecutionResult[] {
  return verified.executions.map((execution, place) =>
    place === index ? { ...execution, ...to } : execution,
  );
}

const gap = (
  cause: string,
  link: ExecutionResult['gaps'][number]['link'],
  leg: ExecutionResult['gaps'][number]['leg'] = null,
) => ({
  link,
  leg,
  cause,
  text: 't',
  remedy: `mend ${cause}`,
});

const legState = (
  execution: ExecutionResult | undefined,
  leg: keyof ExecutionResult['legs'],
  state: 'missing' | 'unknown' | 'not_observable',
) => {
  if (execution === undefined) throw new Error('no execution');
  return { ...execution.legs, [leg]: { ...execution.legs[leg], state } };
};

const assemble = (
  executions: readonly ExecutionResult[],
  journal: JournalLine[] = world.journal,
): RunResult =>
  assembleRun({
    plan: world.plan,
    journal,
    verified: { ...verified, executions },
    collection: world.collection,
    inputs: { siem: [], host: [] },
    telemetryFolder: '/telemetry',
    interrupted: false,
    faults: ['none'],
    endedAt: start + 100_000,
  });

describe('coverage', () => {
  it('counts uploads by outcome, controls apart', () => {
    const { outcomes, controls, met, errors } = coverage(verified.executions, world.plan);
    expect(outcomes.alerted).toEqual({ count: 4, of: 4 });
    expect(outcomes.logged).toEqual({ count: 0, of: 4 });
    expect(controls).toEqual({ count: 1, of: 1 });
    expect(met).toEqual({ count: 5, of: 5 });
    expect(errors).toBe(0);
  });

  it('leaves errors out of every denominator but their own', () => {
    const result = coverage(altered(0, { outcome: 'error', met: false }), world.plan);
    expect(result.outcomes.alerted).toEqual({ count: 3, of: 3 });
    expect(result.outcomes.error).toEqual({ count: 1, of: 4 });
    expect(result.met).toEqual({ count: 4, of: 4 });
    expect(result.legs.process_creation).toEqual({ count: 4, of: 4 });
    expect(result.errors).toBe(1);
  });

  it('counts a leg where it is expected and could be seen: TFTP has no protocol log', () => {
    expect(coverage(verified.executions, world.plan).legs.protocol_log).toEqual({ count: 4, of: 4 });
    const [first] = verified.executions;
    for (const [state, rate] of [
      ['missing', { count: 3, of: 4 }],
      ['unknown', { count: 3, of: 3 }],
      ['not_observable', { count: 3, of: 3 }],
    ] as const)
      expect(
        coverage(altered(0, { legs: legState(first, 'protocol_log', state) }), world.plan).legs.protocol_log,
      ).toEqual(rate);
  });

  it('has a cell for every initiator and protocol, tested or not', () => {
    const { matrix } = coverage(verified.executions, world.plan);
    expect(matrix).toHaveLength(9);
    expect(matrix.filter(({ outcome }) => outcome === null)).toHaveLength(5);
    const cell = matrix.find(({ initiator, protocol }) => initiator === 'cmd' && protocol === 'tftp');
    expect(cell).toMatchObject({
      outcome: 'alerted',
      executions: [world.ids[3]],
      legs: { protocol_log: 'not_applicable' },
    });
    // The control is PowerShell over FTP as well, and in no cell.
    expect(matrix.flatMap(({ executions }) => executions)).not.toContain(world.ids[4]);
  });

  it('shows the weakest where a cell holds several', () => {
    const [first] = verified.executions;
    if (first === undefined) throw new Error('no execution');
    const twice = [
      first,
      { ...first, id: 'other', outcome: 'none' as const, legs: legState(first, 'flow_volume', 'missing') },
    ];
    const cell = coverage(twice, world.plan).matrix.find(({ executions }) => executions.length === 2);
    expect(cell).toMatchObject({
      outcome: 'none',
      legs: { flow_volume: 'missing', process_creation: 'seen' },
    });
  });
});

describe('findings', () => {
  it('put gaps of one cause together and rank by what mending buys', async () => {
    const broken = goodWorld(variants.ftpPassive, variants.ftpActive, variants.smb);
    drop(broken.siem, 'connection', () => true);
    drop(broken.siem, 'transfer', (row) => row['event.id'] === `zeek/${broken.ids[2] ?? ''}`);
    broken.siem.alert = [];
    broken.hits = [];
    const found = findings((await verifyWorld(broken)).executions);
    expect(found.map(({ cause, executions, gain, legs }) => [cause, executions.length, gain, legs])).toEqual([
      ['forwarder-dropped', 3, 3, ['network_connection']],
      ['protocol-log-missing', 1, 1, ['protocol_log']],
    ]);
  });

  it('promise no alert while another gap could keep it away, and none for an error', () => {
    const gaps = [gap('rule-disabled', 'alert'), gap('rule-look-back', 'alert')];
    const both = altered(0, { outcome: 'logged', met: false, gaps });
    expect(findings(both).map(({ gain }) => gain)).toEqual([0, 0]);
    const one = altered(0, { outcome: 'logged', met: false, gaps: gaps.slice(0, 1) });
    expect(findings(one)).toEqual([
      expect.objectContaining({ cause: 'rule-disabled', gain: 1, remedy: 'mend rule-disabled' }),
    ]);
    const failed = altered(0, { outcome: 'error', met: false, gaps: [gap('executor-failed', 'execute')] });
    expect(findings(failed)).toEqual([expect.objectContaining({ gain: 0 })]);
  });

  it('do not count a leg that another cause keeps away', () => {
    const legs = legState(verified.executions[0], 'flow_volume', 'missing');
    const gaps = [
      gap('flow-incomplete', 'sense', 'flow_volume'),
      gap('wrong-time-zone', 'parse', 'flow_volume'),
    ];
    expect(findings(altered(0, { legs, gaps })).map(({ gain }) => gain)).toEqual([0, 0]);
  });
});

describe('the result of a run', () => {
  it('is what run.json promises', () => {
    const result = assemble(verified.executions);
    expect(runResultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
    expect(result.run).toMatchObject({
      startedAt: world.plan.run.plannedAt,
      endedAt: iso(100_000),
      faults: ['none'],
    });
    expect(result.telemetry).toContainEqual({
      from: 'siem',
      source: 'zeek-conn',
      records: 100,
      rejected: 0,
      error: null,
    });
    expect(result.telemetry).toContainEqual({
      from: 'host',
      source: 'ws01 sysmon',
      records: 100,
      rejected: 0,
      error: null,
    });
  });

  it('says what was undone and what is left, and why', () => {
    const journal: JournalLine[] = [
      {
        state: 'intent',
        id: 1,
        at: iso(0),
        execution: 'x',
        effect: { kind: 'stage', host: 'ws01', path: 'C:\\a' },
      },
      {
        state: 'intent',
        id: 2,
        at: iso(0),
        execution: 'x',
        effect: { kind: 'stage', host: 'ws01', path: 'C:\\b' },
      },
      {
        state: 'intent',
        id: 3,
        at: iso(0),
        execution: null,
        effect: { kind: 'local-directory', path: '/state' },
      },
      { state: 'undone', id: 1, at: iso(1) },
      { state: 'left', id: 2, at: iso(1), why: 'access denied' },
    ];
    expect(assemble(verified.executions, journal).cleanup).toEqual({
      done: 1,
      left: [
        { what: '/state', where: 'control host', why: 'not undone yet: dyetrace cleanup does it' },
        { what: 'C:\\b', where: 'host ws01', why: 'access denied' },
      ],
    });
  });
});

describe('the exit code', () => {
  const withGap = () => assemble(altered(0, { gaps: [gap('wrong-category', 'route')] }));
  it('is 0 where all is as expected', () => {
    for (const failOn of ['unmet', 'gaps', 'never'] as const)
      expect(judge(assemble(verified.executions), failOn)).toBe(0);
  });

  it('is 1 for an unmet expectation, and for a gap where gaps are asked for', () => {
    const unmet = assemble(altered(0, { met: false, outcome: 'logged' }));
    expect([judge(unmet, 'unmet'), judge(unmet, 'gaps'), judge(unmet, 'never')]).toEqual([1, 1, 0]);
    expect([judge(withGap(), 'unmet'), judge(withGap(), 'gaps'), judge(withGap(), 'never')]).toEqual([
      0, 1, 0,
    ]);
  });

  it('is 3 where an execution or the SIEM is in error, which wins over 1', () => {
    const failed = assemble(
      altered(0, { met: false, outcome: 'error' }).map((each, index) =>
        index === 1 ? { ...each, met: false } : each,
      ),
    );
    const unread = {
      ...withGap(),
      errors: [{ where: 'siem, zeek-conn', code: 'timeout', message: 'm', remedy: null }],
    };
    for (const failOn of ['unmet', 'gaps', 'never'] as const)
      expect([judge(failed, failOn), judge(unread, failOn)]).toEqual([3, 3]);
  });
});
