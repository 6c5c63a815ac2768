/** The attempts of a group divided, for tests of what the one table of the group takes for granted. */
import type { Successions } from '../analysis/assumptions/chain-order.js';
import type { Observations } from '../analysis/assumptions/homogeneity.js';
import type { Divisions } from '../analysis/finding.js';
import type { StoreReader } from '../store/reader.js';
import type { StoredCell } from '../store/stored.js';
import {
	countAttempts,
	type StateOrder,
	type Tally,
	tallyParts,
	tallySuccessions,
} from '../store/tally.js';
import type { CountedGroup } from './group-counts.js';

/**
 * - `seeds`: by cell: the seeds (and the runs and designs, where one seed stands in several).
 * - `halves`: of the draws planned from each source (fixed), of the attempts made from each source
 *   (crawl, chain). The steps of a chain are not cut in half: refusals keep it where it is, so that the
 *   half with more of them would hold more attempts.
 * - `successions`: chains only; the first attempt of each chain has none before it and is left out.
 *
 * States are those of the group's table; rows ascend, counts are > 0, a stratum without attempts is
 * left out.
 */
export type Strata = Divisions;

export interface StrataRequest {
	readonly order: StateOrder;
	readonly members: readonly StoredCell[];
	readonly counted: CountedGroup | null;
	/** rows of one table */
	readonly most: number;
}

/** Reads the strata of a group, on one snapshot; none where it has grown since its table was read. */
export function readStrata(reader: StoreReader, request: StrataRequest): Strata {
	const { members, counted } = request;
	if (counted === null) return none('no attempts');
	return reader.snapshot(() => {
		const { outcomes } = counted.table;
		const known = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
		const cells = members.map(({ id }) => id);
		if (countAttempts(reader, cells) !== known) {
			return none('attempts were added while the group was being read');
		}
		return divide(reader, { ...request, counted });
	});
}

function none(reason: string): Strata {
	const reasons = { seeds: reason, halves: reason, successions: reason };
	return { seeds: null, halves: null, successions: null, reasons };
}

function divide(
	reader: StoreReader,
	{ order, members, counted, most }: StrataRequest & { readonly counted: CountedGroup },
): Strata {
	const reasons: Record<string, string> = {};
	const parts = members.map(({ id, design, attempts }) => ({
		cell: id,
		middle: design === 'fixed' ? Math.ceil(attempts / 2) : null,
	}));
	const { byCell, byHalf } = tallyParts(reader, order, { parts, most });
	const tooMany = `more than ${most} different rows`;
	if (byCell === null) reasons.seeds = tooMany;
	if (byHalf === null) reasons.halves = tooMany;
	const cells = members.flatMap((cell) => chainsOf(reader, cell));
	const chained = cells.length === 0 ? null : tallySuccessions(reader, order, { cells, most });
	if (chained === null) reasons.successions = cells.length === 0 ? 'no chain' : tooMany;
	return {
		seeds: byCell && observations(byCell, counted, cellNames(members)),
		halves: byHalf && observations(byHalf, counted, ['first half', 'second half']),
		successions: chained && successions(chained, counted),
		reasons,
	};
}

/** A chain cell and the number of its chains: one per start state. */
function chainsOf(reader: StoreReader, { id, design, identities }: StoredCell) {
	if (design !== 'chain') return [];
	const { states } = reader.identity(identities.design) as { states?: readonly string[] };
	return states === undefined ? [] : [{ cell: id, chains: states.length }];
}

/** `seed 7`, with the run and the design where several cells have that seed. */
function cellNames(members: readonly StoredCell[]): string[] {
	return members.map(({ seed, run, design }) => {
		const alone = members.filter((other) => other.seed === seed).length === 1;
		return alone ? `seed ${seed}` : `seed ${seed} (run ${run}, ${design})`;
	});
}

function observations(
	tally: Tally,
	{ index }: CountedGroup,
	names: readonly string[],
): Observations {
	const used = new Set(tally.first);
	const kept = names.flatMap((_, i) => (used.has(i) ? [i] : []));
	const stratum = new Int32Array(names.length);
	for (const [at, i] of kept.entries()) stratum[i] = at;
	return {
		strata: kept.map((i) => names[i] as string),
		stratum: tally.first.map((i) => stratum[i]!),
		...outcomes(tally, index),
	};
}

function successions(tally: Tally, { index }: CountedGroup): Successions {
	return { before: tally.first.map((rank) => index[rank]!), ...outcomes(tally, index) };
}

function outcomes(tally: Tally, index: Int32Array) {
	return {
		source: tally.source.map((rank) => index[rank]!),
		category: tally.category.map((rank) => (rank < 0 ? rank : index[rank]!)),
		count: tally.count,
	};
}
