import { UsageError } from '../errors.js';
import { quote, showPath } from '../experiment/faults.js';
import { CODES, JsonScanner } from './json-scanner.js';
import type { Place, Pulse } from './place.js';
import type { TextSource } from './text-source.js';

/** Nesting of values that are passed over. */
const DEPTH_MOST = 64;

type Kind = 'text' | 'list' | 'object' | 'end' | 'other';

const KINDS: ReadonlyMap<number, Kind> = new Map([
	[CODES.quote, 'text'],
	[CODES.bracket, 'list'],
	[CODES.brace, 'object'],
	[CODES.end, 'end'],
]);

/**
 * A JSON text (RFC 8259) taken value by value from the front, so that the whole is never in memory.
 * It knows its line and the path of keys and positions, which every fault names.
 *
 * @example for (let more = json.enterArray(); more; more = json.nextItem()) json.text();
 * @example for (let key = json.enterObject(); key !== null; key = json.nextKey()) json.skip();
 */
export class JsonStream implements Place {
	readonly #source: TextSource;
	readonly #scan: JsonScanner;
	readonly #path: (string | number)[] = [];

	constructor(source: TextSource) {
		this.#source = source;
		this.#scan = new JsonScanner(source, (problem) => this.fault(problem));
	}

	/** True where a new chunk was read since the last `turn`: time to call it. */
	get fresh(): boolean {
		return this.#scan.fresh;
	}

	async turn(pulse: Pulse): Promise<void> {
		this.#scan.fresh = false;
		await pulse(this.#source.bytesRead, this.#source.size);
	}

	/** From 1. */
	get line(): number {
		return this.#scan.line;
	}

	fault(problem: string): UsageError {
		const key = this.#path.length === 0 ? '' : `${printedPath(this.#path)}: `;
		return new UsageError(`${this.#source.file}:${this.#scan.line}: ${key}${problem}`);
	}

	/** The position in the innermost list. */
	mark(): number {
		return this.#path.findLast((step) => typeof step === 'number') as number;
	}

	marked(mark: number): string {
		const at = this.#path.findLastIndex((step) => typeof step === 'number');
		return printedPath([...this.#path.slice(0, at), mark]);
	}

	/** What comes next, without taking it. */
	peek(): Kind {
		return KINDS.get(this.#scan.next()) ?? 'other';
	}

	/** Takes `[`; false where the list is empty and taken to its end. */
	enterArray(): boolean {
		this.#scan.take(CODES.bracket, 'a list');
		if (this.#scan.taken(CODES.bracketEnd)) return false;
		this.#path.push(0);
		return true;
	}

	/** After an item: takes the comma before another; false where the list is taken to its end. */
	nextItem(): boolean {
		if (this.#scan.taken(CODES.comma)) {
			this.#path[this.#path.length - 1] = (this.#path.at(-1) as number) + 1;
			return true;
		}
		this.#scan.take(CODES.bracketEnd, 'a comma or ]');
		this.#path.pop();
		return false;
	}

	/** Takes `{` and the first key; null where the object is empty and taken to its end. */
	enterObject(): string | null {
		this.#scan.take(CODES.brace, 'an object');
		if (this.#scan.taken(CODES.braceEnd)) return null;
		this.#path.push('');
		return this.#key();
	}

	/** After a member: takes the comma and the next key; null where the object is taken to its end. */
	nextKey(): string | null {
		if (this.#scan.taken(CODES.comma)) return this.#key();
		this.#scan.take(CODES.braceEnd, 'a comma or }');
		this.#path.pop();
		return null;
	}

	/** Takes a text. @throws UsageError where something else comes */
	text(): string {
		if (this.#scan.next() !== CODES.quote) throw this.#scan.unexpected('a text in quotes');
		return this.#scan.string(true);
	}

	/** Takes a number as it is written, which alone says whether it is exact. */
	number(allowed: string): string {
		if (!this.#numberNext()) throw this.#scan.unexpected(allowed);
		const word = this.#scan.word();
		if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(word)) return word;
		throw this.fault(`found ${quote(word, 40)}, which is no JSON number; allowed: ${allowed}`);
	}

	/** Takes `null` where it comes. */
	absent(): boolean {
		if (this.#scan.next() !== 'n'.charCodeAt(0)) return false;
		this.#literal();
		return true;
	}

	/** Passes over a value. @throws UsageError where it is not JSON or nested too deeply */
	skip(): void {
		this.#skip(0);
	}

	/** Passes over a value; its JSON text, or null where that is longer than `most`. */
	raw(most: number): string | null {
		const raw = this.#scan.recorded(() => this.skip());
		return raw.length > most ? null : raw;
	}

	/** @throws UsageError where anything but blanks follows */
	end(): void {
		if (this.#scan.next() !== CODES.end)
			throw this.#scan.unexpected('nothing after the end of the JSON text');
	}

	#key(): string {
		if (this.#scan.next() !== CODES.quote) throw this.#scan.unexpected('a key in quotes');
		const key = this.#scan.string(true);
		this.#path[this.#path.length - 1] = key;
		this.#scan.take(CODES.colon, 'a colon after the key');
		return key;
	}

	#skip(depth: number): void {
		if (depth > DEPTH_MOST) throw this.fault(`nested deeper than ${DEPTH_MOST} levels: flatten it`);
		switch (this.#scan.next()) {
			case CODES.quote:
				this.#scan.string(false);
				break;
			case CODES.bracket:
				for (let more = this.enterArray(); more; more = this.nextItem()) this.#skip(depth + 1);
				break;
			case CODES.brace:
				for (let key = this.enterObject(); key !== null; key = this.nextKey())
					this.#skip(depth + 1);
				break;
			default:
				this.#literal();
		}
	}

	#literal(): void {
		if (this.#numberNext()) {
			this.number('a JSON value');
			return;
		}
		const word = this.#scan.word();
		if (word === '') throw this.#scan.unexpected('a JSON value');
		if (!['true', 'false', 'null'].includes(word))
			throw this.fault(`found ${quote(word, 40)}, which is no JSON value`);
	}

	#numberNext(): boolean {
		const code = this.#scan.next();
		return code === 0x2d || (code >= 0x30 && code <= 0x39);
	}
}

/** Keys come from the file: they are made safe to print. */
function printedPath(path: readonly (string | number)[]): string {
	const plain = (step: string | number) =>
		typeof step === 'number' || /^[\w-]{1,60}$/.test(step) ? step : quote(step);
	return showPath(path.map(plain));
}
