import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalIp, isPrivateIp } from '../../../src/core/index.js';

describe('canonicalIp', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['0000:0000:0000:0000:0000:FFFF:0A00:0001', '10.0.0.1'],
    ['2001:0470:1f11:081f:0c99:0d94:aa7c:2e3e', '2001:470:1f11:81f:c99:d94:aa7c:2e3e'],
    ['[2001:470:4867:99::21]', '2001:470:4867:99::21'],
    ['fe80:0:0:0:0:0:0:1%3', 'fe80::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
  ])('%s is %s', (text, expected) => {
    expect(canonicalIp(text)).toBe(expected);
  });

  it.each(['', '-', 'host', '10.0.0', '10.0.0.256', '12345::'])('%j is no address', (text) => {
    expect(canonicalIp(text)).toBeUndefined();
  });

  it('is idempotent, and one spelling stands for each address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        const canonical = canonicalIp(ip);
        expect(canonical).toBeDefined();
        expect(canonicalIp(canonical ?? '')).toBe(canonical);
        expect(canonicalIp(ip.toUpperCase())).toBe(canonical);
      }),
    );
  });
});

describe('isPrivateIp', () => {
  it.each([
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '127.0.2.1',
    '169.254.1.1',
    '::1',
    'fd00::1',
    'fe80::1',
    '::ffff:10.0.0.1',
  ])('%s is', (ip) => {
    expect(isPrivateIp(ip)).toBe(true);
  });
  it.each(['172.15.0.1', '172.32.0.1', '192.169.0.1', '8.8.8.8', '2001:db8::1', '11.0.0.1'])(
    '%s is not',
    (ip) => {
      expect(isPrivateIp(ip)).toBe(false);
    },
  );
});
