import { StringDecoder } from 'node:string_decoder';

/** The XML of one event, and the line on which it starts. */
export interface EventText {
  readonly line: number;
  readonly xml: string;
}

/** An event of more characters is rejected unread. */
export const longestEvent = 16 * 1024 * 1024;

const start = /<Event(?=[\s>/])/g;

/** The end of the event that starts at 0, or -1 if it is not there yet. */
function endOf(text: string): number {
  const empty = /^<Event(?:[^>"']|"[^"]*"|'[^']*')*?\/>/.exec(text);
  if (empty !== null) return empty[0].length;
  const end = text.indexOf('</Event>');
  return end === -1 ? -1 : end + '</Event>'.length;
}

function lineFeeds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/**
 * Cuts a stream of `<Event>` elements, with or without a root around them, into events; memory holds one at a time. An event that
 * never ends is given as it stands, without its end.
 */
export async function* splitEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<EventText> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let line = 1;
  const drop = (length: number): void => {
    line += lineFeeds(text.slice(0, length));
    text = text.slice(length);
  };
  function* events(): Generator<EventText> {
    for (;;) {
      start.lastIndex = 0;
      const match = start.exec(text);
      if (match === null) {
        // A start may be cut in two by the chunk's end.
        drop(Math.max(text.length - '<Event '.length, 0));
        return;
      }
      drop(match.index);
      const end = endOf(text);
      if (end === -1 && text.length <= longestEvent) return;
      const length = end === -1 ? text.length : end;
      yield { line, xml: text.slice(0, length) };
      drop(length);
    }
  }
  for await (const chunk of chunks) {
    text += decoder.write(chunk);
    yield* events();
  }
  text += decoder.end();
  yield* events();
  if (text.startsWith('<Event')) yield { line, xml: text };
}
