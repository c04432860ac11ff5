import type { Field, Mapping } from '../sql/mapping.js';
import { firstOf, literal, literals, type Sql } from '../sql/sql.js';
import { groupMappings, parts, type FieldSource, type Group } from '../sql/staging.js';
import { fileModified, groupsOf, re2, type LineForm } from './format.js';

/** How a form is tried on a line, in SQL. */
export interface FormSql {
  /** Over `line` (and `h`, the number of the header in force): a value that is NULL where the form cannot match. */
  readonly value: Sql;
  /** Whether it matched. @param value the column that holds the value. */
  readonly matched: (value: Sql) => Sql;
  /** A field that the value holds, or undefined. It is NULL where the form did not match. */
  readonly field: (value: Sql, name: string) => Sql | undefined;
  /** A field that is taken out of these. */
  readonly derive?: LineForm['derive'];
  readonly kind: LineForm['kind'];
}

/** A form that is told by a pattern. */
export function patternForm({ pattern, has, derive, kind }: LineForm): FormSql {
  const names = groupsOf(pattern);
  const extracted = `regexp_extract(line, ${literal(re2(pattern))}, ${literals(['whole', ...names])})`;
  return {
    value: has === undefined ? extracted : `CASE WHEN contains(line, ${literal(has)}) THEN ${extracted} END`,
    matched: (value) => `${value}.whole <> ''`,
    field: (value, name) => (names.includes(name) ? `absent(${value}.${name})` : undefined),
    ...(derive === undefined ? {} : { derive }),
    kind,
  };
}

/** Forms and mappings of one product. */
export interface FormatSql {
  readonly forms: readonly FormSql[];
  readonly mappings: readonly Mapping[];
}

export interface TextSource {
  /** In order of preference. */
  readonly formats: readonly FormatSql[];
  /** When the file was last written, as a literal timestamp. */
  readonly modified: Sql;
  /** Whether lines that start with `#` are no records. */
  readonly comments: boolean;
}

export interface TextStage {
  readonly groups: readonly Group[];
  /** Reads lines (`line`, `h`, and `n` or NULL) into the table `name`: one row per line, in the order of the file. */
  statement(lines: Sql, name: string): Sql;
}

interface Texts extends FieldSource {
  readonly names: readonly string[];
}

/** Fields of a staged record by their place in its list of texts. */
function texts(modified: Sql): Texts {
  const names: string[] = [];
  return {
    names,
    field: (name) => {
      if (name === fileModified) return modified;
      const known = names.indexOf(name);
      return `f${String(known === -1 ? names.push(name) - 1 : known)}`;
    },
    columns: (relation, text) =>
      `(select *${names.map((_, at) => `, ${text(at)} AS f${String(at)}`).join('')} from ${relation})`,
  };
}

/** A CASE without branches is no SQL. */
const cases = (subject: Sql, branches: readonly Sql[], otherwise: Sql): Sql =>
  branches.length === 0 ? otherwise : `CASE ${subject} ${branches.join('\n')} ELSE ${otherwise} END`;

const valueOf = (at: number): Sql => `s${String(at)}`;

/** Forms one inside the other: what an earlier one took, a later one does not try. */
function tried(forms: readonly FormSql[], lines: Sql, comments: boolean): Sql {
  const comment = `coalesce(trim(line, ' ' || chr(9)) = ''${comments ? ` OR starts_with(line, '#')` : ''}, true)`;
  return forms.reduce(
    (relation, { value, matched }, at) => `(select * exclude (form),
      CASE WHEN form = 0 AND ${matched(valueOf(at))} THEN ${String(at + 1)} ELSE form END AS form
      from (select *, CASE WHEN NOT comment AND form = 0 THEN ${value} END AS ${valueOf(at)} from ${relation}))`,
    `(select *, ${comment} AS comment, 0 AS form from ${lines})`,
  );
}

/**
 * A form with its number, and its fields as columns: an expression over columns may be repeated, where one over a text would be long and
 * slow. What is taken out of other fields comes in a second layer.
 */
interface Numbered {
  readonly number: number;
  readonly form: FormSql;
  /** The field's column, or undefined for one that such a line does not have. */
  readonly column: (name: string) => Sql | undefined;
  readonly plain: readonly Sql[];
  readonly derived: readonly Sql[];
}

function numbered(form: FormSql, at: number): Numbered {
  const known = new Map<string, Sql>();
  const plain: Sql[] = [];
  const derived: Sql[] = [];
  const added = (name: string, layer: Sql[], expression: Sql): Sql => {
    const column = `c${String(at)}_${String(known.size)}`;
    known.set(name, column);
    layer.push(`${expression} AS ${column}`);
    return column;
  };
  const held = (name: string): Sql | undefined => {
    const before = known.get(name);
    const own = form.field(valueOf(at), name);
    return before ?? (own === undefined ? undefined : added(name, plain, own));
  };
  const column = (name: string): Sql | undefined => {
    const found = held(name);
    if (found !== undefined) return found;
    const taken = form.derive?.(name, (inner) => held(inner) ?? 'NULL::VARCHAR');
    return taken === undefined ? undefined : added(name, derived, taken);
  };
  return { number: at + 1, form, column, plain, derived };
}

export function textStage({ formats, modified, comments }: TextSource): TextStage {
  const groups: Group<Texts>[] = [];
  const forms: Numbered[] = [];
  const data: Sql[] = [];
  const unneeded: Sql[] = [];
  for (const format of formats) {
    const own = format.forms.map((form, at) => numbered(form, forms.length + at));
    forms.push(...own);
    const field: Field = (name) =>
      name === fileModified ? modified : firstOfFields(own.flatMap(({ column }) => column(name) ?? []));
    const added = groupMappings(format.mappings, () => texts(modified), groups.length + 1);
    groups.push(...added);
    for (const { part, kinds, fields, unneeded: when } of added) {
      data.push(`WHEN ${String(part)} THEN [${fields.names.map(field).join(', ')}]`);
      if (when !== undefined)
        unneeded.push(...kinds.map((kind) => `WHEN ${literal(kind)} THEN ${when(field)}`));
    }
  }
  const kinds = forms.map(({ number, form, column }) => {
    const own: Field = (name) => (name === fileModified ? modified : (column(name) ?? 'NULL::VARCHAR'));
    return `WHEN ${String(number)} THEN ${form.kind(own)}`;
  });
  const parted = groups.flatMap(({ kinds: own, part }) =>
    own.map((kind) => `WHEN ${literal(kind)} THEN ${String(part)}`),
  );
  return {
    groups,
    statement: (lines, name) => {
      const read = tried(
        forms.map(({ form }) => form),
        lines,
        comments,
      );
      const listed = (columns: readonly Sql[]): Sql => columns.map((sql) => `, ${sql}`).join('');
      const plain = `(select n, line, comment, form${listed(forms.flatMap((one) => one.plain))} from ${read})`;
      const fields = `(select *${listed(forms.flatMap(({ derived }) => derived))} from ${plain})`;
      const named = `(select *, ${cases('form', kinds, 'NULL::VARCHAR')} AS kind from ${fields})`;
      const judged = `(select *, coalesce(${cases('kind', unneeded, 'false')}, false) AS unneeded from ${named})`;
      const staged = `(select *, CASE WHEN comment THEN ${String(parts.none)} WHEN form = 0 THEN ${String(parts.rejected)}
        WHEN unneeded THEN ${String(parts.ignored)} ELSE ${cases('kind', parted, String(parts.ignored))} END AS part from ${judged})`;
      return `create or replace temp table ${name} as
        select NULL::BIGINT AS line, CAST(n AS BIGINT) AS record, CAST(part AS SMALLINT) AS part,
          CASE WHEN unneeded THEN kind || ' (unneeded)' ELSE coalesce(kind, 'unrecognised') END AS kind, NULL::VARCHAR AS id,
          CASE WHEN part > 0 THEN hash(line) END AS digest, ${cases('part', data, 'NULL::VARCHAR[]')} AS d,
          CASE WHEN part = ${String(parts.rejected)} THEN line END AS raw
        from ${staged}`;
    },
  };
}

const firstOfFields = (found: readonly Sql[]): Sql => (found.length === 0 ? 'NULL::VARCHAR' : firstOf(found));
