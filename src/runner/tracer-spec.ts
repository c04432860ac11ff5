import type { TracerSpec } from '../tracer/index.js';
import type { Plan, PlannedExecution, PlannedTracer } from './plan-schema.js';

/** What makes the content of one planned tracer. */
export function tracerSpec(plan: Plan, execution: PlannedExecution, tracer: PlannedTracer): TracerSpec {
  const { lab, id, contact, seed } = plan.run;
  const { size, piece } = tracer;
  return {
    lab,
    run: id,
    execution: execution.id,
    contact,
    seed,
    size,
    ...(piece === null ? {} : { piece }),
  };
}
