/** Draws results/calibration/calibration.svg from the JSON files beside it, and prints the tables. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { figureSvg, type Panelled, Plot } from '../../harness/report/figure.js';
import { textTable } from '../../harness/report/table.js';
import { kolmogorov, shareInterval } from './intervals.js';
import type { Outcome } from './trials.js';

interface Batch {
	readonly design: string;
	readonly label: string;
	readonly sets: number;
	readonly outcomes: readonly Outcome[];
}

const folder = fileURLToPath(new URL('../../results/calibration/', import.meta.url));
const ALPHA = 0.05;

function batchesOf(part: string): readonly Batch[] {
	const { batches } = JSON.parse(readFileSync(`${folder}${part}.json`, 'utf8')) as {
		batches: Batch[];
	};
	return batches;
}

const numbers = (batch: Batch, name: string): number[] =>
	batch.outcomes.flatMap((outcome) => {
		const value = outcome[name];
		return typeof value === 'number' ? [value] : [];
	});

/** Share of the data sets with the p-value that reject at 5 %, with its exact interval. */
function rejections(batch: Batch, name: string): string[] {
	const ps = numbers(batch, name);
	const rejected = ps.filter((p) => p <= ALPHA).length;
	const [low, high] = shareInterval(rejected, ps.length);
	const uniform = kolmogorov(ps).toFixed(2);
	const share = rejected / ps.length;
	return [
		batch.design,
		batch.label,
		String(ps.length),
		share.toFixed(3),
		range(low, high),
		uniform,
	];
}

const range = (low: number, high: number): string => `${low.toFixed(3)} … ${high.toFixed(3)}`;

/** Share of the data sets whose interval holds the truth. */
function coverage(batch: Batch, name: string): string[] {
	const held = batch.outcomes.filter((outcome) => outcome[`${name}In`] === true).length;
	const known = batch.outcomes.filter(
		(outcome) => typeof outcome[`${name}In`] === 'boolean',
	).length;
	const [low, high] = shareInterval(held, known);
	const truth = numbers(batch, `${name}Truth`);
	const mean = truth.reduce((sum, x) => sum + x, 0) / truth.length;
	return [
		batch.design,
		batch.label,
		name,
		mean.toPrecision(3),
		String(known),
		(held / known).toFixed(3),
		range(low, high),
	];
}

const left = (title: string) => ({ title, align: 'left' as const });
const right = (title: string) => ({ title, align: 'right' as const });

/** Empirical distribution of a p-value in each design. */
function uniformity(title: string, batches: readonly Batch[], name: string): Panelled {
	const points = batches.flatMap((batch) => {
		const ps = numbers(batch, name).sort((a, b) => a - b);
		return ps.map((p, i) => ({ p, share: (i + 1) / ps.length, design: batch.design }));
	});
	return {
		title,
		drawing: {
			color: { domain: batches.map(({ design }) => design) },
			x: { domain: [0, 1], label: 'p' },
			y: { domain: [0, 1], label: 'share of data sets at or below p', grid: true },
			marks: [
				Plot.line(
					[
						[0, 0],
						[1, 1],
					],
					{ stroke: '#999' },
				),
				Plot.line(points, { x: 'p', y: 'share', stroke: 'design', strokeWidth: 1.2 }),
				Plot.text(
					batches.map(({ design }, i) => ({ design, y: 0.3 - 0.07 * i })),
					{ x: 0.6, y: 'y', text: 'design', fill: 'design', textAnchor: 'start' },
				),
			],
		},
	};
}

/** Rejection rates with their exact intervals. */
function rates(title: string, batches: readonly Batch[], name: string): Panelled {
	const rows = batches.map((batch) => {
		const ps = numbers(batch, name);
		const rejected = ps.filter((p) => p <= ALPHA).length;
		const [low, high] = shareInterval(rejected, ps.length);
		return { design: batch.design, rate: rejected / ps.length, low, high };
	});
	return {
		title,
		drawing: {
			marginLeft: 90,
			x: { domain: [0, 0.1], label: 'rejected at α = 0.05' },
			y: { label: null, domain: rows.map(({ design }) => design) },
			marks: [
				Plot.ruleX([ALPHA], { stroke: '#999' }),
				Plot.ruleX([0.07], { stroke: '#c33', strokeDasharray: '4,3' }),
				Plot.ruleY(rows, { y: 'design', x1: 'low', x2: 'high' }),
				Plot.dot(rows, { y: 'design', x: 'rate', fill: 'black' }),
			],
		},
	};
}

/** Coverage of the 95 % intervals. */
function covered(title: string, batches: readonly Batch[], names: readonly string[]): Panelled {
	const rows = batches.flatMap((batch) =>
		names.flatMap((name) => {
			const known = batch.outcomes.filter((o) => typeof o[`${name}In`] === 'boolean');
			if (known.length === 0) return [];
			const held = known.filter((o) => o[`${name}In`] === true).length;
			const [low, high] = shareInterval(held, known.length);
			const row = `${name}, ${batch.design}, ${batch.label}`;
			return [{ row, share: held / known.length, low, high }];
		}),
	);
	return {
		title,
		drawing: {
			marginLeft: 210,
			x: { domain: [0.85, 1], label: 'share of intervals that hold the truth' },
			y: { label: null, domain: rows.map(({ row }) => row) },
			marks: [
				Plot.rectX([{ x1: 0.93, x2: 0.97 }], { x1: 'x1', x2: 'x2', fill: '#dde8dd' }),
				Plot.ruleY(rows, {
					y: 'row',
					x1: (d) => Math.max(0.85, d.low),
					x2: (d) => Math.max(0.85, d.high),
				}),
				Plot.dot(rows, { y: 'row', x: (d) => Math.max(0.85, d.share), fill: 'black' }),
			],
		},
	};
}

const label = (name: string) => (batch: Batch) => batch.label === name;
const exact = batchesOf('exact');
const even = batchesOf('even');
const independent = batchesOf('dependence');
const information = batchesOf('information');
const effects = batchesOf('effects');
const reversible = exact.filter(label('reversible'));
const EFFECTS = ['affinity', 'bound', 'gradient', 'entropy'];

/** Kernels at or above the tolerance, and how many of them were said to hold. */
function falseHolds(batch: Batch): string[] {
	const known = batch.outcomes.filter(({ truth }) => typeof truth === 'number' && truth >= 0.1);
	const wrong = known.filter(({ holds }) => holds === true).length;
	const [low, high] = shareInterval(wrong, known.length);
	const share = (wrong / known.length).toFixed(3);
	return [batch.design, 'rms A ≥ 0.1', String(known.length), share, range(low, high)];
}

/** Tables that were insufficient at first, and how many were settled by the attempts promised. */
function kept(batch: Batch): string[] {
	const open = batch.outcomes.filter(({ first }) => first === 'insufficient');
	const settled = open.filter(({ second }) => second !== 'insufficient').length;
	const [low, high] = shareInterval(settled, open.length);
	const share = (settled / open.length).toFixed(3);
	return [batch.design, batch.label, String(open.length), share, range(low, high)];
}

const REJECTIONS = [
	left('design'),
	left('kernel'),
	right('sets'),
	right('p ≤ .05'),
	left('exact 95 %'),
	right('√n KS'),
];
const COVERAGE = [
	left('design'),
	left('kernel'),
	left('interval of'),
	right('truth'),
	right('sets'),
	right('holds it'),
	left('exact 95 %'),
];
const SHARES = [left('design'), left('kernel'), right('sets'), right('share'), left('exact 95 %')];
const covers = [
	...effects.flatMap((batch) => EFFECTS.map((name) => coverage(batch, name))),
	...information.map((batch) => coverage(batch, 'information')),
];
const lines = [
	'Exact test (√n KS: distance of p from uniform; 1.36 is its 5 % point)',
	...textTable(
		REJECTIONS,
		[...exact, ...even].map((batch) => rejections(batch, 'p')),
	),
	'',
	'Quasi-independence test, kernels that ignore their input',
	...textTable(
		REJECTIONS,
		independent.map((batch) => rejections(batch, 'p')),
	),
	'',
	'95 % intervals (bound: the one-sided upper bound of the rms affinity)',
	...textTable(COVERAGE, covers),
	'',
	'Said to hold although the rms affinity is at or above the tolerance',
	...textTable(SHARES, batchesOf('tolerance').map(falseHolds)),
	'',
	'Insufficient tables settled by the attempts promised',
	...textTable(SHARES, batchesOf('promise').map(kept)),
];
writeFileSync(`${folder}summary.txt`, `${lines.join('\n')}\n`);
for (const line of lines) console.log(line);

const panels = [
	uniformity('Exact test, reversible kernels', reversible, 'p'),
	rates('… rejected at 5 %', reversible, 'p'),
	uniformity('Quasi-independence test, T(g|f) = q(g)', independent, 'p'),
	rates('… rejected at 5 %', independent, 'p'),
	covered('95 % intervals of the effect sizes', effects, EFFECTS),
	covered('… of the mutual information', information, ['information']),
];
writeFileSync(
	`${folder}calibration.svg`,
	figureSvg(panels, { width: 480, height: 360, columns: 2 }),
);
