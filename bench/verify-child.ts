/**
 * The parts of `verify` that resample nothing, on one database, in a process of its own: prints the
 * seconds of each, by the clock and of processor time, the sizes and the peak of resident memory as one
 * line of JSON.
 */
import { cycleAffinity } from '../harness/analysis/effect/affinity.js';
import { pairEstimates } from '../harness/analysis/effect/pair-estimates.js';
import { findLoops } from '../harness/analysis/loops/loops.js';
import { statePotentials } from '../harness/analysis/potential/potential.js';
import { fitReversible } from '../harness/analysis/potential/reversible-fit.js';
import { findComponents } from '../harness/analysis/table/components.js';
import { DEFAULT_VERIFY } from '../harness/analysis/verify.js';
import { readGroups } from '../harness/runner/groups.js';
import { StoreReader } from '../harness/store/reader.js';

const parts: Record<string, Part> = {};

interface Part {
	readonly seconds: number;
	readonly cpu: number;
	/** peak of resident memory so far, MiB */
	readonly peak: number;
}

const cpuSeconds = (): number => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1e6;
};

function timed<T>(name: string, work: () => T): T {
	const start = performance.now();
	const before = cpuSeconds();
	const result = work();
	parts[name] = {
		seconds: (performance.now() - start) / 1000,
		cpu: cpuSeconds() - before,
		peak: process.resourceUsage().maxRSS / 1024,
	};
	return result;
}

const reader = StoreReader.open(process.argv[2] as string);
const [group] = timed('reading', () => readGroups(reader, null));
const table = group?.table;
if (!table) throw new Error('the database holds no attempts');
const components = timed('components', () => findComponents(table));
const fit = timed('fit', () => fitReversible(table, components));
timed('potentials', () => statePotentials(table, components, fit));
const loops = timed('loops', () => findLoops(components, DEFAULT_VERIFY));
timed('affinity', () => cycleAffinity(loops, pairEstimates(components.inner, fit)));
reader.close();

console.log(
	JSON.stringify({
		parts,
		attempts: table.attempts.reduce((sum, n) => sum + n, 0),
		states: table.states.length,
		transitions: table.target.length,
		pairs: components.inner.low.length,
		gradient: Math.max(...fit.parts.map((part) => part?.fit.gradient ?? 0)),
		loops: loops.start.length - 1,
	}),
);
