import type { Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { fileModified } from './format.js';

/**
 * Times of logs, as SQL. A time without a zone is taken as UTC, in every format: no record tells the server's zone, and servers whose
 * records are to be joined run on UTC or write the zone. What cannot be read is NULL.
 */

/** `Tue Nov 24 18:00:00 2026`: C's asctime(), as xferlog and vsftpd write it. */
export const asctime = (text: Sql): Sql => `try_strptime(${text}, '%a %b %d %H:%M:%S %Y')`;

/** `24/Nov/2026:18:00:00 +0100`: the common log format's, in UTC. */
export const clfTime = (text: Sql): Sql =>
  `make_timestamp(epoch_us(try_strptime(${text}, '%d/%b/%Y:%H:%M:%S %z')))`;

/**
 * `Nov 24 18:00:00`, RFC 3164's time, which has neither year nor zone: the newest year that does not put the record more than a day
 * after the file's last change. `Nov 24 2026 18:00:00`, as some devices write it, has the year.
 */
export function bsdTime(text: Sql, field: Field): Sql {
  const modified = field(fileModified);
  const inYear = `try_strptime(CAST(year(${modified}) + offset_ AS VARCHAR) || ' ' || ${text}, '%Y %b %d %H:%M:%S')`;
  return `coalesce(try_strptime(${text}, '%b %d %Y %H:%M:%S'),
    list_filter(list_transform([1, 0, -1], lambda offset_: ${inYear}), lambda time_: time_ <= ${modified} + INTERVAL 1 DAY)[1])`;
}

/**
 * A date and a time of day in the order that FileZilla Server 0.9 takes from Windows' settings: `24.11.2026`, `2026-11-24`, or with
 * strokes; `11/24/2026` with AM or PM is the United States' order, and without them only a day above 12 tells the order.
 */
export function localTime(text: Sql): Sql {
  const part = (at: number): Sql => `TRY_CAST(split_part(${text}, '/', ${String(at)}) AS INTEGER)`;
  const formats = (order: string): Sql => `['${order} %H:%M:%S', '${order} %I:%M:%S %p']`;
  const american = `(regexp_matches(${text}, '[AP]M$') OR ${part(2)} > 12)`;
  return `CASE WHEN NOT contains(${text}, '/') THEN try_strptime(${text}, ['%d.%m.%Y %H:%M:%S', '%Y-%m-%d %H:%M:%S', '%d-%m-%Y %H:%M:%S'])
    WHEN ${american} THEN try_strptime(${text}, ${formats('%m/%d/%Y')})
    WHEN ${part(1)} > 12 THEN try_strptime(${text}, ${formats('%d/%m/%Y')}) END`;
}
