import type { Program } from '../host/types.js';

/** findstr.exe: lines of standard input that hold one of the words; `/i` without case. */
export const findstr: Program = {
  file: 'findstr.exe',
  originalFileName: 'findstr.exe',
  async run({ args, stdin, stdout }) {
    const ignoreCase = args.some((arg) => /^\/i$/i.test(arg));
    const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
    const words = args.filter((arg) => !arg.startsWith('/')).flatMap((arg) => fold(arg).split(' '));
    let found = false;
    for (let line = await stdin.readLine(); line !== null; line = await stdin.readLine()) {
      const folded = fold(line);
      if (!words.some((word) => folded.includes(word))) continue;
      found = true;
      await stdout.write(`${line}\r\n`);
    }
    return found ? 0 : 1;
  },
};
