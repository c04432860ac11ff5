export * from './links.js';
export type { Cause } from './types.js';
export * from './catalogue.js';
export * from './describe.js';
