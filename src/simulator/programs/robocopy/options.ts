/** What a robocopy command line asks for. */
export interface RobocopyRequest {
  readonly source: string;
  readonly destination: string;
  readonly files: readonly string[];
  readonly retries: number;
  readonly waitSeconds: number;
  readonly header: boolean;
  readonly summary: boolean;
  readonly fileList: boolean;
}

/** Options that change nothing of what a simulated copy does: what is copied how, and what is shown. */
const without = /^\/(?:s|e|b|z|zb|j|np|ndl|nc|ns|bytes|fp|tee|xo|mt(?::\d+)?|copy:[dats]+|dcopy:[dat]+)$/i;
const shown = /^\/(?:njh|njs|nfl)$/i;
const counted = /^\/([rw]):(\d+)$/i;

/** Reads the arguments (`robocopy /?`). @returns robocopy's complaint, as text */
export function readRobocopy(args: readonly string[]): RobocopyRequest | string {
  const words: string[] = [];
  const set = new Set<string>();
  // The defaults of robocopy: a million retries, 30 seconds apart.
  const counts = new Map([
    ['r', 1_000_000],
    ['w', 30],
  ]);
  for (const [at, arg] of args.entries()) {
    const [, name, count] = counted.exec(arg) ?? [];
    if (name !== undefined) counts.set(name.toLowerCase(), Number(count));
    else if (shown.test(arg)) set.add(arg.toLowerCase());
    else if (!arg.startsWith('/')) words.push(arg.replace(/(.)[\\/]+$/, '$1'));
    else if (!without.test(arg)) return `ERROR : Invalid Parameter #${at + 1} : "${arg}"`;
  }
  const [source, destination, ...files] = words;
  if (source === undefined || destination === undefined) return 'ERROR : No Destination Directory Specified.';
  return {
    source,
    destination,
    files: files.length === 0 ? ['*.*'] : files,
    retries: counts.get('r') ?? 0,
    waitSeconds: counts.get('w') ?? 0,
    header: !set.has('/njh'),
    summary: !set.has('/njs'),
    fileList: !set.has('/nfl'),
  };
}
