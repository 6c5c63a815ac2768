import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logSumExp } from '../../harness/engine/engine.js';
import type { SamplingSetting } from '../../harness/experiment/experiment.js';
import {
	type Distribution,
	likelierPart,
	shapeLaw,
	tokenAt,
} from '../../harness/sampling/shape.js';

const PLAIN: SamplingSetting = {
	temperature: 1,
	topK: 0,
	topP: 1,
	minP: 0,
	maxTokens: 8,
	stop: ['\n'],
};
/** Five tokens with probabilities 0.4, 0.1, 0.3, 0.15, 0.05. */
const P = [0.4, 0.1, 0.3, 0.15, 0.05];
const law = (p: readonly number[]) => {
	const logits = Float32Array.from(p, Math.log);
	return { logits, logNormalizer: logSumExp(logits) };
};
const masses = (d: Distribution) =>
	Object.fromEntries(
		Array.from(d.tokens, (token, i) => [
			token,
			((d.upper[i] as number) - (d.lower[i] as number)) / d.total,
		]),
	);
function near(found: Record<string, number>, wanted: Record<string, number>): void {
	assert.equal(Object.keys(found), Object.keys(wanted));
	for (const [token, p] of Object.entries(wanted)) {
		assert.ok(Math.abs((found[token] as number) - p) < 1e-6, `${token}: ${found[token]} ≠ ${p}`);
	}
}

test('plain sampling leaves the law as it is', () => {
	near(masses(shapeLaw(law(P), PLAIN)), { 0: 0.4, 1: 0.1, 2: 0.3, 3: 0.15, 4: 0.05 });
});

test('temperature raises probabilities to 1/T', () => {
	const z = P.reduce((sum, p) => sum + p ** 2, 0);
	const d = shapeLaw(law(P), { ...PLAIN, temperature: 0.5 });
	near(masses(d), Object.fromEntries(P.map((p, i) => [i, p ** 2 / z])));
});

test('temperature 0 takes the likeliest token, the lower id on ties', () => {
	near(masses(shapeLaw(law(P), { ...PLAIN, temperature: 0 })), { 0: 1 });
	near(masses(shapeLaw(law([0.2, 0.4, 0.4]), { ...PLAIN, temperature: 0 })), { 1: 1 });
});

test('top-k keeps k tokens, the lower id on ties, and k = 0 or beyond keeps all', () => {
	near(masses(shapeLaw(law(P), { ...PLAIN, topK: 2 })), { 0: 4 / 7, 2: 3 / 7 });
	near(masses(shapeLaw(law([0.25, 0.25, 0.25, 0.25]), { ...PLAIN, topK: 1 })), { 0: 1 });
	assert.is(shapeLaw(law(P), { ...PLAIN, topK: 5 }).tokens.length, 5);
});

test('top-p keeps the shortest run of likeliest tokens that reaches p', () => {
	near(masses(shapeLaw(law(P), { ...PLAIN, topP: 0.69 })), { 0: 4 / 7, 2: 3 / 7 });
	near(masses(shapeLaw(law(P), { ...PLAIN, topP: 0.71 })), {
		0: 0.4 / 0.85,
		2: 0.3 / 0.85,
		3: 0.15 / 0.85,
	});
});

test('top-p is counted after top-k, as in llama.cpp', () => {
	// Of the two tokens left, 4/7 of the mass is the first's.
	near(masses(shapeLaw(law(P), { ...PLAIN, topK: 2, topP: 0.57 })), { 0: 1 });
});

test('min-p is relative to the likeliest token and ignores temperature', () => {
	for (const temperature of [1, 3]) {
		const d = shapeLaw(law(P), { ...PLAIN, temperature, minP: 0.3 });
		assert.equal([...d.tokens], [0, 2, 3]);
	}
	assert.equal([...shapeLaw(law(P), { ...PLAIN, minP: 0.4 }).tokens], [0, 2]);
});

test('impossible tokens are never drawn', () => {
	const d = shapeLaw(law([0, 0.5, 0, 0.5, 0]), PLAIN);
	assert.equal([...d.tokens], [1, 3]);
	assert.is(tokenAt(d, 0), 1);
	assert.is(tokenAt(d, 0.49999), 1);
	assert.is(tokenAt(d, 0.50001), 3);
	assert.is(tokenAt(d, 1 - 2 ** -53), 3);
});

test('keeping the likelier part changes no draw, it only leaves gaps', () => {
	const d = shapeLaw(law(P), PLAIN);
	const part = likelierPart(d, 2);
	assert.equal([...part.tokens], [0, 2]);
	let gaps = 0;
	for (let i = 0; i < 1000; i++) {
		const u = (i + 0.5) / 1000;
		const token = tokenAt(part, u);
		if (token === null) gaps++;
		else assert.is(token, tokenAt(d, u));
	}
	assert.is(gaps, 300);
});

test.run();
