import { createHash } from 'node:crypto';

/** A source of random numbers that a seed determines. */
export interface Random {
  /** An integer in [0, bound). */
  integer(bound: number): number;
  /** One element; the list must not be empty. */
  pick<T>(list: readonly T[]): T;
}

/** xoshiro128** over a SHA-256 of the seed: the same seed gives the same numbers on every platform. */
export function seededRandom(seed: string): Random {
  const digest = createHash('sha256').update(seed).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((offset) => digest.readUInt32LE(offset)) as [
    number,
    number,
    number,
    number,
  ];
  const rotate = (value: number, bits: number) => ((value << bits) | (value >>> (32 - bits))) >>> 0;
  const next = () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  };
  const integer = (bound: number) => Math.floor((next() / 2 ** 32) * bound);
  return {
    integer,
    pick: <T>(list: readonly T[]): T => {
      const chosen = list[integer(list.length)];
      if (chosen === undefined) throw new RangeError('pick from an empty list');
      return chosen;
    },
  };
}
