/**
 * The output matrix that turns final hidden states into known logits. A row is a small
 * pseudo-random vector, so that every dimension counts, plus a solved combination of nine
 * features: the K copied states and "this token is a word".
 */
import { type Architecture, SIZE } from './architectures.js';
import type { Block } from './block.js';
import { dyadic } from './dyadic.js';
import { FEATURE, isFreeOfPosition, type TokenClass } from './features.js';
import { dot, hiddenState } from './forward.js';
import { type KernelName, logKernel, STATES } from './kernels.js';
import type { Vocabulary } from './vocabulary.js';

const D = SIZE.embedding;
/** Logit of a token that must not come: below every word by more than 40. */
const NEVER = -48;
/** Logits after a word: the end token, and the others on average. */
const END = 64;
const NOT_END = -32;

const FEATURES = [...STATES.map((_, f) => FEATURE.copied + f), FEATURE.word];

/** Row-major, a row of 64 for each token of the vocabulary. */
export function readOut(
	architecture: Architecture,
	block: Block,
	{ vocabulary, kernel }: { vocabulary: Vocabulary; kernel: KernelName },
): Float32Array {
	const references = referenceStates(architecture, block);
	const inverse = invert(references.map((h) => FEATURES.map((i) => h[2 * i]! - h[2 * i + 1]!)));
	const words = [...vocabulary.states, vocabulary.other];
	const laws = STATES.map((_, f) => logKernel(kernel, f).map(onGrid));
	const rows = new Float32Array(vocabulary.size * D);
	for (let token = 0; token < vocabulary.size; token++) {
		const column = words.indexOf(token);
		const targets = laws.map((law) => (column < 0 ? NEVER : (law[column] as number)));
		targets.push(token === vocabulary.end ? END : NOT_END);
		rows.set(solveRow(token, targets, { references, inverse }), token * D);
	}
	return rows;
}

/** So that bytes do not hang on the last digits of exp and log. */
function onGrid(x: number): number {
	return Math.round(x * 2 ** 20) / 2 ** 20;
}

/** Hidden states after plain text with each state before it; last, their mean right after a word. */
function referenceStates(architecture: Architecture, block: Block): Float64Array[] {
	const after = (tokens: readonly TokenClass[]) => hiddenState(architecture, block, tokens);
	const references = STATES.map((_, f) => after(['plain', { state: f }, 'plain']));
	const words: TokenClass[] = [...STATES.map((_, state) => ({ state })), 'other'];
	const ends = words.flatMap((word) =>
		STATES.map((_, f) => after(['plain', { state: f }, 'plain', word])),
	);
	references.push(
		Float64Array.from(
			{ length: D },
			(_, i) => ends.reduce((sum, h) => sum + h[i]!, 0) / ends.length,
		),
	);
	return references;
}

function solveRow(
	token: number,
	targets: readonly number[],
	{ references, inverse }: { references: readonly Float64Array[]; inverse: readonly number[][] },
): Float64Array {
	const row = Float64Array.from({ length: D }, (_, i) =>
		isFreeOfPosition(i) ? dyadic('read-out', token, i, 8) / 64 : 0,
	);
	const missing = references.map((h, r) => (targets[r] as number) - dot(row, h));
	FEATURES.forEach((feature, k) => {
		const w = dot(inverse[k] as number[], missing);
		row[2 * feature] = onGrid(row[2 * feature]! + w);
		row[2 * feature + 1] = onGrid(row[2 * feature + 1]! - w);
	});
	return row;
}

/** Gauss-Jordan with partial pivoting; the matrix is nearly diagonal. */
function invert(matrix: readonly (readonly number[])[]): number[][] {
	const n = matrix.length;
	const rows = matrix.map((row, i) => [...row, ...matrix.map((_, j) => (i === j ? 1 : 0))]);
	for (let k = 0; k < n; k++) {
		let pivot = k;
		for (let i = k + 1; i < n; i++)
			if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
		[rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
		const scale = rows[k]![k]!;
		rows[k] = rows[k]!.map((x) => x / scale);
		for (let i = 0; i < n; i++) {
			const factor = i === k ? 0 : rows[i]![k]!;
			rows[i] = rows[i]!.map((x, j) => x - factor * rows[k]![j]!);
		}
	}
	return rows.map((row) => row.slice(n));
}
