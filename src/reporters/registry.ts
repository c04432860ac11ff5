import { registry } from '../core/index.js';
import { consoleReporter } from './console/index.js';
import { htmlReporter } from './html/index.js';
import { jsonReporter } from './json/index.js';
import { markdownReporter } from './markdown/index.js';

/** The reports that a run can be rendered as. */
export const reporters = registry('reporter', {
  console: consoleReporter,
  html: htmlReporter,
  json: jsonReporter,
  markdown: markdownReporter,
});

export const reporterNames: readonly string[] = reporters.names;
