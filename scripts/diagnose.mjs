// `npm run diagnose`: alters the telemetry of a fault-free run, judges it as `verify RUN --telemetry` does, and counts what is named.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findRun, verifyAgain } from '../dist/index.js';
import { alterations } from './diagnose/alterations.mjs';

const { values } = parseArgs({
  options: {
    run: { type: 'string' },
    json: { type: 'boolean' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const work = mkdtempSync(join(tmpdir(), 'dyetrace-diagnose-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

function record() {
  const args = [
    'dist/main.js',
    'run',
    '--embedded',
    '--background',
    '500',
    '--seed',
    values.seed,
    '--json',
    '--fail-on',
    'never',
    '--reports',
    work,
  ];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return join(
    work,
    readdirSync(work).find((name) => /^\d{8}-/.test(name)),
  );
}

const folder = await findRun(values.run ?? record(), work);
const truth = await verifyAgain(folder, undefined);
const subjects = truth.executions.filter(({ control, outcome }) => !control && outcome === 'alerted');

/** Which cause the diagnosis gives on the link and leg where the fault is; else the first that it gives at all. */
function named(execution, { link, leg }) {
  const right = execution.gaps.filter((gap) => gap.link === link && (leg === null || gap.leg === leg));
  return {
    place: right.length > 0,
    causes: (right.length > 0 ? right : execution.gaps).map((gap) => gap.cause),
  };
}

const cases = [];
const kinds =
  values.sample === undefined
    ? alterations
    : alterations.slice(0, Math.ceil(Number(values.sample) / subjects.length));
for (const kind of kinds) {
  const telemetry = join(work, 'telemetry');
  rmSync(telemetry, { recursive: true, force: true });
  cpSync(folder.telemetry, telemetry, { recursive: true });
  kind.alter(telemetry);
  const { executions } = await verifyAgain(folder, telemetry);
  for (const before of subjects) {
    if (kind.leg !== null && before.legs[kind.leg].state !== 'seen') continue;
    const found = named(
      executions.find(({ id }) => id === before.id),
      kind,
    );
    const right =
      kind.link === null
        ? found.causes.length === 0
        : found.place && found.causes.some((cause) => kind.causes.includes(cause));
    cases.push({
      kind: kind.name,
      scenario: before.scenario,
      initiator: before.initiator,
      protocol: before.protocol,
      expected: kind.causes,
      ...found,
      right,
      why: kind.why ?? null,
    });
  }
}

if (values.json) console.log(JSON.stringify({ schema: 'dyetrace.diagnose/1', cases }, null, 2));
else {
  for (const { name, causes, why } of kinds) {
    const own = cases.filter(({ kind }) => kind === name);
    const wrong = own.filter(({ right }) => !right);
    const instead = wrong
      .map((one) => `${one.scenario}: ${[...new Set(one.causes)].join('+') || 'nothing'}`)
      .join('; ');
    console.log(
      `${name}: ${causes.join(' or ') || 'no gap'}: ${own.length - wrong.length} of ${own.length}${instead === '' ? '' : ` (${instead})`}`,
    );
    if (why !== undefined) console.log(`  indistinguishable in principle: ${why}`);
  }
}
const faults = cases.filter(({ expected }) => expected.length > 0);
const clean = cases.filter(({ expected }) => expected.length === 0);
const out = values.json ? console.error : console.log;
out(`false gaps in ${clean.filter(({ right }) => !right).length} of ${clean.length} cases without a fault`);
out(`${faults.filter(({ right }) => right).length} of ${faults.length} faults named`);
