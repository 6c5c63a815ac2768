import type { UsageError } from '../errors.js';
import { quote } from '../experiment/faults.js';
import type { TextSource } from './text-source.js';

export const CODES = {
	quote: 0x22,
	comma: 0x2c,
	colon: 0x3a,
	bracket: 0x5b,
	bracketEnd: 0x5d,
	brace: 0x7b,
	braceEnd: 0x7d,
	/** No character: the end of the file. */
	end: -1,
} as const;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;

/** Longest text that is kept, escapes counted as written. */
const TEXT_MOST = 1_000_000;
/** Longest number or literal. */
const WORD_MOST = 400;

/** Characters and words of a JSON text (RFC 8259), over the borders of the chunks it is read in. */
export class JsonScanner {
	readonly #source: TextSource;
	readonly #fault: (problem: string) => UsageError;
	#chunk = '';
	#at = 0;
	#line = 1;
	/** Start in the chunk of what is recorded, and what was recorded of earlier chunks; null: nothing is. */
	#recordFrom = 0;
	#recorded: string | null = null;
	/** A new chunk was read; for others to look at and to reset. */
	fresh = false;

	constructor(source: TextSource, fault: (problem: string) => UsageError) {
		this.#source = source;
		this.#fault = fault;
	}

	/** From 1. */
	get line(): number {
		return this.#line;
	}

	/** The next character that is no blank, not taken. */
	next(): number {
		for (;;) {
			while (this.#at < this.#chunk.length) {
				const code = this.#chunk.charCodeAt(this.#at);
				if (code > 0x20) return code;
				if (code === NEWLINE) this.#line++;
				else if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return code;
				this.#at++;
			}
			if (!this.#refill()) return CODES.end;
		}
	}

	/** Takes the next character that is no blank where it is this one. */
	taken(code: number): boolean {
		if (this.next() !== code) return false;
		this.#at++;
		return true;
	}

	/** @throws UsageError where the next character that is no blank is another one */
	take(code: number, allowed: string): void {
		if (!this.taken(code)) throw this.unexpected(allowed);
	}

	/** Takes the text whose quote is next; the empty one where it is not to be kept. */
	string(keep: boolean): string {
		let start = this.#at + 1;
		let pieces = '';
		let escapes = false;
		/** Characters still due of an escape: 5 after a backslash, then 4 … 1 hexadecimal digits. */
		let due = 0;
		for (;;) {
			const chunk = this.#chunk;
			for (let at = start; at < chunk.length; at++) {
				const code = chunk.charCodeAt(at);
				if (due > 0) due = this.#escape(due, chunk[at] as string);
				else if (code === BACKSLASH) {
					escapes = true;
					due = 5;
				} else if (code === CODES.quote) {
					this.#at = at + 1;
					if (!keep) return '';
					const raw = pieces + chunk.slice(start, at);
					return escapes ? (JSON.parse(`"${raw}"`) as string) : raw;
				} else if (code < 0x20)
					throw this.#fault(
						'a text holds a bare control character: write it as an escape (\\n, \\u0007)',
					);
			}
			if (keep) pieces += chunk.slice(start);
			if (pieces.length > TEXT_MOST)
				throw this.#fault(`found a text longer than ${TEXT_MOST} characters: is a quote missing?`);
			this.#at = chunk.length;
			if (!this.#refill()) throw this.#cutShort();
			start = 0;
		}
	}

	/** Takes a run of letters, digits, signs and dots: what numbers and literals are made of. */
	word(): string {
		let word = '';
		for (;;) {
			const ahead = this.#chunk.slice(this.#at, this.#at + WORD_MOST);
			const rest = /^[-+.\w]*/.exec(ahead)?.[0] ?? '';
			this.#at += rest.length;
			word += rest;
			if (word.length >= WORD_MOST)
				throw this.#fault(`found ${quote(word, 40)}, which is no JSON value`);
			if (this.#at < this.#chunk.length || !this.#refill()) return word;
		}
	}

	/** What `work` takes, as text; its front only where it is longer than a text may be. */
	recorded(work: () => void): string {
		this.next();
		this.#recordFrom = this.#at;
		this.#recorded = '';
		work();
		const raw = this.#recorded + this.#chunk.slice(this.#recordFrom, this.#at);
		this.#recorded = null;
		return raw;
	}

	/** The fault that something else comes next. */
	unexpected(allowed: string): UsageError {
		const code = this.next();
		if (code === CODES.end) return this.#cutShort();
		const names: Readonly<Record<number, string>> = {
			[CODES.brace]: 'an object',
			[CODES.bracket]: 'a list',
			[CODES.braceEnd]: '}',
			[CODES.bracketEnd]: ']',
			[CODES.comma]: 'a comma',
		};
		const written = () =>
			code === CODES.quote ? quote(this.string(true)) : this.word() || this.#character();
		return this.#fault(`found ${names[code] ?? written()}; allowed: ${allowed}`);
	}

	#character(): string {
		return quote(String.fromCodePoint(this.#chunk.codePointAt(this.#at) as number));
	}

	#refill(): boolean {
		const next = this.#source.next();
		if (next === null) return false;
		if (this.#recorded !== null && this.#recorded.length <= TEXT_MOST)
			this.#recorded += this.#chunk.slice(this.#recordFrom);
		this.#recordFrom = 0;
		this.#chunk = next.text;
		this.#at = 0;
		this.fresh = true;
		return true;
	}

	/** Characters still due after this one of an escape. */
	#escape(due: number, character: string): number {
		if (due === 5 && /["\\/bfnrt]/.test(character)) return 0;
		if (due === 5 && character === 'u') return 4;
		if (due < 5 && /[\da-fA-F]/.test(character)) return due - 1;
		throw this.#fault(
			'a text holds an escape that is not JSON; allowed: \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX',
		);
	}

	#cutShort(): UsageError {
		return this.#fault('the file ends here in the middle of the JSON text: fetch it again');
	}
}
