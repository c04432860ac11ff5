import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, reporters } from '../../../src/reporters/index.js';
import { hostile, reportContext as context } from '../../helpers/reports.js';
import { brokenExecution, execution, runResult } from '../../helpers/run-result.js';

function hostileRun() {
  return runResult([
    execution({
      commandLine: hostile,
      host: { id: 'ws01', name: hostile, role: hostile },
      scenario: hostile,
    }),
    { ...brokenExecution(), gaps: [{ link: 'ship', leg: null, cause: 'x', text: hostile, remedy: hostile }] },
  ]);
}

describe('names and command lines of foreign origin', () => {
  it('are no markup in the HTML', async () => {
    const html = await reporters.get('html').render(hostileRun(), context);
    // The one script is the report's own, and its policy names its hash.
    const [own = '', ...others] = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
      (match) => match[1],
    );
    expect(others).toEqual([]);
    expect(html.match(/<script/g)).toHaveLength(1);
    const hash = createHash('sha256').update(own).digest('base64');
    expect(html).toContain(`; script-src 'sha256-${hash}';`);
    expect(html).not.toContain('<img');
    expect(html).not.toContain('\u202E');
    expect(html).toContain('&lt;script&gt;');
    expect(html).toMatch(/Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/);
  });

  it('do not leave their cell or block in Markdown', async () => {
    const markdown = await reporters.get('markdown').render(hostileRun(), context);
    const rows = markdown.split('\n').filter((line) => line.startsWith('| ') && line.includes('alerted'));
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(8);
    const outsideBlocks = markdown.replaceAll(/^(`{3,})\n[\s\S]*?\n\1$/gm, '');
    expect(outsideBlocks).not.toMatch(/(?<!\\)<script/);
    expect(markdown).not.toContain('\u202E');
  });

  it('do not reach the terminal as control characters', async () => {
    const text = await reporters.get('console').render(hostileRun(), context);
    expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F\u202E]/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => printable(value) === printable(printable(value))),
    );
  });
});
