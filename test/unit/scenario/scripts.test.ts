import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parsePowerShell } from '../../helpers/powershell-grammar.js';

const folder = new URL('../../../scenarios/scripts/', import.meta.url);
const names = (await readdir(folder)).filter((name) => name.endsWith('.ps1')).sort();
const scripts = await Promise.all(
  names.map(async (name) => ({
    name,
    parsed: await parsePowerShell(await readFile(new URL(name, folder), 'utf8')),
  })),
);
const page = await readFile(new URL('../../../docs/powershell.md', import.meta.url), 'utf8');

/** Rows of one table of the page: what is called, and where its own page is. */
function listed(heading: string): Map<string, string> {
  const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  return new Map(
    [...section.matchAll(/^\| \[`([^`]+)`\]\((\S+)\) \| .+ \|$/gm)].map(([, name = '', url = '']) => [
      name,
      url,
    ]),
  );
}

/** Fields of the scripts' own objects, of a regular expression, of JSON. */
const own = ['$result', '$agreed', '$Matches'];
const ownMembers = ['destination'];
const natives = ['curl.exe', 'ftp.exe', 'tftp.exe'];

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

describe('the scripts, by a grammar of PowerShell', () => {
  it.each(scripts)('$name is without fault', ({ parsed }) => {
    expect(parsed.faults).toEqual([]);
  });

  it.each(scripts)(
    '$name calls cmdlets by their full names, its own functions, and Windows’ clients by &',
    ({ parsed }) => {
      const cmdlets = listed('Cmdlets');
      const strange = parsed.commands.filter(({ name, called }) =>
        called ? !natives.includes(name) : !cmdlets.has(name) && !parsed.functions.includes(name),
      );
      expect(strange).toEqual([]);
      expect(parsed.commands.map(({ name }) => name)).toEqual(expect.arrayContaining([...parsed.functions]));
    },
  );

  it('call what docs/powershell.md lists, and it lists nothing else', () => {
    const all = <T>(of: (script: (typeof scripts)[number]) => readonly T[]): T[] => scripts.flatMap(of);
    const cmdlets = all(({ parsed }) =>
      parsed.commands
        .filter(({ name, called }) => !called && !parsed.functions.includes(name))
        .map(({ name }) => name),
    );
    expect(sorted(cmdlets)).toEqual(sorted(listed('Cmdlets').keys()));
    const statics = listed('Static members');
    expect(sorted(all(({ parsed }) => parsed.staticMembers))).toEqual(sorted(statics.keys()));
    const values = [...listed('Members of values').keys()];
    expect(
      sorted(all(({ parsed }) => parsed.instanceMembers(own)).filter((name) => !ownMembers.includes(name))),
    ).toEqual(sorted(values.map((name) => name.split('.').at(-1) ?? '')));
    const typesWithMembers = [...statics.keys(), ...values].map((name) =>
      name.split('.').slice(0, -1).join('.'),
    );
    const others = all(({ parsed }) => parsed.types).filter((name) => !typesWithMembers.includes(name));
    const named = [...listed('Types that are only named').keys()];
    expect(sorted(others)).toEqual(sorted(named.filter((name) => !typesWithMembers.includes(name))));
  });

  it('every row leads to the page of its own name', () => {
    for (const heading of ['Static members', 'Members of values', 'Types that are only named']) {
      for (const [name, url] of listed(heading)) {
        if (name === 'System.Array.Count' || name === 'System.Byte.new') continue;
        const full = name.toLowerCase().replace(/\.new$/, '.-ctor');
        const type = full.split('.').slice(0, -1).join('.');
        // The members of an enumeration stand on its own page.
        expect([full, type].map((part) => `https://learn.microsoft.com/dotnet/api/${part}`)).toContain(url);
      }
    }
    for (const [name, url] of listed('Cmdlets'))
      expect(url).toMatch(
        new RegExp(`^https://learn\\.microsoft\\.com/powershell/module/[a-z.]+/${name.toLowerCase()}$`),
      );
  });
});

describe('the grammar', () => {
  it.each([
    ['a brace too few', 'if ($x) { Get-Item'],
    ['a string that does not end', "$x = 'abc"],
    ['a word out of place', 'foreach $x in 1 { }'],
  ])('finds %s', async (_, text) => {
    expect((await parsePowerShell(text)).faults).not.toEqual([]);
  });

  it('finds aliases and calls wherever they stand', async () => {
    const parsed = await parsePowerShell(
      "$a = ls | % { rm $_ }\n& cmd.exe /c x\n[System.IO.File]::Delete((New-Object -TypeName System.Uri 'x').Host)\n",
    );
    expect(parsed.commands).toEqual(
      expect.arrayContaining([
        ...['ls', '%', 'rm', 'New-Object'].map((name) => ({ name, called: false })),
        { name: 'cmd.exe', called: true },
      ]),
    );
    expect(parsed.staticMembers).toEqual(['System.IO.File.Delete']);
    expect(parsed.types).toEqual(['System.IO.File', 'System.Uri']);
    expect(parsed.instanceMembers([])).toEqual(['Host']);
  });
});

it('the settings of PSScriptAnalyzer are PowerShell too', async () => {
  const text = await readFile(new URL('PSScriptAnalyzerSettings.psd1', folder), 'utf8');
  expect((await parsePowerShell(text)).faults).toEqual([]);
});
