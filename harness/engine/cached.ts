/** An engine that asks a shelf of kept laws before it evaluates anything. */
import { HarnessError } from '../errors.js';
import { checkPath, type Engine, type NextTokenLaw, type TokenPath } from './engine.js';

/** Laws of one model under one numerics identity, kept from earlier. Neither method throws. */
export interface LawShelf {
	/** The laws after each path, bit for bit as they were put, owned by the receiver; null where there is none. */
	get(paths: readonly TokenPath[]): (NextTokenLaw | null)[];
	/** Keeps a law, if that is possible; the law stays the caller's. */
	put(path: TokenPath, law: NextTokenLaw): void;
}

export interface CachedEngine extends Engine {
	/** Laws that the model was evaluated for. */
	readonly evaluated: number;
	/** Laws given without evaluating anything: from the shelf, or twice in one call. */
	readonly served: number;
}

/**
 * The same engine, law by law: what the shelf holds is not evaluated, and what is evaluated is put there.
 *
 * @param engine closed with the cached one
 * @param shelf holds laws of `engine.identity` only
 */
export function cachedEngine(engine: Engine, shelf: LawShelf): CachedEngine {
	const { facts, contextSize } = engine;
	let evaluated = 0;
	let served = 0;
	let closed = false;
	return {
		identity: engine.identity,
		facts,
		contextSize,
		width: engine.width,
		tokenize: (text, special) => engine.tokenize(text, special),
		detokenize: (tokens) => engine.detokenize(tokens),
		isEnd: (token) => engine.isEnd(token),
		get evaluated() {
			return evaluated;
		},
		get served() {
			return served;
		},
		async laws(paths) {
			// A shelf may know paths that are too long for this context.
			for (const path of paths) checkPath(path, facts.vocabularySize, contextSize);
			if (closed) throw new HarnessError('the engine is closed');
			const laws = shelf.get(paths).map((law) => whole(law, facts.vocabularySize));
			const missing = distinct(paths.filter((_, i) => laws[i] === null));
			const fresh = missing.size === 0 ? [] : await engine.laws([...missing.values()]);
			evaluated += fresh.length;
			served += paths.length - fresh.length;
			const known = new Map<string, NextTokenLaw>();
			for (const [i, [key, path]] of [...missing].entries()) {
				known.set(key, fresh[i] as NextTokenLaw);
				shelf.put(path, fresh[i] as NextTokenLaw);
			}
			return handOut(paths, laws, known);
		},
		async close() {
			closed = true;
			await engine.close();
		},
	};
}

/** A law of this vocabulary, or null. */
function whole(law: NextTokenLaw | null, vocabularySize: number): NextTokenLaw | null {
	return law?.logits.length === vocabularySize ? law : null;
}

/** Different paths, in order of appearance. */
function distinct(paths: readonly TokenPath[]): Map<string, TokenPath> {
	return new Map(paths.map((path) => [keyOf(path), path]));
}

const keyOf = ({ head, rest, completion }: TokenPath): string => `${head}|${rest}|${completion}`;

/** Laws in the order of the paths; each receiver gets one of its own. */
function handOut(
	paths: readonly TokenPath[],
	laws: readonly (NextTokenLaw | null)[],
	known: Map<string, NextTokenLaw>,
): NextTokenLaw[] {
	const given = new Set<string>();
	return paths.map((path, i) => {
		const law = laws[i];
		if (law) return law;
		const key = keyOf(path);
		const fresh = known.get(key) as NextTokenLaw;
		if (!given.has(key)) {
			given.add(key);
			return fresh;
		}
		return { logits: fresh.logits.slice(), logNormalizer: fresh.logNormalizer };
	});
}
