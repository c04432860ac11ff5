import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatExtendedHostPort,
  formatHostPort,
  parseCommand,
  parseExtendedHostPort,
  parseHostPort,
} from '../../../../src/sinks/ftp/parse.js';

const port = fc.integer({ min: 0, max: 65535 });

describe('FTP command line', () => {
  it('has a verb in either case and the rest of the line', () => {
    expect(parseCommand('stor a b.dat')).toEqual({ verb: 'STOR', argument: 'a b.dat' });
    expect(parseCommand('QUIT')).toEqual({ verb: 'QUIT', argument: '' });
    expect(parseCommand('PWD ')).toEqual({ verb: 'PWD', argument: '' });
    for (const wrong of ['', ' USER x', 'TOOLONG x', 'AB', 'USER\tx', 'STOR a\0b', 'STOR a\rb']) {
      expect(parseCommand(wrong), wrong).toBeNull();
    }
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        const command = parseCommand(line);
        if (command !== null) expect(command.verb).toMatch(/^[A-Z]{3,4}$/);
      }),
    );
  });
});

describe('PORT', () => {
  // RFC 959 §5.3: high-order bits first.
  it('reads the example of the RFC’s form', () => {
    expect(parseHostPort('192,0,2,1,24,131')).toEqual({ ip: '192.0.2.1', port: 6275 });
    for (const wrong of [
      '1,2,3,4,5',
      '1,2,3,4,5,256',
      '1,2,3,4,5,6,7',
      '1,2,3,4,,6',
      '1,2,3,-4,5,6',
      '1.2.3.4:5',
    ]) {
      expect(parseHostPort(wrong), wrong).toBeNull();
    }
  });

  it('reads what it formats', () => {
    fc.assert(
      fc.property(fc.ipV4(), port, (ip, number) => {
        expect(parseHostPort(formatHostPort({ ip, port: number }))).toEqual({ ip, port: number });
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(fc.integer()).map(String)), (text) => {
        const endpoint = parseHostPort(text);
        if (endpoint !== null) expect(endpoint.port).toBeLessThan(65536);
      }),
    );
  });
});

describe('EPRT', () => {
  // The examples of RFC 2428 §2.
  it('reads the examples of the RFC', () => {
    expect(parseExtendedHostPort('|1|132.235.1.2|6275|')).toEqual({ ip: '132.235.1.2', port: 6275 });
    expect(parseExtendedHostPort('|2|1080::8:800:200C:417A|5282|')).toEqual({
      ip: '1080::8:800:200c:417a',
      port: 5282,
    });
    expect(parseExtendedHostPort('!1!132.235.1.2!6275!')).toEqual({ ip: '132.235.1.2', port: 6275 });
    expect(parseExtendedHostPort('|3|x|1|')).toBe('unsupported');
    for (const wrong of [
      '',
      '|1|::1|5|',
      '|2|1.2.3.4|5|',
      '|1|1.2.3.4|65536|',
      '|1|1.2.3.4|5',
      '|1|1.2.3.4|5|6|',
    ]) {
      expect(parseExtendedHostPort(wrong), wrong).toBeNull();
    }
  });

  it('reads what it formats', () => {
    fc.assert(
      fc.property(fc.ipV4(), port, (ip, number) => {
        expect(parseExtendedHostPort(formatExtendedHostPort({ ip, port: number }))).toEqual({
          ip,
          port: number,
        });
      }),
    );
    expect(parseExtendedHostPort(formatExtendedHostPort({ ip: '::1', port: 5 }))).toEqual({
      ip: '::1',
      port: 5,
    });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseExtendedHostPort(text)));
  });
});
