/** The stationary distribution of a Markov chain, without subtractions. */

/**
 * Stationary distribution π of an irreducible chain: Σ_f π_f T(g|f) = π_g Σ_h T(h|g), by elimination of one state
 * after another. Only sums, products and quotients of positive numbers occur, so every π_f is right to about
 * K roundings of its own size, however small it is.
 *
 * @param rates T(g|f), K × K, row by row, ≥ 0; the diagonal is not used, rows may add up to anything
 * @param K number of states, ≥ 1
 * @returns π with sum 1, each > 0; null where the chain is not irreducible (or its rates span more than
 *   floating-point numbers do)
 * @throws TypeError if the length is not K²
 * Source: Grassmann, Taksar, Heyman, Oper. Res. 33, 1107 (1985); error bound: O'Cinneide, Numer. Math. 65,
 *   109 (1993). O(K³ / 3) steps.
 *
 * @example stationaryDistribution(new Float64Array([0, 0.3, 0.1, 0]), 2) // [0.25, 0.75]
 */
export function stationaryDistribution(rates: Float64Array, K: number): Float64Array | null {
	if (rates.length !== K * K) {
		throw new TypeError(`a ${K} × ${K} matrix needs ${K * K} entries, has ${rates.length}`);
	}
	const T = rates.slice();
	for (let last = K - 1; last > 0; last--) if (!eliminate(T, K, last)) return null;
	const pi = new Float64Array(K);
	pi[0] = 1;
	let total = 1;
	for (let g = 1; g < K; g++) {
		let sum = 0;
		for (let f = 0; f < g; f++) sum += pi[f]! * T[f * K + g]!;
		pi[g] = sum;
		total += sum;
	}
	for (let f = 0; f < K; f++) pi[f]! /= total;
	return pi.every((x) => x > 0) ? pi : null;
}

/** Watches the chain below `last` only; its column is left as the mean visits to it per step of the others. */
function eliminate(T: Float64Array, K: number, last: number): boolean {
	let out = 0;
	for (let g = 0; g < last; g++) out += T[last * K + g]!;
	if (!(out > 0)) return false;
	for (let f = 0; f < last; f++) {
		const visits = T[f * K + last]! / out;
		T[f * K + last] = visits;
		if (visits === 0) continue;
		for (let g = 0; g < last; g++) if (g !== f) T[f * K + g]! += visits * T[last * K + g]!;
	}
	return true;
}
