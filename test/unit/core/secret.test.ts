import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from '../../../src/core/index.js';

it('a secret shows itself to nobody who does not ask', () => {
  const secret = new Secret('hunter2');
  const seen = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 5, showHidden: true }),
    secret.toString(),
    inspect(new Map([['a', secret]])),
  ];
  for (const text of seen) {
    expect(text).toContain('[redacted]');
    expect(text).not.toContain('hunter2');
  }
  expect(secret.reveal()).toBe('hunter2');
});
