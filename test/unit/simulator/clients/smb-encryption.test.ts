import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encryptionWatch } from '../../../../src/simulator/clients/smb/encryption.js';

function message(protocolId: number, bytes: number): Buffer {
  const body = Buffer.alloc(bytes, 1);
  body[0] = protocolId;
  const head = Buffer.alloc(4);
  head.writeUIntBE(bytes, 1, 3);
  return Buffer.concat([head, body]);
}

it('tells encrypted messages from others, however the stream is cut', () => {
  const ids = fc.array(fc.tuple(fc.constantFrom(0xfe, 0xff, 0xfd), fc.integer({ min: 1, max: 300 })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 97 }), (messages, cut) => {
      const stream = Buffer.concat(messages.map(([id, bytes]) => message(id, bytes)));
      const watch = encryptionWatch();
      for (let at = 0; at < stream.length; at += cut) watch.push(stream.subarray(at, at + cut));
      expect(watch.seen).toBe(messages.some(([id]) => id === 0xfd));
    }),
  );
});

it('takes no byte inside a message for its beginning', () => {
  const watch = encryptionWatch();
  watch.push(Buffer.concat([message(0xfe, 4), Buffer.from([0, 0, 0, 3, 0xfe, 0xfd, 0xfd])]));
  expect(watch.seen).toBe(false);
});
