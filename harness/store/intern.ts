import type { StoreDatabase } from './database.js';
import type { Query } from './query.js';
import { wellFormed } from './text.js';
import { encodeTokens } from './tokens.js';

/** Entries kept in memory; past it they are looked up in the file again. */
const LIMIT = 200_000;

interface Completion {
	readonly tokens: readonly number[];
	readonly id: number;
}

/** Ids of texts that are stored once. Works within the transaction of its caller. */
export class Interner {
	readonly #states = new Map<string, number>();
	readonly #completions = new Map<string, Completion[]>();
	#completionCount = 0;
	readonly #findState: Query<readonly [number]>;
	readonly #addState: Query<readonly [number]>;
	readonly #findCompletion: Query<readonly [number]>;
	readonly #addCompletion: Query<readonly [number]>;

	constructor(database: StoreDatabase) {
		this.#findState = database.prepareRaw('SELECT id FROM states WHERE text = ?');
		this.#addState = database.prepareRaw('INSERT INTO states (text) VALUES (?) RETURNING id');
		this.#findCompletion = database.prepareRaw(
			'SELECT id FROM completions WHERE tokens = ? AND text = ?',
		);
		this.#addCompletion = database.prepareRaw(
			'INSERT INTO completions (tokens, text) VALUES (?, ?) RETURNING id',
		);
	}

	state(text: string): number {
		const known = this.#states.get(text);
		if (known !== undefined) return known;
		const id = findOrAdd(this.#findState, this.#addState, [text]);
		if (this.#states.size >= LIMIT) this.#states.clear();
		this.#states.set(text, id);
		return id;
	}

	completion(tokens: readonly number[], text: string): number {
		const sameText = this.#completions.get(text);
		if (sameText !== undefined)
			for (const known of sameText) if (sameTokens(known.tokens, tokens)) return known.id;
		const binds = [encodeTokens(tokens), wellFormed(text)];
		const id = findOrAdd(this.#findCompletion, this.#addCompletion, binds);
		if (++this.#completionCount > LIMIT) {
			this.#completions.clear();
			this.#completionCount = 1;
		}
		const entry = { tokens: [...tokens], id };
		const list = this.#completions.get(text);
		if (list === undefined) this.#completions.set(text, [entry]);
		else list.push(entry);
		return id;
	}

	/** After a rollback: the ids handed out since may be gone from the file. */
	forget(): void {
		this.#states.clear();
		this.#completions.clear();
		this.#completionCount = 0;
	}
}

function findOrAdd(
	find: Query<readonly [number]>,
	add: Query<readonly [number]>,
	binds: readonly (string | Uint8Array)[],
): number {
	const [id] = find.get(binds) ?? (add.get(binds) as readonly [number]);
	return id;
}

function sameTokens(a: readonly number[], b: readonly number[]): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
