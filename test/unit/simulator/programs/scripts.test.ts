import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { executionId } from '../../../../src/core/index.js';
import { knownScript, scripts, scriptsFolder } from '../../../../src/simulator/programs/staged/scripts.js';
import { tracerChunks } from '../../../../src/tracer/index.js';

const names = (await readdir(scriptsFolder)).sort();
const texts = await Promise.all(names.map((name) => readFile(new URL(name, scriptsFolder), 'utf8')));
const library = names.map((name, index) => [name, texts[index] ?? ''] as const);

describe('the scripts of the library', () => {
  it('are all known to the simulated host, and it knows no others', () => {
    expect(Object.keys(scripts).sort()).toEqual(names);
  });

  it.each(library)('%s is known by its content, and not with one byte changed', (name, text) => {
    expect(knownScript(Buffer.from(text))).toBe(scripts[name]);
    expect(knownScript(Buffer.from(`${text} `))).toBeUndefined();
  });

  it.each(library)('%s has the parameters that the simulated host binds, all mandatory', (name, text) => {
    const block = /^param\(\r?\n([\s\S]*?)^\)/m.exec(text)?.[1] ?? '';
    expect([...block.matchAll(/\] \$(\w+)/g)].map(([, parameter]) => parameter)).toEqual(
      scripts[name]?.parameters,
    );
    expect(block.match(/Mandatory = \$true/g)).toHaveLength(scripts[name]?.parameters.length ?? 0);
  });

  it.each(library)('%s is strict, has help, uses no alias and is plain ASCII', (_, text) => {
    expect(text).toMatch(/^<#\r?\n\.SYNOPSIS/);
    for (const part of ['.DESCRIPTION', '.OUTPUTS', '.NOTES', '.EXAMPLE', '[CmdletBinding()]']) {
      expect(text).toContain(part);
    }
    expect(text).toContain("Set-StrictMode -Version 3.0\n$ErrorActionPreference = 'Stop'");
    const code = text.slice(text.indexOf('#>'));
    expect(code).not.toMatch(/(^|[|;{(]\s*)(echo|cat|gc|rm|del|cp|copy|ls|dir|iex|iwr|curl|wget|%|\?)\s/m);
    // Windows PowerShell 5.1 reads a file without a byte-order mark in the system's code page.
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  });

  it.each(library)('%s has its brackets and quotes in pairs', (_, text) => {
    const code = text.slice(text.indexOf('#>') + 2).replaceAll(/^\s*#.*$/gm, '');
    const bare = code.replaceAll(/'(?:[^']|'')*'|"(?:[^"`]|`.)*"/g, '');
    expect(bare).not.toMatch(/['"]/);
    for (const [open, close] of ['()', '[]', '{}']) {
      expect(bare.split(open ?? '').length).toBe(bare.split(close ?? '').length);
    }
  });

  it.each(library)('%s takes a tracer for one, and nothing else', (_, text) => {
    const pattern = /-cmatch '(.*)'$/m.exec(text)?.[1] ?? '';
    // .NET's \A and (?s:…) in JavaScript's terms.
    const tracer = new RegExp(pattern.replace('\\A', '^').replace('(?s:', '(?:'), 's');
    const execution = executionId('20261124-184512-test', 'x', 'y');
    const spec = { lab: 'l', run: 'r', execution, contact: 'c', size: 4096, seed: 's' };
    const head = Buffer.concat([...tracerChunks(spec)])
      .subarray(0, 1024)
      .toString('utf8');
    expect(tracer.test(head)).toBe(true);
    expect(tracer.test(` ${head}`)).toBe(false);
    expect(tracer.test(head.toLowerCase())).toBe(false);
    expect(tracer.test(head.replace('Execution: d', 'Execution: '))).toBe(false);
    expect(tracer.test('HARMLESS TEST DATA\r\nanything')).toBe(false);
  });
});
