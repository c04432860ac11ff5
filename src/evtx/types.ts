/** What is wanted of the events of one kind: names of the System part and of EventData. */
export interface WantedFields {
  /** Elements, and attributes as `Element.Attribute`: `EventRecordID`, `TimeCreated.SystemTime`. */
  readonly system: readonly string[];
  /** EventData by name; nameless values are param1, param2, … */
  readonly data: readonly string[];
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
  /** Fields by kind; `all`: everything of every event. */
  readonly kinds: Readonly<Record<string, WantedFields>> | 'all';
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
  /** Whole lines of JSON. The bytes are valid until the promise settles. */
  write(lines: Uint8Array): Promise<void>;
  damaged(record: Damaged): void;
}
