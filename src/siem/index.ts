export * from './types.js';
export * from './embedded/index.js';
export { filesSiem } from './files/index.js';
