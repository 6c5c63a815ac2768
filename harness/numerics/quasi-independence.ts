/** Maximum likelihood fit E_fg = a_f b_g off the diagonal of a square table of counts. */
export interface QuasiIndependence {
	/** row factor of each state, ≥ 0 */
	readonly a: Float64Array;
	/** column factor of each state, ≥ 0, with sum 1 */
	readonly b: Float64Array;
	readonly converged: boolean;
}

/**
 * Quasi-independence with the diagonal left free, by proportional fitting of both margins; each round
 * costs K steps, since Σ_{g≠f} b_g = B − b_f.
 *
 * @param rows off-diagonal row sums, length K, ≥ 0, with a positive total
 * @param columns off-diagonal column sums, length K, ≥ 0, with the same total
 * @returns factors whose margins agree with the counts' to 1e-10 of the total
 * Source: Bishop, Fienberg, Holland, Discrete Multivariate Analysis (1975), section 5.2.
 *
 * @example rows [2, 2, 2], columns [2, 2, 2] // a [3, 3, 3], b [1/3, 1/3, 1/3]
 */
export function fitQuasiIndependence(rows: Float64Array, columns: Float64Array): QuasiIndependence {
	const total = rows.reduce((sum, n) => sum + n, 0);
	const a = new Float64Array(rows.length);
	let b = columns.map((n) => n / total);
	for (let round = 0; round < 2000; round++) {
		let sumA = 0;
		for (let f = 0; f < a.length; f++) {
			const reach = 1 - b[f]!;
			a[f] = rows[f] === 0 ? 0 : rows[f]! / Math.max(reach, 1e-300);
			sumA += a[f]!;
		}
		let miss = 0;
		for (let g = 0; g < a.length; g++) {
			miss = Math.max(miss, Math.abs(b[g]! * (sumA - a[g]!) - columns[g]!));
		}
		if (miss <= 1e-10 * total) return { a, b, converged: true };
		b = b.map((_, g) => (columns[g] === 0 ? 0 : columns[g]! / Math.max(sumA - a[g]!, 1e-300)));
		const sumB = b.reduce((sum, x) => sum + x, 0);
		b = b.map((x) => x / sumB);
	}
	return { a, b, converged: false };
}
