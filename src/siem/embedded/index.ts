export { createEmbeddedSiem, type EmbeddedSiem, type EmbeddedSiemOptions } from './embedded.js';
