/** Where a field of an event stands. */
export type Part = 'system' | 'data';

/** A field of an event. */
export interface WantedField {
  readonly part: Part;
  /**
   * In the System part elements, and attributes as `Element.Attribute`: `EventRecordID`, `TimeCreated.SystemTime`. In EventData the
   * value of `Name`; values without one are param1, param2, … In UserData, elements.
   */
  readonly name: string;
  /** What it is called in the line of JSON. */
  readonly key: string;
}

/** A product whose events are told apart by their ids. */
export interface Product {
  /** As its manifest spells it. Compared without regard to case, as the channel. */
  readonly provider: string;
  /** Tells the product where an event names no provider. */
  readonly channel: string;
  readonly module: string;
}

/** Which events are wanted, by kind: `<module> <event id>`. Plain data, since worker threads take it. */
export interface Wanted {
  readonly products: readonly Product[];
  /** Fields by kind; `all`: everything of every event, with `<part>/<name>` as keys. */
  readonly kinds: Readonly<Record<string, readonly WantedField[]>> | 'all';
}

/** A record that could not be read, or a chunk that is not what its header says. */
export interface Damaged {
  /** In the file, in bytes. */
  readonly offset: number;
  readonly reason: string;
  /** 64 KiB at most. */
  readonly raw: Uint8Array;
}

/** What became of the records of a part of a file. */
export interface Counts {
  /** Records that were written as JSON. */
  written: number;
  /** Records that nobody wants, by kind. */
  readonly ignored: Map<string, number>;
  rejected: number;
}

/** Takes what was read, in the order of the file. */
export interface Sink {
  /**
   * Whole lines of JSON: `{"line": <offset in the file>, "kind": "<module> <event id>", <key>: <text>, …}`. The bytes are valid
   * until the promise settles.
   */
  write(lines: Uint8Array): Promise<void>;
  damaged(record: Damaged): void;
}
