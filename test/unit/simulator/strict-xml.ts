/** A parsed element. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', apos: "'", quot: '"' };

function decode(text: string): string {
  // XML 1.0 §2.2: characters; §2.11: line ends.
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text))
    throw new Error('illegal character');
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/&(#\d+|\w+);|&/g, (whole, entity: string | undefined) => {
      if (entity?.startsWith('#') === true) return String.fromCodePoint(Number(entity.slice(1)));
      const character = entities[entity ?? ''];
      if (character === undefined) throw new Error(`bad reference ${whole}`);
      return character;
    });
}

/** Parses one element of plain XML 1.0 (no declarations, comments, CDATA) and refuses whatever is not well formed. */
export function parseXml(xml: string): Element {
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray => {
    const sticky = new RegExp(pattern.source, 'uy');
    sticky.lastIndex = position;
    const match = sticky.exec(xml);
    if (match === null) throw new Error(`expected ${pattern.source} at ${position}`);
    position = sticky.lastIndex;
    return match;
  };
  function element(): Element {
    const name = take(/<([A-Za-z]\w*)/)[1] ?? '';
    const attributes: Record<string, string> = {};
    while (xml.startsWith(' ', position)) {
      const [, key = '', value = ''] = take(/ ([A-Za-z]\w*)='([^'<]*)'/);
      if (key in attributes) throw new Error(`two attributes ${key}`);
      attributes[key] = decode(value);
    }
    const children: Element[] = [];
    if (take(/\/?>/)[0] === '/>') return { name, attributes, children, text: '' };
    let text = '';
    while (!xml.startsWith('</', position)) {
      if (xml.startsWith('<', position)) children.push(element());
      else text += take(/[^<]+/)[0];
    }
    take(new RegExp(`</${name}>`));
    if (text.includes(']]>')) throw new Error(']]> in text');
    return { name, attributes, children, text: decode(text) };
  }
  const root = element();
  if (position !== xml.length) throw new Error('something after the root element');
  return root;
}
