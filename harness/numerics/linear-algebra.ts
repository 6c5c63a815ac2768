/** The one door to ml-matrix: what goes in is checked, since ml-matrix hangs or returns NaN on bad input. */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/**
 * Inverse of a symmetric positive definite matrix, by Cholesky decomposition.
 *
 * @param matrix n × n, row by row, length n², finite; symmetric to 1e-9 of its largest entry
 * @param n number of rows, an integer ≥ 1
 * @returns the inverse, n × n, row by row
 * @throws TypeError if the length is not n²
 * @throws RangeError if n is not a positive integer, an entry is not finite, or the matrix is not
 *   symmetric or not positive definite
 * Source: Golub and Van Loan, Matrix Computations, 4th ed., algorithm 4.2.1.
 *
 * @example symmetricInverse(new Float64Array([2, 1, 1, 2]), 2) // [2/3, -1/3, -1/3, 2/3]
 */
export function symmetricInverse(matrix: Float64Array, n: number): Float64Array {
	if (!Number.isInteger(n) || n < 1) {
		throw new RangeError(`n must be a positive integer, got ${n}`);
	}
	if (matrix.length !== n * n) {
		throw new TypeError(`a ${n} × ${n} matrix needs ${n * n} entries, has ${matrix.length}`);
	}
	requireSymmetric(matrix, n);
	const cholesky = new CholeskyDecomposition(Matrix.from1DArray(n, n, matrix));
	if (!cholesky.isPositiveDefinite()) throw new RangeError('matrix is not positive definite');
	const inverse = Float64Array.from(cholesky.solve(Matrix.eye(n)).to1DArray());
	for (const value of inverse) {
		if (!Number.isFinite(value)) throw new RangeError('matrix is not positive definite');
	}
	return inverse;
}

function requireSymmetric(matrix: Float64Array, n: number): void {
	let largest = 0;
	for (let i = 0; i < matrix.length; i++) {
		const value = matrix[i]!;
		if (!Number.isFinite(value)) {
			throw new RangeError(`entry (${Math.floor(i / n)}, ${i % n}) is not finite: ${value}`);
		}
		largest = Math.max(largest, Math.abs(value));
	}
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < i; j++) {
			if (Math.abs(matrix[i * n + j]! - matrix[j * n + i]!) > 1e-9 * largest) {
				throw new RangeError(
					`entries (${i}, ${j}) and (${j}, ${i}) differ: ${matrix[i * n + j]}, ${matrix[j * n + i]}`,
				);
			}
		}
	}
}
