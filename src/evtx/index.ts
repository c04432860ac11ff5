export * from './types.js';
export { kindOf } from './kind.js';
export { convertRange } from './convert.js';
export { fileBytes, streamBytes, Window, type Bytes } from './window.js';
export { fileHeaderSize, fileMagic } from './scan.js';
