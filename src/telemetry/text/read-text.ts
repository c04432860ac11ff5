import { stat } from 'node:fs/promises';
import { keptBytes } from '../input/lines.js';
import { literal, type Sql } from '../sql/sql.js';
import { parts, recordNumber, throughStage } from '../sql/staging.js';
import type { Store } from '../store.js';
import type { ReadCounts, ReadInput } from '../types.js';
import type { LineFormat } from './format.js';
import { overLines, replacement } from './lines.js';
import { patternForm, textStage, type TextStage } from './stage.js';

/** Staging of an input, and the lines that it reads: what has to be known of the lines before may be asked of them. */
export type StageOf = (
  lines: Sql,
  modified: Sql,
) => Promise<{ readonly stage: TextStage; readonly lines: Sql }>;

async function reportRejected({ path, reject }: ReadInput, store: Store, table: string): Promise<void> {
  const rejected = await store.rows<{ n: number; raw: string }>(`
    select ${recordNumber} AS n, left(raw, ${String(keptBytes)}) AS raw
    from ${table} where part = ${String(parts.rejected)} order by n limit 10000`);
  for (const { n, raw } of rejected) {
    const reason = raw.startsWith(replacement)
      ? 'the line is too long, or starts with bytes that are no text'
      : "none of the product's forms of line";
    reject({ path, line: n, reason, raw });
  }
}

/** Reads an input line by line, in one scan. A line in none of the known forms is rejected, with its place. */
export async function readStaged(input: ReadInput, store: Store, stageOf: StageOf): Promise<ReadCounts> {
  const modified = `TIMESTAMP ${literal((await stat(input.path)).mtime.toISOString().slice(0, -1))}`;
  return throughStage(input, store, async (table, folder) => {
    const { result, broken } = await overLines(input, folder, async (relation) => {
      const { stage, lines } = await stageOf(relation, modified);
      await store.run(stage.statement(lines, table));
      return stage.groups;
    });
    await reportRejected(input, store, table);
    if (broken !== undefined) {
      // What came before the break is kept; the break itself is one rejected record.
      const [row] = await store.rows<{ n: number }>(`select count(*) AS n from ${table}`);
      const line = (row?.n ?? 0) + 1;
      input.reject({ path: input.path, line, reason: `the input ends early: ${broken}`, raw: '' });
      await store.run(`insert into ${table} (part) values (${String(parts.rejected)})`);
    }
    return result;
  });
}

/** Formats of which a line may be there: a text that all their lines hold is. A scan for these is cheap, and trying their patterns is not. */
async function present(
  store: Store,
  lines: Sql,
  formats: readonly LineFormat[],
): Promise<readonly LineFormat[]> {
  if (formats.length < 2) return formats;
  const marks = formats.map(({ forms }) =>
    forms.map(({ has }) => (has === undefined ? 'true' : `contains(line, ${literal(has)})`)).join(' OR '),
  );
  const [found] = await store.rows<{ found: boolean[] }>(
    `select [${marks.map((mark) => `coalesce(bool_or(${mark}), false)`).join(', ')}] AS found from ${lines}`,
  );
  return formats.filter((_, at) => found?.found[at] === true);
}

/** Reads an input whose lines are in the forms of these formats, the first that matches. */
export async function readText(
  input: ReadInput,
  store: Store,
  formats: readonly LineFormat[],
): Promise<ReadCounts> {
  return readStaged(input, store, async (lines, modified) => {
    const there = await present(store, lines, formats);
    const inSql = there.map(({ forms, mappings }) => ({ forms: forms.map(patternForm), mappings }));
    return {
      stage: textStage({ formats: inSql, modified, comments: false }),
      lines: `(select line, NULL AS n from ${lines})`,
    };
  });
}
