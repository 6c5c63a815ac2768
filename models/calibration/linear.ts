/** Linear maps and norms of a block, and the small pseudo-random ones. */
import { SIZE } from './architectures.js';
import { dyadic } from './dyadic.js';
import { isFreeOfPosition } from './features.js';

const D = SIZE.embedding;

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
/** Pseudo-random map in steps of 2⁻⁶ up to 1/8 that neither reads nor writes the positions. */
export function small(name: string, outputs: number, inputs: number, biased: boolean): Linear {
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

/** Weights near 1, biases near 0 or none. */
export function smallNorm(name: string, biased: boolean): Norm {
	return {
		weight: Float32Array.from({ length: D }, (_, i) => 1 + dyadic(name, i, 0, 8) / 64),
		bias: biased
			? Float32Array.from({ length: D }, (_, i) => dyadic(`${name}-bias`, i, 0, 8) / 64)
			: null,
	};
}
