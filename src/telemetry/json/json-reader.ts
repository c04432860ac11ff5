import { share, type JsonObject } from '../input/objects.js';
import type { Reader } from '../types.js';
import { readJson } from './read-json.js';
import type { JsonShape } from './shape.js';

/** A reader of JSON records of one shape. @param own whether a record is of this shape, by keys that only this product writes. */
export function jsonReader(shape: JsonShape, own: (record: JsonObject) => boolean): Reader {
  return {
    json: { shape, own },
    sniff: ({ text }) => share(text, own),
    read: (input, store) => readJson(input, store, shape),
  };
}
