import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../core/index.js';
import { utf8 } from '../input/bytes.js';
import { readConverted } from '../json/read-json.js';
import type { ReadInput, Reader } from '../types.js';
import { parseEvent } from '../xml/event.js';
import { xmlEventShape } from '../xml/shape.js';
import { longestEvent, splitEvents } from '../xml/split.js';

const namespace = 'http://schemas.microsoft.com/win/2004/08/events/event';

function reasonFor(xml: string): string {
  if (xml.length > longestEvent) return `the event is longer than ${String(longestEvent)} characters`;
  return /(<\/Event>|\/>)\s*$/.test(xml) ? 'the event has no event id' : 'the event does not end';
}

/** Writes the events as JSON lines. @returns how many were rejected. */
async function convert(input: ReadInput, target: string): Promise<number> {
  let rejected = 0;
  let last = 1;
  const reject = (line: number, reason: string, raw: string): void => {
    rejected += 1;
    input.reject({ path: input.path, line, reason, raw: raw.slice(0, 64 * 1024) });
  };
  async function* lines(): AsyncGenerator<string> {
    try {
      for await (const { line, xml } of splitEvents(utf8(input.path, input.probe))) {
        last = line;
        const complete = xml.length <= longestEvent && /(<\/Event>|\/>)$/.test(xml);
        const event = complete ? parseEvent(xml) : undefined;
        if (event === undefined) reject(line, reasonFor(xml), xml);
        else yield `${JSON.stringify({ line, ...event })}\n`;
      }
    } catch (error) {
      reject(last, `the input ends early: ${messageOf(error)}`, '');
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(target));
  return rejected;
}

/** Windows events as XML: `wevtutil qe /f:XML` and `/f:RenderedXml`, with or without a root element. */
export const windowsXml: Reader = {
  sniff: ({ text }) =>
    /<Event[\s>]/.test(text) && text.includes(namespace) && !/^\s*[{[]/.test(text) ? 1 : 0,
  read: (input, store) => readConverted(input, store, xmlEventShape, (target) => convert(input, target)),
};
