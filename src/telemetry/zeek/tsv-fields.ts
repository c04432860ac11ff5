import { literal } from '../sql/sql.js';
import type { FieldSource } from '../sql/staging.js';
import type { ZeekHeader } from './header.js';

const other: Readonly<Record<string, readonly string[]>> = { observer: ['_system_name'] };

/** Fields of a row that was split at the separator, by the header's names. */
export function tsvFields(header: ZeekHeader): FieldSource {
  const used = new Set<number>();
  const absent = `(${[header.unset, header.empty, ''].map(literal).join(', ')})`;
  return {
    field: (name) => {
      const at = [name, ...(other[name] ?? [])]
        .map((key) => header.fields.indexOf(key))
        .find((i) => i !== -1);
      if (at === undefined) return 'NULL::VARCHAR';
      used.add(at);
      return `f${String(at)}`;
    },
    columns: (relation, text) => {
      const columns = [...used].map(
        (at) =>
          `, CASE WHEN ${text(at)} IN ${absent} THEN NULL ELSE zeek_text(${text(at)}) END AS f${String(at)}`,
      );
      return `(select *${columns.join('')} from ${relation})`;
    },
  };
}
