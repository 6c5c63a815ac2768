import type { NextTokenLaw, Token, TokenPath } from '../engine/engine.js';
import type { LawNode } from './law-node.js';
import type { Ending } from './stop.js';
import type { Attempt, LawTree } from './tree.js';

/** Work that asks for laws and is handed them in the same order. */
export type Unit = Generator<readonly TokenPath[], void, readonly NextTokenLaw[]>;

export interface Listener {
	/** Attempts from `source` that ended alike. */
	attempts(source: string, ending: Ending, attempts: readonly Attempt[]): void;
	/** A law that was evaluated. */
	law(source: string, path: readonly Token[], law: NextTokenLaw): void;
}

/** How many rows of the engine a unit may fill at once; told anew while units end. */
export interface RowShare {
	rows: number;
}

/**
 * All attempts from one source at once, depth first: at each node every attempt that reaches it
 * draws its token, then each child is visited with those that went there. Every node is evaluated
 * once (again only where a later portion draws what was let go of), and a slot of the engine never
 * has to go back further than the path it is on. Where rows are free, several subtrees are visited side by
 * side.
 * @param batches attempts in portions that fit in memory; laws are kept between portions
 * @param share rows that may be filled at once
 */
export function* fixedUnit(
	tree: LawTree,
	batches: Iterable<readonly Attempt[]>,
	{ listener, share }: { readonly listener: Listener; readonly share: RowShare },
): Unit {
	for (const attempts of batches) {
		const walks = new Walks(share);
		walks.begin(visit({ tree, listener, walks }, tree.root, attempts));
		while (walks.count > 0) walks.handOut(yield walks.requests());
	}
	tree.close();
}

/** Subtrees that are visited side by side, each waiting for one law. */
class Walks {
	readonly #share: RowShare;
	#waiting: Waiting[] = [];

	constructor(share: RowShare) {
		this.#share = share;
	}

	get count(): number {
		return this.#waiting.length;
	}

	/** Rows are free for one more. */
	get spare(): boolean {
		return this.#waiting.length < this.#share.rows;
	}

	begin(walk: Unit): void {
		const first = walk.next();
		if (!first.done) this.#waiting.push({ walk, paths: first.value });
	}

	requests(): readonly TokenPath[] {
		return this.#waiting.flatMap(({ paths }) => paths);
	}

	handOut(laws: readonly NextTokenLaw[]): void {
		// A walk holds its place while it goes on, and may begin others meanwhile, behind all that wait.
		for (const i of this.#waiting.keys()) {
			if (i >= laws.length) break;
			const { walk } = this.#waiting[i] as Waiting;
			const next = walk.next(laws.slice(i, i + 1));
			this.#waiting[i] = { walk, paths: next.done ? [] : next.value };
		}
		this.#waiting = this.#waiting.filter(({ paths }) => paths.length > 0);
	}
}

interface Waiting {
	readonly walk: Unit;
	/** one; none where the walk has ended */
	readonly paths: readonly TokenPath[];
}

interface Visit {
	readonly tree: LawTree;
	readonly listener: Listener;
	readonly walks: Walks;
}

function* visit(about: Visit, node: LawNode, attempts: readonly Attempt[]): Unit {
	const { tree, listener, walks } = about;
	node.held += 1;
	node.uses += attempts.length;
	let byToken = node.shapes ? group(tree, node, attempts) : null;
	if (byToken === null) {
		const [law] = yield [tree.request(node)];
		if (!law) throw new Error('a law was asked for and not given');
		listener.law(tree.source, node.path(), law);
		tree.learn(node, law);
		byToken = group(tree, node, attempts);
		if (byToken === null) throw new Error('a complete law left a draw without a token');
		tree.compact(node, byToken.keys());
	}
	const tokens = [...byToken.keys()].sort((a, b) => a - b);
	for (const [i, token] of tokens.entries()) {
		const child = tree.child(node, token);
		const arrived = byToken.get(token) as Attempt[];
		byToken.delete(token);
		const going = conclude(tree, child, arrived, listener);
		if (going.length === 0) {
			tree.forget(child);
			continue;
		}
		const walk = subtree(about, child, going);
		if (i + 1 < tokens.length && walks.spare) walks.begin(walk);
		else yield* walk;
	}
	node.held -= 1;
}

function* subtree(about: Visit, child: LawNode, attempts: readonly Attempt[]): Unit {
	yield* visit(about, child, attempts);
	about.tree.forget(child);
}

/** Attempts by the token they draw; null where one draw falls outside what is known. */
function group(
	tree: LawTree,
	node: LawNode,
	attempts: readonly Attempt[],
): Map<Token, Attempt[]> | null {
	const byToken = new Map<Token, Attempt[]>();
	for (const attempt of attempts) {
		const token = tree.draw(node, attempt);
		if (token === null) return null;
		const list = byToken.get(token);
		if (list) list.push(attempt);
		else byToken.set(token, [attempt]);
	}
	return byToken;
}

/** Hands over the attempts whose setting ends here; returns the others. */
function conclude(
	tree: LawTree,
	node: LawNode,
	attempts: readonly Attempt[],
	listener: Listener,
): Attempt[] {
	const going: Attempt[] = [];
	const ended = new Map<Ending, Attempt[]>();
	for (const attempt of attempts) {
		const ending = tree.ending(node, attempt.sampler.setting);
		if (!ending) going.push(attempt);
		else if (ended.has(ending)) ended.get(ending)?.push(attempt);
		else ended.set(ending, [attempt]);
	}
	for (const [ending, list] of ended) listener.attempts(tree.source, ending, list);
	return going;
}
