/**
 * What `compare` says of two kernels whose distance is known.
 * Usage: node --import tsx test/calibration/likeness.ts [data sets]: prints the table of docs/compare.md.
 * Every number is a function of the code: a second run prints the same.
 */
import { distances } from '../../harness/analysis/likeness/distances.js';
import { type Likeness, likeness } from '../../harness/analysis/likeness/likeness.js';
import { resampleHere } from '../../harness/analysis/resample.js';
import { Stream } from '../../harness/numerics/stream.js';
import { textTable } from '../../harness/report/table.js';
import { type Kernel, randomKernel, sampleTable } from '../analysis/synthetic.js';
import { kolmogorov, shareInterval } from './intervals.js';

interface Design {
	readonly states: number;
	/** from each state, of each kernel */
	readonly attempts: readonly [number, number];
	/** sd of log T′(g|f) / T(g|f) */
	readonly tilt: number;
	/** share of each law that goes to one outcome instead, over the tilt */
	readonly moved: number;
}

const design = (
	states: number,
	attempts: readonly [number, number],
	tilt: number,
	moved = 0,
): Design => ({ states, attempts, tilt, moved });

const DESIGNS: readonly Design[] = [
	design(8, [500, 500], 0),
	design(8, [20, 20], 0),
	design(8, [300, 50], 0),
	design(40, [100, 100], 0),
	design(40, [20, 20], 0),
	design(8, [500, 500], 0.2),
	design(8, [500, 500], 1),
	design(8, [20, 20], 1),
	design(40, [100, 100], 0.5),
	design(8, [500, 500], 0, 0.1),
	design(40, [100, 100], 0, 0.1),
];

/** Every row tilted, and a part of it moved to the next state. */
function changed(kernel: Kernel, stream: Stream, { tilt, moved }: Design): Kernel {
	return kernel.map((row, f) => {
		const self = 1 - row.reduce((sum, p) => sum + p, 0);
		const weight = row.map((p) => (tilt === 0 ? p : p * Math.exp(tilt * stream.normal())));
		const all = weight.reduce((sum, w) => sum + w, self);
		const next = (f + 1) % row.length;
		return weight.map((w, g) => ((1 - moved) * w) / all + (g === next ? moved : 0));
	});
}

/** Mean distances over the rows, which have equal numbers of attempts. */
function truth(a: Kernel, b: Kernel): { readonly variation: number; readonly distance: number } {
	const law = (row: readonly number[]) =>
		Float64Array.of(...row, 1 - row.reduce((sum, p) => sum + p, 0));
	const rows = a.map((row, f) =>
		distances({ first: law(row), second: law(b[f]!), attempts: [1, 1] }),
	);
	const mean = (of: (row: (typeof rows)[0]) => number): number =>
		rows.reduce((sum, row) => sum + of(row) / rows.length, 0);
	return {
		variation: mean(({ variation }) => variation),
		distance: Math.sqrt(mean(({ divergence }) => divergence)),
	};
}

async function trial(one: Design, index: number) {
	const stream = new Stream([20251210, 62], index);
	const kernel = randomKernel(one.states, stream, { depth: 1, spread: 1, noise: 0.2 });
	const other = changed(kernel, stream, one);
	const a = sampleTable(kernel, one.attempts[0], stream);
	const b = sampleTable(other, one.attempts[1], stream);
	const found = await likeness(a, b, { seed: index, samples: 99, resample: resampleHere });
	return { ...truth(kernel, other), found: found as Required<Likeness> };
}

const sets = Number(process.argv[2] ?? 400);
const digits = (x: number): string => x.toFixed(3);
const rows: string[][] = [];
for (const one of DESIGNS) {
	const trials: Awaited<ReturnType<typeof trial>>[] = [];
	for (let i = 0; i < sets; i++) trials.push(await trial(one, i));
	const mean = (of: (t: (typeof trials)[0]) => number): number =>
		trials.reduce((sum, t) => sum + of(t) / sets, 0);
	const holds = (lower: number, x: number, upper: number): number =>
		lower <= x + 1e-9 && x <= upper + 1e-9 ? 1 : 0;
	const ps = trials.map(({ found }) => found.test!.p!);
	const rejected = ps.filter((p) => p <= 0.05).length;
	const [low, high] = shareInterval(rejected, sets);
	const { states, attempts, tilt, moved } = one;
	rows.push([
		`${states} × ${attempts[0] === attempts[1] ? attempts[0] : attempts.join('|')}`,
		tilt > 0 ? `tilt ${tilt}` : moved > 0 ? `moved ${moved}` : 'one kernel',
		digits(mean(({ variation }) => variation)),
		digits(mean(({ found }) => found.totalVariation!.plain)),
		digits(mean(({ found }) => found.totalVariation!.value)),
		digits(
			mean(({ variation, found: { totalVariation: d } }) => holds(d!.lower, variation, d!.upper)),
		),
		digits(
			mean(({ variation, found: { totalVariation: d } }) => (d!.lower > variation + 1e-9 ? 1 : 0)),
		),
		digits(mean(({ distance }) => distance)),
		digits(mean(({ found }) => found.jensenShannon!.value)),
		digits(
			mean(({ distance, found: { jensenShannon: d } }) => holds(d!.lower, distance, d!.upper)),
		),
		digits(rejected / sets),
		`${digits(low)} … ${digits(high)}`,
		tilt + moved === 0 ? digits(kolmogorov(ps)) : '',
		digits(mean(({ found }) => (found.test!.chiSquareP! <= 0.05 ? 1 : 0))),
	]);
	console.error(`${rows.at(-1)!.join('  ')}`);
}
const right = (title: string) => ({ title, align: 'right' as const });
const columns = [
	{ title: 'design', align: 'left' as const },
	{ title: 'kernels', align: 'left' as const },
	...['TV', 'counted', 'found', 'holds', 'above', 'JS', 'found', 'holds', 'p ≤ .05'].map(right),
	...['exact 95 %', '√n KS', 'χ² ≤ .05'].map(right),
];
for (const line of textTable(columns, rows)) console.log(line);
