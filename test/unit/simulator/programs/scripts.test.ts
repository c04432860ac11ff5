import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { executionId } from '../../../../src/core/index.js';
import { knownScript, scripts, scriptsFolder } from '../../../../src/simulator/programs/staged/scripts.js';
import { tracerChunks } from '../../../../src/tracer/index.js';

const names = (await readdir(scriptsFolder)).filter((name) => name.endsWith('.ps1')).sort();
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

  it.each(library)(
    '%s has the parameters that the simulated host binds, with their defaults',
    (name, text) => {
      const block = /^param\(\r?\n([\s\S]*?)^\)/m.exec(text)?.[1] ?? '';
      const declared = block.split(/,\n\n/).map((one) => {
        const [, parameter, fallback] = /\] \$(\w+)(?: = '?([^'\n]*)'?)?\s*$/.exec(one) ?? [];
        return [parameter, one.includes('Mandatory = $true') ? null : fallback];
      });
      const bound = Object.entries(scripts[name]?.parameters ?? {});
      expect(declared).toEqual(bound.map(([parameter, { fallback }]) => [parameter, fallback]));
    },
  );

  it('check for a tracer, and find their files, in the same words', () => {
    const functions = (wanted: string): string[] =>
      texts.flatMap(
        (text) => new RegExp(`^function ${wanted} \\{\\n[\\s\\S]*?^\\}$`, 'm').exec(text)?.[0] ?? [],
      );
    const [checks, finds] = [functions('Test-TracerHeader'), functions('Get-TracerFile')];
    expect(checks).toHaveLength(texts.length);
    expect(finds).toHaveLength(texts.length - 1);
    expect([new Set(checks).size, new Set(finds).size]).toEqual([1, 1]);
  });

  it.each(library.filter(([name]) => name !== 'Receive-TracerFtp.ps1'))(
    '%s looks at every file before it moves the first',
    (_, text) => {
      const body = text.slice(text.indexOf('\n$result = [ordered]'));
      const check = `try {
    $files = @(Get-TracerFile -Pattern $Path)
    foreach ($file in $files) {
        if (-not (Test-TracerHeader -File $file)) {
            $exitCode = 2
            throw "$file is no Dyetrace tracer: refused"
        }
    }
`;
      expect(body.indexOf(check)).toBe(
        '\n$result = [ordered]@{ ok = $false; bytes = 0; files = 0; pid = $PID; error = $null }\n$exitCode = 1\n'
          .length,
      );
    },
  );

  it.each(library)('%s is strict, has help and is plain ASCII', (_, text) => {
    expect(text).toMatch(/^<#\r?\n\.SYNOPSIS/);
    for (const part of ['.DESCRIPTION', '.OUTPUTS', '.NOTES', '.EXAMPLE', '[CmdletBinding()]']) {
      expect(text).toContain(part);
    }
    expect(text).toContain("Set-StrictMode -Version 3.0\n$ErrorActionPreference = 'Stop'");
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
