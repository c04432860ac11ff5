/** One Windows event, out of its XML. */
export interface XmlEvent {
  /** System part: names of elements, and of attributes as `Element.Attribute`. */
  readonly system: Readonly<Record<string, string>>;
  /** EventData by name; nameless values are param1, param2, … Of UserData, the elements of its one element. */
  readonly data: Readonly<Record<string, string>>;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Character and predefined entity references. XML 1.0, section 4.1; what is none stays as it is. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const none: Readonly<Record<string, string>> = {};
/** By far the most frequent kind of tag: `<Data Name='…'>`. */
const nameAlone = /^ Name=(?:"([^"&]*)"|'([^'&]*)')$/;

function attributesOf(text: string): Readonly<Record<string, string>> {
  if (text === '') return none;
  const only = nameAlone.exec(text);
  if (only !== null) return { Name: only[1] ?? only[2] ?? '' };
  const pairs = text.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return Object.fromEntries(
    Array.from(pairs, ([, name = '', double, single]) => [name, unescapeXml(double ?? single ?? '')]),
  );
}

const token =
  /<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z_][\w:.-]*)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>|([^<]+)/g;

/** Reads `<Event>…</Event>`. @returns undefined for an event without an event id, such as the empty ones of a collector. */
export function parseEvent(xml: string): XmlEvent | undefined {
  const system: Record<string, string> = {};
  const data: Record<string, string> = {};
  const path: string[] = [];
  let text = '';
  let dataName: string | undefined;
  let nameless = 0;
  const close = (): void => {
    const [, part, element] = path;
    if (path.length === 3 && part === 'System' && element !== undefined && text.trim() !== '') {
      system[element] = text.trim();
    } else if (path.length === 3 && part === 'EventData' && element === 'Data') {
      nameless += dataName === undefined ? 1 : 0;
      data[dataName ?? `param${String(nameless)}`] = text;
    } else if (path.length === 4 && part === 'UserData') {
      data[path[3] ?? ''] = text;
    }
    path.pop();
    text = '';
  };
  for (const [, cdata, ending, name, attributes = '', empty, plain] of xml.matchAll(token)) {
    if (cdata !== undefined) text += cdata;
    else if (plain !== undefined) text += unescapeXml(plain);
    else if (ending === '/') close();
    else if (name !== undefined) {
      path.push(name);
      text = '';
      const found = attributesOf(attributes);
      dataName = found['Name'];
      if (path.length === 3 && path[1] === 'System') {
        for (const [key, value] of Object.entries(found)) system[`${name}.${key}`] = value;
      }
      if (empty === '/') close();
    }
  }
  return system['EventID'] === undefined ? undefined : { system, data };
}
