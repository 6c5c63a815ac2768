/** How tokens and positions lie in the residual stream. */
import { SIZE } from './architectures.js';
import { dyadic } from './dyadic.js';
import { K } from './kernels.js';

const D = SIZE.embedding;

/** Features of the residual stream. 22 and 23 hold the learned positions; from 24 on: free. */
export const FEATURE = { own: 0, copied: K, stone: 2 * K, word: 17, template: 18, position: 22 };
/** False for the four dimensions of the residual stream that tell positions apart. */
export const isFreeOfPosition = (dimension: number) =>
	dimension < 2 * FEATURE.position || dimension >= 2 * (FEATURE.position + 2);
/** Size of an embedded feature; every token has two, so its mean square is 4·4²/64 = 1. */
export const EMBEDDED = 4;

export type TokenClass = { readonly state: number } | 'other' | 'plain';

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

/** Learned positions, a row of 64 for each; the read-out does not see them. */
export function positions(): Float32Array {
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
