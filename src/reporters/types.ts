import type { RunResult } from '../coverage/index.js';

/** What a reporter may draw on beside run.json. */
export interface ReportContext {
  /** Folder of the run: raw records lie under telemetry/. */
  readonly runFolder: string;
  /** Whether colour may be used (console only). */
  readonly colour: boolean;
  /** Columns of the terminal (console only). */
  readonly width: number;
}

/** A piece of a run that a format wants in a file of its own. */
export interface ReportPart {
  readonly fileName: string;
  readonly result: RunResult;
}

/** Renders a finished run. Pure: the same run gives the same bytes. */
export interface Reporter {
  /** Name of the file in the run's folder; null: printed, not written. */
  readonly fileName: string | null;
  /** Where one file cannot hold every run: the files, each rendered by itself. */
  parts?(result: RunResult): readonly ReportPart[];
  render(result: RunResult, context: ReportContext): string | Promise<string>;
}
