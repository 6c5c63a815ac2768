import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cachedEngine, type LawShelf } from '../../harness/engine/cached.js';
import type { Engine, NextTokenLaw, TokenPath } from '../../harness/engine/engine.js';
import { openSyntheticEngine } from '../../harness/engine/synthetic.js';
import { contract, pathOf, sameBits } from './contract.js';

const words = ['OAK', 'ELM', 'ASH', 'OTHER'];
const logKernel = [
	[0.2, 0.5, 0.2, 0.1],
	[0.3, 0.3, 0.3, 0.1],
	[0.6, 0, 0.3, 0.1],
].map((row) => row.map(Math.log));

/** A shelf in memory. */
function newShelf(): LawShelf & { readonly laws: Map<string, NextTokenLaw> } {
	const laws = new Map<string, NextTokenLaw>();
	const copy = ({ logits, logNormalizer }: NextTokenLaw) => ({
		logits: logits.slice(),
		logNormalizer,
	});
	return {
		laws,
		get: (paths) =>
			paths.map((path) => {
				const law = laws.get(JSON.stringify(path));
				return law ? copy(law) : null;
			}),
		put: (path, law) => void laws.set(JSON.stringify(path), copy(law)),
	};
}

/** The synthetic engine, and every path it was asked for. */
function watched(): { engine: Engine; asked: TokenPath[] } {
	const engine = openSyntheticEngine({ words, logKernel });
	const asked: TokenPath[] = [];
	const laws = (paths: readonly TokenPath[]) => {
		asked.push(...paths);
		return engine.laws(paths);
	};
	return { engine: { ...engine, laws }, asked };
}

contract('cached engine', async () => ({
	engine: cachedEngine(openSyntheticEngine({ words, logKernel }), newShelf()),
	words,
	logKernel,
	tolerance: 1e-6,
}));

test('only what the shelf lacks is evaluated, once, in order, and the answers are the engine’s', async () => {
	const { engine, asked } = watched();
	const shelf = newShelf();
	const cached = cachedEngine(engine, shelf);
	const [a, b, c] = ['OAK', 'ELM', 'ASH'].map((word) => pathOf(engine, 'early', word)) as [
		TokenPath,
		TokenPath,
		TokenPath,
	];
	const expected = await openSyntheticEngine({ words, logKernel }).laws([a, b, c]);
	const same = async (paths: readonly TokenPath[], which: readonly number[]) => {
		const laws = await cached.laws(paths);
		assert.is(laws.length, which.length);
		for (const [i, law] of laws.entries())
			assert.ok(sameBits(law, expected[which[i] as number] as NextTokenLaw), `law ${i}`);
		return laws;
	};

	await same([b], [1]);
	assert.equal(asked.splice(0), [b]);
	// A path equal in content, not in identity.
	const again = { ...b, rest: [...b.rest] };
	const laws = await same([c, b, a, again, c, a], [2, 1, 0, 1, 2, 0]);
	assert.equal(asked.splice(0), [c, a]);
	assert.equal([cached.evaluated, cached.served], [3, 4]);
	assert.is(shelf.laws.size, 3);

	// Each receiver owns its law.
	for (const law of laws) law.logits.fill(0);
	await same([a, b, c], [0, 1, 2]);
	assert.equal(asked, []);
	assert.equal(await cached.laws([]), []);
	assert.equal([cached.evaluated, cached.served], [3, 7]);
});

test('the split of a path is part of it', async () => {
	const { engine, asked } = watched();
	const cached = cachedEngine(engine, newShelf());
	const path = pathOf(engine, 'late', 'OAK');
	const [first = 0, ...rest] = path.rest;
	const moved = { ...path, head: [...path.head, first], rest };
	await cached.laws([path, moved]);
	assert.equal(asked, [path, moved]);
});

test('a law of another vocabulary is not served', async () => {
	const { engine, asked } = watched();
	const shelf = newShelf();
	const path = pathOf(engine, 'early', 'OAK');
	shelf.put(path, { logits: new Float32Array(3), logNormalizer: Math.log(3) });
	const [law] = await cachedEngine(engine, shelf).laws([path]);
	assert.is(law?.logits.length, engine.facts.vocabularySize);
	assert.is(asked.length, 1);
	assert.is(shelf.laws.get(JSON.stringify(path))?.logits.length, engine.facts.vocabularySize);
});

test('what a smaller context refuses is refused though the shelf has it; so is a closed engine', async () => {
	const shelf = newShelf();
	const large = cachedEngine(watched().engine, shelf);
	const path = pathOf(large, 'early', 'OAK');
	await large.laws([path]);
	const small = cachedEngine({ ...watched().engine, contextSize: 5 }, shelf);
	const refusal = (engine: Engine) => engine.laws([path]).then(String, (error: Error) => error);
	assert.match(String(await refusal(small)), /RangeError: .*does not fit a context of 5/);
	await large.close();
	assert.match(String(await refusal(large)), /the engine is closed/);
});

test('an engine that fails puts nothing on the shelf, and is asked again', async () => {
	const { engine, asked } = watched();
	let broken = true;
	const laws = (paths: readonly TokenPath[]) =>
		broken ? Promise.reject(new Error('gone')) : engine.laws(paths);
	const shelf = newShelf();
	const cached = cachedEngine({ ...engine, laws }, shelf);
	const path = pathOf(engine, 'early', 'OAK');
	assert.is(await cached.laws([path]).catch((error: Error) => error.message), 'gone');
	assert.equal([shelf.laws.size, cached.evaluated, cached.served], [0, 0, 0]);
	broken = false;
	await cached.laws([path]);
	assert.equal([asked.length, shelf.laws.size, cached.evaluated], [1, 1, 1]);
});

test.run();
