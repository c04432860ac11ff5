import { execa } from 'execa';
import { expect, it } from 'vitest';

it('npm pack holds what a user needs, and nothing else', async () => {
  const script = process.env['npm_execpath'];
  const [command, first] = script === undefined ? ['npm', []] : [process.execPath, [script]];
  const { stdout } = await execa(command, [...first, 'pack', '--dry-run', '--json', '--ignore-scripts']);
  const listing: unknown = JSON.parse(stdout);
  const packed = JSON.stringify(listing).matchAll(/"path":"([^"]+)"/g);
  const paths = [...packed].map((match) => match[1] ?? '');
  const wanted =
    /^(dist\/.+\.(js|d\.ts)|scenarios\/.+\.(yaml|psd?1|json)|native\/tracer-dll\/(build\/tracer\.dll|tracer\.dll\.json|[a-z]+\.[ch])|package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/;
  expect(paths.filter((path) => !wanted.test(path))).toEqual([]);
  for (const path of [
    'dist/main.js',
    'dist/index.d.ts',
    'scenarios/schema.json',
    'scenarios/scripts/Send-TracerFtp.ps1',
    'LICENSE',
  ])
    expect(paths).toContain(path);
});
