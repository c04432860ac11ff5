import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestId, executionId, isExecutionId, runId } from '../../../src/core/index.js';

describe('execution ids', () => {
  it('have eight characters, so that the 8.3 form does not cut them', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (run, scenario, host) => {
        const id = executionId(run, scenario, host);
        expect(id).toMatch(/^d[0-9a-hjkmnp-tv-z]{7}$/);
        expect(isExecutionId(id)).toBe(true);
        expect(isExecutionId(id.toUpperCase())).toBe(true);
      }),
    );
  });

  it('are told from a neighbour by the check character', () => {
    const id = executionId('run', 'scenario', 'host');
    const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
    for (let place = 1; place < 8; place++) {
      const original = id[place] ?? '';
      const changed = Array.from(alphabet)
        .filter((character) => character !== original)
        .map((character) => id.slice(0, place) + character + id.slice(place + 1));
      // 1 of 32 may slip through in the body; a changed check character never does.
      const accepted = changed.filter(isExecutionId).length;
      expect(accepted).toBeLessThanOrEqual(place === 7 ? 0 : 4);
    }
  });

  it('depend on run, scenario and host', () => {
    const ids = [
      executionId('a', 'b', 'c'),
      executionId('a', 'b', 'd'),
      executionId('a', 'c', 'c'),
      executionId('b', 'b', 'c'),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

describe('other ids', () => {
  it('are the same for the same input', () => {
    expect(digestId('x', 12)).toBe(digestId('x', 12));
    expect(digestId('x', 12)).toHaveLength(12);
  });

  it('name a run by its start in UTC', () => {
    expect(runId(Date.parse('2026-11-24T18:45:12.345Z'), 'n')).toMatch(/^20261124-184512-[0-9a-z]{4}$/);
  });
});
