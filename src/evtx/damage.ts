/** Why bytes are no record: the reason of a rejected record. Never leaves this room. */
export class Damage extends Error {}

/** The reason why decoding failed. @throws what is no damage of the input: a defect of ours. */
export function reasonOf(error: unknown): string {
  if (error instanceof Damage) return error.message;
  // DataView and typed arrays say so where a length or an offset leads out of the chunk.
  if (error instanceof RangeError) return 'a length or an offset leads out of the chunk';
  throw error;
}
