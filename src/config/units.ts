import { z } from 'zod';

const byteUnits: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const timeUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function quantity(what: string, units: Readonly<Record<string, number>>, example: string) {
  const names = Object.keys(units).join('|');
  const form = new RegExp(`^(\\d+(?:\\.\\d+)?) ?(${names})$`);
  const text = z
    .string()
    .regex(form, `expected ${what} as a number, or with a unit (${names}), for example "${example}"`)
    .transform((value) => {
      const [, amount = '0', unit = ''] = form.exec(value) ?? [];
      return Math.round(Number(amount) * (units[unit] ?? 1));
    })
    // Says to the JSON Schema of outputs what the transform gives.
    .pipe(z.int().nonnegative());
  return z.union([z.int().nonnegative(), text]);
}

/** A number of bytes: `4096` or `"10 MiB"`. */
export const bytes = quantity('bytes', byteUnits, '10 MiB');

/** A duration in milliseconds: `1500` or `"5 min"`. */
export const duration = quantity('milliseconds', timeUnits, '5 min');
