import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRobocopy } from '../../../../src/simulator/programs/robocopy/options.js';
import { WindowsError } from '../../../../src/simulator/host/windows-error.js';
import { bench, type Bench } from '../host/bench.js';

let host: Bench;
beforeEach(async () => {
  host = await bench();
  await host.machine.disk.makeDirectory(`${home}\\out`);
  await host.write(`${home}\\out\\a.dat`, 'one');
  await host.write(`${home}\\out\\b.dat`, 'three');
});
afterEach(() => host.close());

const home = 'C:\\Users\\lab';
const quiet = '/njh /njs /np /r:0 /w:0';

describe('robocopy.exe', () => {
  it('ends with 1 where it copied to a share', async () => {
    const ran = await host.cmd(`robocopy ${home}\\out \\\\127.0.2.1\\drop a.dat ${quiet}`);
    expect(ran).toEqual({ exitCode: 1, stdout: '\t    New File  \t\t\ta.dat\r\n', stderr: '' });
    expect([...host.shares]).toEqual([['\\\\127.0.2.1\\drop\\a.dat', 'one']]);
  });

  it('ends with 0 where there is nothing to do', async () => {
    expect((await host.cmd(`robocopy out \\\\127.0.2.1\\drop none.dat ${quiet}`)).exitCode).toBe(0);
    expect((await host.cmd(`robocopy out copy ${quiet}`)).exitCode).toBe(1);
    expect((await host.cmd(`robocopy out copy ${quiet}`)).exitCode).toBe(0);
    expect(await host.read(`${home}\\copy\\b.dat`)).toBe('three');
  });

  it('fetches a named file from a share', async () => {
    host.shares.set('\\\\127.0.2.1\\deploy\\setup.dat', 'package');
    expect((await host.cmd(`robocopy \\\\127.0.2.1\\deploy ${home}\\in setup.dat ${quiet}`)).exitCode).toBe(
      1,
    );
    expect(await host.read(`${home}\\in\\setup.dat`)).toBe('package');
  });

  it('ends with 8 where a file fails after its retries, and with both bits where another was copied', async () => {
    host.shares.set('\\\\127.0.2.1\\deploy\\here.dat', 'x');
    const share = 'robocopy \\\\127.0.2.1\\deploy in';
    const ran = await host.cmd(`${share} gone.dat /njh /njs /r:1 /w:0`);
    expect(ran.exitCode).toBe(8);
    expect(ran.stdout.match(/ERROR 2 \(0x00000002\) Copying File/g)).toHaveLength(2);
    expect(ran.stdout).toContain('ERROR: RETRY LIMIT EXCEEDED.');
    expect((await host.cmd(`${share} gone.dat here.dat ${quiet}`)).exitCode).toBe(9);
  });

  it('ends with 16 where source, destination or an option is wrong', async () => {
    expect((await host.cmd(`robocopy nothing \\\\127.0.2.1\\drop ${quiet}`)).exitCode).toBe(16);
    host.machine.redirector.put = () => Promise.reject(new WindowsError(53));
    const ran = await host.cmd(`robocopy out \\\\127.0.2.9\\drop ${quiet}`);
    expect(ran.exitCode).toBe(16);
    expect(ran.stdout).toContain(
      'ERROR 53 (0x00000035) Accessing Destination Directory \\\\127.0.2.9\\drop\\',
    );
    expect((await host.cmd('robocopy out in /nonsense')).stdout).toBe(
      'ERROR : Invalid Parameter #3 : "/nonsense"\r\n',
    );
    expect((await host.cmd('robocopy out')).exitCode).toBe(16);
  });

  it('prints header and summary unless it is told not to', async () => {
    const { stdout } = await host.cmd('robocopy out \\\\127.0.2.1\\drop a.dat /r:0');
    expect(stdout).toContain('Robust File Copy for Windows');
    expect(stdout).toMatch(/Files : +1 +1 +0/);
  });
});

it('reads retries and waits; a million retries unless told otherwise', () => {
  expect(readRobocopy(['a\\', 'b', '/R:2', '/W:5'])).toMatchObject({
    source: 'a',
    retries: 2,
    waitSeconds: 5,
  });
  expect(readRobocopy(['a', 'b'])).toMatchObject({ retries: 1_000_000, waitSeconds: 30, files: ['*.*'] });
});
