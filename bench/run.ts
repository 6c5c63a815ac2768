/** Runs the benchmarks and prints them with the machine. Usage: npm run bench [-- name…] */
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const BENCHES: Readonly<Record<string, () => Promise<readonly string[]>>> = {
	attempts: async () => (await import('./attempts.js')).benchAttempts(),
	throughput: async () => (await import('./throughput.js')).benchThroughput(),
	server: async () => (await import('./server.js')).benchServer(),
	store: async () => (await import('./store.js')).benchStore(),
	verify: async () => (await import('./verify.js')).benchVerify(),
	artifacts: async () => (await import('./artifacts.js')).benchArtifacts(),
	growth: async () => (await import('./growth.js')).benchGrowth(),
	start: async () => timeHelp(),
};

function timeHelp(): string[] {
	const cli = fileURLToPath(new URL('../dist/harness/cli.js', import.meta.url));
	const times = Array.from({ length: 9 }, () => {
		const start = performance.now();
		const { status } = spawnSync(process.execPath, [cli, '--help']);
		if (status !== 0) throw new Error('detbal --help failed; npm run build first');
		return performance.now() - start;
	}).sort((a, b) => a - b);
	return [
		`detbal --help               ${(times[4] as number).toFixed(0)} ms, median of 9 (goal: 300)`,
	];
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
	throw new Error(`no benchmark ${unknown}; there are ${Object.keys(BENCHES).join(', ')}`);
}
const processor = cpus()[0]?.model ?? 'unknown processor';
console.log(
	`machine: ${processor}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, node ${process.version}`,
);
for (const [name, run] of Object.entries(BENCHES)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	console.log(`\n${name}`);
	for (const line of await run()) console.log(`  ${line}`);
}
