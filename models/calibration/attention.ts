/** The attention of a block: head 0 copies the state, head 1 looks at the template. */
import { type Architecture, SIZE } from './architectures.js';
import { EMBEDDED, FEATURE } from './features.js';
import { K } from './kernels.js';
import { type Linear, type Norm, small } from './linear.js';

const D = SIZE.embedding;
const COPIED = 32;
/** Features of the values: K states, then "is template", then a constant where biases exist. */
const VALUE_TEMPLATE = K;
const VALUE_CONSTANT = K + 1;
/** Dimension of a head that carries the score: last of the rotary pairs in both pairings. */
const SCORE = SIZE.head - 1;
/** Query · key / √32 is ± 45; all of it exact in half precision. */
const QUERY = 16;
const KEY = 16;

/** Power of two by which the attention norm scales a dimension, undone by the projections. */
export const scaleOf = (dimension: number) => 2 ** ((Math.floor(dimension / 2) % 3) - 1);

export interface Attention {
	readonly query: Linear;
	readonly key: Linear;
	readonly value: Linear;
	readonly attentionOutput: Linear;
}

/** Contribution of a feature's indicator to a row. */
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

/** Projections that undo what `norm`, the norm before them, does to an embedding. */
export function attention({ attentionBias, keyValueHeads }: Architecture, norm: Norm): Attention {
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
