import { LIMITS } from './defaults.js';
import { Faults, mismatch, type Path, show, showPath } from './faults.js';
import { nearest } from './nearest.js';
import type { Shape } from './schema.js';
import type { YamlSource } from './yaml-source.js';

/** One entry of a list that reads on its own; faulty entries are left out. */
export interface Entry<T> {
	readonly path: Path;
	readonly value: T;
}

/**
 * Reads parts of the file against their schemas, turning every issue into a fault. Parts are read
 * one by one so that a fault in one never hides a fault in another.
 */
export class PartReader {
	readonly faults: Faults;

	constructor(
		private readonly source: YamlSource,
		readonly file: string,
		/** Directory that paths in the file are relative to. */
		readonly directory: string,
	) {
		this.faults = new Faults(file, source.lineOf);
		for (const { path, line } of source.repeated)
			this.faults.addIn(file, line, `${showPath(path)}: written twice in one mapping; keep one`);
	}

	at(path: Path): unknown {
		let value: unknown = this.source.value;
		for (const step of path) {
			if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
				return undefined;
			value = (value as Record<string | number, unknown>)[step];
		}
		return value;
	}

	/** The part, or undefined where it has faults. */
	read<T>(path: Path, schema: Shape<T>): T | undefined {
		const result = schema.safeParse(this.at(path));
		if (result.success) return result.data;
		const told = new Set<string>();
		for (const issue of result.error.issues) {
			const where = [...path, ...(issue.path as (string | number)[])];
			if (issue.code === 'unrecognized_keys') {
				this.refuseKeys(where, issue.keys, issue.message.split(', '));
				continue;
			}
			// One value can break several rules that share one sentence.
			const key = where.join('\0');
			if (told.has(key)) continue;
			told.add(key);
			const value = this.at(where);
			const unquoted =
				issue.code === 'invalid_type' &&
				issue.expected === 'string' &&
				(typeof value === 'number' || typeof value === 'boolean');
			const hint = unquoted ? ` (put quotes around ${show(value)} to make it text)` : '';
			this.faults.add(where, mismatch(value, issue.message) + hint);
		}
		return undefined;
	}

	/** A non-empty list, each entry by itself, so that sound entries can still be compared. */
	readList<T>(key: string, schema: Shape<T>): Entry<T>[] {
		const list = this.at([key]);
		if (!Array.isArray(list) || list.length === 0 || list.length > LIMITS.entries) {
			const allowed = `a list of 1 to ${LIMITS.entries.toLocaleString('en-US')} entries`;
			const found = Array.isArray(list) && list.length > 0 ? `${list.length} entries` : undefined;
			this.faults.add(
				[key],
				found === undefined ? mismatch(list, allowed) : `found ${found}; allowed: ${allowed}`,
			);
			return [];
		}
		return list.flatMap((_, i) => {
			const value = this.read([key, i], schema);
			return value === undefined ? [] : [{ path: [key, i], value }];
		});
	}

	/** Faults every key of the top mapping that is not known. */
	knowOnly(known: readonly string[]): void {
		const keys = Object.keys(this.source.value).filter((key) => !known.includes(key));
		this.refuseKeys([], keys, known);
	}

	/** Says of each entry whose mark an earlier entry bears that it repeats it. */
	refuseRepeats<T>(
		entries: readonly Entry<T>[],
		mark: (value: T) => string | null,
		what: string,
		key: Path = [],
	): void {
		const first = new Map<string, Path>();
		for (const { path, value } of entries) {
			const m = mark(value);
			if (m === null) continue;
			const earlier = first.get(m);
			if (earlier === undefined) first.set(m, path);
			else
				this.faults.add(
					[...path, ...key],
					`the same ${what} as ${earlier[0]}[${earlier[1]}] (line ${this.source.lineOf(earlier)}); allowed: each once`,
				);
		}
	}

	private refuseKeys(path: Path, keys: readonly string[], known: readonly string[]): void {
		for (const key of keys) {
			const meant = nearest(key, known);
			const help = meant === null ? '' : ` did you mean "${meant}"?`;
			this.faults.add([...path, key], `unknown key;${help} allowed: ${known.join(', ')}`);
		}
	}
}
