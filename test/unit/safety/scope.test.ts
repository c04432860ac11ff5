import { describe, expect, it } from 'vitest';
import { ScopeError } from '../../../src/core/index.js';
import { markerContent, markerNames, scopeOf } from '../../../src/safety/index.js';
import { testLab } from '../../helpers/lab.js';

const noon = Date.parse('2026-11-24T12:00:00Z');

describe('scope', () => {
  it('names the rule that allows', () => {
    const scope = scopeOf(testLab());
    expect(scope.host('ws01')).toBe('scope.hosts[0]');
    expect(scope.sink('127.0.2.250', 69)).toBe('scope.sinks[0]');
    expect(scope.protocol('tftp')).toBe('scope.protocols[2]');
    expect(scope.time(noon)).toBe('authorisation');
  });

  it('an empty scope allows nothing', () => {
    const scope = scopeOf(
      testLab((lab) => {
        lab.scope = {};
      }),
    );
    for (const ask of [
      () => scope.host('ws01'),
      () => scope.sink('127.0.2.250', 21),
      () => scope.protocol('ftp'),
    ])
      expect(ask).toThrow(ScopeError);
  });

  it.each([
    ['another host', (s: ReturnType<typeof scopeOf>) => s.host('ws02')],
    ['another address', (s: ReturnType<typeof scopeOf>) => s.sink('127.0.2.251', 21)],
    ['another port', (s: ReturnType<typeof scopeOf>) => s.sink('127.0.2.250', 22)],
    ['a file that is too large', (s: ReturnType<typeof scopeOf>) => s.file(100 * 2 ** 20 + 1)],
    ['a run that is too large', (s: ReturnType<typeof scopeOf>) => s.total(2 ** 30 + 1)],
    [
      'a time after the authorisation',
      (s: ReturnType<typeof scopeOf>) => s.time(Date.parse('2030-01-01T00:00:01Z')),
    ],
  ])('refuses %s', (_, ask) => {
    expect(() => ask(scopeOf(testLab()))).toThrow(ScopeError);
  });

  it('a window may go over midnight', () => {
    const scope = scopeOf(
      testLab((lab) => {
        lab.scope.window = { from: '22:00', until: '04:00' };
      }),
    );
    expect(scope.time(Date.parse('2026-11-24T23:30:00Z'))).toBe('authorisation');
    expect(scope.time(Date.parse('2026-11-24T03:59:00Z'))).toBe('authorisation');
    expect(() => scope.time(Date.parse('2026-11-24T04:00:00Z'))).toThrow('22:00 to 04:00');
    expect(() => scope.time(noon)).toThrow(ScopeError);
  });
});

describe('the lab marker', () => {
  it('names one lab', () => {
    expect(markerNames(Buffer.from(markerContent('a')), 'a')).toBe(true);
    expect(markerNames(Buffer.from('# ours\ndyetrace-lab: a\n'), 'a')).toBe(true);
    for (const other of ['', 'dyetrace-lab: ab', 'x dyetrace-lab: a', 'dyetrace-lab:'])
      expect(markerNames(Buffer.from(other), 'a')).toBe(false);
  });
});
