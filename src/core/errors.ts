import { exitCodes, type ExitCode } from './exit-codes.js';

/** The place in a user's file that an error speaks of. Lines and columns count from 1. */
export interface Where {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Path inside the document, for example `hosts[0].address`. */
  readonly path?: string;
}

export interface ErrorDetails {
  /** Stable and kebab-case, for scripts. */
  readonly code: string;
  readonly message: string;
  readonly where?: Where;
  /** The next step for whoever reads it. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** Base of every error that Dyetrace raises on purpose; anything else is a defect of ours. */
export class DyetraceError extends Error {
  readonly code: string;
  readonly where: Where | undefined;
  readonly remedy: string | undefined;
  readonly exitCode: ExitCode;

  constructor(details: ErrorDetails, exitCode: ExitCode) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.where = details.where;
    this.remedy = details.remedy;
    this.exitCode = exitCode;
  }
}

/** What the user gave cannot be used: a file, an option, a name. Exit code 2. */
export class InputError extends DyetraceError {
  constructor(details: ErrorDetails) {
    super(details, exitCodes.badInput);
  }
}

/** The scope forbids it. Exit code 2: the lab file or the selection has to change. */
export class ScopeError extends DyetraceError {
  constructor(details: ErrorDetails) {
    super(details, exitCodes.badInput);
  }
}

/** A host, a sink or the SIEM failed, so that we could not look. Exit code 3. */
export class LabError extends DyetraceError {
  constructor(details: ErrorDetails) {
    super(details, exitCodes.labFailed);
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `code` of a Node system error such as ENOENT, if it has one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** `file:line:column (path)`, with what is known. */
export function formatWhere(where: Where): string {
  const place = [where.file, where.line, where.column].filter((part) => part !== undefined).join(':');
  if (where.path === undefined || where.path === '') return place;
  return place === '' ? where.path : `${place} (${where.path})`;
}
