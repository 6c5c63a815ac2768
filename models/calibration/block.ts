/**
 * One transformer block by construction. Feature i of the residual stream is a pair of dimensions
 * (2i: +x, 2i + 1: −x), so every mean is 0 and layer norm and RMS norm see the same thing.
 *
 *   token        embeds as                    attention adds            then the logits are
 *   plain text   template, template'          32 × copied(f)            log T(· | f)
 *   state g      own(g), word                 copies, here ignored      the end token
 *   OTHER        stone, word                  copies, here ignored      the end token
 *
 * f is the state in the prompt: head 0 scores state tokens 90 above all others, evenly. Head 1 and
 * the feed-forward part add small pseudo-random amounts that the read-out takes into account, so
 * that a wrong norm, bias or activation would show in the logits.
 */
import { type Architecture, SIZE } from './architectures.js';
import { dyadic } from './dyadic.js';
import { K } from './kernels.js';

const D = SIZE.embedding;

/** Features of the residual stream. 22 and 23 hold the learned positions; from 24 on: free. */
export const FEATURE = { own: 0, copied: K, stone: 2 * K, word: 17, template: 18, position: 22 };
/** False for the four dimensions of the residual stream that tell positions apart. */
export const isFreeOfPosition = (dimension: number) =>
	dimension < 2 * FEATURE.position || dimension >= 2 * (FEATURE.position + 2);
/** Size of an embedded feature; every token has two, so its mean square is 4·4²/64 = 1. */
const EMBEDDED = 4;
const COPIED = 32;
/** Features of the values: K states, then "is template", then a constant where biases exist. */
const VALUE_TEMPLATE = K;
const VALUE_CONSTANT = K + 1;
/** Dimension of a head that carries the score: last of the rotary pairs in both pairings. */
const SCORE = SIZE.head - 1;
/** Query · key / √32 is ± 45; all of it exact in half precision. */
const QUERY = 16;
const KEY = 16;

export type TokenClass = { readonly state: number } | 'other' | 'plain';

/** Row-major, one row for each output. */
export interface Linear {
	readonly outputs: number;
	readonly inputs: number;
	readonly weight: Float32Array;
	readonly bias: Float32Array | null;
}
export interface Norm {
	readonly weight: Float32Array;
	readonly bias: Float32Array | null;
}
export interface Block {
	/** Added to the embedding at each position, or null. */
	readonly positions: Float32Array | null;
	readonly attentionNorm: Norm;
	readonly query: Linear;
	readonly key: Linear;
	readonly value: Linear;
	readonly attentionOutput: Linear;
	readonly hiddenNorm: Norm;
	readonly gate: Linear | null;
	readonly up: Linear;
	readonly down: Linear;
	readonly outputNorm: Norm;
}

/** Embedding of a token: the same for every piece of plain text, so that no template matters. */
export function embedding(token: TokenClass): Float32Array {
	const features =
		token === 'plain'
			? [FEATURE.template, FEATURE.template + 1]
			: [token === 'other' ? FEATURE.stone : FEATURE.own + token.state, FEATURE.word];
	const x = new Float32Array(D);
	for (const feature of features) {
		x[2 * feature] = EMBEDDED;
		x[2 * feature + 1] = -EMBEDDED;
	}
	return x;
}

/** Points (u, v) with u² + v² = 25: every position has the same mean and the same norm. */
const CIRCLE = [
	[3, 4],
	[-4, 3],
	[5, 0],
	[-3, -4],
	[4, -3],
	[0, 5],
	[4, 3],
	[-5, 0],
	[3, -4],
	[-4, -3],
	[0, -5],
	[-3, 4],
] as const;

function positions(): Float32Array {
	const table = new Float32Array(SIZE.context * D);
	for (let p = 0; p < SIZE.context; p++) {
		// By hash, not in turn: a shift by one position must not look like a rotation.
		const point = CIRCLE[(dyadic('position', p, 0, 2 ** 20) + 2 ** 20) % CIRCLE.length] ?? [5, 0];
		point.forEach((value, axis) => {
			const at = p * D + 2 * (FEATURE.position + axis);
			table[at] = value;
			table[at + 1] = -value;
		});
	}
	return table;
}

export function constructBlock(architecture: Architecture): Block {
	const { norm, activation, learnedPositions } = architecture;
	const attentionNorm = attentionNormOf(architecture);
	const biased = norm === 'layer';
	return {
		positions: learnedPositions ? positions() : null,
		attentionNorm,
		...attention(architecture, attentionNorm),
		hiddenNorm: smallNorm('hidden-norm', biased),
		gate: activation === 'silu' ? small('gate', SIZE.hidden, D, biased) : null,
		up: small('up', SIZE.hidden, D, biased),
		down: small('down', D, SIZE.hidden, biased),
		outputNorm: smallNorm('output-norm', biased),
	};
}

/** Power of two by which the attention norm scales a dimension, undone by the projections. */
const scaleOf = (dimension: number) => 2 ** ((Math.floor(dimension / 2) % 3) - 1);

function attentionNormOf({ norm, epsilon, learnedPositions }: Architecture): Norm {
	const meanSquare = learnedPositions ? 1 + (2 * 25) / D : 1;
	// Brings embedded features back to ± 4 to within 1e-7, so that keys and values are exact in f16.
	const gain = Math.sqrt(meanSquare + epsilon);
	return {
		weight: Float32Array.from({ length: D }, (_, i) => gain * scaleOf(i)),
		bias:
			norm === 'layer'
				? Float32Array.from({ length: D }, (_, i) => dyadic('attention-norm-bias', i, 0, 8) / 8)
				: null,
	};
}

type Reading = readonly [feature: number, gain: number];

/** Rows of `readings` (Σ gain × indicator of the feature) plus constants, as a linear map. */
function projection(
	rows: readonly (readonly Reading[])[],
	constants: readonly number[] | null,
	normBias: Float32Array | null,
): Linear {
	const weight = new Float32Array(rows.length * D);
	const bias = constants === null ? null : Float32Array.from(constants);
	rows.forEach((readings, row) => {
		for (const [feature, gain] of readings)
			for (const [i, sign] of [
				[2 * feature, 1],
				[2 * feature + 1, -1],
			] as const) {
				const w = (sign * gain) / (2 * EMBEDDED * scaleOf(i));
				weight[row * D + i] = w;
				// What the norm's bias adds is taken away again.
				if (bias !== null && normBias !== null) bias[row] = bias[row]! - w * normBias[i]!;
			}
	});
	return { outputs: rows.length, inputs: D, weight, bias };
}

const repeat = <T>(heads: number, head: (h: number) => T[]): T[] =>
	Array.from({ length: heads }, (_, h) => head(h)).flat();
const headRows = (entries: readonly (readonly [number, readonly Reading[]])[]) => {
	const rows: (readonly Reading[])[] = Array.from({ length: SIZE.head }, () => []);
	for (const [row, readings] of entries) rows[row] = readings;
	return rows;
};
const headConstants = (entries: readonly (readonly [number, number])[]) => {
	const values: number[] = new Array(SIZE.head).fill(0);
	for (const [row, value] of entries) values[row] = value;
	return values;
};

function attention(
	{ attentionBias, keyValueHeads }: Architecture,
	norm: Norm,
): Pick<Block, 'query' | 'key' | 'value' | 'attentionOutput'> {
	const states = Array.from({ length: K }, (_, f) => FEATURE.own + f);
	const { word, template, stone } = FEATURE;
	// With biases half of each score comes from them, or the rows alone make it up.
	const share = attentionBias ? 0.5 : 1;
	const query = (h: number) => (h === 0 ? QUERY : -QUERY);
	const keys: Reading[] = attentionBias
		? states.map((s) => [s, 2 * KEY])
		: [...states.map((s): Reading => [s, KEY]), [template, -KEY], [stone, -KEY]];
	const values: [number, Reading[]][] = states.map((s, f) => [f, [[s, 1]]]);
	values.push([VALUE_TEMPLATE, [[template, 1]]]);
	const constants = (heads: number, entries: (h: number) => [number, number][]) =>
		attentionBias ? repeat(heads, (h) => headConstants(entries(h))) : null;
	return {
		query: projection(
			repeat(SIZE.heads, (h) =>
				headRows([[SCORE, [word, template].map((i): Reading => [i, share * query(h)])]]),
			),
			constants(SIZE.heads, (h) => [[SCORE, share * query(h)]]),
			norm.bias,
		),
		key: projection(
			repeat(keyValueHeads, () => headRows([[SCORE, keys]])),
			constants(keyValueHeads, () => [[SCORE, -KEY]]),
			norm.bias,
		),
		value: projection(
			repeat(keyValueHeads, () => headRows(values)),
			constants(keyValueHeads, () => [[VALUE_CONSTANT, 0.5]]),
			norm.bias,
		),
		attentionOutput: attentionOutput(norm.bias !== null),
	};
}

/** Head 0 writes the copied state; both heads write their constants in small amounts. */
function attentionOutput(biased: boolean): Linear {
	const inputs = SIZE.heads * SIZE.head;
	const map = small('attention-output', D, inputs, biased);
	map.weight.forEach((w, at) => {
		const column = at % inputs;
		const constant = [VALUE_TEMPLATE, VALUE_CONSTANT].includes(column % SIZE.head);
		map.weight[at] = constant ? w : 0;
	});
	for (let f = 0; f < K; f++) {
		const row = 2 * (FEATURE.copied + f);
		map.weight[row * inputs + f] = COPIED;
		map.weight[(row + 1) * inputs + f] = -COPIED;
	}
	return map;
}

/** Pseudo-random map in steps of 2⁻⁶ up to 1/8 that neither reads nor writes the positions. */
function small(name: string, outputs: number, inputs: number, biased: boolean): Linear {
	// Of 'up', 'gate' the inputs are the residual stream, of the others the outputs.
	const reads = name === 'up' || name === 'gate';
	const weight = Float32Array.from({ length: outputs * inputs }, (_, at) => {
		const row = Math.floor(at / inputs);
		const column = at % inputs;
		return isFreeOfPosition(reads ? column : row) ? dyadic(name, row, column, 8) / 64 : 0;
	});
	const bias = Float32Array.from({ length: outputs }, (_, row) =>
		reads || isFreeOfPosition(row) ? dyadic(`${name}-bias`, row, 0, 8) / 64 : 0,
	);
	return { outputs, inputs, weight, bias: biased ? bias : null };
}

function smallNorm(name: string, biased: boolean): Norm {
	return {
		weight: Float32Array.from({ length: D }, (_, i) => 1 + dyadic(name, i, 0, 8) / 64),
		bias: biased
			? Float32Array.from({ length: D }, (_, i) => dyadic(`${name}-bias`, i, 0, 8) / 64)
			: null,
	};
}
