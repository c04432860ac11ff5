export * from './types.js';
export { createAnalytic } from './analytic.js';
export { firing, hits, summary, unattributed } from './read.js';
export { runHunt } from './hunt.js';
