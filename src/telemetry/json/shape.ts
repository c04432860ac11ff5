import type { Field, Mapping } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';

/** Keys from the record's own object down to a value. Dots and blanks in a key are taken as they are. */
export type Path = readonly string[];

/** How one exporter writes records as JSON: where the product's fields lie in it, and what tells the kind of record. */
export interface JsonShape {
  /**
   * JSON text that holds the record, as an expression over `json` (the whole record), where it is not the record itself. Such
   * shapes, and those that look at `json` elsewhere, cannot be scanned by columns.
   */
  readonly document?: Sql;
  /** Where a field lies in the document, in order of preference. */
  readonly paths: (name: string) => readonly Path[];
  /** A text inside the document (JSON or XML) that holds fields: where it lies, and how to take fields from it as a list. */
  readonly nested?: {
    readonly path: Path;
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

/** A path as a JSONPath, in an SQL literal. */
export const jsonPath = (path: Path): Sql =>
  literal(`$${path.map((key) => `."${key.replaceAll('"', '\\"')}"`).join('')}`);
