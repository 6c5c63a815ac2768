/** How uncertain a fitted potential is, in contrasts: whatever state it is measured from. */
import { type Edges, groundedLaplacian, solveLaplacian } from '../../numerics/graph-laplacian.js';
import { symmetricInverse } from '../../numerics/linear-algebra.js';
import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';

/** A potential of S states, mean 0, known to a Fisher information on every pair. */
export interface UncertainPotential {
	readonly edges: Edges;
	/** > 0, length P */
	readonly information: Float64Array;
	/** length S, mean 0 */
	readonly potential: Float64Array;
	/** C_f, length S; null where it is a convention */
	readonly attempts: Float64Array | null;
}

/**
 * Traces over Σ, the covariance of the centred errors. With L the Laplacian of the information that pairs
 * give when their totals are known, Σ = L⁺ − diag(1/C_f), both centred: the number of attempts from a
 * state is fixed, so that its transitions to all states together vary less than L takes them to. (For
 * two states this is 1/C_AB − 1/C_A + 1/C_BA − 1/C_B.) Where attempts are a convention, Σ = L⁺.
 */
export interface ErrorTraces {
	/** tr Σ of each potential */
	readonly single: readonly number[];
	/** tr Σ_a Σ_b */
	readonly product: readonly (readonly number[])[];
}

/** Matrices are inverted up to so many states; above, traces are estimated from random contrasts. */
const LARGEST_INVERSE = 200;
const PROBES = 256;

/**
 * tr Σ_a and tr Σ_a Σ_b of several potentials on the same states.
 *
 * @param potentials S ≥ 2 states each
 * @param seed uint32, for the contrasts drawn above 200 states
 * @returns the traces, exact up to 200 states, else to a few per cent
 * Source: Hutchinson, Commun. Stat. Simul. 19, 433 (1990); Σ: score of the pair model under multinomial
 *   rows, each of which adds N (E y y′ − E y E y′) with N E y = L's column of its state.
 *
 * @example two states, information 2, no attempts known: Σ = [[1/8, −1/8], [−1/8, 1/8]], single [1/4]
 */
export function errorTraces(potentials: readonly UncertainPotential[], seed: number): ErrorTraces {
	const S = potentials[0]!.potential.length;
	return S <= LARGEST_INVERSE ? exactTraces(potentials) : probedTraces(potentials, seed);
}

function exactTraces(potentials: readonly UncertainPotential[]): ErrorTraces {
	const matrices = potentials.map(centredCovariance);
	return {
		single: matrices.map((matrix) => trace(matrix)),
		product: matrices.map((a) => matrices.map((b) => dot(a, b))),
	};
}

/** E z′Σz = tr Σ and E (Σ_a z)′(Σ_b z) = tr Σ_a Σ_b for random signs z. */
function probedTraces(potentials: readonly UncertainPotential[], seed: number): ErrorTraces {
	const S = potentials[0]!.potential.length;
	const stream = new Stream([seed, PURPOSE.contrasts], 0);
	const single = potentials.map(() => 0);
	const product = potentials.map(() => potentials.map(() => 0));
	for (let i = 0; i < PROBES; i++) {
		const z = centred(Float64Array.from({ length: S }, () => (stream.next() < 0.5 ? -1 : 1)));
		const answers = potentials.map((one) => spread(one, z));
		for (const [a, x] of answers.entries()) {
			single[a]! += dot(z, x) / PROBES;
			for (const [b, y] of answers.entries()) product[a]![b]! += dot(x, y) / PROBES;
		}
	}
	return { single, product };
}

/** Σ x: how much the errors move along with x, whose mean is 0. */
export function spread(
	{ edges, information, attempts }: UncertainPotential,
	x: Float64Array,
): Float64Array {
	const solved = solveLaplacian(edges, information, x, 1e-10);
	return centred(attempts === null ? solved : solved.map((y, f) => y - x[f]! / attempts[f]!));
}

export const dot = (x: Float64Array, y: Float64Array): number =>
	x.reduce((sum, value, i) => sum + value * y[i]!, 0);

function centred(x: Float64Array): Float64Array {
	const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
	return x.map((value) => value - mean);
}

/** Σ, S × S row by row: the inverse with one state fixed, then centred over rows and columns. */
function centredCovariance({ edges, information, attempts }: UncertainPotential): Float64Array {
	const S = edges.nodes;
	const n = S - 1;
	const matrix = groundedLaplacian(edges, information, 0);
	const scale = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(matrix[i * n + i]!));
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < n; j++) matrix[i * n + j]! *= scale[i]! * scale[j]!;
	}
	const inverse = symmetricInverse(matrix, n);
	const full = new Float64Array(S * S);
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < n; j++) {
			full[(i + 1) * S + j + 1] = inverse[i * n + j]! * scale[i]! * scale[j]!;
		}
	}
	for (let f = 0; attempts !== null && f < S; f++) full[f * S + f]! -= 1 / attempts[f]!;
	const rows = Array.from({ length: S }, (_, f) => {
		const row = full.subarray(f * S, (f + 1) * S);
		return row.reduce((sum, x) => sum + x, 0) / S;
	});
	const all = rows.reduce((sum, x) => sum + x, 0) / S;
	return full.map((x, i) => x - rows[Math.floor(i / S)]! - rows[i % S]! + all);
}

function trace(matrix: Float64Array): number {
	const S = Math.sqrt(matrix.length);
	return matrix.reduce((sum, x, i) => sum + (i % (S + 1) === 0 ? x : 0), 0);
}
