export * from './types.js';
export { sinkFactories } from './registry.js';
