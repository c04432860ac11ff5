export * from './result-schema.js';
export type { AlertResult, VerifyHit, VerifyInput, VerifyResult } from './types.js';
export { verifyRun } from './verify.js';
