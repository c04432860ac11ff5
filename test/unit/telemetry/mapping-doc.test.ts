import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readers } from '../../../src/telemetry/index.js';
import { telemetryMapping } from '../../../src/telemetry/mapping-doc/render.js';

it('docs/telemetry-mapping.md is what the mappings say (npm run docs)', () => {
  expect(readFileSync(resolve('docs/telemetry-mapping.md'), 'utf8').replaceAll('\r\n', '\n')).toBe(
    telemetryMapping(),
  );
});

it('every reader has its section, and no section is without a reader', () => {
  const sections = [...telemetryMapping().matchAll(/^## ([a-z0-9-]+): /gm)].map(([, name]) => name);
  expect(sections.sort()).toEqual([...readers.names].sort());
});

it('every mapping of a reader of JSON stands in the document, with its page', () => {
  const text = telemetryMapping();
  for (const [name, { json }] of readers.entries()) {
    for (const { kinds, table } of json?.shape.mappings ?? [])
      expect(text, name).toContain(`#### ${kinds.join(', ')} → ${table}`);
  }
  expect(text).toContain('| process.pid | `whole({ProcessId})` |');
  expect(text).toMatch(/## wazuh: .*\n\nFields: <https:/);
});
