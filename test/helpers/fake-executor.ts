import { InputError } from '../../src/core/index.js';
import type { CommandResult, Executor } from '../../src/executors/index.js';

/** A fake host: files in a map, commands answered by a function. For the runner's own logic; real hosts are tested elsewhere. */
export interface FakeHost {
  readonly files: Map<string, Buffer>;
  readonly directories: Set<string>;
  readonly calls: string[];
  readonly executor: () => Executor;
}

export function fakeHost(
  options: {
    marker?: { path: string; content: string };
    onRun?: (command: string, stdin: string | null) => Promise<Partial<CommandResult>>;
  } = {},
): FakeHost {
  const files = new Map<string, Buffer>();
  const directories = new Set<string>();
  const calls: string[] = [];
  if (options.marker !== undefined) files.set(options.marker.path, Buffer.from(options.marker.content));
  const executor = (): Executor => ({
    async run(command, { stdin }) {
      calls.push(`run ${command}`);
      const answer = (await options.onRun?.(command, stdin?.reveal() ?? null)) ?? {};
      return {
        exitCode: 0,
        stdout: '',
        stderr: '',
        startedAt: 1000,
        endedAt: 2000,
        ended: 'exit',
        truncated: false,
        ...answer,
      };
    },
    async stage({ path, content }) {
      calls.push(`stage ${path}`);
      const chunks: Buffer[] = [];
      for await (const chunk of content()) chunks.push(chunk);
      files.set(path, Buffer.concat(chunks));
    },
    makeDirectory(path) {
      calls.push(`mkdir ${path}`);
      const made = !directories.has(path);
      directories.add(path);
      return Promise.resolve(made);
    },
    read(path) {
      const content = files.get(path);
      return content === undefined
        ? Promise.reject(new InputError({ code: 'not-found', message: path }))
        : Promise.resolve(content);
    },
    remove(path) {
      calls.push(`remove ${path}`);
      files.delete(path);
      return Promise.resolve();
    },
    removeDirectory(path) {
      calls.push(`rmdir ${path}`);
      directories.delete(path);
      return Promise.resolve();
    },
    endProcesses(marker) {
      calls.push(`end ${marker}`);
      return Promise.resolve();
    },
    describe: () =>
      Promise.resolve({ os: 'fake', shell: 'cmd', user: 'fake', clock: null, clockUncertaintyMs: 0 }),
    close: () => Promise.resolve(),
  });
  return { files, directories, calls, executor };
}
