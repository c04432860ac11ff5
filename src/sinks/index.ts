export * from './types.js';
export { sinkFactories } from './registry.js';
export { endLeftServer } from './smb/index.js';
