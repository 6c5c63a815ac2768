/** The attempts of one cell in two databases, one beside the other. */
import { binaryOrder } from '../analysis/table/counts.js';
import type { StoreReader } from '../store/reader.js';
import type { StoredAttempt, StoredCell, StoredLaw } from '../store/stored.js';
import { firstDifference, type Transition } from './rerun-ledger.js';

export interface Counted {
	/** attempts (seed, source, draw) that both made */
	readonly compared: number;
	/** of those, not equal in every bit, the step included */
	readonly different: number;
	/** of those, with another completion (tokens or text) */
	readonly completions: number;
	/** of those, with another outcome or target: what the kernel sees */
	readonly outcomes: number;
	/** attempts that one of them made alone */
	readonly onlyFirst: number;
	readonly onlySecond: number;
}

/** What was answered at the node where two completions part, most probable tokens first. */
export type ShownLaw = Omit<StoredLaw, 'checksum' | 'path'>;

export interface RunDivergence {
	readonly model: string;
	readonly template: string;
	readonly seed: number;
	readonly temperature: number | null;
	readonly source: string;
	readonly draw: number;
	/** in the first run; null for fixed sources */
	readonly step: number | null;
	/** position of the first token that differs, or the shorter length */
	readonly token: number;
	readonly first: Transition;
	readonly second: Transition;
	/** where recorded */
	readonly laws: readonly [ShownLaw | null, ShownLaw | null];
}

interface Request {
	readonly pair: readonly [StoredCell, StoredCell];
	/** both have one digest: nothing need be read but how many there are */
	readonly identical: boolean;
}

/** Counts what changed between two cells of one key, and finds where they part first. */
export function countChanges(
	a: StoreReader,
	b: StoreReader,
	{ pair: [one, other], identical }: Request,
): Counted & { readonly first: RunDivergence | null } {
	const counts = { compared: 0, different: 0, completions: 0, outcomes: 0 };
	const alone = { onlyFirst: 0, onlySecond: 0 };
	if (identical) {
		const compared = a.attemptsPerSource([one.id]).reduce((sum, { attempts }) => sum + attempts, 0);
		return { ...counts, ...alone, compared, first: null };
	}
	let first: readonly [StoredAttempt, StoredAttempt] | null = null;
	for (const [x, y] of together(a.attempts(one.id), b.attempts(other.id))) {
		if (x === null) alone.onlySecond += 1;
		else if (y === null) alone.onlyFirst += 1;
		else {
			counts.compared += 1;
			const completion = !sameCompletion(x, y);
			const outcome = x.outcome !== y.outcome || x.target !== y.target;
			if (completion) counts.completions += 1;
			if (outcome) counts.outcomes += 1;
			if (!completion && !outcome && x.step === y.step) continue;
			counts.different += 1;
			// Attempts come by source and draw, a crawl or chain happened by step.
			if (first === null || stepOf(x) < stepOf(first[0])) first = [x, y];
		}
	}
	const found = first === null ? null : divergence(a, b, { pair: [one, other], attempts: first });
	return { ...counts, ...alone, first: found };
}

const stepOf = ({ step }: StoredAttempt): number => step ?? 0;

function sameCompletion(x: StoredAttempt, y: StoredAttempt): boolean {
	return (
		x.text === y.text &&
		x.tokens.length === y.tokens.length &&
		firstDifference(x.tokens, y.tokens) === x.tokens.length
	);
}

/** Two lists in the order of source and draw, matched; null where one lacks what the other has. */
function* together(
	a: Iterator<StoredAttempt>,
	b: Iterator<StoredAttempt>,
): Generator<readonly [StoredAttempt | null, StoredAttempt | null]> {
	const next = (list: Iterator<StoredAttempt>): StoredAttempt | null => {
		const { done, value } = list.next();
		return done ? null : value;
	};
	let [x, y] = [next(a), next(b)];
	while (x !== null || y !== null) {
		const order = x === null ? 1 : y === null ? -1 : compareAttempts(x, y);
		yield [order <= 0 ? x : null, order >= 0 ? y : null];
		if (order <= 0) x = next(a);
		if (order >= 0) y = next(b);
	}
}

const compareAttempts = (x: StoredAttempt, y: StoredAttempt): number =>
	x.source === y.source ? x.draw - y.draw : binaryOrder(x.source, y.source);

interface Parting {
	readonly pair: readonly [StoredCell, StoredCell];
	readonly attempts: readonly [StoredAttempt, StoredAttempt];
}

function divergence(a: StoreReader, b: StoreReader, { pair, attempts }: Parting): RunDivergence {
	const [cell, other] = pair;
	const [x, y] = attempts;
	const token = firstDifference(x.tokens, y.tokens);
	const node = { source: x.source, path: x.tokens.slice(0, token) };
	const sampling = a.identity(cell.identities.sampling) as { temperature?: number };
	return {
		model: cell.modelLabel,
		template: cell.templateLabel,
		seed: cell.seed,
		temperature: sampling.temperature ?? null,
		source: x.source,
		draw: x.draw,
		step: x.step,
		token,
		first: transition(x),
		second: transition(y),
		laws: [shownLaw(a.law(cell.tree, node)), shownLaw(b.law(other.tree, node))],
	};
}

const transition = ({ outcome, target, tokens, text }: StoredAttempt): Transition => ({
	outcome,
	target,
	tokens,
	text,
});

const shownLaw = (law: StoredLaw | null): ShownLaw | null =>
	law && { logNormalizer: law.logNormalizer, top: law.top };
