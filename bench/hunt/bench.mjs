/** Reading and the whole analytic, against DuckDB's own scan of the same file and fields, and against the peers that are given. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { floors } from './floor.mjs';
import { formats, generate } from './generate.mjs';

const child = fileURLToPath(new URL('child.mjs', import.meta.url));

async function measured(job, file, input = '') {
  const process_ = spawn(process.execPath, [child, job, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  process_.stdin.end(input);
  let text = '';
  for await (const chunk of process_.stdout) text += chunk;
  const [code] = process_.exitCode === null ? await once(process_, 'exit') : [process_.exitCode];
  if (code !== 0) throw new Error(`${job} ended with ${code}`);
  return JSON.parse(text);
}

/** A peer's command over the same file: its wall time. Its findings are its own; only the time is compared. */
async function peer(command, file) {
  const from = performance.now();
  const process_ = spawn(command.replaceAll('{file}', file), { shell: true, stdio: 'ignore' });
  const [code] = await once(process_, 'exit');
  return { seconds: (performance.now() - from) / 1000, code };
}

const best = (runs) => runs.reduce((a, b) => (b.seconds < a.seconds ? b : a));

const usage = `npm run bench -- hunt [--megabytes 500] [--rounds 3] [--format sysmon.ndjson]… [--peer 'NAME=COMMAND with {file}']… [--keep DIR]
formats: ${Object.keys(formats).join(', ')}`;

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      megabytes: { type: 'string', default: '500' },
      rounds: { type: 'string', default: '3' },
      format: { type: 'string', multiple: true, default: Object.keys(formats) },
      peer: { type: 'string', multiple: true, default: [] },
      keep: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = values.format.find((format) => !(format in formats));
  if (values.help || unknown !== undefined) {
    console.log(unknown === undefined ? usage : `unknown format ${unknown}\n${usage}`);
    return values.help ? 0 : 2;
  }
  const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'dyetrace-bench-')));
  await mkdir(folder, { recursive: true });
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores; the fastest of ${values.rounds} rounds, taken in turns`,
  );
  try {
    for (const format of values.format) {
      const file = join(folder, format);
      if ((await stat(file).catch(() => undefined)) === undefined)
        await generate(format, file, Number(values.megabytes) * 1e6);
      await compare(format, file, Number(values.rounds), values.peer);
    }
  } finally {
    if (values.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
  return 0;
}

async function compare(format, file, rounds, peers) {
  const megabytes = (await stat(file)).size / 1e6;
  const scans = [];
  const hunts = [];
  const others = new Map(
    peers.map((text) => [
      text.slice(0, text.indexOf('=')),
      { command: text.slice(text.indexOf('=') + 1), runs: [] },
    ]),
  );
  // In turns, so that whatever else the machine does falls on all alike.
  for (let round = 0; round < rounds; round++) {
    scans.push(await measured('scan', file, JSON.stringify({ statement: floors[format](file) })));
    hunts.push(await measured('hunt', file));
    for (const { command, runs } of others.values()) runs.push(await peer(command, file));
  }
  const scan = best(scans);
  const hunt = best(hunts);
  const rate = ({ seconds }) => `${Math.round(megabytes / seconds)} MB/s`;
  console.log(
    `\n${format}: ${Math.round(megabytes)} MB, ${hunt.records} records, ${hunt.hits} hits, ${hunt.unattributed} unattributed`,
  );
  console.log(
    `  DuckDB's scan of the fields  ${rate(scan)}, ${scan.cpuSeconds.toFixed(2)} CPU s, ${scan.peakMiB} MiB`,
  );
  console.log(
    `  the whole hunt               ${rate(hunt)}, ${hunt.cpuSeconds.toFixed(2)} CPU s, ${hunt.peakMiB} MiB`,
  );
  console.log(
    `  ratio                        ${(hunt.seconds / scan.seconds).toFixed(2)} by time, ${(hunt.cpuSeconds / scan.cpuSeconds).toFixed(2)} by CPU`,
  );
  for (const [name, { runs }] of others) {
    const run = best(runs);
    console.log(
      `  ${name.padEnd(28)} ${rate(run)} (exit code ${run.code}); the hunt is ${(run.seconds / hunt.seconds).toFixed(1)} times as fast`,
    );
  }
}
