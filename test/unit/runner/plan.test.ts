import dns from 'node:dns';
import fs from 'node:fs';
import net from 'node:net';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ScopeError } from '../../../src/core/index.js';
import { planRun, planSchema, type PlanInputs } from '../../../src/runner/index.js';
import { chooseScenarios, loadScenarios, loadScripts } from '../../../src/scenario/index.js';
import { tracerSha256 } from '../../../src/tracer/index.js';
import { testLab } from '../../helpers/lab.js';

let base: PlanInputs;
beforeAll(async () => {
  base = {
    lab: testLab(),
    choices: chooseScenarios(await loadScenarios(), []).choices,
    runId: '20261124-120000-test',
    seed: 'seed',
    now: Date.parse('2026-11-24T12:00:00Z'),
    version: '0.0.0',
    simulated: false,
    scripts: await loadScripts(),
    dll: Buffer.from('stand-in'),
  };
});

describe('planRun', () => {
  it('gives the same bytes for the same inputs, and others for another seed or run', () => {
    const bytes = JSON.stringify(planRun(base));
    expect(JSON.stringify(planRun(base))).toBe(bytes);
    expect(JSON.stringify(planRun({ ...base, seed: 'other' }))).not.toBe(bytes);
    expect(JSON.stringify(planRun({ ...base, runId: '20261124-120001-test' }))).not.toBe(bytes);
  });

  it('asks nobody: no clock, no chance, no socket, no file', () => {
    const spies = [
      vi.spyOn(Date, 'now'),
      vi.spyOn(Math, 'random'),
      vi.spyOn(net.Socket.prototype, 'connect'),
      vi.spyOn(dns, 'lookup'),
      vi.spyOn(fs, 'readFileSync'),
    ];
    planRun(base);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    for (const spy of spies) spy.mockRestore();
  });

  it('fits its schema, and names one execution of each scenario with the rules that allow them', () => {
    const plan = planRun(base);
    expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(plan.executions).toHaveLength(base.choices.length);
    for (const execution of plan.executions) {
      expect(execution.allowedBy).toEqual([
        'scope.hosts[0]',
        expect.stringMatching(/^scope\.sinks/),
        expect.stringMatching(/^scope\.protocols/),
        'scope.maxFileBytes',
        'authorisation',
      ]);
    }
  });

  it('names the tracer by content: the SHA-256 is that of the bytes that will be sent', () => {
    const plan = planRun(base);
    const execution = plan.executions[0];
    if (execution === undefined) throw new Error('no execution');
    const [tracer] = execution.tracers;
    if (tracer === undefined) throw new Error('no tracer');
    const { size, sha256 } = tracer;
    expect(
      tracerSha256({
        lab: 'test-lab',
        contact: 'tests',
        run: base.runId,
        execution: execution.id,
        seed: 'seed',
        size,
      }),
    ).toBe(sha256);
  });

  it('leaves no placeholder behind, and puts a marker of the execution on every initiating command line', () => {
    for (const execution of planRun(base).executions) {
      const texts = [
        ...execution.steps.map((step) => step.commandLine),
        ...execution.cleanup,
        ...execution.files.map((file) => file.source ?? ''),
      ];
      for (const text of texts.filter((value) => !value.startsWith('scripts/')))
        expect(text).not.toMatch(/\{[a-z]+\}/);
      const last = execution.steps.at(-1);
      expect(last?.marker).toMatch(/^[A-Za-z0-9_-]{6,64}$/);
      expect(last?.commandLine).toContain(last?.marker);
    }
  });

  it('never puts a secret into the plan: the share password is asked for by name', () => {
    const smb = planRun(base).executions.filter((execution) => execution.protocol === 'smb');
    for (const execution of smb)
      expect(execution.steps.some((step) => step.stdin === 'share-password')).toBe(true);
  });

  it('adds the port of an SMB sink that does not listen on 445, and drops the argument otherwise', () => {
    const at = (port: number) => {
      const lab = testLab((input) => {
        input.scope.sinks?.push({ address: '127.0.2.250', ports: [port] });
        const sink = input.sinks[1];
        if (sink !== undefined) sink.port = port;
      });
      return (
        planRun({ ...base, lab }).executions.find(({ scenario }) => scenario === 'cmd-smb-copy')?.steps[0]
          ?.commandLine ?? ''
      );
    };
    expect(at(4450)).toContain('/TCPPORT:4450');
    expect(at(445)).not.toContain('TCPPORT');
  });

  it('an empty scope runs nothing', () => {
    expect(() =>
      planRun({
        ...base,
        lab: testLab((lab) => {
          lab.scope = {};
        }),
      }),
    ).toThrow(ScopeError);
  });

  it('leaves out what the scope does not name, and says so', () => {
    const lab = testLab((input) => {
      input.scope.protocols = ['ftp'];
    });
    const plan = planRun({ ...base, lab });
    expect(new Set(plan.executions.map((execution) => execution.protocol))).toEqual(new Set(['ftp']));
    expect(plan.leftOut).toHaveLength(base.choices.length - plan.executions.length);
    expect(plan.leftOut[0]?.why).toContain('not in the scope');
  });

  it('a host that was asked for by name and is out of scope is an error', () => {
    const lab = testLab((input) => {
      input.scope.hosts = [];
    });
    expect(() => planRun({ ...base, lab, hosts: ['ws01'] })).toThrow('host "ws01" is not in the scope');
    expect(() => planRun({ ...base, hosts: ['nobody'] })).toThrow('lab.yaml has no host "nobody"');
  });

  it('the bytes of the whole run are limited', () => {
    const lab = testLab((input) => {
      input.scope.maxTotalBytes = '1 MiB';
    });
    expect(() => planRun({ ...base, lab })).toThrow('scope allows 1048576');
  });
});
