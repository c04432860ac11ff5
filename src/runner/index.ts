export * from './plan-schema.js';
export * from './journal-schema.js';
export * from './plan.js';
export { planStep } from './plan-steps.js';
export { tracerSpec } from './tracer-spec.js';
export * from './journal.js';
export * from './events.js';
export { executePlan, type ExecuteTools } from './execute.js';
export { cleanUp, openEffects, type CleanUpResult, type CleanUpTools, type OpenEffect } from './clean-up.js';
