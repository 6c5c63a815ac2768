import type { NextTokenLaw, Token, TokenPath } from '../engine/engine.js';
import type { Ending } from './stop.js';
import type { Attempt, LawNode, LawTree } from './tree.js';

/** Work that asks for laws and is handed them in the same order. */
export type Unit = Generator<readonly TokenPath[], void, readonly NextTokenLaw[]>;

export interface Listener {
	/** Attempts from `source` that ended alike. */
	attempts(source: string, ending: Ending, attempts: readonly Attempt[]): void;
	/** A law that was evaluated. */
	law(source: string, path: readonly Token[], law: NextTokenLaw): void;
}

/**
 * All attempts from one source at once, depth first: at each node every attempt that reaches it
 * draws its token, then each child is visited with those that went there. Every node is evaluated
 * once (again only where a later portion draws what was let go of), and a slot of the engine never
 * has to go back further than the path it is on.
 * @param batches attempts in portions that fit in memory; laws are kept between portions
 */
export function* fixedUnit(
	tree: LawTree,
	batches: Iterable<readonly Attempt[]>,
	listener: Listener,
): Unit {
	for (const attempts of batches) yield* visit(tree, tree.root, attempts, listener);
}

function* visit(
	tree: LawTree,
	node: LawNode,
	attempts: readonly Attempt[],
	listener: Listener,
): Unit {
	let byToken = node.shapes ? group(tree, node, attempts) : null;
	if (byToken === null) {
		const [law] = yield [tree.request(node)];
		if (!law) throw new Error('a law was asked for and not given');
		listener.law(tree.source, node.path, law);
		tree.learn(node, law);
		byToken = group(tree, node, attempts);
		if (byToken === null) throw new Error('a complete law left a draw without a token');
	}
	for (const token of byToken.keys()) tree.child(node, token);
	tree.compact(node);
	for (const token of [...byToken.keys()].sort((a, b) => a - b)) {
		const child = tree.child(node, token);
		const going = conclude(tree, child, byToken.get(token) as Attempt[], listener);
		if (going.length > 0) yield* visit(tree, child, going, listener);
		tree.forget(node, token);
	}
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
