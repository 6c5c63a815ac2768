/** Everything known of one group, section by section, for a person to read. */
import type { GroupVerdict } from '../analysis/verify.js';
import { safeLine } from '../safe-text.js';
import { count, DASH, digits, estimate, percent } from './numbers.js';
import { group } from './progress.js';
import { printable, wrapped } from './table.js';

const WIDTH = 100;
const LABEL = 13;

export type Section = readonly [label: string, sentences: readonly (string | null)[]];

/** The sections of a group's finding, each a label and wrapped text. */
export const findingLines = (finding: GroupVerdict): string[] => sectionLines(sections(finding));

/** Sections, each a label and wrapped text; one without a sentence is left out. */
export function sectionLines(all: readonly Section[]): string[] {
	return all.flatMap(([label, sentences]) => {
		const text = sentences.filter((sentence) => sentence !== null && sentence !== '');
		if (text.length === 0) return [];
		return text.flatMap((sentence, i) => {
			const lines = wrapped(safeLine(sentence as string), WIDTH - LABEL - 2);
			return lines.map(
				(line, j) => `  ${(i === 0 && j === 0 ? label : '').padEnd(LABEL)}${line.trimStart()}`,
			);
		});
	});
}

function sections(f: GroupVerdict): Section[] {
	return [
		['data', data(f)],
		['normalised', f.normalisations.map(normalisation)],
		['exact test', exactTest(f)],
		['affinity', affinity(f)],
		['worst loops', worst(f)],
		['flow', flow(f)],
		['entropy', entropy(f)],
		['dependence', dependence(f)],
		['assumptions', assumptions(f)],
		['least action', leastActions(f)],
		['replica', replica(f)],
	];
}

function data(f: GroupVerdict): (string | null)[] {
	const { outcomes: o } = f;
	const all = Object.values(o).reduce((a, b) => a + b, 0);
	const attempts = f.attempts ?? all;
	return [
		`${group(attempts)} attempts: ${group(o.valid)} valid, ${group(o.self)} self, ${group(o.invalid)} invalid, ${group(o.unparsable)} unparsable, ${group(o.truncated)} truncated`,
		`${count(f.states, 'state', 'states')}, ${count(f.pairs, 'pair', 'pairs')} (${group(f.twoWayPairs)} both ways, ${group(f.pairs - f.twoWayPairs)} one way), components of ${f.components.length === 0 ? 'one state each' : `${listed(f.components)} states`}`,
		`${count(f.independentLoops, 'independent loop', 'independent loops')}; looked at: ${group(f.loops.triangles)} triangles, ${group(f.loops.longer)} longer${f.loops.note === null ? '' : ` (${f.loops.note})`}`,
	];
}

/** Sizes with commas, at most five of them. */
export const listed = (sizes: readonly number[]): string =>
	sizes.length <= 5
		? sizes.join(', ')
		: `${sizes.slice(0, 5).join(', ')} and ${sizes.length - 5} more`;

function normalisation(n: GroupVerdict['normalisations'][number]): string {
	if (n.reason !== null) return `${n.normalisation}: ${n.reason}`;
	const d = n.denominator;
	const denominator =
		d === null
			? DASH
			: d.least === d.most
				? digits(d.least)
				: `${digits(d.least)} … ${digits(d.most)}`;
	const parts = [
		`denominator ${denominator}`,
		n.leftOut.states > 0 ? `${count(n.leftOut.states, 'state', 'states')} left out` : null,
		n.clipped > 0 ? `${count(n.clipped, 'entry', 'entries')} cut to 1` : null,
		n.potential === null ? null : `V ${spread(n.potential)}`,
	];
	return `${n.normalisation}: ${parts.filter((part) => part !== null).join(', ')}`;
}

/** The values of a potential in a few words. */
function spread(potential: readonly { readonly value: number | null }[]): string {
	const values = potential.flatMap(({ value }) => (value === null ? [] : [value]));
	values.sort((a, b) => a - b);
	if (values.length === 0) return 'bounded nowhere';
	if (values.length <= 6) return values.map((v) => v.toFixed(2)).join(' / ');
	const middle = values[Math.floor(values.length / 2)] as number;
	return `from 0 to ${digits(values.at(-1) as number)} nats, median ${digits(middle)}`;
}

function exactTest({ exactTest: t, adjustedP }: GroupVerdict): (string | null)[] {
	if (t.p === null) return [t.reason];
	return [
		`p ${digits(t.p)}, after Holm ${digits(adjustedP)} (${group(t.samples)} tables, ${group(t.steps)} steps each, ${percent(t.acceptance)} of the moves accepted)`,
		t.mixing.sentence,
	];
}

function affinity({ affinity: a }: GroupVerdict): (string | null)[] {
	if (a.rms === null) return [a.reason];
	return [
		`rms ${estimate(a.rms, a.interval95)} nats, at most ${digits(a.upper95)} (95 %), over ${count(a.loops, 'loop', 'loops')}${a.oneWayLoops > 0 ? `, ${group(a.oneWayLoops)} of them with a pair seen one way` : ''}${a.loopsLeftOut > 0 ? `; ${group(a.loopsLeftOut)} loops over pairs seen once are left out` : ''}`,
	];
}

function worst({ worstLoops: w }: GroupVerdict): (string | null)[] {
	if (w.loops.length === 0) return [];
	return w.loops
		.slice(0, 5)
		.map(
			(loop) =>
				`${loopName(loop.states)}: A ${digits(loop.affinity)} ± ${digits(loop.standardError)}, z ${digits(loop.z)}, p ${digits(loop.adjustedP)} for all ${group(w.tested)} together`,
		);
}

/** `A → B → C → A`, long ones cut. */
export function loopName(states: readonly string[]): string {
	const names = states.map(printable);
	const shown = names.length <= 6 ? names : [...names.slice(0, 5), `(${names.length - 5} more)`];
	return [...shown, names[0] as string].join(' → ');
}

function flow({ flow: s }: GroupVerdict): (string | null)[] {
	if (s.gradient === null || s.curl === null || s.harmonic === null) return [s.reason];
	const part = (name: string, p: NonNullable<typeof s.gradient>): string =>
		`${name} ${estimate(p.value, p.interval95)}`;
	return [
		`${part('gradient', s.gradient)}, ${part('curl', s.curl)}, ${part('harmonic', s.harmonic)}`,
		s.note,
	];
}

function entropy({ entropy: e }: GroupVerdict): (string | null)[] {
	if (e.value === null) return [e.reason];
	const oneWay =
		e.oneWayPairs > 0
			? `${count(e.oneWayPairs, 'pair was', 'pairs were')} seen one way (${percent(e.oneWayShare)} of the transitions): plug-in infinite, two-way pairs alone ${digits(e.plugInTwoWay)}`
			: `plug-in ${digits(e.plugIn)}`;
	return [
		`${estimate(e.value, e.interval95)} nats per attempt, bias ${digits(e.bias)} removed; ${oneWay}`,
		e.note,
	];
}

function dependence({ dependence: d, split }: GroupVerdict): (string | null)[] {
	const parts =
		split.target === null
			? split.reason
			: `log T: target part ${digits(split.target)}, symmetric ${digits(split.symmetric)}, antisymmetric ${digits(split.antisymmetric)} nats per transition`;
	if (d.mutualInformation === null) return [d.reason, parts];
	return [
		`I(f;g) ${estimate(d.mutualInformation, d.interval95)} nats, at most ${digits(d.upper95)} (95 %); quasi-independence p ${digits(d.p)}`,
		parts,
	];
}

function assumptions({ assumptions: a }: GroupVerdict): (string | null)[] {
	const tests = [
		['same over seeds', a.seeds],
		['same over time', a.time],
		['first order', a.order],
	] as const;
	const made = tests.flatMap(([name, { p }]) => (p === null ? [] : [`${name} p ${digits(p)}`]));
	const reasons = new Map<string, string[]>();
	for (const [name, { p, reason }] of tests) {
		if (p !== null) continue;
		const why = reason ?? 'not known';
		reasons.set(why, [...(reasons.get(why) ?? []), name]);
	}
	const missed = [...reasons].map(([why, names]) => `${names.join(', ')}: not tested (${why})`);
	return [made.join('; '), ...missed, ...a.warnings];
}

function leastActions({ leastAction }: GroupVerdict): (string | null)[] {
	return leastAction.map((l) =>
		l.value === null
			? `${l.kernel}, ${l.normalisation}: ${l.reason}`
			: `${l.kernel}, ${l.normalisation}: S ${digits(l.value)}, V ${spread(l.potential)}`,
	);
}

function replica({ replica: r }: GroupVerdict): (string | null)[] {
	if (r === null) return [];
	const figure = (name: keyof typeof r.figures, label: string): string => {
		const { observed, null: law } = r.figures[name];
		if (observed === null) return `${label} ${DASH}`;
		const range = law === null ? '' : ` [${digits(law.lower)} … ${digits(law.upper)}]`;
		return `${label} ${digits(observed)}${range}${law?.p == null ? '' : ` p ${digits(law.p)}`}`;
	};
	return [
		`scatter: ${figure('scatterPairs', 'N')}, ${figure('correlation', 'r')}, ${figure('scatterChiSquare', 'χ²/ndf')}`,
		`loops, counts > 0: ${figure('loopsAbove0', 'N')}, ${figure('loopChiSquareAbove0', 'χ²/ndf')}`,
		`loops, counts > 1: ${figure('loopsAbove1', 'N')}, ${figure('loopChiSquareAbove1', 'χ²/ndf')}`,
		`action: ${figure('actionExponential', 'exp(−x/2)')}, ${figure('actionLogistic', 'log(1 + exp(−x))')}`,
		`potential: ${figure('potential50', 'median')}, ${figure('potentialLargest', 'largest')}`,
		`[in brackets: 95 % of ${group(r.samples)} data sets drawn from the fitted reversible kernel]`,
		...r.notes,
	];
}
