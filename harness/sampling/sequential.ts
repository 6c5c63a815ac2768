import type { Token, TokenPath } from '../engine/engine.js';
import { HarnessError } from '../errors.js';
import { type DrawKey, uniform } from './draw.js';
import type { Listener, Unit } from './fixed.js';
import { Hold } from './law-memory.js';
import type { LawNode } from './law-node.js';
import type { Ending } from './stop.js';
import type { Attempt, CellSampler, Classified, LawTree } from './tree.js';

/**
 * A design whose sources depend on earlier outcomes. Steps are numbered 0, 1, 2 …; the attempt at a
 * step is the next unused draw number of its source. Outcomes are pure functions of (source, draw
 * number), so laws may be fetched ahead of time without changing anything.
 */
export interface SequentialDesign {
	/** Source of step k after the recorded steps, or null where it is not decided yet. */
	source(step: number): string | null;
	/** Records the outcome of the next step: the state reached, or null where it was none. */
	record(state: string | null): void;
}

/** The paper's crawl: each step starts from a known state chosen uniformly; new states become known. */
export class Crawl implements SequentialDesign {
	readonly #known: string[];
	readonly #seen: Set<string>;

	/** @param key the cell's key for purpose 'sources' */
	constructor(
		start: readonly string[],
		readonly key: DrawKey,
	) {
		this.#known = [...start];
		this.#seen = new Set(start);
	}

	/** Beyond the next step this is a guess: right unless a new state turns up before. */
	source(step: number): string {
		const u = uniform(this.key, { low: 0, high: 0 }, step, 0);
		return this.#known[Math.floor(u * this.#known.length)] as string;
	}

	record(state: string | null): void {
		if (state === null || this.#seen.has(state)) return;
		this.#seen.add(state);
		this.#known.push(state);
	}
}

/** Trajectories: the state reached is the next source; an attempt that reaches none is repeated. */
export class Chain implements SequentialDesign {
	readonly #current: string[];
	#step = 0;

	/** @param start one state per chain; step k belongs to chain k mod start.length */
	constructor(start: readonly string[]) {
		this.#current = [...start];
	}

	source(step: number): string | null {
		const decided = step < this.#step + this.#current.length;
		return decided ? (this.#current[step % this.#current.length] as string) : null;
	}

	record(state: string | null): void {
		if (state !== null) this.#current[this.#step % this.#current.length] = state;
		this.#step += 1;
	}
}

export interface SequentialCell {
	readonly sampler: CellSampler;
	readonly design: SequentialDesign;
	/** Steps in all. */
	readonly steps: number;
	/** What was done before, in step order. */
	readonly done: Iterable<{ readonly source: string; readonly target: string | null }>;
	readonly tree: (source: string) => LawTree;
	readonly classify: (source: string, ending: Ending) => Classified;
}

/** How many steps are looked ahead for laws to fetch together. */
const LOOK_AHEAD = 64;

/** @throws HarnessError where the recorded steps are not what the design prescribes */
export function* sequentialUnit(cell: SequentialCell, width: number, listener: Listener): Unit {
	const visits = new Map<string, number>();
	const hold = new Hold();
	const { design, sampler } = cell;
	let step = 0;
	for (const { source, target } of cell.done) {
		if (design.source(step) !== source) {
			throw new HarnessError(
				`step ${step} is recorded from ${JSON.stringify(source)}, but the steps before it lead to ` +
					`${JSON.stringify(design.source(step))}: the record was altered. Run into a new file; detbal rerun tells what differs.`,
			);
		}
		count(visits, source);
		design.record(target);
		step += 1;
	}
	while (step < cell.steps) {
		const source = design.source(step) as string;
		const attempt: Attempt = { sampler, draw: visits.get(source) ?? 0, step };
		const tree = cell.tree(source);
		const result = tree.follow(attempt);
		if ('missing' in result) {
			yield* fetchAhead(cell, { step, visits, hold }, width, listener);
			continue;
		}
		listener.attempts(source, result.ending, [attempt]);
		count(visits, source);
		design.record(cell.classify(source, result.ending).target);
		step += 1;
		tree.settle();
	}
	hold.on([]);
}

/** Fetches the laws that the next steps lack, the very next step's first. */
function* fetchAhead(
	cell: SequentialCell,
	at: {
		readonly step: number;
		readonly visits: ReadonlyMap<string, number>;
		readonly hold: Hold;
	},
	width: number,
	listener: Listener,
): Unit {
	const missing = new Map<LawNode, { readonly tree: LawTree; readonly attempts: Attempt[] }>();
	const visits = new Map(at.visits);
	const end = Math.min(cell.steps, at.step + LOOK_AHEAD);
	for (let step = at.step; step < end && missing.size < width; step++) {
		const source = cell.design.source(step);
		if (source === null) break;
		const tree = cell.tree(source);
		const draw = visits.get(source) ?? 0;
		count(visits, source);
		const attempt: Attempt = { sampler: cell.sampler, draw, step };
		const result = tree.follow(attempt);
		if (!('missing' in result)) continue;
		const asked = missing.get(result.missing);
		if (asked) asked.attempts.push(attempt);
		else missing.set(result.missing, { tree, attempts: [attempt] });
	}
	const asked = [...missing];
	at.hold.on([...missing.keys()]);
	const paths: TokenPath[] = asked.map(([node, { tree }]) => tree.request(node));
	const laws = yield paths;
	const next: LawNode[] = [];
	for (const [i, [node, { tree, attempts }]] of asked.entries()) {
		const law = laws[i];
		if (!law) throw new Error('a law was asked for and not given');
		listener.law(tree.source, paths[i]?.completion ?? [], law);
		tree.learn(node, law);
		for (const attempt of attempts) next.push(tree.child(node, tree.draw(node, attempt) as Token));
		tree.compact(node, []);
	}
	// Where the waiting attempts go stays, with all above it: each of them gets on, whatever is let go.
	at.hold.on(next);
	for (const { tree } of missing.values()) tree.settle();
}

function count(visits: Map<string, number>, source: string): void {
	visits.set(source, (visits.get(source) ?? 0) + 1);
}
