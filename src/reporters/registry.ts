import { registry } from '../core/index.js';
import { attireReporter } from './attire/index.js';
import { consoleReporter } from './console/index.js';
import { csvReporter } from './csv/index.js';
import { githubReporter } from './github/index.js';
import { htmlReporter } from './html/index.js';
import { jsonReporter } from './json/index.js';
import { junitReporter } from './junit/index.js';
import { markdownReporter } from './markdown/index.js';
import { navigatorReporter } from './navigator/index.js';
import { ocsfReporter } from './ocsf/index.js';
import { vectrReporter } from './vectr/index.js';

/** The reports that a run can be rendered as. */
export const reporters = registry('reporter', {
  console: consoleReporter,
  html: htmlReporter,
  json: jsonReporter,
  markdown: markdownReporter,
  junit: junitReporter,
  github: githubReporter,
  csv: csvReporter,
  navigator: navigatorReporter,
  attire: attireReporter,
  vectr: vectrReporter,
  ocsf: ocsfReporter,
});

export const reporterNames: readonly string[] = reporters.names;
