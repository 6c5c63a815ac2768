import type { GroupVerdict } from '../analysis/verify.js';
import { safeLine } from '../safe-text.js';
import { DASH } from './numbers.js';
import { group } from './progress.js';
import { type Column, printable, textTable, wrapped } from './table.js';

/** Columns of a terminal that everything printed fits. */
const WIDTH = 100;

/** A group as the tables show it. */
export interface ShownGroup {
	readonly model: string;
	readonly template: string;
	readonly sampling: { readonly temperature: number | null };
	readonly finding: GroupVerdict;
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

/** The table of verdicts, at most 100 columns wide for labels of ordinary length. */
export function verdictTable(groups: readonly ShownGroup[]): string[] {
	const rows = groups.map(({ model, template, sampling, finding: f }) => [
		model,
		template,
		sampling.temperature === null ? DASH : String(sampling.temperature),
		f.attempts === null ? DASH : group(f.attempts),
		share(f),
		String(f.independentLoops),
		digits(f.exactTest.p),
		digits(f.affinity.rms),
		digits(f.affinity.upper95),
		digits(f.dependence.mutualInformation),
		f.verdict,
	]);
	return textTable(
		[
			left('model'),
			left('template'),
			right('T'),
			right('attempts'),
			right('valid'),
			right('loops'),
			right('p'),
			right('rms A'),
			right('≤ 95 %'),
			right('I(f;g)'),
			left('verdict'),
		],
		rows,
	);
}

/** What came back from every group, in percent of its attempts, beside what was found. */
export function outcomeTable(groups: readonly ShownGroup[]): string[] {
	const rows = groups.map(({ model, template, finding: f }) => {
		const { valid, self, invalid, unparsable, truncated } = f.outcomes;
		const all = valid + self + invalid + unparsable + truncated;
		const percent = (n: number) => (all === 0 ? DASH : ((100 * n) / all).toFixed(1));
		return [
			model,
			template,
			...[valid, self, invalid + unparsable, truncated].map(percent),
			group(f.states),
			digits(f.dependence.mutualInformation),
			digits(f.affinity.rms),
			digits(f.affinity.upper95),
			f.verdict,
		];
	});
	const columns = ['valid', 'self', 'invalid', 'cut', 'states', 'I(f;g)', 'rms A', '≤ 95 %'];
	return textTable([left('model'), left('template'), ...columns.map(right), left('verdict')], rows);
}

/** How to read the table of outcomes, once. */
export const OUTCOME_LEGEND = [
	'In percent of all attempts: valid: another state · self: the same state · invalid: no state, or',
	'nothing that can be read · cut: no end within the limit of tokens. states: sources and states',
	'reached · I(f;g), rms A and its upper 95 % bound in nats',
];

/** How to read the table, once. */
export const VERDICT_LEGEND = [
	'valid: share of attempts that reached another state · loops: independent loops · p: exact test of',
	'detailed balance · rms A: cycle affinity in nats, noise removed, with its upper 95 % bound ·',
	'I(f;g): mutual information of input and output in nats, the diagonal left out',
];

/** Each verdict in plain words. */
export function verdictSentences(groups: readonly ShownGroup[]): string[] {
	return groups.flatMap(({ model, template, finding }) =>
		wrapped(
			`${printable(model)} · ${printable(template)}: ${finding.verdict}. ${safeLine(finding.sentence)}`,
			WIDTH,
		),
	);
}

/** Potentials of a group: a bounded value with its error, or the sign of infinity and the reason. */
export function potentialTable({ finding }: ShownGroup): string[] {
	const rows = finding.potential.map(({ state, value, standardError, unbounded, reason }) => [
		state,
		value === null
			? unbounded === null
				? '–'
				: unbounded === '+inf'
					? '+∞'
					: '−∞'
			: value.toFixed(3),
		standardError === null ? '' : `± ${standardError.toFixed(3)}`,
		reason ?? '',
	]);
	return textTable([left('state'), right('V (nats)'), left(''), left('')], rows);
}

/** Verdicts with models down and templates across: one glance. */
export function verdictMatrix(groups: readonly ShownGroup[]): string[] {
	const templates = [...new Set(groups.map(({ template }) => template))];
	const models = [...new Set(groups.map(({ model }) => model))];
	const rows = models.map((model) => [
		model,
		...templates.map((template) => {
			const cells = groups.filter((g) => g.model === model && g.template === template);
			return cells.map(({ finding }) => finding.verdict).join(', ');
		}),
	]);
	return textTable([left('model'), ...templates.map(left)], rows);
}

function share({ outcomes }: GroupVerdict): string {
	const all = Object.values(outcomes).reduce((a, b) => a + b, 0);
	return all === 0 ? '–' : `${((100 * outcomes.valid) / all).toFixed(1)} %`;
}

function digits(value: number | null): string {
	if (value === null) return '–';
	if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(0);
	return value.toFixed(3);
}
