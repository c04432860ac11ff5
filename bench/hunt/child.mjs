/** One measured job in a process of its own: prints seconds, CPU seconds and peak memory as JSON. */
import { readFileSync } from 'node:fs';

const [job, file] = process.argv.slice(2);

const jobs = {
  /** The floor: DuckDB from Node, a scan that projects the fields that the analytic needs, and keeps nothing. */
  async scan() {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const { statement } = JSON.parse(readFileSync(0, 'utf8'));
    const instance = await DuckDBInstance.create(':memory:', { memory_limit: '1GB' });
    const connection = await instance.connect();
    return async () => {
      await connection.run(statement);
      return {};
    };
  },
  /** The whole analytic, as `dyetrace hunt` runs it. */
  async hunt() {
    const { hunt, huntParameters } = await import('../../dist/index.js');
    return async () => {
      const { result } = await hunt({
        paths: [file],
        parameters: huntParameters(null, []),
        approvedTransfers: [],
        incidentRules: [],
        quarantine: null,
      });
      return {
        records: result.summary.records,
        hits: result.hits.length,
        unattributed: result.unattributed.length,
      };
    };
  },
};

const run = await jobs[job]();
const from = performance.now();
const before = process.cpuUsage();
const found = await run();
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    seconds: (performance.now() - from) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    ...found,
  }),
);
