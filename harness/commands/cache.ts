import { existsSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { bytesText } from '../report/bytes.js';
import { count } from '../report/numbers.js';
import { group } from '../report/progress.js';
import { type Column, textTable } from '../report/table.js';
import { safeLine } from '../safe-text.js';
import {
	type CacheListing,
	clearCache,
	type KeptGroup,
	listCache,
	type Pruned,
	pruneCache,
} from '../store/law-cache-upkeep.js';
import { DEFAULT_CACHE, sizeOption } from './cache-options.js';
import { type Arguments, EXIT, needed, optional, wholeNumber } from './command.js';
import type { Io } from './io.js';

const MOST_DAYS = 36_500;

export async function run(args: Arguments, io: Io): Promise<number> {
	const actions: Readonly<Record<string, (args: Arguments, file: string, io: Io) => void>> = {
		list,
		prune,
		clear,
	};
	const action = actions[needed(args, 'action')];
	if (!action) throw new UsageError('cache: say list, prune or clear');
	const file = optional(args, 'cache') ?? DEFAULT_CACHE;
	action(args, file, io);
	return EXIT.done;
}

/** Nothing was kept yet where nobody said: that is no fault. */
function isMissing(args: Arguments, file: string): boolean {
	return optional(args, 'cache') === null && !existsSync(file);
}

function list(args: Arguments, file: string, io: Io): void {
	refuse(args, 'list', 'older-than', 'max-size');
	const listing = isMissing(args, file) ? { file, bytes: 0, groups: [] } : listCache(file);
	if (io.json) {
		const { groups, ...rest } = listing;
		io.out(JSON.stringify({ schema: 'detbal/cache/1', ...rest, groups }));
		return;
	}
	for (const line of listText(listing)) io.out(line);
	if (listing.groups.length === 0) io.say('detbal run FILE --cache keeps laws');
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

function listText({ file, bytes, groups }: CacheListing): string[] {
	const laws = groups.reduce((sum, group) => sum + group.laws, 0);
	const total = `${safeLine(file)}: ${count(laws, 'law', 'laws')}, ${bytesText(bytes)}`;
	if (groups.length === 0) return [total];
	const columns = [
		left('model'),
		left('sha256'),
		left('numerics'),
		right('laws'),
		right('size'),
		left('last used'),
	];
	const rows = groups.map((kept) => [
		kept.model,
		kept.modelSha256.slice(0, 12),
		numericsText(kept),
		group(kept.laws),
		bytesText(kept.bytes),
		kept.lastUsed,
	]);
	return [...textTable(columns, rows), total];
}

/** What most often differs between identities; --json has all of it. */
function numericsText({ numerics }: KeptGroup): string {
	const { width, backend, package: made } = numerics;
	const parts = [`width ${width}`, backend, made].filter((part) => part !== undefined);
	return parts.join(', ');
}

function prune(args: Arguments, file: string, io: Io): void {
	const olderThan = wholeNumber(args, 'older-than', 0, MOST_DAYS);
	const maxBytes = sizeOption(args, 'max-size');
	if (olderThan === null && maxBytes === null)
		throw new UsageError(
			'cache prune: say what is to go with --older-than DAYS or --max-size SIZE; detbal cache clear removes everything',
		);
	tell(isMissing(args, file) ? null : pruneCache({ file, olderThan, maxBytes }), file, io);
}

function clear(args: Arguments, file: string, io: Io): void {
	refuse(args, 'clear', 'older-than', 'max-size');
	tell(isMissing(args, file) ? null : clearCache(file), file, io);
}

/** An option that an action would not heed is a misunderstanding. */
function refuse(args: Arguments, action: string, ...options: readonly string[]): void {
	for (const option of options)
		if (args[option] !== undefined)
			throw new UsageError(`cache ${action}: --${option} is for prune; leave it out, or prune`);
}

function tell(pruned: Pruned | null, file: string, io: Io): void {
	const done = pruned ?? { file, removed: 0, left: 0, before: 0, after: 0, notShrunk: null };
	if (io.json) {
		io.out(JSON.stringify({ schema: 'detbal/cache/1', ...done }));
		return;
	}
	io.out(
		`${safeLine(done.file)}: ${count(done.removed, 'law', 'laws')} removed, ${group(done.left)} left, ${bytesText(done.before)} → ${bytesText(done.after)}`,
	);
	if (done.notShrunk !== null)
		io.say(`the file keeps its size, new laws fill it: ${done.notShrunk}`);
}
