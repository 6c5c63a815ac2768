import type { PowerCurve, PowerTable } from '../analysis/power/power.js';
import { digits } from './numbers.js';
import { group } from './progress.js';
import { type Column, printable, textTable, wrapped } from './table.js';

/** Columns of a terminal that everything printed fits. */
const WIDTH = 100;
/** Below so many transitions per pair the theory was measured to promise too much. */
const FEWEST_PER_PAIR = 3;

/** Power of a kernel as the tables show it. */
export interface ShownPower {
	readonly model: string | null;
	readonly template: string | null;
	readonly sampling: { readonly temperature: number | null } | null;
	readonly states: number;
	readonly attemptsPerState: number | null;
	readonly transitionsPerPair: number | null;
	readonly power: PowerTable | null;
	readonly powerNow: readonly { readonly affinity: number; readonly power: number }[];
	readonly reason: string | null;
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

/** Attempts per state by affinity and power, one row for each kernel and affinity. */
export function powerTableText(
	kernels: readonly ShownPower[],
	question: { readonly affinities: readonly number[]; readonly powers: readonly number[] },
): string[] {
	const { affinities, powers } = question;
	const named = kernels.some(({ model }) => model !== null);
	const now = kernels.some(({ attemptsPerState }) => attemptsPerState !== null);
	const rows = kernels.flatMap((kernel) =>
		(kernel.power === null ? affinities.slice(0, 1) : affinities).map((affinity) => [
			...(named ? nameCells(kernel) : []),
			...(now ? [attempts(kernel.attemptsPerState)] : []),
			kernel.power === null ? '–' : String(affinity),
			...(now ? [share(kernel.powerNow.find((one) => one.affinity === affinity)?.power)] : []),
			...powers.map((power) => attempts(needed(kernel, affinity, power))),
		]),
	);
	return textTable(
		[
			...(named ? [left('model'), left('template'), right('T')] : []),
			...(now ? [right('attempts')] : []),
			right('rms A'),
			...(now ? [right('power')] : []),
			...powers.map((power) => right(`for ${power}`)),
		],
		rows,
	);
}

export const POWER_LEGEND = [
	'Attempts: per state, made so far or planned · rms A: cycle affinity to be seen, nats · power: chance',
	'that the exact test sees it with those attempts · for 0.8: attempts per state that see it in 80 of',
	'100 cases',
];

/** Each kernel in plain words. */
export function powerSentences(
	kernels: readonly ShownPower[],
	question: { readonly affinities: readonly number[]; readonly powers: readonly number[] },
): string[] {
	const affinity = Math.min(...question.affinities);
	const power = [...question.powers].sort((a, b) => a - b)[Math.floor(question.powers.length / 2)]!;
	return kernels.flatMap((kernel) => {
		const [model, template, T] = nameCells(kernel);
		const heat = T === '–' ? '' : ` · T ${T}`;
		const name = kernel.model === null ? '' : `${model} · ${template}${heat}: `;
		const begin = name === '' ? 'To' : `${name}to`;
		if (kernel.power === null) return wrapped(`${name}${kernel.reason}.`, WIDTH);
		const wish = `an rms cycle affinity of ${affinity} nats in ${digits(100 * power)} of 100 cases`;
		const enough = attempts(needed(kernel, affinity, power));
		return wrapped(
			`${begin} see ${wish} takes ${enough} attempts from each state.${sparse(kernel)}`,
			WIDTH,
		);
	});
}

/** Said where some number of the table stands for fewer transitions than the theory bears. */
function sparse({ power, transitionsPerPair, attemptsPerState }: ShownPower): string {
	if (power === null || transitionsPerPair === null) return '';
	const perAttempt = transitionsPerPair / (attemptsPerState ?? 1);
	const least = Math.min(...power.needed.map((one) => one.attemptsPerState ?? Infinity));
	if (least * perAttempt >= FEWEST_PER_PAIR) return '';
	const line = Math.ceil(FEWEST_PER_PAIR / perAttempt);
	return ` Numbers below ${group(line)} attempts leave fewer than ${FEWEST_PER_PAIR} transitions per pair and promise too much.`;
}

function nameCells({ model, template, sampling }: ShownPower): string[] {
	const temperature = sampling?.temperature ?? null;
	return [
		printable(model ?? '–'),
		printable(template ?? '–'),
		temperature === null ? '–' : String(temperature),
	];
}

function needed({ power }: ShownPower, affinity: number, wish: number): number | null {
	const found = power?.needed.find((one) => one.affinity === affinity && one.power === wish);
	return found?.attemptsPerState ?? null;
}

const attempts = (n: number | null): string => (n === null ? '–' : group(Math.round(n)));
const share = (p: number | undefined): string => (p === undefined ? '–' : p.toFixed(2));

const ROWS = 11;
const MARKS = '●○▲△■□◆◇';

/** The curves of one kernel drawn with characters: power against attempts per state, log scale. */
export function powerCurve({ curves }: PowerTable): string[] {
	const { attemptsPerState: xs, powers } = curves;
	const grid = Array.from({ length: ROWS }, () => new Array<string>(xs.length).fill(' '));
	// The hardest to see last, so that where curves meet at 1 it shows how far they are apart.
	const order = [...powers.keys()].sort(
		(a, b) => (powers[b]?.affinity ?? 0) - (powers[a]?.affinity ?? 0),
	);
	for (const k of order) draw(grid, powers[k] as PowerCurve, markOf(k));
	const lines = grid.map((row, i) => {
		const level = 1 - i / (ROWS - 1);
		const label = i % 2 === 0 ? level.toFixed(1) : '   ';
		return `${label} ${i % 2 === 0 ? '┤' : '│'}${row.join('')}`.trimEnd();
	});
	const { axis, labels } = ticks(xs);
	return [
		'power against attempts per state',
		...lines,
		`    └${axis}`,
		`     ${labels}`.trimEnd(),
		powers.map(({ affinity }, k) => `${markOf(k)} rms A ${affinity}`).join('   '),
	];
}

const markOf = (k: number): string => MARKS[k % MARKS.length] as string;

function draw(grid: string[][], { power }: PowerCurve, mark: string): void {
	for (const [x, p] of power.entries()) {
		const row = Math.round((1 - p) * (ROWS - 1));
		(grid[row] as string[])[x] = mark;
	}
}

/** 1, 2 and 5 times powers of ten, where their labels do not touch. */
function ticks(xs: readonly number[]): { axis: string; labels: string } {
	const axis = new Array<string>(xs.length).fill('─');
	let labels = '';
	const [first, last] = [xs[0] as number, xs.at(-1) as number];
	const column = (value: number): number =>
		Math.round(((xs.length - 1) * Math.log(value / first)) / Math.log(last / first));
	for (let decade = 10 ** Math.floor(Math.log10(first)); decade <= last; decade *= 10) {
		for (const value of [decade, 2 * decade, 5 * decade]) {
			if (value < first || value > last) continue;
			const at = column(value);
			const label = group(value);
			if (at < labels.length + (labels === '' ? 0 : 2) || at + label.length > xs.length + 8)
				continue;
			axis[at] = '┬';
			labels = labels.padEnd(at) + label;
		}
	}
	return { axis: axis.join(''), labels };
}
