/** A symmetric positive semidefinite matrix, known by what it does. */
export interface LinearSystem {
	/** length of b and x */
	readonly size: number;
	/** its diagonal, all > 0: the preconditioner */
	readonly diagonal: Float64Array;
	/** writes the product with x to `out` */
	multiply(x: Float64Array, out: Float64Array): void;
}

export interface Stop {
	/** of the residual's norm √(r′D⁻¹r), D the diagonal, relative to `scale` */
	readonly tolerance: number;
	/** a norm; null for that of b */
	readonly scale: number | null;
	/** most steps */
	readonly steps: number;
}

/** The sum of products of two vectors of one length. */
export function dot(x: Float64Array, y: Float64Array): number {
	let sum = 0;
	for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
	return sum;
}

/**
 * Solves A x = b by conjugate gradients with the diagonal as preconditioner, from x = 0.
 *
 * @param system A
 * @param b in the range of A
 * @param stop when to be content
 * @returns x; the best found if the steps do not reach the tolerance
 * Source: Golub and Van Loan, Matrix Computations, 4th ed., algorithm 11.5.1.
 *
 * @example conjugateGradients(2 × 2 diagonal [2, 4], b [2, 8], { tolerance: 1e-12, scale: null,
 *   steps: 9 }) // [1, 2]
 */
export function conjugateGradients(
	system: LinearSystem,
	b: Float64Array,
	stop: Stop,
): Float64Array {
	const { size, diagonal } = system;
	const x = new Float64Array(size);
	const r = Float64Array.from(b);
	const z = r.map((value, i) => value / diagonal[i]!);
	const p = Float64Array.from(z);
	const Ap = new Float64Array(size);
	let rz = dot(r, z);
	const target = (stop.scale === null ? rz : stop.scale ** 2) * stop.tolerance ** 2;
	for (let step = 0; step < stop.steps && rz > target; step++) {
		system.multiply(p, Ap);
		const alpha = rz / dot(p, Ap);
		if (!Number.isFinite(alpha)) break;
		for (let i = 0; i < size; i++) {
			x[i]! += alpha * p[i]!;
			r[i]! -= alpha * Ap[i]!;
			z[i] = r[i]! / diagonal[i]!;
		}
		const next = dot(r, z);
		const beta = next / rz;
		rz = next;
		for (let i = 0; i < size; i++) p[i] = z[i]! + beta * p[i]!;
	}
	return x;
}
