/**
 * Reference forward pass of a constructed block in double precision: what llama.cpp computes, but
 * without rotation, which the construction makes void, and without its half-precision roundings.
 */
import { type Architecture, SIZE } from './architectures.js';
import type { Block } from './block.js';
import { embedding, type TokenClass } from './features.js';
import type { Linear, Norm } from './linear.js';

type Vector = Float64Array;
const D = SIZE.embedding;

/** Final hidden state (64 numbers, after the output norm) at the last of `tokens`. */
export function hiddenState(
	architecture: Architecture,
	block: Block,
	tokens: readonly TokenClass[],
): Vector {
	const inputs = tokens.map((token, position) =>
		Float64Array.from(embedding(token), (x, i) => x + (block.positions?.[position * D + i] ?? 0)),
	);
	const last = inputs.at(-1) as Vector;
	const attended = add(last, attend(architecture, block, inputs));
	const read = normalize(architecture, block.hiddenNorm, architecture.parallel ? last : attended);
	return normalize(architecture, block.outputNorm, add(attended, feedForward(block, read)));
}

function attend(architecture: Architecture, block: Block, inputs: readonly Vector[]): Vector {
	const normed = inputs.map((x) => normalize(architecture, block.attentionNorm, x));
	const query = apply(block.query, normed.at(-1) as Vector);
	const keys = normed.map((x) => apply(block.key, x));
	const values = normed.map((x) => apply(block.value, x));
	const joined = new Float64Array(SIZE.heads * SIZE.head);
	for (let h = 0; h < SIZE.heads; h++) {
		const shared = architecture.keyValueHeads === 1 ? 0 : h;
		const part = (x: Vector, head: number) => x.subarray(head * SIZE.head, (head + 1) * SIZE.head);
		const scores = keys.map((key) => dot(part(query, h), part(key, shared)) / Math.sqrt(SIZE.head));
		const top = Math.max(...scores);
		const weights = scores.map((score) => Math.exp(score - top));
		const total = weights.reduce((a, b) => a + b, 0);
		values.forEach((value, t) => {
			part(value, shared).forEach((v, i) => {
				const at = h * SIZE.head + i;
				joined[at] = joined[at]! + ((weights[t] as number) / total) * v;
			});
		});
	}
	return apply(block.attentionOutput, joined);
}

function feedForward({ gate, up, down }: Block, x: Vector): Vector {
	const raised = apply(up, x);
	const hidden =
		gate === null
			? raised.map(gelu)
			: apply(gate, x).map((g, i) => (g / (1 + Math.exp(-g))) * (raised[i] as number));
	return apply(down, hidden);
}

/** The tanh form that ggml uses. */
function gelu(x: number): number {
	return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * x * (1 + 0.044715 * x * x)));
}

function normalize({ norm, epsilon }: Architecture, { weight, bias }: Norm, x: Vector): Vector {
	const mean = norm === 'layer' ? x.reduce((a, b) => a + b, 0) / D : 0;
	const square = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / D;
	const scale = 1 / Math.sqrt(square + epsilon);
	return x.map((value, i) => (value - mean) * scale * (weight[i] as number) + (bias?.[i] ?? 0));
}

function apply({ outputs, inputs, weight, bias }: Linear, x: Vector): Vector {
	return Float64Array.from(
		{ length: outputs },
		(_, row) => dot(weight.subarray(row * inputs, (row + 1) * inputs), x) + (bias?.[row] ?? 0),
	);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
	let sum = 0;
	for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
	return sum;
}

const add = (a: Vector, b: Vector): Vector => a.map((x, i) => x + (b[i] as number));
