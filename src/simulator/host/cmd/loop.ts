import { win32 } from 'node:path';
import { hasWildcard, matchingFiles } from '../wildcards.js';
import type { CmdNode } from './parse.js';
import type { CmdShell } from './shell.js';

/** `for %f in (set) do command`, and `for /l %i in (start,step,end) do command`. */
export interface Loop {
  /** The letter after the percent sign; its case matters. */
  readonly variable: string;
  readonly counts: boolean;
  readonly set: string;
  readonly body: CmdNode;
  /** The body as it stands: cmd.exe shows each command before it runs it. */
  readonly text: string;
  /** `do @command`: not shown. */
  readonly quiet: boolean;
}

/** What the variable is, one after the other (`for /?`): patterns are files of the disk, the rest is taken as it stands. */
export async function loopValues(shell: CmdShell, { counts, set }: Loop): Promise<readonly string[]> {
  const words = [...set.matchAll(/(?:"[^"]*"?|[^\s,;="])+/g)].map(([word]) => word);
  if (counts) {
    const [start = 0, step = 0, end = 0] = words.map(Number);
    const length = step === 0 ? 0 : Math.max(0, Math.floor((end - start) / step) + 1);
    return Array.from({ length }, (_, at) => String(start + at * step));
  }
  const values: string[] = [];
  for (const word of words) {
    const path = word.replaceAll('"', '');
    if (!hasWildcard(path)) values.push(word);
    else {
      const found = await matchingFiles(shell.machine.disk, path, shell.directory).catch(() => []);
      // A pattern with a folder gives the folder as it was written, with the name.
      const folder = /^(?:.*[\\/:])?/.exec(path)?.[0] ?? '';
      values.push(...found.map((file) => folder + win32.basename(file)));
    }
  }
  return values;
}

function modified(shell: CmdShell, value: string, letters: string): string {
  const bare = value.replace(/^"(.*)"$/, '$1');
  if (letters === '') return bare;
  const full = win32.resolve(shell.directory, bare);
  const { root, dir, name, ext } = win32.parse(full);
  if (letters.includes('f')) return full;
  const parts: Readonly<Record<string, string>> = {
    d: root.slice(0, 2),
    p: `${dir.slice(2)}\\`.replace('\\\\', '\\'),
    n: name,
    x: ext,
  };
  return ['d', 'p', 'n', 'x'].map((letter) => (letters.includes(letter) ? parts[letter] : '')).join('');
}

/** Puts the value where `%f`, `%~f` or `%~nxf` stands. */
export function filledIn(shell: CmdShell, text: string, variable: string, value: string): string {
  const pattern = new RegExp(`%(?:~([fdpnx]*))?${variable}`, 'g');
  return text.replaceAll(pattern, (_, letters?: string) =>
    letters === undefined ? value : modified(shell, value, letters),
  );
}

/** The body with the value filled in everywhere. */
export function bodyWith(shell: CmdShell, body: CmdNode, variable: string, value: string): CmdNode {
  const fill = (text: string): string => filledIn(shell, text, variable, value);
  const redirected = (node: Extract<CmdNode, { redirections: unknown }>) =>
    node.redirections.map((one) => ({ ...one, to: fill(one.to) }));
  const inner = (node: CmdNode): CmdNode => bodyWith(shell, node, variable, value);
  switch (body.kind) {
    case 'command':
      return { ...body, text: fill(body.text), redirections: redirected(body) };
    case 'group':
      return { ...body, body: inner(body.body), redirections: redirected(body) };
    case 'if': {
      const { condition, then, otherwise } = body;
      const filled = Object.fromEntries(
        Object.entries(condition).map(([key, one]) => [
          key,
          typeof one === 'string' && key !== 'test' ? fill(one) : one,
        ]),
      ) as typeof condition;
      return {
        ...body,
        condition: filled,
        then: inner(then),
        otherwise: otherwise === null ? null : inner(otherwise),
      };
    }
    case 'for':
      return {
        ...body,
        loop: {
          ...body.loop,
          set: fill(body.loop.set),
          body: inner(body.loop.body),
          text: fill(body.loop.text),
        },
      };
    case 'pipe':
    case 'sequence':
      return { ...body, left: inner(body.left), right: inner(body.right) };
  }
}
