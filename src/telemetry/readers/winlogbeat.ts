import { readJson } from '../json/read-json.js';
import { below, share } from '../input/objects.js';
import type { Reader } from '../types.js';
import { winlogbeatShape } from '../windows/winlogbeat.js';

/** Windows events as Winlogbeat and Elastic Agent ship them. */
export const winlogbeat: Reader = {
  sniff: ({ text }) => share(text, (record) => Object.keys(below(record, 'winlog')).length > 0),
  read: (input, store) => readJson(input, store, winlogbeatShape),
};
