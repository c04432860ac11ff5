export * from './types.js';
export * from './parameters.js';
export * from './suites.js';
export * from './lab.js';
export { bytes, duration } from './units.js';
export { loadYaml, parseYaml } from './yaml.js';
export { readSecret } from './secrets.js';
export { resolveLab } from './resolve.js';
export { labTemplate } from './template.js';
