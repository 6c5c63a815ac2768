/** Verdicts as the page shows them: a sign, a word, and what it means; never a colour alone. */
import type { ScoredFinding } from '../../analysis/scored/finding.js';
import type { ScoredTolerances, ScoredVerdict } from '../../analysis/scored/verdict.js';
import type { Tolerances, Verdict } from '../../analysis/verdict.js';
import type { GroupVerdict } from '../../analysis/verify.js';
import { digits } from '../numbers.js';
import { html, type Markup } from './html.js';

const SIGNS: Readonly<Record<Verdict, string>> = {
	holds: '✓',
	trivial: '≈',
	violated: '✗',
	insufficient: '…',
	untestable: '∅',
};

/** In the order in which the page shows them. */
export const SHOWN_VERDICTS = [
	'holds',
	'trivial',
	'violated',
	'insufficient',
	'untestable',
] as const;

export function verdictChip(verdict: Verdict): Markup {
	return html`<span class="chip ${verdict}"><span aria-hidden="true">${SIGNS[verdict]}</span> ${verdict}</span>`;
}

/** Verdicts on exact kernels that look like one on sampled kernels: the colour is that of what it means. */
const LIKE: Readonly<Record<ScoredVerdict, Verdict>> = {
	balanced: 'holds',
	independent: 'trivial',
	violated: 'violated',
	undecided: 'insufficient',
	untestable: 'untestable',
};

/** In the order in which the page shows them. */
export const SHOWN_EXACT = [
	'balanced',
	'independent',
	'violated',
	'undecided',
	'untestable',
] as const;

export function exactChip(verdict: ScoredVerdict): Markup {
	const like = LIKE[verdict];
	return html`<span class="chip ${like}"><span aria-hidden="true">${SIGNS[like]}</span> ${verdict}</span>`;
}

/** One sentence for a reader who knows no statistics. */
export function exactMeaning(verdict: ScoredVerdict, { affinity }: ScoredTolerances): string {
	switch (verdict) {
		case 'balanced':
			return `no kernel within the numerical limits has an rms cycle affinity above ${affinity} nats`;
		case 'independent':
			return 'balanced, but only because the answer hardly depends on the state given';
		case 'violated':
			return `the rms cycle affinity is above ${affinity} nats whatever numerics leave open, or a loop can be run one way only`;
		case 'undecided':
			return 'what was left out, or the evaluation shape, could decide either way';
		case 'untestable':
			return 'the transitions found hold no loop';
	}
}

/** The rms cycle affinity of an exact kernel with its limits. */
export function exactEffect({ affinity }: ScoredFinding): string {
	const { rms, lower, upper } = affinity;
	if (rms === null) return 'no cycle affinity';
	return `${digits(rms)} (${digits(lower)} … ${upper === null ? '∞' : digits(upper)}) nats`;
}

/** One sentence for a reader who knows no statistics. */
export function verdictMeaning(verdict: Verdict, tolerances: Tolerances): string {
	switch (verdict) {
		case 'holds':
			return `detailed balance holds: the cycle affinities are at most ${tolerances.affinity} nats (upper 95 % bound of their root mean square)`;
		case 'trivial':
			return 'it holds, but only because the answer hardly depends on the state given';
		case 'violated':
			return 'an exact test rejects detailed balance: some loops run one way more than the other';
		case 'insufficient':
			return 'not settled by so few attempts; each group says how many more would do';
		case 'untestable':
			return 'the observed transitions hold no loop that could be tested';
	}
}

/** The effect size with its interval, in one short line. */
export function effect({ affinity }: GroupVerdict): string {
	const { rms, interval95, upper95 } = affinity;
	if (rms === null) return 'no cycle affinity';
	if (interval95 === null || rms === 0) return `${digits(rms)} nats, at most ${digits(upper95)}`;
	return `${digits(rms)} (${digits(interval95.lower)} … ${digits(interval95.upper)}) nats`;
}
