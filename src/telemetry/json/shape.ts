import type { Field, Mapping } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';

/** How one exporter writes records as JSON: where the product's fields lie in it, and what tells the kind of record. */
export interface JsonShape {
  /** JSON text that holds the record, as an expression over `json` (the whole line); the line itself if left out. */
  readonly document?: Sql;
  /** JSONPaths of a field in the document, in order of preference. */
  readonly paths: (name: string) => readonly string[];
  /** A text inside the document (JSON or XML) that holds fields: where it lies, and how to take fields from it as a list. */
  readonly nested?: {
    readonly path: string;
    readonly extract: (source: Sql, names: readonly string[]) => Sql;
    /** Whether a field may be looked for there. */
    readonly holds: (name: string) => boolean;
  };
  /** A field that has to be put together from others; undefined for one that lies there as it is. */
  readonly derive?: (name: string, field: Field) => Sql | undefined;
  /** The line of the record in its input, where the record itself says so (it was converted). */
  readonly line?: (field: Field) => Sql;
  /** `<module> <code>`, or NULL for a record that this shape does not know. */
  readonly kind: (field: Field) => Sql;
  /** The product's own id of the record, or NULL. */
  readonly identity: (field: Field) => Sql;
  readonly mappings: readonly Mapping[];
}

/** JSONPath of a key, or of nested keys. Keys are quoted, so that dots and blanks in them are taken as they are. */
export const jsonPath = (...keys: readonly string[]): string =>
  `$${keys.map((key) => `."${key.replaceAll('"', '\\"')}"`).join('')}`;
