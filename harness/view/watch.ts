import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { name, visible } from '../report/page/html.js';
import { isWriting } from '../store/pulse.js';
import { Helper } from './helper.js';
import { Pace } from './pace.js';
import { type Judgement, joinGroups, type Look, type Snapshot } from './snapshot.js';

export interface WatchOptions {
	readonly file: string;
	/** milliseconds between the end of one judgement and the beginning of the next, at least */
	readonly judgeEvery: number;
	/** milliseconds between two looks at how far the database is, at least */
	readonly lookEvery: number;
}

/** Looks rest 19 times as long as they take, judgements 4 times: 5 % and 20 % of one processor. */
const REST = { look: 19, judge: 4 };
/** Of the rate of attempts. */
const WINDOW_MS = 30_000;

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/**
 * Keeps an eye on a database that may be written, replaced, locked or deleted meanwhile. It is opened
 * for each look and closed again: while a connection is open, a writer that ends cannot fold its log in.
 */
export class DatabaseWatch {
	readonly #options: WatchOptions;
	readonly #looker = new Helper(new URL(`./look.${EXTENSION}`, import.meta.url));
	readonly #judge = new Helper(new URL(`./judge.${EXTENSION}`, import.meta.url));
	readonly #pace = new Pace(WINDOW_MS);
	readonly #stop = new AbortController();
	readonly #listeners = new Set<(snapshot: string) => void>();
	#look: Look | null = null;
	#problem: string | null = null;
	#judgement: Judgement | null = null;
	#judged = { count: 0, of: '', problem: null as string | null };
	#current: string;
	#loops: Promise<unknown> | null = null;

	constructor(options: WatchOptions) {
		this.#options = options;
		this.#current = this.#compose();
	}

	/** The snapshot as JSON. */
	get current(): string {
		return this.#current;
	}

	/** Changes with the database's files. */
	get stamp(): string {
		return this.#look?.stamp ?? '';
	}

	/** Begins to look. */
	start(): void {
		this.#loops ??= Promise.all([this.#watch(), this.#judgeOnAndOn()]);
	}

	/** Stops at once, whatever is going on; resolves when the helping processes are gone. */
	async stop(): Promise<void> {
		this.#stop.abort();
		await Promise.all([this.#looker.end(), this.#judge.end()]);
		await this.#loops;
	}

	/** @returns takes the listener off again */
	onChange(listener: (snapshot: string) => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	async #watch(): Promise<void> {
		while (!this.#stop.signal.aborted) {
			const took = await this.#lookOnce();
			this.#publish();
			await this.#rest(Math.max(this.#options.lookEvery, REST.look * took));
		}
	}

	/** @returns milliseconds that it took */
	async #lookOnce(): Promise<number> {
		const { file } = this.#options;
		// After a problem the files may be others with the same stamp: look in any case.
		const stamp = this.#problem === null ? (this.#look?.stamp ?? null) : null;
		try {
			const request = { file, stamp };
			const { result, milliseconds } = await this.#looker.ask<Look | null>('look', request);
			this.#problem = null;
			if (result !== null) this.#look = result;
			this.#pace.add(performance.now(), total(this.#look, 'done'));
			return milliseconds;
		} catch (error) {
			this.#problem = (error as Error).message;
			return 0;
		}
	}

	async #judgeOnAndOn(): Promise<void> {
		const { judgeEvery, lookEvery } = this.#options;
		while (!this.#stop.signal.aborted) {
			const evidence = this.#evidence();
			if (evidence === null || evidence === this.#judged.of) {
				await this.#rest(lookEvery / 4);
				continue;
			}
			const took = await this.#judgeOnce(evidence);
			this.#publish();
			await this.#rest(Math.max(judgeEvery, REST.judge * took));
		}
	}

	/** @returns milliseconds that it took */
	async #judgeOnce(evidence: string): Promise<number> {
		const { file } = this.#options;
		const start = performance.now();
		try {
			const { result, milliseconds } = await this.#judge.ask<Judgement>('judge', { file });
			this.#judgement = result;
			this.#judged = { count: this.#judged.count + 1, of: evidence, problem: null };
			return milliseconds;
		} catch (error) {
			this.#judged = { ...this.#judged, problem: (error as Error).message };
			return performance.now() - start;
		}
	}

	/** What verdicts rest on, in a line; null where there is nothing to judge. */
	#evidence(): string | null {
		if (this.#look === null || this.#problem !== null) return null;
		const { groups, imports } = this.#look;
		if (imports.length === 0 && total(this.#look, 'done') === 0) return null;
		return JSON.stringify([imports, groups.map(({ id, done }) => [id, done])]);
	}

	#publish(): void {
		const next = this.#compose();
		if (next === this.#current || this.#stop.signal.aborted) return;
		this.#current = next;
		for (const listener of this.#listeners) listener(next);
	}

	#compose(): string {
		const look = this.#look;
		const [planned, done] = [total(look, 'planned'), total(look, 'done')];
		const writing = this.#problem === null && isWriting(look?.writer ?? null, Date.now());
		const rate = writing ? this.#pace.rate() : null;
		const missing = missingOf(look);
		const snapshot: Snapshot = {
			schema: 'detbal/view/1',
			db: name(basename(this.#options.file)),
			problem: this.#problem === null ? null : visible(this.#problem),
			interim: look === null || missing > 0,
			missing,
			planned,
			done,
			rate,
			secondsLeft: rate === null ? null : Math.ceil(missing / rate),
			writing,
			writer: look?.writer ?? null,
			imports: look?.imports.length ?? 0,
			groups: look === null ? [] : joinGroups(look, this.#judgement?.groups ?? []),
			judgements: this.#judged.count,
			judgementProblem: this.#judged.problem === null ? null : visible(this.#judged.problem),
			tolerance: this.#judgement?.tolerance ?? null,
		};
		return JSON.stringify(snapshot);
	}

	async #rest(milliseconds: number): Promise<void> {
		await setTimeout(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => undefined);
	}
}

function total(look: Look | null, of: 'planned' | 'done'): number {
	return (look?.groups ?? []).reduce((sum, group) => sum + group[of], 0);
}

/** Of each cell, since one may have more than is planned. */
function missingOf(look: Look | null): number {
	const cells = (look?.groups ?? []).flatMap((group) => group.cells);
	return cells.reduce((sum, { planned, done }) => sum + Math.max(0, planned - done), 0);
}
