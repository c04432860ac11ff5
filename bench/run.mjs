/** `npm run bench -- hunt [options]`: benchmarks by name, each side by side with a peer. They print ratios and assert nothing. */
const benches = { hunt: './hunt/bench.mjs' };

const [name = '', ...rest] = process.argv.slice(2);
const path = benches[name];
if (path === undefined) {
  console.error(`usage: npm run bench -- <name> [options]; known: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  const { bench } = await import(path);
  process.exitCode = await bench(rest);
}
