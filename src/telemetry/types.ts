import type { Probe } from './input/bytes.js';
import type { JsonObject } from './input/objects.js';
import type { JsonShape } from './json/shape.js';
import type { Store } from './store.js';

/** The head of an input, by which readers are chosen: content decides, never the file's name. */
export interface Sample {
  readonly path: string;
  /** First bytes of the (decompressed) input, 256 KiB at most. */
  readonly bytes: Buffer;
  /** The same as text; complete lines only where the input is longer than the sample. */
  readonly text: string;
}

/** A record that could not be read: kept with its place and reason, never dropped. */
export interface Rejected {
  readonly path: string;
  /** Line (from 1), record number, or offset in bytes (EVTX). */
  readonly line: number;
  readonly reason: string;
  /** The raw record, cut at 64 KiB; binary ones as `base64:…`. */
  readonly raw: string;
}

/** What became of the records of one input: records = used + ignored + rejected + duplicates. */
export interface ReadCounts {
  readonly records: number;
  readonly used: number;
  /** By kind, for example `sysmon 10` or `zeek dns`. */
  readonly ignored: Readonly<Record<string, number>>;
  readonly rejected: number;
  readonly duplicates: number;
  /** Rows written to the model. */
  readonly rows: number;
  /** Other readers that took records of the same input. */
  readonly also?: readonly string[];
}

export interface ReadInput {
  readonly path: string;
  /** Name of the input in the ids of events that have none of their own: `<label>:<line>`. */
  readonly label: string;
  readonly sample: Sample;
  /** Packing, encoding and size. */
  readonly probe: Probe;
  /** Other readers of JSON, which may take what is none of a reader's own. */
  readonly others: ReadonlyMap<string, JsonKind>;
  /** Takes rejected records; at most 10,000 are kept per input, all are counted. */
  readonly reject: (record: Rejected) => void;
}

/** What the records of a product look like in JSON. */
export interface JsonKind {
  readonly shape: JsonShape;
  /** Whether a record is of this shape, by keys that only this product writes. */
  readonly own: (record: JsonObject) => boolean;
}

/** Reads one product's records into the model. */
export interface Reader {
  /** How sure this reader is that the sample is its own: 0 (not at all) to 1. */
  sniff(sample: Sample): number;
  /** For a reader of JSON records: what its own look like. */
  readonly json?: JsonKind;
  /** Reads the whole input into the store's tables. @throws InputError where the input as a whole cannot be read. */
  read(input: ReadInput, store: Store): Promise<ReadCounts>;
}
