import { createHash } from 'node:crypto';
import { html, type Markup } from './escape.js';
import { style } from './style.js';

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * A page in one file: it opens anywhere without network, prints, and follows the reader's light or dark setting. Its policy lets
 * nothing run and nothing load but this style and this script, by their hashes.
 *
 * @param script JavaScript that is ours from end to end; null where the page needs none
 */
export function htmlDocument(title: string, body: Markup, script: string | null = null): string {
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    ...(script === null ? [] : [`script-src ${hashOf(script)}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">${html`<title>${title}</title>`.text}<style>${style}</style></head>
<body>${body.text}${script === null ? '' : `<script>${script}</script>`}</body></html>
`;
}
