export * from './schema.js';
export * from './render.js';
export * from './lint.js';
export * from './load.js';
