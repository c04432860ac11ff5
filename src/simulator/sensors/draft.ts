import type { WindowsEvent } from '../types.js';

/** The host that a sensor sits on. */
export interface SensorHost {
  /** Computer name. */
  readonly computer: string;
  /** The host's own address. */
  readonly address: string;
}

/** A Windows event before the event log gave it a number. */
export type EventDraft = Omit<WindowsEvent, 'recordId' | 'computer'>;

/** `2026-11-24 18:45:12.345`: UtcTime of Sysmon, UTC without saying so. */
export function utcTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '');
}

/** `0x1f4`, as the Security log writes process ids. */
export const hex = (value: number): string => `0x${value.toString(16)}`;
