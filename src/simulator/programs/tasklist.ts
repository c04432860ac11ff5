import { win32 } from 'node:path';
import type { Program } from '../host/types.js';

/** tasklist.exe: names and PIDs of what runs. */
export const tasklist: Program = {
  file: 'tasklist.exe',
  originalFileName: 'tasklist.exe',
  async run({ machine, stdout }) {
    const row = (name: string, pid: string): string => `${name.padEnd(25)} ${pid.padStart(8)} Services\r\n`;
    const rows = machine.processes.running().map(({ image, pid }) => row(win32.basename(image), String(pid)));
    await stdout.write(
      `\r\n${row('Image Name', 'PID')}${row('='.repeat(25), '='.repeat(8))}${rows.join('')}`,
    );
    return 0;
  },
};
