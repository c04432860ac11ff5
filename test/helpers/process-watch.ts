import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** What a process tree shows of itself to this machine: Linux' /proc. */
export interface ProcessWatch {
  /** Command lines that were seen, words divided by spaces. */
  readonly commandLines: ReadonlySet<string>;
  /** Values of one variable in their environments. */
  readonly values: ReadonlySet<string>;
  stop(): Promise<void>;
}

const intervalMs = 15;

async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return lists
    .join(' ')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
}

/** Looks at a process and all below it, again and again, until it is stopped. What lives shorter than the interval can be missed. */
export function watchProcesses(root: number, variable: string): ProcessWatch {
  const commandLines = new Set<string>();
  const values = new Set<string>();
  const ending = new AbortController();
  async function look(pid: number): Promise<void> {
    const [words, environment] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    if (words !== undefined && words !== '') commandLines.add(words.replaceAll('\0', ' ').trim());
    const found = environment?.split('\0').find((entry) => entry.startsWith(`${variable}=`));
    if (found !== undefined) values.add(found.slice(variable.length + 1));
    for (const child of await childrenOf(pid)) await look(child);
  }
  const watching = (async () => {
    while (!ending.signal.aborted) {
      await look(root);
      await delay(intervalMs);
    }
  })();
  return {
    commandLines,
    values,
    async stop() {
      ending.abort();
      await watching;
    },
  };
}
