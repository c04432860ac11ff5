export * from './model.js';
export * from './types.js';
export * from './collection-schema.js';
export { Store } from './store.js';
