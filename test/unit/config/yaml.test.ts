import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/index.js';
import { labSchema, labTemplate, parseYaml } from '../../../src/config/index.js';

function fault(text: string): InputError {
  try {
    parseYaml(text, labSchema, 'lab.yaml');
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

/** The template with one line replaced; the line's number in the file. */
function changed(from: string | RegExp, to: string): { text: string; line: number } {
  const lines = labTemplate().split('\n');
  const index = lines.findIndex((line) => (typeof from === 'string' ? line.includes(from) : from.test(line)));
  expect(index).toBeGreaterThanOrEqual(0);
  lines[index] = lines[index]?.replace(from, to) ?? '';
  return { text: lines.join('\n'), line: index + 1 };
}

describe('a lab file', () => {
  it('is accepted as init writes it', () => {
    const lab = parseYaml(labTemplate(), labSchema, 'lab.yaml');
    expect(lab.scope.hosts).toEqual([]);
    expect(lab.scope.maxTotalBytes).toBe(2 ** 30);
    expect(lab.parameters.largeTransferBytes).toBe(10 * 2 ** 20);
    expect(lab.collect.deadline).toBe(120_000);
  });

  it('an unknown key is named with its place and the nearest known one', () => {
    const { text, line } = changed('maxFileBytes:', 'maxFileByte:');
    const error = fault(text);
    expect(error.message).toBe(
      `lab.yaml:${line}:3 (scope.maxFileByte): unknown key "maxFileByte"; did you mean "maxFileBytes"?`,
    );
    expect(error.exitCode).toBe(2);
    expect(error.where).toEqual({ file: 'lab.yaml', line, column: 3, path: 'scope.maxFileByte' });
  });

  it('inside a list and a union too', () => {
    const { text, line } = changed('      user: dyetrace', '      usr: dyetrace');
    const error = fault(text);
    expect(error.message).toContain(
      `lab.yaml:${line}:7 (hosts[0].executor.usr): unknown key "usr"; did you mean "user"?`,
    );
    expect(error.message).toContain('hosts[0].executor.user');
  });

  it('a wrong value says what was expected, at its own place', () => {
    const { text, line } = changed('shell: cmd', 'shell: bash');
    expect(fault(text).message).toMatch(
      new RegExp(`^lab.yaml:${line}:12 \\(hosts\\[0\\]\\.shell\\): .*"cmd".*"powershell"`),
    );
  });

  it('a secret in the file itself is refused', () => {
    const { text } = changed('key: file:dyetrace-key', 'password: hunter2');
    expect(fault(text).message).toContain('expected env:NAME or file:PATH');
    expect(fault(text).message).not.toContain('hunter2');
  });

  it('bytes and durations say their form', () => {
    expect(fault(changed('maxTotalBytes: 1 GiB', 'maxTotalBytes: 1 GB').text).message).toContain('"10 MiB"');
  });

  it('broken YAML has line and column', () => {
    expect(fault('lab: {name: x\nscope: [').message).toMatch(/^lab\.yaml:\d+:\d+: /);
  });

  it('all faults are in one message', () => {
    const { text } = changed('shell: cmd', 'shell: bash');
    expect(fault(text.replace('role: workstation', 'rolle: workstation')).message.split('\n')).toHaveLength(
      2,
    );
  });
});
