/** The figure of docs/benchmarks.md: cost against what grows, both axes logarithmic. */
import { type Drawing, figureSvg, type Panelled, Plot } from '../harness/report/figure.js';
import { axis, frame } from '../harness/report/figures/axes.js';
import { colour } from '../harness/report/figures/colours.js';
import { type Entry, legend } from '../harness/report/figures/legend.js';
import type { GrowthMeasured } from './growth-point.js';

/** What grows along a row of panels. */
export type GrowthAxis = 'attempts' | 'sources' | 'vocabulary' | 'parameters';

/** Points that differ in one thing. */
export interface GrowthSeries {
	readonly axis: GrowthAxis;
	readonly label: string;
	readonly points: readonly {
		readonly at: number;
		readonly name: string;
		readonly measured: GrowthMeasured;
	}[];
}

export interface Growth {
	readonly machine: string;
	readonly series: readonly GrowthSeries[];
}

const SIZE = { width: 240, height: 200, columns: 4 };
/** Two lines, whether or not they are used: the frames of a row are level. */
const LEGEND = 28;
const AXES: readonly { readonly axis: GrowthAxis; readonly label: string }[] = [
	{ axis: 'attempts', label: 'attempts' },
	{ axis: 'sources', label: 'sources, 100 attempts each' },
	{ axis: 'vocabulary', label: 'tokens in the vocabulary' },
	{ axis: 'parameters', label: 'parameters of the model' },
];

/** One row of panels. */
interface Cost {
	readonly title: string;
	readonly of: (measured: GrowthMeasured) => number;
}

const COSTS: readonly Cost[] = [
	{ title: 'processor seconds', of: ({ cpu }) => cpu },
	{ title: 'model evaluations', of: ({ evaluations }) => evaluations },
	{ title: 'peak of the process, MiB', of: ({ peak }) => peak / 2 ** 20 },
];

/** By label, the same in every panel. */
const STYLES: Readonly<Record<string, Omit<Entry, 'label'>>> = {
	fixed: { colour: colour('c1'), dash: '' },
	crawl: { colour: colour('c2'), dash: '6 3' },
	'crawl, 32 MiB': { colour: colour('c3'), dash: '2 2' },
};

/** Small multiples: a column for each thing that grows, a row for each cost. */
export function growthFigure({ machine, series }: Growth): string {
	const panels = COSTS.flatMap((cost) => {
		const values = series.flatMap(({ points }) => points.map(({ measured }) => cost.of(measured)));
		const range = decades(values);
		return AXES.map(({ axis: along, label }): Panelled => {
			const own = series.filter((one) => one.axis === along);
			return { title: cost.title, drawing: drawing(own, { ...cost, range }, label) };
		});
	});
	return figureSvg(panels, SIZE, {
		title: 'How cost grows',
		reading: `Both axes are logarithmic: tenfold up for tenfold across is proportional growth. Where lines hide each other, the costs are equal. Every point is a process of its own (${machine}). fixed: laws are let go of when all attempts from a source went past them; crawl: laws are kept, up to 256 MiB of them, or up to 32 MiB.`,
		description:
			'Processor time, model evaluations and peak memory against attempts, sources, vocabulary and model size.',
	});
}

function drawing(
	series: readonly GrowthSeries[],
	cost: Cost & { readonly range: readonly [number, number] },
	label: string,
): Drawing {
	const entries = series.map((one): Entry => ({ label: one.label, ...styleOf(one.label) }));
	const key = { x: 46, y: 0, width: SIZE.width - 60 };
	const along = series.flatMap(({ points }) => points.map(({ at }) => at));
	return {
		marginLeft: 50,
		marginRight: 18,
		marginTop: LEGEND + 8,
		marginBottom: 32,
		x: logarithmic(label, decades(along)),
		y: logarithmic('', cost.range),
		marks: [
			frame,
			...series.flatMap((one) => {
				const { colour: stroke, dash } = styleOf(one.label);
				const line = one.points.map(({ at, measured }): [number, number] => [
					at,
					cost.of(measured),
				]);
				return [
					Plot.line(line, {
						stroke,
						strokeWidth: 2,
						...(dash ? { strokeDasharray: dash } : {}),
					}),
					Plot.dot(line, { fill: stroke, r: 2.5 }),
				];
			}),
			legend(entries, key),
		],
	};
}

function styleOf(label: string): Omit<Entry, 'label'> {
	const style = STYLES[label];
	if (!style) throw new Error(`no style for ${label}`);
	return style;
}

function logarithmic(label: string, domain: readonly [number, number]): Plot.ScaleOptions {
	return { ...axis(label, domain), type: 'log', ticks: 4, tickFormat: short };
}

/** From the power of ten below all values to the one above. */
function decades(values: readonly number[]): readonly [number, number] {
	const low = Math.floor(Math.log10(Math.min(...values)));
	const high = Math.ceil(Math.log10(Math.max(...values)));
	return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** Powers of ten only, in as few characters as can be: 1k, 10M, 1G. */
function short(value: number): string {
	if (Math.abs(Math.log10(value) - Math.round(Math.log10(value))) > 1e-9) return '';
	if (value >= 1e9) return `${value / 1e9}G`;
	if (value >= 1e6) return `${value / 1e6}M`;
	if (value >= 1e3) return `${value / 1e3}k`;
	return String(Number(value.toPrecision(1)));
}
