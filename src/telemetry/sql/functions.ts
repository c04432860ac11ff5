import { DuckDBScalarFunction, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { canonicalIp } from '../../core/index.js';

const remembered = 100_000;

/** `canonical_ipv6(text)`: canonicalIp() of core, so that there is one spelling in SQL and in code. Addresses come again and again. */
function canonicalIpv6(): DuckDBScalarFunction {
  const known = new Map<string, string | null>();
  const canonical = (text: string): string | null => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const ip = canonicalIp(text) ?? null;
    if (known.size >= remembered) known.clear();
    known.set(text, ip);
    return ip;
  };
  return DuckDBScalarFunction.create({
    name: 'canonical_ipv6',
    returnType: VARCHAR,
    parameterTypes: [VARCHAR],
    mainFunction: (_info, input, output) => {
      const texts = input.getColumnVector(0);
      for (let row = 0; row < input.rowCount; row += 1) {
        const text = texts.getItem(row);
        output.setItem(row, typeof text === 'string' ? canonical(text) : null);
      }
      output.flush();
    },
  });
}

/** Functions that SQL has no words for. */
export function registerFunctions(connection: DuckDBConnection): void {
  connection.registerScalarFunction(canonicalIpv6());
}
