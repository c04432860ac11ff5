import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  channelOfCommand,
  channelOfReply,
  portArgument,
  replyReader,
  type FtpReply,
} from '../../../../src/simulator/clients/ftp/wire.js';

function read(chunks: readonly string[]): FtpReply[] {
  const replies: FtpReply[] = [];
  const reader = replyReader((reply) => replies.push(reply));
  for (const chunk of chunks) reader(Buffer.from(chunk));
  return replies;
}

describe('FTP replies (RFC 959, 4.2)', () => {
  const wire = '220-Welcome\r\n 220 not the end\r\n200 nor this\r\n220 ready\r\n150 Opening\r\n226 Done\r\n';
  const expected = [
    { code: 220, text: 'Welcome\r\n 220 not the end\r\n200 nor this\r\nready' },
    { code: 150, text: 'Opening' },
    { code: 226, text: 'Done' },
  ];

  it('ends a reply of several lines at its own code and a space', () => {
    expect(read([wire])).toEqual(expected);
  });

  it('does not depend on how the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(wire.length), { maxLength: 10 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), wire.length];
        expect(read(at.slice(1).map((end, index) => wire.slice(at[index], end)))).toEqual(expected);
      }),
    );
  });
});

describe('announced data channels', () => {
  it.each([
    [227, 'Entering Passive Mode (127,0,2,1,156,64)', { ip: '127.0.2.1', port: 40_000 }],
    [227, 'Entering Passive Mode. 127,0,2,1,0,21', { ip: '127.0.2.1', port: 21 }],
    [229, 'Entering Extended Passive Mode (|||40000|)', { ip: '127.0.0.9', port: 40_000 }],
    [227, 'nonsense', null],
    [227, '(300,0,2,1,156,64)', null],
    [226, 'Done (127,0,2,1,156,64)', null],
  ])('%i %s', (code, text, expected) => {
    expect(channelOfReply(code, text, '127.0.0.9')).toEqual(expected);
  });

  it.each([
    ['PORT', '127,0,1,1,4,1', { ip: '127.0.1.1', port: 1025 }],
    ['EPRT', '|1|127.0.1.1|1025|', { ip: '127.0.1.1', port: 1025 }],
    ['EPRT', '|2|::1|1025|', { ip: '::1', port: 1025 }],
    ['STOR', '127,0,1,1,4,1', null],
  ])('%s %s', (command, argument, expected) => {
    expect(channelOfCommand(command, argument)).toEqual(expected);
  });

  it('writes PORT so that it reads back', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 1, max: 65_535 }), (ip, port) => {
        expect(channelOfCommand('PORT', portArgument({ ip, port }))).toEqual({ ip, port });
      }),
    );
  });
});
