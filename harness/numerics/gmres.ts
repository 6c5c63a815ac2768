import { dot } from './conjugate-gradients.js';

export interface GmresStop {
	/** of the residual's norm relative to b's */
	readonly tolerance: number;
	/** vectors kept before a restart; a system of no more unknowns is solved exactly */
	readonly basis: number;
	readonly restarts: number;
}

/**
 * Solves A x = b for a square A that is known by what it does, by generalised minimal residuals.
 *
 * @param multiply x → A x; its range must hold b
 * @param b the right-hand side
 * @param stop when to be content, and when to give up
 * @returns x, or null if the tolerance was not reached
 * Source: Saad, Schultz, SIAM J. Sci. Stat. Comput. 7, 856 (1986), algorithm 4 (restarted).
 *
 * @example gmres(([x, y]) => [x + y, y − x], [3, 1], …) // [1, 2]
 */
export function gmres(
	multiply: (x: Float64Array) => Float64Array,
	b: Float64Array,
	stop: GmresStop,
): Float64Array | null {
	const goal = stop.tolerance * Math.sqrt(dot(b, b));
	let x = new Float64Array(b.length);
	let rest = b;
	for (let round = 0; round <= stop.restarts; round++) {
		const norm = Math.sqrt(dot(rest, rest));
		if (norm <= goal) return x;
		if (round === stop.restarts || !Number.isFinite(norm)) break;
		const step = arnoldi(multiply, rest, { norm, goal, basis: stop.basis });
		x = x.map((value, i) => value + step[i]!);
		const Ax = multiply(x);
		rest = b.map((value, i) => value - Ax[i]!);
	}
	return null;
}

/** The best step within the span of r, A r, A² r …: Householder-free Arnoldi with Givens rotations. */
function arnoldi(
	multiply: (x: Float64Array) => Float64Array,
	r: Float64Array,
	{ norm, goal, basis }: { readonly norm: number; readonly goal: number; readonly basis: number },
): Float64Array {
	const Q = [r.map((value) => value / norm)];
	const R: number[][] = [];
	const rotations: { readonly c: number; readonly s: number }[] = [];
	const g = [norm];
	for (let k = 0; k < basis && Math.abs(g[k]!) > goal; k++) {
		const w = multiply(Q[k]!);
		const column = orthogonalise(w, Q);
		for (const [i, { c, s }] of rotations.entries()) {
			const [x, y] = [column[i]!, column[i + 1]!];
			column[i] = c * x + s * y;
			column[i + 1] = c * y - s * x;
		}
		const length = Math.hypot(column[k]!, column[k + 1]!);
		if (!(length > 0)) break;
		const [c, s] = [column[k]! / length, column[k + 1]! / length];
		rotations.push({ c, s });
		column[k] = length;
		R.push(column.slice(0, k + 1));
		g.push(-s * g[k]!);
		g[k]! *= c;
		const next = column[k + 1]!;
		if (!(next > 0)) break;
		Q.push(w.map((value) => value / next));
	}
	const y = backSubstitute(R, g);
	const step = new Float64Array(r.length);
	for (const [k, weight] of y.entries()) {
		for (let i = 0; i < step.length; i++) step[i]! += weight * Q[k]![i]!;
	}
	return step;
}

/** Takes the span of Q out of w, in place and twice over; the coefficients, then the length left. */
function orthogonalise(w: Float64Array, Q: readonly Float64Array[]): number[] {
	const column = new Array<number>(Q.length + 1).fill(0);
	for (let pass = 0; pass < 2; pass++) {
		for (const [i, q] of Q.entries()) {
			const h = dot(q, w);
			column[i]! += h;
			for (let j = 0; j < w.length; j++) w[j]! -= h * q[j]!;
		}
	}
	column[Q.length] = Math.sqrt(dot(w, w));
	return column;
}

function backSubstitute(R: readonly number[][], g: readonly number[]): number[] {
	const y = new Array<number>(R.length).fill(0);
	for (let i = R.length - 1; i >= 0; i--) {
		let sum = g[i]!;
		for (let k = i + 1; k < R.length; k++) sum -= R[k]![i]! * y[k]!;
		y[i] = sum / R[i]![i]!;
	}
	return y;
}
