/** What commands take that keep laws. */
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { CacheOptions } from '../runner/cached-engines.js';
import { type Arguments, type Option, optional } from './command.js';

export const DEFAULT_CACHE = join('results', 'laws.cache.sqlite');

/** Bytes that a cache may hold where nobody says. */
export const DEFAULT_CACHE_LIMIT = 4 * 2 ** 30;

/** Options of a command that evaluates laws. */
export const CACHE_OPTIONS: Readonly<Record<string, Option>> = {
	cache: {
		type: 'string',
		valueOptional: true,
		describe: 'keep next-token laws and use those kept; --cache=FILE for a file of your own',
		defaultText: 'none; --cache alone: results/laws.cache.sqlite',
	},
	'cache-limit': {
		type: 'string',
		describe: 'size of the cache, as 20GiB: laws not used for longest make room',
		defaultText: '4GiB',
	},
};

/**
 * The cache that a command is to use, or null.
 * @throws UsageError for a limit that is no size, or one without a cache
 */
export function cacheOptions(args: Arguments): CacheOptions | null {
	const limit = sizeOption(args, 'cache-limit');
	// The option alone reads as an empty text: the file is the usual one.
	const file = args.cache === '' ? DEFAULT_CACHE : optional(args, 'cache');
	if (file !== null) return { file, limit: limit ?? DEFAULT_CACHE_LIMIT };
	if (limit !== null)
		throw new UsageError('--cache-limit is the size of a cache: say --cache, or leave it out');
	return null;
}

const UNITS: Readonly<Record<string, number>> = {
	b: 1,
	kib: 2 ** 10,
	mib: 2 ** 20,
	gib: 2 ** 30,
	tib: 2 ** 40,
	kb: 1e3,
	mb: 1e6,
	gb: 1e9,
	tb: 1e12,
};

/** Bytes of a size such as `500MiB`. @throws UsageError for anything else, and for one below a byte */
export function sizeOption(args: Arguments, name: string): number | null {
	const text = optional(args, name);
	if (text === null) return null;
	const [, digits, unit] = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i.exec(text) ?? [];
	const bytes = Math.floor(Number(digits) * (UNITS[unit?.toLowerCase() ?? ''] ?? Number.NaN));
	if (Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
	throw new UsageError(
		`--${name}: found ${JSON.stringify(text)}; allowed: a size with its unit, for example 500MiB or 4GiB`,
	);
}
