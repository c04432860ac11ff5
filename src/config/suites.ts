import { z } from 'zod';
import { initiators, protocols } from './types.js';

const globs = z.array(z.string().min(1)).optional();

/** Volume profiles: `default` is each scenario's first, `all` every one that fits. Their names are the scenario room's. */
const profiles = z
  .union([z.enum(['default', 'all']), z.array(z.string().min(1)).min(1)])
  .default('default')
  .describe('"default": each scenario\'s first; "all": every one that fits; or names');

/** A named selection of scenarios. What is absent does not narrow. */
export const suiteSchema = z.strictObject({
  description: z.string().optional(),
  scenarios: globs.describe('globs on ids'),
  initiators: z.array(z.enum([...initiators, 'other'])).optional(),
  protocols: z.array(z.enum(protocols)).optional(),
  variants: globs.describe('globs on variants'),
  tags: z.array(z.string().min(1)).optional().describe('scenarios that have one of them'),
  hosts: z.array(z.string().min(1)).optional(),
  profiles,
});
export type Suite = z.output<typeof suiteSchema>;

/** Suites that every lab has. */
export const builtInSuites: Readonly<Record<string, Suite>> = z.record(z.string(), suiteSchema).parse({
  smoke: {
    description: 'one upload for each initiator and protocol, and a few controls',
    tags: ['smoke'],
  },
  full: { description: 'every scenario with every profile that fits', profiles: 'all' },
  quiet: { description: 'tiny transfers, which are to raise no alert', profiles: ['tiny'] },
});
