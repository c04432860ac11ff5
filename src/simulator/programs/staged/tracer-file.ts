import { win32 } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { maxHeaderBytes, recogniseTracer } from '../../../tracer/index.js';
import type { Machine, ProgramContext } from '../../host/types.js';
import { hasWildcard, matchingFiles } from '../../host/wildcards.js';
import { WindowsError } from '../../host/windows-error.js';
import { NotATracer, type ScriptContext } from './script-types.js';

/** A tracer on the virtual disk, its header checked. */
export interface TracerFile {
  /** Absolute path on the host, and the name alone. */
  readonly path: string;
  readonly name: string;
  /** Where its content lies on the control host. */
  readonly file: string;
  readonly size: number;
}

/** Whether a file on the virtual disk is a tracer: the only thing that scripts and the tracer DLL move. @throws WindowsError */
export async function isTracer(machine: Machine, path: string): Promise<boolean> {
  return recogniseTracer(await machine.disk.readHead(path, maxHeaderBytes)) !== null;
}

/**
 * Paths that a path, or a pattern with `*` and `?` in its last part, names, in the order of their names.
 * @throws WindowsError 2 where a pattern names none
 */
export async function filesNamed(
  { machine, process }: Pick<ProgramContext, 'machine' | 'process'>,
  pattern: string,
): Promise<readonly string[]> {
  if (!hasWildcard(pattern)) return [pattern];
  const matching = await matchingFiles(machine.disk, pattern, process.currentDirectory);
  if (matching.length === 0) throw new WindowsError(2);
  return matching;
}

/** The tracers of `-Path`. All are looked at before any is moved. @throws NotATracer where one is none, WindowsError */
export async function tracersOf(context: ScriptContext, pattern: string): Promise<readonly TracerFile[]> {
  const { machine, process } = context;
  const named = await filesNamed(context, pattern);
  if (named[0] !== pattern) context.invoked('Sort-Object', { InputObject: named.join(', ') });
  return Promise.all(
    named.map(async (given) => {
      const path = machine.disk.resolve(given, process.currentDirectory);
      if (!(await isTracer(machine, path))) throw new NotATracer(`${given} is no Dyetrace tracer: refused`);
      return tracerFile(machine, path);
    }),
  );
}

/** @param path absolute, and looked at already */
export async function tracerFile(machine: Machine, path: string): Promise<TracerFile> {
  const file = await machine.disk.locate(path);
  return { path, name: win32.basename(path), file, size: (await machine.disk.find(path))?.size ?? 0 };
}

/** Start-Sleep between two files. @param pause milliseconds, as the command line has them */
export async function pauseBefore(context: ScriptContext, index: number, pause: string): Promise<void> {
  if (index === 0 || Number(pause) === 0) return;
  context.invoked('Start-Sleep', { Milliseconds: pause });
  await delay(Number(pause), undefined, { signal: context.signal });
}
