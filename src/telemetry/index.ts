export * from './model.js';
export * from './types.js';
export * from './collection-schema.js';
export { Store, type SqlValue, type StoreOptions } from './store.js';
export { readers } from './readers.js';
export { readInputs, type InputReport, type ReadOptions, type ReadProgress } from './read-inputs.js';
export { saveTelemetry } from './saved.js';
export { rawRecords, type Pointer } from './raw-records.js';
