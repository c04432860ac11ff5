import type { Parameters } from '../../config/index.js';
import { table, view } from '../sql.js';

/**
 * `lineage(process, generation, ancestor, filtered, session_shell)`: each process itself (generation 0) and its ancestors.
 * `nearest_filtered(process, generation, initiator)`: the nearest of them that the filter names, the session's own shell left out.
 */
export function lineage(parameters: Parameters): string[] {
  return [
    table(
      'lineage',
      `
      with recursive chain(process, generation, ancestor) as (
        select process, 0, process from processes
        union all
        select c.process, c.generation + 1, p.parent
        from chain c join processes p on p.process = c.ancestor
        where p.parent is not null and c.generation < ${parameters.lineageGenerations})
      select c.process, c.generation, c.ancestor, a.filtered, a.session_shell
      from chain c join processes a on a.process = c.ancestor`,
    ),
    view(
      'nearest_filtered',
      `
      select process, min(generation) as generation, arg_min(ancestor, generation) as initiator
      from lineage where filtered and not session_shell group by process`,
    ),
  ];
}
