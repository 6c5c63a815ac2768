import * as fc from 'fast-check';
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

/** Laws with ties, zeros of both signs and impossible tokens, from a single token on. */
const logits = fc
	.array(
		fc.oneof(
			fc.constantFrom(-Infinity, -1, -0, 0, 1),
			fc.float({ min: -90, max: 90, noNaN: true }),
		),
		{ minLength: 1, maxLength: 40 },
	)
	.filter((values) => values.some((x) => x > -Infinity))
	.map((values) => Float32Array.from(values));
const settings = fc.record({
	temperature: fc.constantFrom(0, 0.001, 0.5, 1, 3),
	topK: fc.constantFrom(0, 1, 3, 1000),
	topP: fc.constantFrom(1, 1e-9, 0.5, 0.999999),
	minP: fc.constantFrom(0, 0.05, 1),
	maxTokens: fc.constant(8),
	stop: fc.constant([]),
});

/** The same by comparison sorts and plain arrays, step by step as the docstring says it. */
function slowShape(logits: Float32Array, setting: SamplingSetting): Distribution {
	const at = (token: number) => logits[token] as number;
	const max = Math.max(...logits);
	const possible = [...logits.keys()].filter((token) => at(token) > -Infinity);
	let kept = possible.sort((a, b) => at(b) - at(a) || a - b);
	if (setting.temperature === 0) kept = kept.slice(0, 1);
	else {
		if (setting.topK > 0) kept = kept.slice(0, setting.topK);
		if (setting.topP < 1) {
			const sums = [0];
			for (const token of kept) sums.push((sums.at(-1) as number) + Math.exp(at(token) - max));
			const enough = sums.findIndex(
				(sum, i) => i > 0 && sum >= setting.topP * (sums.at(-1) as number),
			);
			kept = kept.slice(0, enough);
		}
		if (setting.minP > 0) kept = kept.filter((t) => at(t) >= max + Math.log(setting.minP));
		kept = kept.sort((a, b) => a - b);
	}
	const intervals: [token: number, lower: number, upper: number][] = [];
	let total = 0;
	for (const token of kept) {
		const weight =
			setting.temperature === 0 ? 1 : Math.exp((at(token) - max) / setting.temperature);
		if (total + weight > total) intervals.push([token, total, total + weight]);
		total += weight;
	}
	return {
		tokens: Int32Array.from(intervals, ([token]) => token),
		lower: Float64Array.from(intervals, ([, lower]) => lower),
		upper: Float64Array.from(intervals, ([, , upper]) => upper),
		total,
		complete: true,
	};
}

test('shapes are those of the slow way, to the last bit', () =>
	fc.assert(
		fc.property(logits, settings, (values, setting) => {
			const found = shapeLaw({ logits: values, logNormalizer: 0 }, setting);
			assert.equal(found, slowShape(values, setting));
		}),
		{ numRuns: 2000, seed: 1 },
	));

test('the likelier part is that of a sort by width, then place', () =>
	fc.assert(
		fc.property(
			logits,
			fc.integer({ min: 0, max: 12 }),
			fc.uniqueArray(fc.nat(40)),
			(values, most, also) => {
				const whole = shapeLaw({ logits: values, logNormalizer: 0 }, PLAIN);
				const { tokens, lower, upper } = whole;
				const width = (i: number) => (upper[i] as number) - (lower[i] as number);
				const ranked = [...tokens.keys()].sort((a, b) => width(b) - width(a) || a - b);
				const kept = ranked.filter((i, rank) => rank < most || also.includes(tokens[i] as number));
				const part = likelierPart(whole, most, new Set(also));
				const wanted = tokens.length <= most ? [...tokens.keys()] : kept.sort((a, b) => a - b);
				assert.equal(
					[...part.tokens],
					wanted.map((i) => tokens[i]),
				);
				assert.equal(
					[...part.upper],
					wanted.map((i) => upper[i]),
				);
				assert.equal(
					[...part.lower],
					wanted.map((i) => lower[i]),
				);
				assert.is(part.total, whole.total);
			},
		),
		{ numRuns: 500, seed: 1 },
	));

test('a vocabulary that cannot be told apart in sorting is refused', () => {
	const vast = { logits: new Float32Array(2 ** 21 + 1), logNormalizer: 0 };
	assert.throws(() => shapeLaw(vast, { ...PLAIN, topP: 0.5 }), /2097153 tokens/);
});

test.run();
