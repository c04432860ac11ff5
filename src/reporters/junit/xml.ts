import { printable } from '../format.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** Text of foreign origin for XML 1.0: characters that XML has no place for (section 2.2) become visible escapes. */
function harmless(text: string): string {
  return printable(text)
    .replaceAll(/[\uD800-\uDFFF]/gu, '\uFFFD')
    .replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD');
}

function attributesOf(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        ` ${name}="${harmless(String(value)).replaceAll(/[&<>"\n\t]/g, (character) => entities[character] ?? '')}"`,
    )
    .join('');
}

/** Escaped text of an element. */
export function xmlText(text: string): string {
  return harmless(text).replaceAll(/[&<>]/g, (character) => entities[character] ?? '');
}

/** An element. `children` are XML already: made by this function or by {@link xmlText}. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[] = [],
): string {
  const start = `<${name}${attributesOf(attributes)}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${name}>`;
}
