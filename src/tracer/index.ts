export * from './tracer.js';
