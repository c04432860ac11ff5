// npm test: makes ready what is missing, checks the code, then runs every test. Arguments go on to Vitest.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, setup, testNeeds } from './setup.mjs';

setup(testNeeds);
const tool = (...parts) => join(root, 'node_modules', ...parts);
const checks = [
  ['format', tool('@biomejs', 'biome', 'bin', 'biome'), ['format', '.']],
  ['types', tool('typescript', 'bin', 'tsc'), ['-p', 'tsconfig.test.json']],
  ['lint', tool('eslint', 'bin', 'eslint.js'), ['.']],
  ['unused code', tool('knip', 'bin', 'knip.js'), []],
  ['package', tool('publint', 'src', 'cli.js'), ['--strict']],
  ['tracer DLL', join(root, 'scripts', 'build-dll.mjs'), ['--optional']],
];
for (const [name, script, args] of checks) {
  console.error(`Checking: ${name}`);
  if (!existsSync(script)) {
    console.error(`${script} is not there`);
    process.exit(1);
  }
  run(process.execPath, [script, ...args]);
}
const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'summary-reporter.mjs')}`];
run(process.execPath, [tool('vitest', 'vitest.mjs'), 'run', ...reporters, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
