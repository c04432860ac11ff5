// Builds the tracer DLL with mingw-w64 and prints its SHA-256: `npm run build:dll [-- --optional --out FOLDER --record]`.
// The same source and tools give the same bytes: tracer.dll.json, beside the source, says which gave which. --record writes it anew,
// after a change of the source. --optional: exit 0 where the compiler is missing.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const source = join(dirname(fileURLToPath(import.meta.url)), '..', 'native', 'tracer-dll');
const { values } = parseArgs({
  options: {
    optional: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    out: { type: 'string', default: join(source, 'build') },
  },
});
// The linker puts the name into the export table, so the name is always the same.
const out = join(resolve(values.out), 'tracer.dll');
const compiler = 'x86_64-w64-mingw32-gcc';
const options = [
  ...['-shared', '-std=c11', '-Os', '-Wall', '-Wextra', '-Werror', '-s'],
  // Neither time nor build id, and no image base that is made from the path.
  ...[
    '-Wl,--no-insert-timestamp',
    '-Wl,--build-id=none',
    '-Wl,--image-base=0x180000000',
    '-Wl,--exclude-all-symbols',
    '-fno-ident',
  ],
  ...['-Wl,--dynamicbase', '-Wl,--nxcompat', '-static-libgcc'],
];
const libraries = ['-lwininet', '-lws2_32', '-lshell32'];

mkdirSync(dirname(out), { recursive: true });
try {
  // Relative names, from the source's own folder, so that no path of this machine can get in.
  execFileSync(compiler, [...options, '-o', out, 'tracer.c', 'files.c', 'ftp.c', 'tftp.c', ...libraries], {
    cwd: source,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
} catch (error) {
  if (error.code !== 'ENOENT') {
    console.error(`the tracer DLL was not built: ${compiler} failed`);
    process.exit(1);
  }
  console.error(
    `the tracer DLL was not built: ${compiler} is missing. Install mingw-w64 (Debian and Ubuntu: apt-get install gcc-mingw-w64-x86-64). ` +
      'Meanwhile a stand-in that says so is staged in its place.',
  );
  process.exit(values.optional ? 0 : 1);
}
const sha256 = createHash('sha256').update(readFileSync(out)).digest('hex');

/** The first line of what a tool says of itself, without its own name. */
function versionOf(tool) {
  const text = execFileSync(tool, ['--version'], { encoding: 'utf8' });
  return text.split(/\r?\n/)[0].replace(`${tool} `, '');
}
const made = { sha256, compiler: versionOf(compiler), linker: versionOf('x86_64-w64-mingw32-ld') };
const record = join(source, 'tracer.dll.json');
if (values.record) writeFileSync(record, `${JSON.stringify(made, null, 2)}\n`);
const known = JSON.parse(readFileSync(record, 'utf8'));
const sameTools = known.compiler === made.compiler && known.linker === made.linker;
console.log(`tracer.dll sha256 ${sha256}`);
if (!sameTools) {
  console.log(
    `recorded: ${known.sha256}, by ${known.compiler} and ${known.linker}; here are ${made.compiler} and ${made.linker}`,
  );
} else if (known.sha256 !== sha256) {
  console.error(
    `recorded: ${known.sha256}, by the same tools: the source has changed. Build with --record once it is as it should be.`,
  );
  process.exit(1);
}
