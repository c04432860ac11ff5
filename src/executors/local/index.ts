export { localExecutor } from './executor.js';
