import { createHash } from 'node:crypto';
import { html, type Markup } from './escape.js';
import { style } from './style.js';

/** A page in one file: it opens anywhere without network, prints, and follows the reader's light or dark setting. */
export function htmlDocument(title: string, body: Markup): string {
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">${html`<title>${title}</title>`.text}<style>${style}</style></head>
<body>${body.text}</body></html>
`;
}
