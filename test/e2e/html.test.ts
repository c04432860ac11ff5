import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reporters } from '../../src/reporters/index.js';
import { brokenExecution, execution, runResult } from '../helpers/run-result.js';
import { describeWith, findProgram } from '../helpers/requires.js';

const program =
  ['chromium', 'chromium-browser', 'google-chrome'].find((name) => findProgram(name) !== undefined) ??
  'chromium';
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describeWith({ programs: [program] }, 'the HTML report in a real browser', () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    const many = Array.from({ length: 100 }, (_, n) => execution({ id: `d${n}`, scenario: `scenario-${n}` }));
    const html = await reporters
      .get('html')
      .render(runResult([brokenExecution(), ...many]), { runFolder: folder, colour: false, width: 80 });
    await writeFile(join(folder, 'report.html'), html);
    browser = await chromium.launch({ executablePath: findProgram(program) ?? program, args: flags });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) problems.push(`request to ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(folder, 'report.html')).href);
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('opens without network, and nothing of it breaks its own policy', () => {
    expect(problems).toEqual([]);
  });

  it('says on the first screen: simulated or not, the outcome with its denominator, the matrix', async () => {
    const visible = async (text: string) => {
      const box = await page.getByText(text).first().boundingBox();
      return box !== null && box.y + box.height <= 900;
    };
    expect(await visible('Simulated hosts')).toBe(true);
    expect(await visible('100 of 101 uploads alerted')).toBe(true);
    expect(await visible('Can we see it?')).toBe(true);
    const matrix = await page.locator('table.matrix').boundingBox();
    expect((matrix?.y ?? 900) + (matrix?.height ?? 0)).toBeLessThanOrEqual(900);
  });

  it('has what is not as expected open, and the rest opens by the keyboard', async () => {
    expect(await page.locator('details[open]').count()).toBe(1);
    const summary = page.locator('details:not([open]) summary').first();
    await summary.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('details[open]').count()).toBe(2);
  });

  it('leads from a finding to its execution, also where a filter hides it', async () => {
    await page.getByLabel('Protocol', { exact: true }).selectOption('ftp');
    const target = page.locator(`#${brokenExecution().id}`);
    expect(await target.isVisible()).toBe(false);
    await page.getByRole('link', { name: brokenExecution().id }).click();
    expect(page.url()).toContain(`#${brokenExecution().id}`);
    expect(await target.isVisible()).toBe(true);
    expect(await target.getAttribute('open')).not.toBeNull();
  });

  it('filters by host, initiator, protocol and outcome, and its address remembers', async () => {
    const shown = page.locator('details[data-host]:visible');
    await page.getByLabel('Host', { exact: true }).selectOption('WS01');
    expect(await shown.count()).toBe(101);
    await page.getByLabel('Initiator', { exact: true }).selectOption('cmd');
    expect(await shown.count()).toBe(1);
    expect(await page.locator('output').textContent()).toBe('1 of 101 executions shown');
    await page.getByLabel('Outcome', { exact: true }).selectOption('logged');
    expect(await shown.count()).toBe(1);
    await page.getByLabel('Protocol', { exact: true }).selectOption('ftp');
    expect(await shown.count()).toBe(0);

    const address = page.url();
    expect(new URLSearchParams(new URL(address).hash.slice(1)).get('outcome')).toBe('logged');
    const other = await browser.newPage();
    await other.goto(address);
    expect(await other.getByLabel('Initiator', { exact: true }).inputValue()).toBe('cmd');
    expect(await other.locator('details[data-host]:visible').count()).toBe(0);
    await other.close();

    await page.getByRole('button', { name: 'Show all' }).press('Enter');
    expect(await shown.count()).toBe(101);
    expect(page.url()).not.toContain('outcome');
    expect(problems).toEqual([]);
  });

  it('shows everything, and no filter, where scripts are off', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(`${page.url().split('#')[0] ?? ''}#protocol=smb`);
    expect(await plain.locator('details[data-host]:visible').count()).toBe(101);
    expect(await plain.getByLabel('Protocol', { exact: true }).isVisible()).toBe(false);
    await context.close();
  });

  it.each(['light', 'dark'] as const)('is accessible in the %s scheme', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    // The report's own policy forbids other scripts than its own; the checker needs it lifted.
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setBypassCSP', { enabled: true });
    await page.reload();
    await page.evaluate(await readFile(axe, 'utf8'));
    const violations = await page.evaluate(async () => {
      const { axe: checker } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const result = await checker.run();
      return result.violations.map(({ id, nodes }) => ({ id, first: nodes[0]?.html.slice(0, 200) }));
    });
    expect(violations).toEqual([]);
  });

  it('prints what is closed on the screen', async () => {
    const pdf = await page.pdf();
    expect(pdf.length).toBeGreaterThan(50_000);
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByText('Evidence by leg').last().isVisible()).toBe(true);
  });
});
