export { hunt, type Hunted, type HuntSettings } from './hunt.js';
export { huntParameters, severities } from './parameters.js';
export { huntText } from './text.js';
export { huntCsv } from './csv.js';
export { huntMarkdown } from './markdown.js';
export { huntHtml } from './html.js';
export { explanationText, type Explanation } from './explain.js';
export { loadApprovals } from './approvals.js';
