import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executionId } from '../../../src/core/index.js';
import {
  executionIdIn,
  maxHeaderBytes,
  minimumTracerSize,
  recogniseTracer,
  tracerChunks,
  tracerFileName,
  tracerSha256,
} from '../../../src/tracer/index.js';

const execution = executionId('run', 'scenario', 'host');
const identity = { lab: 'lab', run: '20261124-184512-k3f9', execution, contact: 'blue@lab.example' };
const content = (size: number, seed = 'seed') =>
  Buffer.concat([...tracerChunks({ ...identity, size, seed })]);

describe('a tracer', () => {
  it('has exactly the size that was asked for, at chunk borders too', () => {
    const least = minimumTracerSize(identity);
    for (const size of [least, least + 1, 65_535, 65_536, 65_537, 65_536 + least, 300_000])
      expect(content(size)).toHaveLength(size);
  });

  it('says in plain words what it is', () => {
    const text = content(2000).toString('latin1');
    expect(text.startsWith('HARMLESS TEST DATA\r\n')).toBe(true);
    for (const part of ['Dyetrace', identity.lab, identity.run, execution, identity.contact, 'Verify:'])
      expect(text.slice(0, maxHeaderBytes)).toContain(part);
  });

  it('is the same for the same seed and another for another', () => {
    expect(content(5000).equals(content(5000))).toBe(true);
    expect(content(5000).equals(content(5000, 'other'))).toBe(false);
    expect(tracerSha256({ ...identity, size: 100_000, seed: 'seed' })).toBe(
      createHash('sha256').update(content(100_000)).digest('hex'),
    );
  });

  it('refuses a size that cannot hold its header', () => {
    expect(() => content(minimumTracerSize(identity) - 20)).toThrow('cannot hold its header');
  });

  it('keeps chunks small at 10 GiB', () => {
    let taken = 0;
    for (const chunk of tracerChunks({ ...identity, size: 10 * 2 ** 30, seed: 's' })) {
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      if (++taken === 3) break;
    }
  });
});

describe('recogniseTracer', () => {
  it('reads back who it is', () => {
    expect(recogniseTracer(content(3000).subarray(0, maxHeaderBytes))).toEqual(identity);
  });

  it('takes nothing else for one', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        (bytes) => recogniseTracer(Buffer.from(bytes)) === null,
      ),
    );
    const real = content(3000);
    expect(recogniseTracer(real.subarray(0, 100))).toBeNull();
    expect(recogniseTracer(Buffer.concat([Buffer.from(' '), real]))).toBeNull();
    expect(recogniseTracer(Buffer.from(real.toString('latin1').replace(execution, 'dxxxxxxx')))).toBeNull();
  });

  it('is not fooled by a line break in a field', () => {
    const forged = [
      ...tracerChunks({
        ...identity,
        contact: `me\r\nExecution: ${executionId('a', 'b', 'c')}`,
        size: 2000,
        seed: 's',
      }),
    ];
    expect(recogniseTracer(Buffer.concat(forged))?.execution).toBe(execution);
  });
});

describe('the file name', () => {
  it('carries the id through 8.3, upper case, paths and other extensions', () => {
    for (const profile of ['unbalanced', 'archive-name']) {
      const name = tracerFileName(execution, profile);
      expect(name).toMatch(/^[a-z0-9]{8}\.[a-z]{3}$/);
      for (const form of [
        name,
        name.toUpperCase(),
        `C:\\Dyetrace\\${execution}\\${name}`,
        `/srv/${name}.part`,
        `${execution}.7z`,
      ])
        expect(executionIdIn(form)).toBe(execution);
    }
    expect(executionIdIn('report.docx')).toBeNull();
    expect(executionIdIn('')).toBeNull();
  });
});
