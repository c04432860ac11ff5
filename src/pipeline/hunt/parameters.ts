import { defaultParameters, parametersSchema, type Parameters } from '../../config/index.js';
import { InputError, nearest } from '../../core/index.js';

/** From the least to the most. */
export const severities = ['informational', 'low', 'medium', 'high'] as const;

/**
 * Parameters with single ones set as `name=value`; lists are separated by `|`.
 * @param base null: the defaults
 * @throws InputError on an unknown name or a bad value
 */
export function huntParameters(base: Parameters | null, settings: readonly string[]): Parameters {
  const known = parametersSchema.keyof().options;
  const given: Record<string, unknown> = { ...(base ?? defaultParameters) };
  for (const setting of settings) {
    const equals = setting.indexOf('=');
    const [name, value] = [setting.slice(0, equals), setting.slice(equals + 1)];
    const current = given[name];
    if (!(known as readonly string[]).includes(name)) {
      const close = nearest(name, known);
      throw new InputError({
        code: 'unknown-parameter',
        message: `unknown parameter "${name}"; known: ${known.join(', ')}`,
        ...(close === undefined ? {} : { remedy: `did you mean ${close}?` }),
      });
    }
    if (Array.isArray(current)) given[name] = value.split('|');
    else given[name] = value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
  }
  const result = parametersSchema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new InputError({ code: 'bad-parameter', message: `--set: ${faults.join('; ')}` });
}
