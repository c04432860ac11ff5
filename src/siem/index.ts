export * from './types.js';
export * from './embedded/index.js';
