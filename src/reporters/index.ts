export * from './types.js';
export { formatBytes, printable } from './format.js';
export { reporters, reporterNames } from './registry.js';
