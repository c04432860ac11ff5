import { setTimeout as delay } from 'node:timers/promises';
import { canonicalIp } from '../../core/index.js';
import type { Program } from '../host/types.js';

const intervalMs = 1000;

/** ping.exe as scripts use it, for waiting: `-n count`, one second between two echoes. Loopback answers; nothing else is asked. */
export const ping: Program = {
  file: 'ping.exe',
  originalFileName: 'ping.exe',
  async run({ args, stdout, signal }) {
    const at = args.findIndex((arg) => /^[-/]n$/i.test(arg));
    const count = at < 0 ? 4 : Number(args[at + 1]);
    const target = args.find((arg, index) => !/^[-/]/.test(arg) && (at < 0 || index !== at + 1));
    if (target === undefined || !Number.isInteger(count) || count < 1) {
      await stdout.write('Usage: ping [-n count] target_name\r\n');
      return 1;
    }
    const ip = canonicalIp(target);
    if (ip === undefined) {
      await stdout.write(
        `Ping request could not find host ${target}. Please check the name and try again.\r\n`,
      );
      return 1;
    }
    const answers = ip === '::1' || ip.startsWith('127.');
    await stdout.write(`\r\nPinging ${ip} with 32 bytes of data:\r\n`);
    for (let echo = 0; echo < count; echo += 1) {
      if (echo > 0) await delay(intervalMs, undefined, { signal });
      await stdout.write(
        answers ? `Reply from ${ip}: bytes=32 time<1ms TTL=128\r\n` : 'Request timed out.\r\n',
      );
    }
    return answers ? 0 : 1;
  },
};
