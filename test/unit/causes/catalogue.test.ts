import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  catalogue,
  causeCodes,
  describeGap,
  isCauseCode,
  links,
  senseCodeOf,
  type GapFacts,
} from '../../../src/causes/index.js';
import { legs } from '../../../src/config/index.js';

const facts: GapFacts = {
  host: 'WS01',
  sink: '10.0.9.9',
  port: 2121,
  protocol: 'ftp',
  leg: null,
  detail: 'nothing there',
};

describe('the catalogue', () => {
  it.each(causeCodes)('%s is whole', (code) => {
    const cause = catalogue[code];
    expect(links).toContain(cause.link);
    for (const leg of cause.legs) expect(legs).toContain(leg);
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(cause.title.length).toBeLessThan(80);
    expect(cause.meaning).toMatch(/\.$/);
    // A remedy is more than advice: it begins with a comment that says where its lines go.
    expect(cause.remedy).toMatch(/^(#|REM|<!--) ?.+\n.+|^# in the alert rule/);
  });

  it('every cause has a test of the verifier that shows it', () => {
    const folder = fileURLToPath(new URL('../verify/', import.meta.url));
    const tests = readdirSync(folder)
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => readFileSync(folder + name, 'utf8'))
      .join('\n');
    expect(causeCodes.filter((code) => !new RegExp(`\\b${code}\\b(?!-)`).test(tests))).toEqual([]);
  });

  it('tells its codes from other words', () => {
    expect(isCauseCode('forwarder-dropped')).toBe(true);
    expect(isCauseCode('toString')).toBe(false);
  });
});

describe('describeGap', () => {
  it.each(causeCodes)('%s leaves no placeholder of ours unfilled', (code) => {
    for (const leg of [null, ...legs]) {
      const { text, remedy } = describeGap(code, { ...facts, leg });
      expect(text).toContain('nothing there.');
      expect(`${text}${remedy}`).not.toMatch(/\{(host|sink|port|protocol)\}/);
    }
  });

  it('gives both remedies where two causes cannot be told apart', () => {
    for (const leg of legs) {
      const { remedy } = describeGap('sense-or-ship', { ...facts, leg });
      const firstLine = catalogue[senseCodeOf(leg)].remedy.split('\n')[0] ?? '?';
      expect(remedy).toContain(firstLine.replace('{host}', 'WS01'));
      expect(remedy).toMatch(/beat/i);
    }
  });

  it('takes values as they are, also those that look like a pattern', () => {
    expect(describeGap('transfer-failed', { ...facts, host: "$&$'", detail: '' }).remedy).toContain("$&$'");
  });
});
