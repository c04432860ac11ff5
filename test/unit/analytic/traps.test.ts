import { describe, expect, it } from 'vitest';
import { connected, explorer, flowed, judge, powershell, started } from './rows.js';

const mebibyte = 2 ** 20;

describe('first', () => {
  it('direct', async () => {
    const { hits } = await judge({
      process: [started(0, 500, powershell, 'powershell -File up.ps1', explorer)],
      connection: [connected(1, 500, powershell, [50000, 21])],
      flow: [flowed([1, 5], [50000, 21], [20 * mebibyte, 900])],
    });
    console.log(JSON.stringify(hits, null, 1));
    expect(hits).toHaveLength(1);
  });
});
