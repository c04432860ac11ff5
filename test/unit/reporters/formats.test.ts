import { XMLParser } from 'fast-xml-parser';
import { SyntaxValidator } from 'fast-xml-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { csvTable, reporters } from '../../../src/reporters/index.js';
import { brokenExecution, execution, runResult } from '../../helpers/run-result.js';
import { errorExecution, hostile, loudControl, reportContext } from '../../helpers/reports.js';
import { parseCsv } from '../../helpers/csv.js';

const mixed = () =>
  runResult([execution(), brokenExecution(), errorExecution(), loudControl()], {
    errors: [{ where: 'siem', code: 'siem-unreachable', message: 'no answer', remedy: 'start it' }],
    cleanup: { done: 3, left: [{ what: 'C:\\Dyetrace', where: 'host ws01', why: 'in use' }] },
  });

const foreign = () => {
  const host = { id: 'ws01', name: hostile, role: hostile };
  return runResult([
    execution({ commandLine: hostile, scenario: hostile, host }),
    {
      ...brokenExecution(),
      host,
      gaps: [{ link: 'ship', leg: null, cause: hostile, text: hostile, remedy: hostile }],
    },
  ]);
};

const render = async (name: string, result = mixed()) => reporters.get(name).render(result, reportContext);

/**
 * What the JUnit schema of Jenkins' xUnit plugin (junit-10.xsd) and GitLab's parser ask for: names and counts on suites, a name and a
 * class name on every case, at most one problem per case, times in seconds, children in the schema's order.
 */
const problem = z.strictObject({
  '@type': z.string().min(1),
  '@message': z.string().min(1),
  '#text': z.string().optional(),
});
const seconds = z.string().regex(/^\d+\.\d{3}$/);
const count = z.string().regex(/^\d+$/).transform(Number);
const testCase = z
  .strictObject({
    '@classname': z.string().min(1),
    '@name': z.string().min(1),
    '@time': seconds,
    failure: z.array(problem).length(1).optional(),
    error: z.array(problem).length(1).optional(),
    'system-out': z.string().optional(),
  })
  .refine((one) => one.failure === undefined || one.error === undefined);
const counted = {
  '@name': z.string().min(1),
  '@tests': count,
  '@failures': count,
  '@errors': count,
  '@time': seconds,
};
const suite = z.strictObject({
  ...counted,
  '@skipped': count,
  '@timestamp': z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
  '@hostname': z.string().optional(),
  properties: z.strictObject({
    property: z.array(z.strictObject({ '@name': z.string(), '@value': z.string() })),
  }),
  testcase: z.array(testCase).min(1),
});
const junit = z.strictObject({
  '?xml': z.unknown(),
  testsuites: z.strictObject({ ...counted, testsuite: z.array(suite).min(1) }),
});

function parseJunit(text: string) {
  const strict = { invalidCharSequence: { comment: true, tagValue: true, attrLt: true } };
  expect(SyntaxValidator.validate(text, strict)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    parseAttributeValue: false,
    htmlEntities: true,
    processEntities: { maxTotalExpansions: 100_000, maxExpandedLength: 10_000_000 },
    isArray: (name) => ['testsuite', 'testcase', 'property', 'failure', 'error'].includes(name),
  });
  return junit.parse(parser.parse(text)).testsuites;
}

describe('junit', () => {
  it('has a gap as failure, an error as error, a control that alerts as failure, and counts them', async () => {
    const suites = parseJunit(await render('junit'));
    const [host, run] = suites.testsuite;
    expect(host?.testcase.map((one) => [one.failure?.[0]?.['@type'], one.error?.[0]?.['@type']])).toEqual([
      [undefined, undefined],
      ['forwarder-dropped', undefined],
      [undefined, 'host-unreachable'],
      ['control-alerted', undefined],
    ]);
    expect(run?.testcase.map((one) => one.failure?.[0]?.['@type'] ?? one.error?.[0]?.['@type'])).toEqual([
      'siem-unreachable',
      'left-behind',
    ]);
    for (const one of [suites, ...suites.testsuite]) {
      const cases = 'testcase' in one ? one.testcase : one.testsuite.flatMap((each) => each.testcase);
      expect(one['@tests']).toBe(cases.length);
      expect(one['@failures']).toBe(cases.filter(({ failure }) => failure !== undefined).length);
      expect(one['@errors']).toBe(cases.filter(({ error }) => error !== undefined).length);
    }
  });

  it('fails on a gap even where the alert came, and passes a run without trouble', async () => {
    const gap = brokenExecution().gaps;
    const seen = parseJunit(await render('junit', runResult([execution({ gaps: gap })])));
    expect(seen['@failures']).toBe(1);
    const fine = parseJunit(await render('junit', runResult([execution()])));
    expect([fine['@failures'], fine['@errors'], fine['@tests']]).toEqual([0, 0, 2]);
  });

  it('names every case once, and the same in the next run', async () => {
    const names = async (ids: readonly string[]) =>
      parseJunit(await render('junit', runResult(ids.map((id) => execution({ id }))))).testsuite.flatMap(
        (one) => one.testcase.map((each) => each['@name']),
      );
    const first = await names(['a', 'b']);
    expect(new Set(first).size).toBe(first.length);
    expect(await names(['c', 'd'])).toEqual(first);
  });

  it('is XML 1.0 whatever a host is called', async () => {
    const name = parseJunit(await render('junit', foreign())).testsuite[0]?.testcase[0]?.['@name'] ?? '';
    expect(name).toContain('<script>alert(1)</script>');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const xml = await render('junit', runResult([execution({ commandLine: text, scenario: text })]));
        // Char of XML 1.0, section 2.2.
        expect(xml).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u);
        parseJunit(xml);
      }),
      { numRuns: 50 },
    );
  });
});

/** layers/spec/v4.5/layerformat.md of mitre-attack/attack-navigator; unknown properties are refused, as mitreattack-python does. */
const metadata = z.array(z.strictObject({ name: z.string(), value: z.string() }));
const links = z.array(z.strictObject({ label: z.string(), url: z.url({ protocol: /^https$/ }) }));
const layer = z.strictObject({
  name: z.string(),
  versions: z.strictObject({ attack: z.string(), navigator: z.string(), layer: z.literal('4.5') }),
  domain: z.literal('enterprise-attack'),
  description: z.string(),
  filters: z.strictObject({ platforms: z.array(z.enum(['Windows', 'Linux', 'macOS', 'Network'])) }),
  layout: z.strictObject({
    layout: z.enum(['side', 'flat', 'mini']),
    showID: z.boolean(),
    showName: z.boolean(),
    expandedSubtechniques: z.enum(['none', 'all', 'annotated']),
  }),
  techniques: z.array(
    z.strictObject({
      techniqueID: z.string().regex(/^T\d{4}(\.\d{3})?$/),
      tactic: z.literal('command-and-control'),
      score: z.number().min(0).max(100).optional(),
      comment: z.string().optional(),
      showSubtechniques: z.boolean().optional(),
      metadata: metadata.optional(),
      links: links.optional(),
    }),
  ),
  gradient: z.strictObject({
    colors: z.array(z.string().regex(/^#[0-9a-f]{6}$/)).min(2),
    minValue: z.literal(0),
    maxValue: z.literal(100),
  }),
  metadata,
});

describe('navigator', () => {
  const technique = async (result = mixed()) =>
    layer
      .parse(JSON.parse(await render('navigator', result)))
      .techniques.find(({ techniqueID }) => techniqueID === 'T1071.002');

  it('scores T1071.002 by coverage, says of how many, and names the gaps', async () => {
    const found = await technique();
    expect(found?.score).toBe(50);
    expect(found?.comment).toContain('1 of 2 uploads alerted');
    expect(found?.comment).toContain('forwarder-dropped');
    expect(JSON.stringify(found?.metadata)).toContain('DET0416');
    expect(found?.metadata).toContainEqual({ name: 'Analytic', value: 'AN1169' });
    expect(found?.metadata).toContainEqual({ name: 'TFTP', value: 'not tested' });
  });

  it('gives no score where nothing could be judged', async () => {
    const found = await technique(runResult([errorExecution()]));
    expect(found?.comment).toContain('0 of 0');
    expect(found).not.toHaveProperty('score');
  });
});

describe('csv', () => {
  it('has a row per execution, read back by the rules of RFC 4180', async () => {
    const rows = parseCsv(await render('csv', foreign()));
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    const column = (name: string) => rows.map((row) => row[rows[0]?.indexOf(name) ?? -1]);
    expect(column('process.command_line')[1]).toBe(hostile);
    expect(column('outcome')).toEqual(['outcome', 'alerted', 'logged']);
  });

  it('writes no formula, and loses nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string()), { minLength: 1 }),
        (pairs) => {
          const read = parseCsv(
            csvTable(
              [
                ['a', ([a]) => a],
                ['b', ([, b]) => b],
              ],
              pairs,
            ),
          ).slice(1);
          expect(
            read.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ''))),
          ).toEqual(pairs.map((pair) => pair.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ''))));
          for (const cell of read.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
        },
      ),
    );
  });
});

/** attire-1-1-schema.json of SecurityRiskAdvisors/ATTiRe: what it requires, and the types of what is written. */
const time = z.iso.datetime();
const attire = z.strictObject({
  'attire-version': z.literal('1.1'),
  'execution-data': z.strictObject({
    'execution-id': z.string().min(1),
    'execution-source': z.string().min(1),
    'execution-command': z.string(),
    'execution-category': z.strictObject({ name: z.string(), abbreviation: z.string() }),
    target: z.strictObject({ host: z.string(), ip: z.string().optional() }),
    'time-generated': time,
  }),
  procedures: z.array(
    z.strictObject({
      'procedure-name': z.string(),
      'procedure-description': z.string(),
      'procedure-id': z.strictObject({ type: z.literal('guid'), id: z.uuid() }),
      'mitre-technique-id': z.literal('T1071.002'),
      order: z.int(),
      steps: z
        .array(
          z.strictObject({
            command: z.string(),
            order: z.int(),
            'time-start': time,
            'time-stop': time,
            output: z.array(z.strictObject({ content: z.string(), level: z.string(), type: z.string() })),
          }),
        )
        .min(1),
    }),
  ),
});

describe('attire', () => {
  it('logs what was executed, with command and times', async () => {
    const log = attire.parse(JSON.parse(await render('attire')));
    expect(log.procedures.map(({ order }) => order)).toEqual([1, 2, 3]);
    expect(log['execution-data'].target).toEqual({ host: 'WS01', ip: '127.0.1.1' });
    expect(log.procedures[0]?.steps[0]?.command).toBe(execution().commandLine);
  });

  it('gives each host a log of its own, since a log has one target', async () => {
    const result = runResult([
      execution(),
      execution({ id: 'b', host: { id: 'srv/1', name: 'SRV1', role: 'server' } }),
    ]);
    const { parts, render: one } = reporters.get('attire');
    const files = parts?.(result) ?? [];
    expect(files.map(({ fileName }) => fileName)).toEqual(['attire-ws01.json', 'attire-srv_1.json']);
    const logs = await Promise.all(
      files.map(async (part) => attire.parse(JSON.parse(await one(part.result, reportContext)))),
    );
    expect(logs.map((log) => [log['execution-data'].target.host, log.procedures.length])).toEqual([
      ['WS01', 1],
      ['SRV1', 1],
    ]);
  });
});

describe('vectr', () => {
  it("uses VECTR's columns and words, and leaves controls out", async () => {
    const [head = [], ...rows] = parseCsv(await render('vectr'));
    const records = rows.map((row) =>
      Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])),
    );
    // Columns that vectr-tools' reader looks up by name.
    const read = z.object({
      AssessmentGroup: z.string().min(1),
      Campaign: z.string().min(1),
      Variant: z.string().min(1),
      MitreID: z.literal('T1071.002'),
      Status: z.enum(['NotPerformed', 'Completed']),
      Outcome: z.enum(['TBD', 'Blocked', 'Detected', 'NotDetected']),
      'Alert Severity': z.enum(['TBD', 'Info', 'Low', 'Med', 'High', 'Critical']),
      'Alert Triggered': z.enum(['TBD', 'Yes', 'No']),
      'Activity Logged': z.enum(['TBD', 'Yes', 'No']),
      SourceIps: z.string(),
      TargetAssets: z.string(),
      'Start Time Epoch': z.string().regex(/^\d{13}$|^$/),
      'Attacker Tools': z.string(),
    });
    expect(records.map((record) => read.parse(record).Outcome)).toEqual(['Detected', 'NotDetected', 'TBD']);
    expect(records.map((record) => record['Activity Logged'])).toEqual(['Yes', 'Yes', 'TBD']);
  });
});

/** OCSF 1.3.0, class 2004: required attributes of the class and of the objects in it, and the types of what is written. */
const named = z.strictObject({ uid: z.string(), name: z.string() });
const ocsf = z.strictObject({
  activity_id: z.literal(1),
  activity_name: z.literal('Create'),
  category_uid: z.literal(2),
  category_name: z.literal('Findings'),
  class_uid: z.literal(2004),
  class_name: z.literal('Detection Finding'),
  type_uid: z.literal(2004 * 100 + 1),
  type_name: z.string(),
  time: z.int().min(1e12),
  start_time: z.int().optional(),
  end_time: z.int().optional(),
  severity_id: z.union([z.literal(2), z.literal(4)]),
  severity: z.enum(['Low', 'High']),
  status_id: z.literal(1),
  status: z.literal('New'),
  message: z.string().min(1),
  metadata: z.strictObject({
    version: z.literal('1.3.0'),
    product: z.strictObject({ name: z.string(), vendor_name: z.string(), version: z.string() }),
  }),
  finding_info: z.strictObject({
    uid: z.string().min(1),
    title: z.string().min(1),
    desc: z.string(),
    types: z.array(z.string()),
    created_time: z.int(),
    analytic: z.strictObject({
      uid: z.literal('AN1169'),
      name: z.string(),
      type: z.string(),
      type_id: z.int(),
    }),
    attacks: z.array(
      z.strictObject({ version: z.string(), tactic: named, technique: named, sub_technique: named }),
    ),
  }),
  remediation: z.strictObject({ desc: z.string() }),
  resources: z.array(z.strictObject({ uid: z.string(), name: z.string(), type: z.string() })),
  evidences: z.array(
    z.strictObject({
      process: z.strictObject({ cmd_line: z.string(), pid: z.int().optional(), name: z.string() }),
      src_endpoint: z.strictObject({ hostname: z.string(), ip: z.string().optional() }),
      dst_endpoint: z.strictObject({ ip: z.string(), port: z.int() }),
    }),
  ),
  unmapped: z.record(z.string(), z.unknown()),
});

describe('ocsf', () => {
  it('is a finding per gap and line, whatever the names', async () => {
    for (const result of [mixed(), foreign()]) {
      const lines = (await render('ocsf', result)).trimEnd().split('\n');
      const findings = lines.map((line) => ocsf.parse(JSON.parse(line)));
      expect(findings).toHaveLength(result.executions.flatMap(({ gaps }) => gaps).length);
      expect(new Set(findings.map(({ finding_info }) => finding_info.uid)).size).toBe(findings.length);
    }
  });

  it('is empty without gaps', async () => {
    expect(await render('ocsf', runResult([execution()]))).toBe('');
  });
});

describe('github', () => {
  it('says first what was simulated and what came of it, and stays below the limit of a job summary', async () => {
    const many = Array.from({ length: 500 }, (_, n) => ({ ...brokenExecution(), id: `d${n}` }));
    const text = await render('github', runResult([...many, errorExecution()]));
    expect(text.split('\n').slice(0, 3).join('\n')).toContain('0 of 500 uploads alerted');
    expect(text).toContain('> Simulated hosts');
    expect(text).toContain('and 450 more');
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
  });

  it('lets no name out of its cell', async () => {
    const text = await render('github', foreign());
    const rows = text.split('\n').filter((line) => line.startsWith('| ') && line.includes('logged'));
    for (const row of rows) expect([5, 6]).toContain(row.match(/(?<!\\)\|/g)?.length);
    expect(text.replaceAll(/^(`{3,})\n[\s\S]*?\n\1$/gm, '')).not.toMatch(/(?<!\\)<(script|img)/);
    expect(text).not.toContain('\u202E');
  });
});
