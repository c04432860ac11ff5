import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { communityId } from '../../../src/core/index.js';

// Baseline of the specification: corelight/community-id-spec, baseline/baseline_deflt.json.
const baseline = [
  ['tcp', '128.232.110.120', 34855, '66.35.250.204', 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['udp', '192.168.1.52', 54585, '8.8.8.8', 53, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  [
    'tcp',
    '2001:470:e5bf:dead:4957:2174:e82c:4887',
    63943,
    '2607:f8b0:400c:c03::1a',
    25,
    '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=',
  ],
  // Winlogbeat's own test data (Sysmon 9.01): both ports alike, so that the addresses alone decide.
  ['udp', '10.0.2.15', 137, '10.0.2.255', 137, '1:0p51df9oGzNph3fcneX2H8jXsag='],
] as const;

describe('communityId', () => {
  it.each(baseline)('%s %s:%d → %s:%d', (transport, sourceIp, sourcePort, ip, port, expected) => {
    const source = { ip: sourceIp, port: sourcePort };
    const destination = { ip, port };
    expect(communityId(transport, source, destination)).toBe(expected);
    expect(communityId(transport, destination, source)).toBe(expected);
  });

  it('takes every spelling of an address', () => {
    const plain = communityId('tcp', { ip: '10.0.0.1', port: 1 }, { ip: '10.0.0.2', port: 2 });
    expect(communityId('tcp', { ip: '::ffff:10.0.0.1', port: 1 }, { ip: '10.0.0.2', port: 2 })).toBe(plain);
    const short = communityId('tcp', { ip: 'fe80::1', port: 1 }, { ip: '::1', port: 2 });
    const long = { ip: 'fe80:0:0:0:0:0:0:1', port: 1 };
    expect(communityId('tcp', long, { ip: '[::1]', port: 2 })).toBe(short);
  });

  it('does not know the direction, and tells transports apart', () => {
    const endpoint = fc.record({
      ip: fc.oneof(fc.ipV4(), fc.ipV6()),
      port: fc.integer({ min: 0, max: 65_535 }),
    });
    fc.assert(
      fc.property(endpoint, endpoint, (a, b) => {
        expect(communityId('tcp', a, b)).toBe(communityId('tcp', b, a));
        expect(communityId('tcp', a, b)).not.toBe(communityId('udp', a, b));
      }),
    );
  });

  it('refuses what is no address', () => {
    expect(() => communityId('tcp', { ip: 'files01', port: 1 }, { ip: '10.0.0.2', port: 2 })).toThrow(
      RangeError,
    );
  });
});
