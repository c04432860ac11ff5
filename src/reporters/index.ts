export * from './types.js';
export { formatBytes, formatDuration, markdownCell, printable } from './format.js';
export { csvTable, type CsvColumn } from './csv-table.js';
export { html, type Markup } from './html/escape.js';
export { htmlDocument } from './html/document.js';
export { attackNotice } from './words.js';
export { reporters, reporterNames } from './registry.js';
