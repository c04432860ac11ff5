export * from './schema.js';
export * from './render.js';
export * from './lint.js';
export * from './load.js';
export * from './select.js';
export * from './profiles.js';
export * from './import/index.js';
