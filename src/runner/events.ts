import type { Receipt, Refusal } from '../sinks/index.js';

/** What a run tells while it goes, for progress and logs. */
export type RunEvent =
  | {
      readonly kind: 'phase';
      readonly phase: 'prepare' | 'execute' | 'collect' | 'verify' | 'report' | 'clean-up';
      readonly text: string;
    }
  | {
      readonly kind: 'execution-started';
      readonly execution: string;
      readonly scenario: string;
      readonly host: string;
    }
  | {
      readonly kind: 'execution-ended';
      readonly execution: string;
      readonly scenario: string;
      readonly host: string;
      readonly error: string | null;
    }
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | {
      readonly kind: 'connect-retry';
      readonly host: string;
      readonly attempt: number;
      readonly error: string;
    }
  | { readonly kind: 'waiting'; readonly text: string };

export type RunListener = (event: RunEvent) => void;
