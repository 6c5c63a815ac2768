import { UsageError } from '../errors.js';
import { quote } from '../experiment/faults.js';
import { alikeStates } from './alike.js';
import type { LabelledTally } from './read-csv.js';
import type { Tally } from './tally.js';

/** Groups of states that are told apart by little, named in one notice. */
const ALIKE_SHOWN = 10;

/**
 * Checks a table that was read to its end.
 * @returns notices
 * @throws UsageError where it is empty, has one state, or has attempts that cannot be
 */
export function settle(file: string, { labels, tally }: LabelledTally): string[] {
	const name = [labels.model, labels.template]
		.filter((label) => label !== null)
		.map((l) => quote(l as string));
	const where = name.length === 0 ? file : `${file}, ${name.join(' × ')}`;
	if (tally.outcomes === 0) throw emptyTable(where);
	if (tally.states.length < 2)
		throw new UsageError(
			`${where}: the table has one state, ${quote(tally.states[0] as string)}: there is no transition between states to look at; leave it out`,
		);
	if (tally.attempts !== null) checkAttempts(where, tally, tally.attempts);
	if (tally.attemptsTotal !== null && tally.attemptsTotal < tally.outcomes)
		throw new UsageError(
			`${where}: attempts_total ${tally.attemptsTotal} is smaller than the ${tally.outcomes} outcomes counted: give all attempts made, whatever came out`,
		);
	return alikeNotice(where, tally.states);
}

export function emptyTable(where: string): UsageError {
	return new UsageError(`${where}: the table is empty, no transition is counted: check the file`);
}

function checkAttempts(where: string, tally: Tally, attempts: ReadonlyMap<number, number>): void {
	const counted = new Float64Array(tally.states.length);
	for (const [source, , count] of tally.pairs)
		counted[source] = (counted[source] as number) + count;
	let sum = 0;
	for (const [state, name] of tally.states.entries()) {
		const made = attempts.get(state) ?? null;
		const found = counted[state] as number;
		if (made === null && found > 0)
			throw new UsageError(
				`${where}: attempts from ${quote(name)} are missing, ${found} outcomes are counted from it: give the attempts from every source, or from none`,
			);
		if (made !== null && made < found)
			throw new UsageError(
				`${where}: attempts from ${quote(name)} are ${made}, fewer than the ${found} outcomes counted from it: give all attempts made, whatever came out`,
			);
		sum += made ?? 0;
	}
	if (sum > Number.MAX_SAFE_INTEGER)
		throw new UsageError(
			`${where}: the attempts add up to more than ${Number.MAX_SAFE_INTEGER} (2^53 − 1), which no longer is exact: check them`,
		);
	if (tally.attemptsTotal !== null && tally.attemptsTotal !== sum)
		throw new UsageError(
			`${where}: attempts_total is ${tally.attemptsTotal}, the attempts per source add up to ${sum}: mend one of them`,
		);
	tally.attemptsTotal = sum;
}

function alikeNotice(where: string, states: readonly string[]): string[] {
	const groups = alikeStates(states);
	if (groups.length === 0) return [];
	const shown = groups.slice(0, ALIKE_SHOWN).map((group) => group.map(exact).join(' · '));
	const more = groups.length - shown.length;
	return [
		`${where}: ${groups.length === 1 ? 'one group' : `${groups.length} groups`} of states differ only by case, Unicode form or blanks around them; they are kept apart: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
	];
}

/** Quoted, with everything beyond ASCII as an escape: forms that look the same are told apart. */
function exact(text: string): string {
	return quote(text).replaceAll(
		/[^\x20-\x7e…]/gu,
		(c) => `\\u{${(c.codePointAt(0) as number).toString(16).toUpperCase()}}`,
	);
}
