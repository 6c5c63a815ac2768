/** Exact kernels for a terminal: the table, the sentences, and everything known of one. */
import type { ScoredFinding } from '../analysis/scored/finding.js';
import type { Uncertain } from '../analysis/scored/kernel.js';
import { safeLine } from '../safe-text.js';
import { listed, loopName, type Section, sectionLines } from './finding-text.js';
import { count, DASH, digits } from './numbers.js';
import { group } from './progress.js';
import { type Column, printable, textTable, wrapped } from './table.js';
import { cutTo, displayWidth } from './width.js';

/** Columns of a terminal that everything printed fits. */
const WIDTH = 100;

/** An exact kernel as the tables show it. */
export interface ShownScored {
	readonly model: string;
	readonly template: string;
	/** null where it is not known */
	readonly temperature: number | null;
	readonly finding: ScoredFinding;
	/** largest mass of a source that was not followed to its end */
	readonly leftOut: number;
	/** model evaluations made; null where they were not counted */
	readonly evaluations: number | null;
}

/** What the numbers of the table are taken from. */
export type NumberedScored = Pick<ShownScored, 'temperature' | 'finding' | 'leftOut'>;

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

/** Names are cut to this many columns at least. */
const NARROWEST = 8;

/** One row per kernel, at most 100 columns wide but for names that are cut to so many columns. */
export function scoredTable(kernels: readonly ShownScored[]): string[] {
	const columns = ['T', 'K', 'rms A', 'max A', 'grad', 'σ', 'I(f;g)', 'left'];
	const titles = [left('model'), left('template'), ...columns.map(right), left('verdict')];
	const cells = kernels.map(scoredNumbers);
	for (let most = WIDTH; ; most--) {
		const rows = kernels.map(({ model, template }, i) => [
			cutTo(printable(model), most),
			cutTo(printable(template), most),
			...cells[i]!,
		]);
		const lines = textTable(titles, rows);
		if (most === NARROWEST || lines.every((line) => displayWidth(line) <= WIDTH)) return lines;
	}
}

/** T, K, rms A, max A, grad, σ, I(f;g), left and verdict, as the table shows them. */
export function scoredNumbers({ temperature, finding: f, leftOut }: NumberedScored): string[] {
	return [
		temperature === null ? DASH : String(temperature),
		group(f.states),
		rmsAffinity(f),
		shown(f.affinity.largest[0]?.affinity),
		shown(f.gradientShare),
		f.entropyProduction === null && f.entropy.oneWayPairs > 0 ? '∞' : shown(f.entropyProduction),
		shown(f.dependence.mutualInformation),
		oneDigit(leftOut),
		f.verdict,
	];
}

/** How to read the table, once. */
export const SCORED_LEGEND = [
	'K: states · rms A: root mean square cycle affinity over all loops, nats, ± what mass left out and',
	'evaluation shapes leave open (?: no other shape was tried) · max A: the largest of a loop · grad:',
	'share of the log ratios that a potential explains · σ: entropy production per step, nats · I(f;g):',
	'mutual information of input and output, nats, the diagonal left out · left: largest mass of a',
	'source that was not followed. Scored from the model’s laws, not sampled: no p-value applies',
];

/** `0.424 ± 0.001`; a question mark where shapes were not compared, ∞ where it may be of any size. */
function rmsAffinity({ affinity, shapes }: ScoredFinding): string {
	const { rms, lower, upper } = affinity;
	if (rms === null || lower === null) return DASH;
	const open = upper === null ? '∞' : oneDigit(Math.max(upper - rms, rms - lower));
	return `${shown(rms)} ± ${open}${shapes === 1 ? '?' : ''}`;
}

/** Smaller numbers, in nats or of 1, are the rounding of the sums they come from. */
const ROUNDING = 1e-12;

/** Three digits; nothing but rounding is 0. */
function shown(value: number | null | undefined): string {
	return digits(typeof value === 'number' && Math.abs(value) < ROUNDING ? 0 : value);
}

/** An uncertainty, rounded up. */
export function oneDigit(value: number): string {
	if (value < ROUNDING) return '0';
	const unit = 10 ** Math.floor(Math.log10(value));
	const up = Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(1));
	return up < 0.001 ? up.toExponential(0) : String(up);
}

/** Each verdict in plain words. */
export function scoredSentences(kernels: readonly ShownScored[]): string[] {
	return kernels.flatMap(({ model, template, finding }) =>
		wrapped(
			`${printable(model)} · ${printable(template)}: ${finding.verdict}. ${safeLine(finding.sentence)}`,
			WIDTH,
		),
	);
}

/** The potential and the stationary probability of every state. */
export function scoredPotentialTable({ finding }: ShownScored): string[] {
	const rows = finding.potential.map((p) => [
		p.state,
		p.value === null ? (INFINITE[p.unbounded ?? ''] as string) : p.value.toFixed(3),
		p.value === null ? '' : spread(p.jitter, p.leftOut),
		shown(p.stationary),
		p.reason ?? '',
	]);
	return textTable([left('state'), right('V (nats)'), left(''), right('π'), left('')], rows);
}

const INFINITE: Readonly<Record<string, string>> = { '+inf': '+∞', '-inf': '−∞', '': DASH };

/** Everything known of one kernel, section by section. */
export function scoredLines(kernel: ShownScored): string[] {
	const { finding: f } = kernel;
	return sectionLines([
		['data', data(kernel)],
		['affinity', affinity(f)],
		['worst loops', worst(f)],
		['flow', flow(f)],
		['entropy', entropy(f)],
		['dependence', dependence(f)],
	]);
}

type Lines = Section[1];

function data({ finding: f, leftOut, evaluations }: ShownScored): Lines {
	const further = f.targetsOnly === 0 ? '' : `, ${group(f.targetsOnly)} more as targets only`;
	const unclear = [
		f.oneWayPairs > 0 ? `${group(f.oneWayPairs)} on a loop and impossible one way` : null,
		f.openPairs > 0 ? `${group(f.openPairs)} found one way, the other left out` : null,
		f.unfoundPairs > 0 ? `${group(f.unfoundPairs)} not found, mass left out` : null,
	].filter((part) => part !== null);
	const evaluated =
		evaluations === null ? '' : `, ${count(evaluations, 'evaluation', 'evaluations')}`;
	return [
		`${count(f.states, 'state', 'states')}${further}; components of ${f.components.length === 0 ? 'one state each' : `${listed(f.components)} states`}`,
		`${count(f.pairs, 'pair', 'pairs')}, ${group(f.twoWayPairs)} both ways${unclear.map((part) => `; ${part}`).join('')}`,
		`mass left out at most ${shown(leftOut)} of a source, log T of a transition open by at most ${shown(f.logLeftOut)} nats${evaluated}`,
		f.shapes === 1
			? 'one evaluation shape: jitter not measured'
			: `${f.shapes} evaluation shapes: log T differs by at most ${shown(f.logJitter)} nats`,
	];
}

function affinity({ affinity: a, independentLoops }: ScoredFinding): Lines {
	if (a.rms === null) return [a.reason];
	const t = a.typical;
	return [
		`rms ${ranged(a.rms, a)} nats over ${count(a.loops, 'loop', 'loops')} (${count(a.triangles, 'triangle', 'triangles')}, ${group(a.longer)} longer; ${group(independentLoops)} independent), every loop alike; mass left out moves it by at most ${shown(a.leftOut)}${jittered(a.jitter)}`,
		t === null ? null : `rms ${ranged(t.rms, t)} nats as a sampled run weighs loops`,
		a.note,
	];
}

const ranged = (
	value: number,
	{ lower, upper }: { readonly lower: number | null; readonly upper: number | null },
): string => `${shown(value)} (${shown(lower)} … ${upper === null ? '∞' : shown(upper)})`;

const jittered = (jitter: number | null): string =>
	jitter === null ? '' : `, jitter ${shown(jitter)}`;

function worst({ affinity: a }: ScoredFinding): Lines {
	return a.largest
		.slice(0, 5)
		.map((loop) => `${loopName(loop.states)}: A ${ranged(loop.affinity, loop)}`);
}

function flow({ flow: s }: ScoredFinding): Lines {
	if (s.gradient === null) return [s.reason];
	const typical =
		s.typical === null ? '' : `; as a sampled run weighs pairs ${uncertain(s.typical)}`;
	return [
		`a potential explains ${uncertain(s.gradient)} of the log ratios of ${count(s.pairs, 'pair', 'pairs')}, every pair alike${typical}`,
	];
}

function entropy({ entropy: e, states }: ScoredFinding): Lines {
	if (e.twoWay === null) return [e.reason];
	const where = e.states < states ? `, on ${group(e.states)} of ${group(states)} states` : '';
	return e.value === null
		? [
				`${e.reason}; two-way pairs alone ${uncertain(e.twoWay)} nats per step (${count(e.oneWayPairs, 'pair', 'pairs')} one way)${where}`,
			]
		: [`${uncertain(e.twoWay)} nats per step in the stationary state${where}`];
}

function dependence({ dependence: d }: ScoredFinding): Lines {
	if (d.mutualInformation === null) return [d.reason];
	return [
		`I(f;g) ${shown(d.mutualInformation)} nats per transition, at most ${shown(d.upper)}${jittered(d.jitter)}`,
	];
}

function uncertain({ value, jitter, leftOut }: Uncertain): string {
	const near1 = value > 0.999 && 1 - value >= ROUNDING;
	return `${near1 ? `1 − ${shown(1 - value)}` : shown(value)} ${spread(jitter, leftOut)}`;
}

/** What both leave open together: neither rules the other out. */
function spread(jitter: number | null, leftOut: number | null): string {
	if (leftOut === null) return '± ?';
	return `± ${oneDigit((jitter ?? 0) + leftOut)}${jitter === null ? '?' : ''}`;
}
