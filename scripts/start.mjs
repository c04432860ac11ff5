// npm start: makes ready what is missing, then runs the main job on the embedded lab. Options go on to `dyetrace run`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, setup, startNeeds } from './setup.mjs';

setup(startNeeds);
const child = spawn(
  process.execPath,
  [join(root, 'dist', 'main.js'), 'run', '--embedded', ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
// The terminal sends SIGINT to both; this process only waits for the run to clean up.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 130);
});
