export {
  createEmbeddedSiem,
  type EmbeddedAlert,
  type EmbeddedSiem,
  type EmbeddedSiemOptions,
} from './embedded.js';
