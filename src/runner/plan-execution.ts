import { createHash } from 'node:crypto';
import { win32 } from 'node:path';
import type { LabHost, LabSink, ResolvedLab } from '../config/index.js';
import { InputError } from '../core/index.js';
import type { Scope } from '../safety/index.js';
import { fill, fileSize, type Placeholders, type ProfileName, type Scenario } from '../scenario/index.js';
import { minimumTracerSize, tracerFileName, tracerSha256 } from '../tracer/index.js';
import type { PlanInputs } from './plan.js';
import type { PlannedExecution, PlannedFile, PlannedTracer } from './plan-schema.js';
import { planStep, withPieces } from './plan-steps.js';

export interface ExecutionInputs {
  readonly inputs: PlanInputs;
  readonly scope: Scope;
  readonly account: { readonly user: string; readonly password: string };
  readonly id: string;
  readonly scenario: Scenario;
  readonly profile: ProfileName;
  readonly host: LabHost;
  readonly sink: LabSink;
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

/** The files that an execution moves: one, or the pieces of a slow one. */
function tracersOf({ inputs, id, scenario, profile }: ExecutionInputs): PlannedTracer[] {
  const { lab, runId, seed } = inputs;
  const identity = { lab: lab.lab.name, run: runId, execution: id, contact: lab.lab.contact };
  const size = Math.max(fileSize(scenario, profile, lab.parameters), minimumTracerSize(identity));
  const pieces =
    profile === 'slow' ? Array.from({ length: lab.slow.pieces }, (_, index) => index + 1) : [null];
  return pieces.map((piece) => ({
    fileName: tracerFileName(id, profile, piece ?? undefined),
    size,
    sha256: tracerSha256({ ...identity, size, seed, ...(piece === null ? {} : { piece }) }),
    piece,
  }));
}

function placeholders(of: ExecutionInputs, stage: Scenario['stage']): Placeholders {
  const { inputs, account, id, profile, host, sink } = of;
  const isSlow = profile === 'slow';
  const directory = win32.join(host.workDir, id);
  const path = (extension: string) => win32.join(directory, `${id}.${extension}`);
  const text = stage.find((file) => file.kind === 'text');
  // A folder is the destination of several pieces: each keeps its own name.
  const file = isSlow ? '' : tracerFileName(id, profile);
  const { pieces, window } = inputs.lab.slow;
  const pause = isSlow ? Math.round(window / (pieces - 1)) : 0;
  const certificate = inputs.certificates?.get(sink.id);
  return {
    id,
    tracer: win32.join(directory, isSlow ? `${id}.0*` : file),
    download: win32.join(directory, file),
    script: path('ps1'),
    dll: path('dll'),
    text: text === undefined ? '' : path(text.extension),
    result: path('json'),
    directory,
    renamed: path('exe'),
    sink: sink.address,
    port: String(sink.port),
    share: sink.share,
    file,
    user: account.user,
    password: account.password,
    pause: String(pause),
    pauseSeconds: String(Math.ceil(pause / 1000)),
    // Ping sends the first request at once.
    pings: String(Math.ceil(pause / 1000) + 1),
    pieces: '',
    piece: '',
    pieceFile: '',
    certificateSha256: certificate?.sha256 ?? '',
    publicKeyPin: certificate?.publicKeyPin ?? '',
    tcpport: sink.protocol === 'smb' && sink.port !== 445 ? `/TCPPORT:${sink.port}` : '',
  };
}

function stagedFiles(
  stage: Scenario['stage'],
  { inputs, scenario }: ExecutionInputs,
  values: Placeholders,
  tracers: readonly PlannedTracer[],
): PlannedFile[] {
  return stage.flatMap((file): PlannedFile[] => {
    switch (file.kind) {
      case 'tracer':
        return tracers.map(({ fileName, size, sha256: hash }) => ({
          kind: 'tracer',
          path: win32.join(values.directory, fileName),
          size,
          sha256: hash,
          source: null,
        }));
      case 'dll': {
        const { dll } = inputs;
        return [{ kind: 'dll', path: values.dll, size: dll.length, sha256: sha256(dll), source: null }];
      }
      case 'script': {
        const content = inputs.scripts.get(file.file);
        if (content === undefined)
          throw new InputError({
            code: 'unknown-script',
            message: `${scenario.id} stages ${file.file}, which the library does not have`,
          });
        const { length } = content;
        return [
          { kind: 'script', path: values.script, size: length, sha256: sha256(content), source: file.file },
        ];
      }
      case 'text': {
        const filled = fill(file.content, withPieces(file, values, tracers));
        const content = filled.replaceAll(/\r?\n/g, '\r\n');
        const size = Buffer.byteLength(content);
        return [{ kind: 'text', path: values.text, size, sha256: sha256(content), source: content }];
      }
    }
  });
}

/** Files that steps make on the host: not staged, and removed like those that are. */
function madeFiles(
  steps: Scenario['steps'],
  direction: Scenario['direction'],
  values: Placeholders,
  tracers: readonly PlannedTracer[],
): PlannedFile[] {
  const texts = steps.flatMap((step) => ('cmd' in step ? [step.cmd] : [step.program, ...step.args]));
  const uses = (name: string) => texts.some((text) => text.includes(`{${name}}`));
  const made = { size: 0, sha256: '', source: null };
  const files: PlannedFile[] = [];
  if (uses('result')) files.push({ ...made, kind: 'result', path: values.result });
  if (uses('renamed')) files.push({ ...made, kind: 'copy', path: values.renamed });
  const [tracer] = tracers;
  if (direction === 'download' && tracer !== undefined)
    files.push({
      ...made,
      kind: 'download',
      path: values.download,
      size: tracer.size,
      sha256: tracer.sha256,
    });
  return files;
}

/** Everything of one scenario with one profile on one host. */
export function planExecution(of: ExecutionInputs): PlannedExecution {
  const { inputs, scope, id, scenario, profile, host, sink } = of;
  const { lab } = inputs;
  const slow = profile === 'slow' ? scenario.slow : {};
  const stage = slow.stage ?? scenario.stage;
  const stepsOf = slow.steps ?? scenario.steps;
  const tracers = tracersOf(of);
  const values = placeholders(of, stage);
  const allowedBy = [
    scope.host(host.id),
    scope.sink(sink.address, sink.port),
    scope.protocol(sink.protocol),
    scope.file(Math.max(...tracers.map(({ size }) => size))),
    scope.time(inputs.now),
  ];
  const { byProfile, ...expected } = scenario.expect;
  const { outcome } = expected;
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
    tracers,
    serverNames: scenario.serverNames,
    directory: values.directory,
    files: [
      ...stagedFiles(stage, of, values, tracers),
      ...madeFiles(stepsOf, scenario.direction, values, tracers),
    ],
    steps: stepsOf.map((step) => planStep(step, values, tracers, host.shell)),
    detached: scenario.detached,
    expected: {
      ...expected,
      socketOwner: fill(scenario.expect.socketOwner, values),
      // A tiny tracer stays under every threshold on purpose.
      outcome: byProfile[profile] ?? (profile === 'tiny' && outcome === 'alerted' ? 'not_alerted' : outcome),
    },
    cleanup: scenario.cleanup.map((command) => fill(command, values)),
    allowedBy,
    incidentCategory: incidentCategory(lab, sink, host),
  };
}
