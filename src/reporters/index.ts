export * from './types.js';
export { formatBytes, formatDuration, formatRate, printable } from './format.js';
export { reporters, reporterNames } from './registry.js';
