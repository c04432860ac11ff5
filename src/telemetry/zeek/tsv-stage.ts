import { literal, type Sql } from '../sql/sql.js';
import { groupMappings, parts, type Group } from '../sql/staging.js';
import type { ZeekHeader } from './header.js';
import { zeekFilesKind, zeekMappings } from './mappings.js';
import { tsvFields } from './tsv-fields.js';

export interface TsvStage {
  readonly groups: readonly Group[];
  /** The statement that reads lines (column `line`) into the table `name`, all of them as rows under one header. */
  statement(lines: Sql, name: string): Sql;
  /** The statement that judges rows of a table whose column `d` holds every line, under this header. */
  mark(name: string, where: Sql): Sql;
}

/** @param firstPart number of the first group of mappings. */
export function tsvStage(header: ZeekHeader, firstPart: number): TsvStage {
  const judge = tsvFields(header);
  const text = (at: number): Sql => `d[${String(at + 1)}]`;
  const groups = groupMappings(zeekMappings, () => tsvFields(header), firstPart);
  const kind = header.log === 'files' ? zeekFilesKind(judge.field('source')) : literal(`zeek ${header.log}`);
  // Of the groups, those that can be under this header: a kind is one log's.
  const own = groups.filter(({ kinds }) => kinds.includes(`zeek ${header.log}`));
  const unneeded = own.flatMap(({ unneeded: when }) =>
    when === undefined ? [] : [`coalesce(${when(judge.field)}, false)`],
  );
  const parted = own.flatMap(({ kinds, part }) =>
    kinds.map((one) => `WHEN ${literal(one)} THEN ${String(part)}`),
  );
  const part = `CASE WHEN comment THEN ${String(parts.none)} WHEN len(d) <> ${String(header.fields.length)} THEN ${String(parts.rejected)}
    WHEN unneeded THEN ${String(parts.ignored)}
    ELSE ${parted.length === 0 ? '' : `CASE kind ${parted.join(' ')} ELSE`} ${String(parts.ignored)} ${parted.length === 0 ? '' : 'END'} END`;
  /** A relation with `kind`, `part` and `unneeded`, over one with `line` or not, and `d`. */
  const judged = (relation: Sql): Sql => {
    const named = `(select *, ${kind} AS kind, ${unneeded[0] ?? 'false'} AS unneeded from ${judge.columns(relation, text)})`;
    return `(select *, ${part} AS part from ${named})`;
  };
  const shown = "CASE WHEN unneeded THEN kind || ' (unneeded)' ELSE kind END";
  return {
    groups,
    statement: (lines, name) => {
      const split = `(select line, string_split(line, ${literal(header.separator)}) AS d,
        coalesce(starts_with(line, '#') OR line = '', true) AS comment from ${lines})`;
      return `create or replace temp table ${name} as
        select NULL::BIGINT AS line, NULL::BIGINT AS record, CAST(part AS SMALLINT) AS part, CASE WHEN NOT comment THEN ${shown} END AS kind, NULL::VARCHAR AS id,
          CASE WHEN part > 0 THEN hash(line) END AS digest, CASE WHEN part > 0 THEN d END AS d,
          CASE WHEN comment OR part = ${String(parts.rejected)} THEN line END AS raw
        from ${judged(split)}`;
    },
    mark: (name, where) => `update ${name} set kind = j.shown, part = j.part
      from (select n, ${shown} AS shown, part from ${judged(`(select rowid AS n, d, false AS comment from ${name} where ${where})`)}) j
      where ${name}.rowid = j.n`,
  };
}
