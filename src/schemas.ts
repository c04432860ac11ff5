import { z } from 'zod';
import { huntSchema } from './analytic/index.js';
import { labSchema } from './config/index.js';
import { runResultSchema } from './coverage/index.js';
import { planSchema } from './runner/index.js';
import { scenarioSchema } from './scenario/index.js';

/** JSON Schemas (2020-12) by the file that holds each: what users write as input, what others read as output. */
export function schemas(): Record<string, unknown> {
  return {
    'scenarios/schema.json': z.toJSONSchema(scenarioSchema, { io: 'input' }),
    'docs/schemas/lab.schema.json': z.toJSONSchema(labSchema, { io: 'input' }),
    'docs/schemas/plan.schema.json': z.toJSONSchema(planSchema, { io: 'output' }),
    'docs/schemas/run.schema.json': z.toJSONSchema(runResultSchema, { io: 'output' }),
    'docs/schemas/hunt.schema.json': z.toJSONSchema(huntSchema, { io: 'output' }),
  };
}
