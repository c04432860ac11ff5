import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../helpers/requires.js';

const run = promisify(execFile);
const compiler = 'x86_64-w64-mingw32-gcc';
const tools = { compiler, linker: 'x86_64-w64-mingw32-ld' } as const;
const source = new URL('../../native/tracer-dll/', import.meta.url);

interface Record {
  readonly sha256: string;
  readonly compiler: string;
  readonly linker: string;
}

async function versionOf(tool: string): Promise<string> {
  const { stdout } = await run(tool, ['--version']);
  return (stdout.split(/\r?\n/)[0] ?? '').replace(`${tool} `, '');
}

/** Names in the export table of a PE32+ image (PE Format, ".edata"). */
function exportsOf(image: Buffer): string[] {
  const pe = image.readUInt32LE(0x3c);
  const sections = image.readUInt16LE(pe + 6);
  const optional = pe + 24;
  const table = optional + image.readUInt16LE(pe + 20);
  const offset = (address: number): number => {
    for (let at = table; at < table + sections * 40; at += 40) {
      const start = image.readUInt32LE(at + 12);
      if (address >= start && address < start + image.readUInt32LE(at + 8))
        return address - start + image.readUInt32LE(at + 20);
    }
    throw new Error(`no section holds ${address}`);
  };
  expect(image.readUInt16LE(optional)).toBe(0x20b);
  const directory = offset(image.readUInt32LE(optional + 112));
  const count = image.readUInt32LE(directory + 24);
  // As many addresses as names: nothing is exported by its number alone.
  expect(image.readUInt32LE(directory + 20)).toBe(count);
  const names = offset(image.readUInt32LE(directory + 32));
  return Array.from({ length: count }, (_, index) => {
    const at = offset(image.readUInt32LE(names + 4 * index));
    return image.subarray(at, image.indexOf(0, at)).toString('latin1');
  });
}

/** Imported functions by DLL, as objdump lists them. */
async function importsOf(file: string): Promise<Map<string, string[]>> {
  const { stdout } = await run('x86_64-w64-mingw32-objdump', ['-p', file]);
  const imports = new Map<string, string[]>();
  for (const block of stdout.split('DLL Name: ').slice(1)) {
    const [name = '', ...lines] = block.split(/\r?\n/);
    const functions = lines.flatMap((line) => /^\s+[0-9a-f]+\s+\d+\s+(\w+)$/.exec(line)?.[1] ?? []);
    imports.set(name.toLowerCase(), functions.sort());
  }
  return imports;
}

describeWith({ programs: [compiler] }, 'the tracer DLL, as it is built', () => {
  let folders: string[];
  let image: Buffer;
  const file = (): string => join(folders[0] ?? '', 'tracer.dll');

  beforeAll(async () => {
    folders = await Promise.all(['a', 'b'].map(() => mkdtemp(join(tmpdir(), 'dyetrace-dll-'))));
    for (const out of folders) await run(process.execPath, ['scripts/build-dll.mjs', '--out', out]);
    image = await readFile(file());
  });
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  it('has the same bytes wherever it is built', async () => {
    expect((await readFile(join(folders[1] ?? '', 'tracer.dll'))).equals(image)).toBe(true);
  });

  it('is the recorded one, where the recorded tools built it', async (context) => {
    const record = JSON.parse(await readFile(new URL('tracer.dll.json', source), 'utf8')) as Record;
    const here = { compiler: await versionOf(tools.compiler), linker: await versionOf(tools.linker) };
    if (here.compiler !== record.compiler || here.linker !== record.linker)
      context.skip(
        `other tools: ${here.compiler}, ${here.linker}; recorded: ${record.compiler}, ${record.linker}`,
      );
    expect(createHash('sha256').update(image).digest('hex')).toBe(record.sha256);
  });

  it('exports UploadW and nothing else', () => {
    expect(exportsOf(image)).toEqual(['UploadW']);
  });

  it('names no folder of the machine that built it, and no time', () => {
    const text = image.toString('latin1');
    // Not `toContain`: it would print the whole image.
    const traces = [process.cwd(), tmpdir(), '/home/', '.c\0'];
    expect(traces.filter((trace) => text.includes(trace))).toEqual([]);
    expect(image.readUInt32LE(image.readUInt32LE(0x3c) + 8)).toBe(0);
  });

  it('calls what it needs to send: nothing that downloads, starts a process, or stays', async () => {
    const imports = await importsOf(file());
    expect([...imports.keys()].sort()).toEqual([
      'kernel32.dll',
      'msvcrt.dll',
      'shell32.dll',
      'wininet.dll',
      'ws2_32.dll',
    ]);
    expect(imports.get('wininet.dll')).toEqual([
      'FtpPutFileW',
      'InternetCloseHandle',
      'InternetConnectW',
      'InternetGetLastResponseInfoW',
      'InternetOpenW',
    ]);
    expect(imports.get('shell32.dll')).toEqual(['CommandLineToArgvW']);
    const others = [...(imports.get('kernel32.dll') ?? []), ...(imports.get('msvcrt.dll') ?? [])];
    expect(others).toContain('CopyFileW');
    expect(
      others.filter((name) =>
        /Process[AW]$|Exec|Reg|Service|RemoteThread|WriteProcess|LoadLib|system|popen|spawn/i.test(name),
      ),
    ).toEqual([]);
  });
});
