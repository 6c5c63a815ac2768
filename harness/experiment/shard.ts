import { UsageError } from '../errors.js';
import { quote } from './faults.js';

const MOST = 65_536;

/** One of `count` equal parts of the work; `index` counts from 1. */
export interface Shard {
	readonly index: number;
	readonly count: number;
}

/** Reads `2/5`. @throws UsageError for anything but i/n with 1 ≤ i ≤ n ≤ 65,536 */
export function parseShard(text: string): Shard {
	const match = /^([0-9]{1,9})\/([0-9]{1,9})$/.exec(text);
	const index = Number(match?.[1]);
	const count = Number(match?.[2]);
	const refuse = (why: string) =>
		new UsageError(
			`--shard ${quote(text)}: ${why}; allowed: i/n with i from 1 to n and n at most 65,536, such as 2/5`,
		);
	if (match === null) throw refuse('not two whole numbers with a slash between them');
	if (count < 1) throw refuse('the number of shards is 0');
	if (count > MOST) throw refuse(`${count} shards are too many`);
	if (index < 1) throw refuse('shards are counted from 1');
	if (index > count) throw refuse(`there is no shard ${index} of ${count}`);
	return { index, count };
}

/** The shard, from 1 to `count`, that does the unit of work with this index (from 0). */
export function shardOf(unit: number, count: number): number {
	if (!Number.isSafeInteger(unit) || unit < 0)
		throw new RangeError(`unit ${unit} is not an index from 0`);
	if (!Number.isSafeInteger(count) || count < 1 || count > MOST)
		throw new RangeError(`count ${count} is not a number of shards from 1 to ${MOST}`);
	return (unit % count) + 1;
}
