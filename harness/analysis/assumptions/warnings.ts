import type { Outcome } from '../../outcome.js';

export interface WarningInput {
	readonly outcomes: Readonly<Record<Outcome, number>>;
	/** whether a grammar renormalised the model's law at each token */
	readonly constrained: boolean;
}

/** Above this share of attempts that reached no state a warning is given. */
const NO_STATE = 0.2;

/**
 * What a reader should know of a kernel besides its verdict, in plain sentences.
 *
 * @param input outcomes of all attempts, and whether decoding was constrained
 * @returns sentences, none where there is nothing to say
 *
 * @example assumptionWarnings({ outcomes: { valid: 9, self: 0, invalid: 1, … 0 }, constrained: false }) // []
 */
export function assumptionWarnings({ outcomes, constrained }: WarningInput): string[] {
	const warnings: string[] = [];
	const all = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
	const lost = all - outcomes.valid - outcomes.self;
	if (lost > NO_STATE * all) {
		const share = `${Math.round((100 * lost) / all)} %`;
		warnings.push(
			`${share} of the attempts reached no state (invalid, unparsable or truncated). That does not bias the test, for such outcomes are free cells; but V depends on whether they are counted among the attempts.`,
		);
	}
	if (constrained) {
		warnings.push(
			'Decoding was constrained by a grammar, which renormalises the law at each token: this is another kernel than that of free decoding with refusals; do not compare or pool the two.',
		);
	}
	return warnings;
}
