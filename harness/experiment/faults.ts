import { UsageError } from '../errors.js';
import { LIMITS } from './defaults.js';

/** Where a value stands in the file: keys of mappings and positions in lists. */
export type Path = readonly (string | number)[];

interface Fault {
	readonly file: string;
	readonly line: number;
	/** Empty for faults of a list file. */
	readonly key: string;
	readonly problem: string;
}

/** Gathers what is wrong with an experiment, so that all of it can be said at once. */
export class Faults {
	private readonly list: Fault[] = [];

	constructor(
		private readonly file: string,
		private readonly lineOf: (path: Path) => number,
	) {}

	get some(): boolean {
		return this.list.length > 0;
	}

	add(path: Path, problem: string): void {
		this.list.push({ file: this.file, line: this.lineOf(path), key: showPath(path), problem });
	}

	/** A fault in another file, such as a word list. */
	addIn(file: string, line: number, problem: string): void {
		this.list.push({ file, line, key: '', problem });
	}

	/** @throws UsageError naming every fault by file, line and key, if there is one */
	raise(): void {
		if (!this.some) return;
		const elsewhere = (fault: Fault) => (fault.file === this.file ? 0 : 1);
		const ordered = this.list.toSorted((a, b) => elsewhere(a) - elsewhere(b) || a.line - b.line);
		const lines = ordered
			.slice(0, LIMITS.faults)
			.map((f) => `${f.file}:${f.line}: ${f.key === '' ? '' : `${f.key}: `}${f.problem}`);
		const more = ordered.length - lines.length;
		if (more > 0) lines.push(`… and ${more} more faults`);
		throw new UsageError(lines.join('\n'));
	}
}

/** `models[0].path`; the whole file is `(top)`. */
export function showPath(path: Path): string {
	if (path.length === 0) return '(top)';
	return path
		.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
		.join('');
}

/** `found …; allowed: …`, the sentence most faults are made of. */
export function mismatch(value: unknown, allowed: string): string {
	const found = value === undefined ? 'missing' : `found ${show(value)}`;
	return `${found}; allowed: ${allowed}`;
}

/** A value in a few characters, safe to print whatever it holds. */
export function show(value: unknown): string {
	if (value === null) return 'no value';
	if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
	if (typeof value === 'object') return 'a mapping';
	if (typeof value === 'string') return quote(value);
	return String(value);
}

/** Quoted, cut to so many characters, control characters and lone surrogates written as escapes. */
export function quote(text: string, most = 60): string {
	const cut = text.length > most ? `${text.slice(0, most)}…` : text;
	return JSON.stringify(cut).replaceAll(
		/[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
		(c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}
