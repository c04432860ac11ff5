import { createHash } from 'node:crypto';

// Crockford's base 32 without i, l, o, u: reads the same in upper case, and no letter is mistaken for a digit.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** `length` characters of Crockford's base 32 (in lower case) that depend on `input` alone. At most 32. */
export function digestId(input: string, length: number): string {
  const digest = createHash('sha256').update(input).digest();
  return Array.from(digest.subarray(0, length), (byte) => alphabet[byte % 32]).join('');
}

function checkCharacter(body: string): string {
  let sum = 7;
  for (const character of body) sum = (sum * 31 + alphabet.indexOf(character) + 1) % 1021;
  return alphabet[sum % 32] ?? '0';
}

/**
 * The id of an execution: eight characters, so that it is a whole file name in the 8.3 form, with a check character at the
 * end, so that a chance name is taken for one in 1 of 32 cases at most. It starts with a letter.
 */
export function executionId(runId: string, scenario: string, host: string): string {
  const body = `d${digestId(`${runId}\n${scenario}\n${host}`, 6)}`;
  return body + checkCharacter(body);
}

/** Whether a text has the form of an execution id, in either case. */
export function isExecutionId(text: string): boolean {
  const id = text.toLowerCase();
  return /^d[0-9a-hjkmnp-tv-z]{7}$/.test(id) && checkCharacter(id.slice(0, 7)) === id[7];
}

/** The id of a run: sortable by time, and told apart by the nonce. `20261124-184512-k3f9` */
export function runId(startedAt: number, nonce: string): string {
  const [date, time] = new Date(startedAt).toISOString().replaceAll(/[-:]/g, '').split(/[T.]/) as [
    string,
    string,
  ];
  return `${date}-${time}-${digestId(nonce, 4)}`;
}
