import { win32 } from 'node:path';
import type { Shell } from '../config/index.js';
import { renderCommand } from '../executors/index.js';
import { fill, type Placeholders, type ScenarioStep } from '../scenario/index.js';
import type { PlannedExecution, PlannedTracer } from './plan-schema.js';

type PlannedStep = PlannedExecution['steps'][number];

/** A single-quoted text of PowerShell; typographic single quotes end one as well. about_Quoting_Rules */
function literal(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201b]/g, '$&$&')}'`;
}

/**
 * The loader of a staged script: PowerShell text that -EncodedCommand takes in base64 of UTF-16LE. Names of parameters stay
 * bare, values are quoted. about_PowerShell_exe
 */
export function encodedLoader(script: string, args: readonly string[]): string {
  const words = args.map((argument) => (/^-[A-Za-z]+$/.test(argument) ? argument : literal(argument)));
  return ['&', literal(script), ...words].join(' ') + '; exit $LASTEXITCODE';
}

/** The part of the base64 text that the execution id alone makes: the id itself is not to be seen on that command line. */
function encodedMarker(loader: string, encoded: string, id: string): string {
  const at = loader.indexOf(id) * 2;
  return encoded.slice(Math.ceil(at / 3) * 4, Math.floor((at + id.length * 2) / 3) * 4);
}

/** The values with `{pieces}` filled in: what `each` says, once for each tracer. */
export function withPieces(
  part: { readonly each?: string | undefined; readonly between: string },
  values: Placeholders,
  tracers: readonly PlannedTracer[],
): Placeholders {
  const { each } = part;
  if (each === undefined) return values;
  const pieces = tracers.map(({ fileName }) =>
    fill(each, { ...values, piece: win32.join(values.directory, fileName), pieceFile: fileName }),
  );
  return { ...values, pieces: pieces.join(fill(part.between, values)) };
}

/** One step as the host's shell takes it. Arguments that are empty are dropped. @throws InputError `not-quotable` */
export function planStep(
  step: ScenarioStep,
  values: Placeholders,
  tracers: readonly PlannedTracer[],
  shell: Shell,
): PlannedStep {
  const filled = withPieces(step, values, tracers);
  const common = {
    stdin: step.stdin ?? null,
    timeoutMs: step.timeout,
    successExitCodes: step.successExitCodes,
  };
  if ('cmd' in step)
    return {
      commandLine: renderCommand({ cmd: fill(step.cmd, filled) }, shell),
      marker: values.id,
      ...common,
    };
  const args = step.args.map((argument) => fill(argument, filled)).filter((argument) => argument !== '');
  const { encoded } = step;
  if (encoded === undefined)
    return {
      commandLine: renderCommand({ program: fill(step.program, filled), args }, shell),
      marker: values.id,
      ...common,
    };
  const loader = encodedLoader(
    fill(encoded.script, filled),
    encoded.args.map((argument) => fill(argument, filled)),
  );
  const text = Buffer.from(loader, 'utf16le').toString('base64');
  return {
    commandLine: renderCommand(
      { program: fill(step.program, filled), args: [...args, '-EncodedCommand', text] },
      shell,
    ),
    marker: encodedMarker(loader, text, values.id),
    ...common,
  };
}
