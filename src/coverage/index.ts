export * from './run-schema.js';
export { coverage } from './coverage.js';
export { findings } from './findings.js';
export { assembleRun, type AssembleInput } from './assemble.js';
export { failOnNames, judge, type FailOn } from './judge.js';
