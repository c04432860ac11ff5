import type { Mapping } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import { parts, type Group } from '../sql/staging.js';
import { longestLine } from './index-lines.js';
import { extraction, type Extraction } from './fields.js';
import type { JsonShape } from './shape.js';

export interface Stage {
  readonly statement: Sql;
  readonly groups: readonly Group[];
}

/**
 * The statement that reads an input once, in parallel, into the table `name`: one row per record in the order of the file
 * (`rowid` + 1 is the record's number), with its part, its kind, its own id, and the texts that its mappings need. Records of
 * unwanted kinds leave nothing but their kind.
 * @param relation gives one column `json`, NULL for a line that is no JSON.
 */
export function stageStatement(shape: JsonShape, relation: Sql, name: string): Stage {
  const header = extraction(shape, 'h');
  const kind = shape.kind(header.field);
  const identity = shape.identity(header.field);
  const line = shape.line === undefined ? 'NULL' : `TRY_CAST(${shape.line(header.field)} AS BIGINT)`;
  const groups = groupMappings(shape);
  const partOf = groups.flatMap((group) =>
    group.kinds.map((k) => `WHEN ${literal(k)} THEN ${String(group.part)}`),
  );
  const data = groups.map((group) => `WHEN ${String(group.part)} THEN ${group.fields.extract('doc')}`);
  const lines = `(select json, strlen(json) AS size, ${shape.document ?? 'json'} AS doc,
    coalesce(starts_with(ltrim(json), '{') AND strlen(json) <= ${String(longestLine)}, false) AS ok from ${relation})`;
  const headed = header.columns(
    `(select *, CASE WHEN ok THEN ${header.extract('doc')} END AS h from ${lines})`,
    'h',
  );
  const named = `(select *, ${kind} AS kind, CAST(${line} AS BIGINT) AS line from ${headed})`;
  const parted = `(select *, CASE WHEN ok THEN CASE kind ${partOf.join(' ')} ELSE ${String(parts.ignored)} END
    ELSE ${String(parts.rejected)} END AS part from ${named})`;
  // Most records are ignored: what only the others need is not computed for them.
  const identified = `(select size, json, doc, kind, line, part, CASE WHEN part > 0 THEN ${identity} END AS id from ${parted})`;
  const statement = `
    create or replace temp table ${name} as
    select size, CAST(part AS SMALLINT) AS part, line, coalesce(kind, 'unrecognised') AS kind, id,
      CASE WHEN part > 0 THEN CASE WHEN id IS NULL THEN hash(json) ELSE hash(id) END END AS digest,
      CASE part ${data.join('\n')} END AS d
    from ${identified}`;
  return { statement, groups };
}

function groupMappings(shape: JsonShape): (Group & { readonly fields: Extraction })[] {
  const byKinds = new Map<string, Mapping[]>();
  for (const mapping of shape.mappings) {
    const key = mapping.kinds.join('\n');
    byKinds.set(key, [...(byKinds.get(key) ?? []), mapping]);
  }
  return [...byKinds.values()].map((mappings, index) => {
    const fields = extraction(shape, 'f');
    return {
      part: index + 1,
      kinds: mappings[0]?.kinds ?? [],
      mappings: mappings.map((mapping) => ({ mapping, columns: mapping.columns(fields.field) })),
      fields,
    };
  });
}
