import type { Mapping } from '../sql/mapping.js';
import { literals, type Sql } from '../sql/sql.js';
import { extraction, type Extraction } from './fields.js';
import type { JsonShape } from './shape.js';

/** Mappings of the same kinds share one extraction. */
export interface Group {
  readonly kinds: readonly string[];
  readonly mappings: readonly {
    readonly mapping: Mapping;
    readonly columns: Readonly<Record<string, Sql>>;
  }[];
  readonly extraction: Extraction;
}

export interface Stage {
  readonly statement: Sql;
  readonly groups: readonly Group[];
}

/**
 * The statement that reads an input once, in parallel, into the table `name`: one row per record in the order of the file
 * (`rowid` + 1 is the record's number), with its state, its kind, its own id, and the texts that its mappings need. Records of
 * unwanted kinds leave nothing but their kind.
 * @param relation gives one column `json`, NULL for a line that is no JSON.
 */
export function stageStatement(shape: JsonShape, relation: Sql, name: string): Stage {
  const header = extraction(shape, 'h', 'hn');
  const kind = shape.kind(header.field);
  const identity = shape.identity(header.field);
  const line = shape.line === undefined ? 'NULL' : `TRY_CAST(${shape.line(header.field)} AS BIGINT)`;
  const groups = groupMappings(shape);
  const wanted = literals(groups.flatMap((group) => group.kinds));
  const data = groups.map(
    (group) => `WHEN list_contains(${literals(group.kinds)}, kind) THEN ${group.extraction.extract('doc')}`,
  );
  const statement = `
    create or replace temp table ${name} as
    select size, kind, CASE WHEN state = 'used' THEN id END AS id, state,
      CASE WHEN state = 'used' THEN CASE WHEN id IS NULL THEN hash(json) ELSE hash(id) END END AS digest,
      CASE WHEN state = 'used' THEN CASE ${data.join('\n')} END END AS d,
      line
    from (select *, CASE WHEN NOT coalesce(ok, false) THEN 'rejected' WHEN list_contains(${wanted}, kind) THEN 'used'
        ELSE 'ignored' END AS state
      from (select size, json, doc, ok, CASE WHEN ok THEN coalesce(${kind}, 'unrecognised') END AS kind, ${identity} AS id,
        CAST(${line} AS BIGINT) AS line
        from (select *, ${header.nested()} AS hn
          from (select *, CASE WHEN ok THEN ${header.extract('doc')} END AS h
            from (select json, strlen(json) AS size, ${shape.document ?? 'json'} AS doc, starts_with(ltrim(json), '{') AS ok
              from ${relation})))))`;
  return { statement, groups };
}

function groupMappings(shape: JsonShape): Group[] {
  const byKinds = new Map<string, Mapping[]>();
  for (const mapping of shape.mappings) {
    const key = mapping.kinds.join('\n');
    byKinds.set(key, [...(byKinds.get(key) ?? []), mapping]);
  }
  return [...byKinds.values()].map((mappings) => {
    const fields = extraction(shape, 'd', 'e');
    return {
      kinds: mappings[0]?.kinds ?? [],
      mappings: mappings.map((mapping) => ({ mapping, columns: mapping.columns(fields.field) })),
      extraction: fields,
    };
  });
}
