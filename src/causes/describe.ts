import type { Leg } from '../config/index.js';
import { catalogue, type CauseCode } from './catalogue.js';

/** What an execution adds to a cause: who, where, and the one observation that decided it. */
export interface GapFacts {
  readonly host: string;
  readonly sink: string;
  readonly port: number;
  readonly protocol: string;
  readonly leg: Leg | null;
  /** The deciding observation, as a sentence without its full stop; empty: the meaning stands alone. */
  readonly detail: string;
}

const senseCodes: Record<Leg, CauseCode> = {
  process_creation: 'process-creation-not-logged',
  network_connection: 'network-connection-not-logged',
  protocol_log: 'protocol-log-missing',
  flow_volume: 'flow-log-missing',
  gateway_log: 'gateway-log-missing',
};

/** The code that says "this leg's record was not made". */
export function senseCodeOf(leg: Leg): CauseCode {
  return senseCodes[leg];
}

function fill(text: string, facts: GapFacts): string {
  return text
    .replaceAll('{host}', () => facts.host)
    .replaceAll('{sink}', () => facts.sink)
    .replaceAll('{port}', () => String(facts.port))
    .replaceAll('{protocol}', () => facts.protocol);
}

/** Where two causes cannot be told apart, both remedies are given. */
function remediesOf(code: CauseCode, leg: Leg | null): string[] {
  const own = catalogue[code].remedy;
  if (leg === null) return [own];
  if (code === 'sense-or-ship') {
    const ship: CauseCode = 'channel-not-forwarded';
    const endpoint = leg === 'process_creation' || leg === 'network_connection';
    return [
      own,
      catalogue[senseCodes[leg]].remedy,
      ...(endpoint ? [catalogue[ship].remedy] : [networkShipping]),
    ];
  }
  if (code === 'sense-or-parse') {
    const sense: CauseCode = leg === 'process_creation' ? 'command-line-not-logged' : 'field-not-recorded';
    return [own, catalogue[sense].remedy, catalogue['field-unmapped'].remedy];
  }
  return [own];
}

const networkShipping = `# Filebeat, filebeat.yml: ship the logs of the sensor and of the server
filebeat.modules:
  - module: zeek
    connection: { enabled: true }
    ftp: { enabled: true }
    smb_files: { enabled: true }`;

/**
 * The sentence and the remedy of a gap: the catalogue's words with the facts of the execution.
 * @returns `text` one or two sentences for a reader; `remedy` a text that can be pasted
 */
export function describeGap(code: CauseCode, facts: GapFacts): { text: string; remedy: string } {
  const cause = catalogue[code];
  const detail = facts.detail === '' ? '' : ` ${facts.detail}.`;
  return {
    text: `${fill(cause.title, facts)}.${detail} ${fill(cause.meaning, facts)}`,
    remedy: fill(remediesOf(code, facts.leg).join('\n'), facts),
  };
}
