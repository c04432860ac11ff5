/** The library: everything that a command can do. */
export * from './core/index.js';
export * from './config/index.js';
export * from './scenario/index.js';
export {
  planRun,
  readJournal,
  type Plan,
  type PlanInputs,
  type PlannedExecution,
  type RunEvent,
  type RunListener,
} from './runner/index.js';
export type { Receipt, Refusal } from './sinks/index.js';
export { readInputs, Store, type InputReport } from './telemetry/index.js';
export {
  createAnalytic,
  hits,
  unattributed,
  type AnalyticContext,
  type Hit,
  type HuntResult,
  type Unattributed,
} from './analytic/index.js';
export { judge, runResultSchema, type Coverage, type Finding, type RunResult } from './coverage/index.js';
export { reporterNames, type Reporter } from './reporters/index.js';
export * from './pipeline/index.js';
