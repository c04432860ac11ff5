import type { Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { bsdTime } from './time.js';

/** RFC 3164's time, with a year or without, or RFC 3339's, as rsyslog and systemd write it to files. */
const time = String.raw`[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)`;
/** RFC 5424, section 6.3: structured data, with quoted values in which a bracket may stand. */
const structured = String.raw`(?:-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+)`;

/** RFC 5424, section 6.4: stands before a message in UTF-8. */
const mark = '\ufeff';

/**
 * What a line of syslog has before the message: RFC 3164's header (with the priority as on
 * the local socket, where the host is missing, or without it as in files), or RFC 5424's.
 * Groups: bsd_time, bsd_host, bsd_pid, sys_time, sys_host, sys_pid.
 * @param program pattern of the program's name; a named group in it needs another name in RFC 5424's header.
 */
export const syslogPrefix = (program: string, inRfc5424 = program): string =>
  String.raw`(?:(?:<\d{1,3}>)?(?<bsd_time>${time}) (?:(?<bsd_host>\S+) )??(?:${program})(?:\[(?<bsd_pid>\d+)\])?: |` +
  String.raw`<\d{1,3}>1 (?<sys_time>\S+) (?<sys_host>\S+) (?:${inRfc5424}) (?<sys_pid>\S+) \S+ ${structured} ?${mark}?)`;

/** A header with no program's name, as before CEF and LEEF. */
export const syslogHeader =
  String.raw`(?:(?:<\d{1,3}>)?(?<bsd_time>${time}) (?:(?<bsd_host>\S+) )?(?:[^ :\[\]|]+(?:\[\d+\])?: )?|` +
  String.raw`<\d{1,3}>1 (?<sys_time>\S+) (?<sys_host>\S+) \S+ \S+ \S+ ${structured} ?${mark}?|<\d{1,3}>)`;

/** When the message was written, by its header. */
export const syslogTime = (field: Field): Sql =>
  `coalesce(utc(${field('sys_time')}), utc(${field('bsd_time')}), ${bsdTime(field('bsd_time'), field)})`;

/** Who wrote it. */
export const syslogHost = (field: Field): Sql => `coalesce(${field('sys_host')}, ${field('bsd_host')})`;
