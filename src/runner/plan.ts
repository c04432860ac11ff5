import { createHash } from 'node:crypto';
import { win32 } from 'node:path';
import type { LabHost, LabSink, Parameters, ResolvedLab } from '../config/index.js';
import { digestId, executionId, InputError, rfc3339, ScopeError } from '../core/index.js';
import { renderCommand } from '../executors/index.js';
import { scopeOf, type Scope } from '../safety/index.js';
import { fill, matchesGlob, type Placeholders, type ProfileName, type Scenario } from '../scenario/index.js';
import { minimumTracerSize, tracerFileName, tracerSha256 } from '../tracer/index.js';
import type { Plan, PlannedExecution, PlannedFile } from './plan-schema.js';

/** Everything that a plan depends on. Nothing else is asked: no socket, no clock, no file, no chance. */
export interface PlanInputs {
  readonly lab: ResolvedLab;
  readonly scenarios: readonly Scenario[];
  readonly runId: string;
  readonly seed: string;
  /** ms since the epoch */
  readonly now: number;
  readonly version: string;
  readonly simulated: boolean;
  /** The PowerShell scripts of the library, by name. */
  readonly scripts: ReadonlyMap<string, Buffer>;
  /** The tracer DLL, or the stand-in that says so. */
  readonly dll: Buffer;
  /** Volume profile for every scenario that takes it; absent: each scenario's own default. */
  readonly profile?: ProfileName;
  /** Ids of hosts; absent: all that the scope allows. */
  readonly hosts?: readonly string[];
}

const kibibyte = 1024;

/** Bytes of a tracer by volume profile. `large` lies just over the threshold that it is to cross. */
export function profileSize(profile: ProfileName, parameters: Parameters): number {
  const sizes: Record<ProfileName, number> = {
    large: parameters.largeTransferBytes + 64 * kibibyte,
    unbalanced: Math.max(256 * kibibyte, 2 * parameters.minimumBytes),
    tiny: kibibyte,
    'archive-name': Math.max(256 * kibibyte, 2 * parameters.minimumBytes),
  };
  return sizes[profile];
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

function incidentCategory(lab: ResolvedLab, sink: LabSink, host: LabHost): string | null {
  const rule = lab.incidentRules.find(
    (candidate) =>
      (candidate.zone ?? sink.zone) === sink.zone &&
      (candidate.protocol ?? sink.protocol) === sink.protocol &&
      (candidate.hostRole ?? host.role) === host.role,
  );
  return rule?.category ?? null;
}

interface Account {
  readonly user: string;
  readonly password: string;
}

function planExecution(
  inputs: PlanInputs,
  scope: Scope,
  account: Account,
  scenario: Scenario,
  host: LabHost,
  sink: LabSink,
): PlannedExecution {
  const { lab, runId, seed } = inputs;
  const id = executionId(runId, scenario.id, host.id);
  const profile =
    scenario.profiles.find((name) => name === inputs.profile) ?? scenario.profiles[0] ?? 'unbalanced';
  const fileName = tracerFileName(id, profile);
  const identity = { lab: lab.lab.name, run: runId, execution: id, contact: lab.lab.contact };
  const size = Math.max(scenario.size ?? profileSize(profile, lab.parameters), minimumTracerSize(identity));
  const allowedBy = [
    scope.host(host.id),
    scope.sink(sink.address, sink.port),
    scope.protocol(sink.protocol),
    scope.file(size),
    scope.time(inputs.now),
  ];

  const directory = win32.join(host.workDir, id);
  const path = (extension: string) => win32.join(directory, `${id}.${extension}`);
  const text = scenario.stage.find((file) => file.kind === 'text');
  const values: Placeholders = {
    id,
    tracer: win32.join(directory, fileName),
    download: win32.join(directory, fileName),
    script: path('ps1'),
    dll: path('dll'),
    text: text === undefined ? '' : path(text.extension),
    result: path('json'),
    sink: sink.address,
    port: String(sink.port),
    share: sink.share,
    file: fileName,
    user: account.user,
    password: account.password,
    tcpport: sink.protocol === 'smb' && sink.port !== 445 ? `/TCPPORT:${sink.port}` : '',
  };

  const tracer = { fileName, size, sha256: tracerSha256({ ...identity, size, seed }) };
  const files = scenario.stage.map((file): PlannedFile => {
    switch (file.kind) {
      case 'tracer':
        return { kind: 'tracer', path: values.tracer, size, sha256: tracer.sha256, source: null };
      case 'dll':
        return {
          kind: 'dll',
          path: values.dll,
          size: inputs.dll.length,
          sha256: sha256(inputs.dll),
          source: null,
        };
      case 'script': {
        const content = inputs.scripts.get(file.file);
        if (content === undefined)
          throw new InputError({
            code: 'unknown-script',
            message: `${scenario.id} stages ${file.file}, which the library does not have`,
          });
        return {
          kind: 'script',
          path: values.script,
          size: content.length,
          sha256: sha256(content),
          source: file.file,
        };
      }
      case 'text': {
        const content = fill(file.content, values).replaceAll(/\r?\n/g, '\r\n');
        return {
          kind: 'text',
          path: values.text,
          size: Buffer.byteLength(content),
          sha256: sha256(content),
          source: content,
        };
      }
    }
  });
  const texts = scenario.steps.flatMap((step) => ('cmd' in step ? [step.cmd] : step.args));
  if (texts.some((argument) => argument.includes('{result}')))
    files.push({ kind: 'result', path: values.result, size: 0, sha256: '', source: null });
  if (texts.some((argument) => argument.includes('{download}')))
    files.push({ kind: 'download', path: values.download, size, sha256: tracer.sha256, source: null });

  const steps = scenario.steps.map((step) => ({
    commandLine: renderCommand(
      'cmd' in step
        ? { cmd: fill(step.cmd, values) }
        : {
            program: step.program,
            args: step.args.map((argument) => fill(argument, values)).filter((argument) => argument !== ''),
          },
      host.shell,
    ),
    stdin: step.stdin ?? null,
    timeoutMs: step.timeout,
  }));

  return {
    id,
    scenario: scenario.id,
    initiator: scenario.initiator,
    protocol: scenario.protocol,
    variant: scenario.variant,
    profile,
    control: scenario.control,
    direction: scenario.direction,
    host: {
      id: host.id,
      name: host.name,
      aliases: host.aliases,
      address: host.address,
      role: host.role,
      shell: host.shell,
    },
    sink: { id: sink.id, address: sink.address, port: sink.port, zone: sink.zone },
    tracer,
    directory,
    files,
    steps,
    // A tiny tracer stays under every threshold on purpose.
    expected: {
      ...scenario.expect,
      outcome:
        profile === 'tiny' && scenario.expect.outcome === 'alerted' ? 'not_alerted' : scenario.expect.outcome,
    },
    cleanup: scenario.cleanup.map((command) => fill(command, values)),
    allowedBy,
    incidentCategory: incidentCategory(lab, sink, host),
  };
}

function reasonOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ScopeError) return error.message;
    throw error;
  }
}

/**
 * The plan of a run: every command, file, byte and clean-up step. Pure: the same inputs give the same plan, byte for byte.
 * @throws ScopeError where the scope leaves nothing to run, or forbids what was asked for by name
 */
export function planRun(inputs: PlanInputs): Plan {
  const { lab, runId, seed } = inputs;
  const scope = scopeOf(lab);
  scope.time(inputs.now);
  const account = {
    user: `dt${digestId(`${runId}\n${seed}\nuser`, 8)}`,
    password: digestId(`${runId}\n${seed}\npassword`, 20),
  };
  const leftOut: { what: string; why: string }[] = [];

  for (const id of inputs.hosts ?? []) {
    if (!lab.hosts.some((host) => host.id === id))
      throw new InputError({
        code: 'unknown-host',
        message: `lab.yaml has no host "${id}"`,
        remedy: `known: ${lab.hosts.map((host) => host.id).join(', ')}`,
      });
    scope.host(id);
  }
  const hosts = lab.hosts.filter((host) => {
    if (inputs.hosts !== undefined && !inputs.hosts.includes(host.id)) return false;
    const why = reasonOf(() => scope.host(host.id));
    if (why !== undefined) leftOut.push({ what: `host ${host.id}`, why });
    return why === undefined;
  });

  const executions: PlannedExecution[] = [];
  for (const host of hosts) {
    for (const scenario of inputs.scenarios) {
      if (!host.scenarios.some((glob) => matchesGlob(scenario.id, glob))) continue;
      const sinks = lab.sinks.filter((sink) => sink.protocol === scenario.protocol);
      const allowed = sinks.find(
        (sink) =>
          reasonOf(() => [scope.sink(sink.address, sink.port), scope.protocol(sink.protocol)]) === undefined,
      );
      if (allowed === undefined) {
        const first = sinks[0];
        const why =
          first === undefined
            ? `lab.yaml has no ${scenario.protocol} sink`
            : reasonOf(() => [scope.protocol(first.protocol), scope.sink(first.address, first.port)]);
        leftOut.push({ what: `scenario ${scenario.id} on host ${host.id}`, why: why ?? 'not allowed' });
        continue;
      }
      executions.push(planExecution(inputs, scope, account, scenario, host, allowed));
    }
  }
  if (executions.length === 0) {
    throw new ScopeError({
      code: 'nothing-to-run',
      message: ['nothing to run', ...leftOut.map(({ what, why }) => `  ${what}: ${why}`)].join('\n'),
      where: { path: 'scope' },
      remedy: 'name the hosts, sinks and protocols that may be used under scope in lab.yaml',
    });
  }
  const totalBytes = executions.reduce((sum, execution) => sum + execution.tracer.size, 0);
  scope.total(totalBytes);

  return {
    schema: 'dyetrace.plan/1',
    run: {
      id: runId,
      lab: lab.lab.name,
      contact: lab.lab.contact,
      seed,
      version: inputs.version,
      simulated: inputs.simulated,
      plannedAt: rfc3339(inputs.now),
    },
    authorisation: {
      by: lab.authorisation.by,
      until: lab.authorisation.until,
      reference: lab.authorisation.reference ?? null,
    },
    parameters: lab.parameters,
    approvedTransfers: lab.approvedTransfers,
    incidentRules: lab.incidentRules,
    limits: {
      maxTotalBytes: lab.scope.maxTotalBytes,
      maxFileBytes: lab.scope.maxFileBytes,
      maxBytesPerSecond: lab.scope.maxBytesPerSecond ?? null,
      totalBytes,
    },
    account,
    executions,
    leftOut,
  };
}
