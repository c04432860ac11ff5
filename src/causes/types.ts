import type { Leg } from '../config/index.js';
import type { Link } from './links.js';

/** Why a link of the chain breaks. Texts are one source for the report, the docs and the tests. */
export interface Cause {
  /** A few words, for a heading. */
  readonly title: string;
  /** The link that breaks. */
  readonly link: Link;
  /** Legs on which it can break; empty where it concerns the execution as a whole. */
  readonly legs: readonly Leg[];
  /** What was seen, and what follows from it. */
  readonly meaning: string;
  /**
   * What mends it, to be pasted. `{host}`, `{sink}`, `{port}` and `{protocol}` are filled in by `describeGap`; a comment line in
   * the language of the snippet says where it goes.
   */
  readonly remedy: string;
}
