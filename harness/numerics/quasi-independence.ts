/** Maximum likelihood fit E_fg = a_f b_g off the diagonal of a square table of counts. */
export interface QuasiIndependence {
	/** row factor of each state, ≥ 0 */
	readonly a: Float64Array;
	/** column factor of each state, ≥ 0, with sum 1 */
	readonly b: Float64Array;
}

/**
 * Quasi-independence with the diagonal left free. With S = Σ a, x = a_f/S, y = b_f the margins of a
 * state read x (1 − y) = r_f/S and y (1 − x) = c_f/S: a quadratic equation with x + y = 1 ∓ d,
 * d² = (1 − r/S − c/S)² − 4 r c/S², so that S alone is left to be found, from Σ (x + y) = 2. It is
 * sought through the d of the state with the largest √r + √c, the only one that can have 1 + d.
 *
 * @param rows off-diagonal row sums r, length K, ≥ 0, with a positive total
 * @param columns off-diagonal column sums c, length K, ≥ 0, with the same total N
 * @returns factors whose margins agree with the counts' to 1e-12 of N; null where there is no maximum:
 *   some state has r + c ≥ N, so that it is one end of every transition and the margins leave one table
 * Source of the model: Bishop, Fienberg, Holland, Discrete Multivariate Analysis (1975), section 5.2.
 *
 * @example rows [2, 2, 2], columns [2, 2, 2] // a [3, 3, 3], b [1/3, 1/3, 1/3]
 */
export function fitQuasiIndependence(
	rows: Float64Array,
	columns: Float64Array,
): QuasiIndependence | null {
	const total = rows.reduce((sum, n) => sum + n, 0);
	const widest = widestState(rows, columns);
	if (!(rows[widest]! + columns[widest]! < total)) return null;
	const at = (e: number, upper: boolean): Scale => ({
		S: scaleAt(rows[widest]!, columns[widest]!, e),
		e,
		widest,
		upper,
	});
	const upper = excess(rows, columns, at(1, false)) < 0;
	// Σ (x + y) − 2 as a function of e = 1 − d, from S = ∞ at e = 0 to the smallest S at e = 1.
	let low = 0;
	let high = 1;
	for (let i = 0; i < 1200; i++) {
		const middle = (low + high) / 2;
		if (middle <= low || middle >= high) break;
		if (excess(rows, columns, at(middle, upper)) > 0 === upper) low = middle;
		else high = middle;
	}
	return factors(rows, columns, at(high, upper));
}

interface Scale {
	readonly S: number;
	readonly widest: number;
	/** 1 − d of the widest state */
	readonly e: number;
	/** whether the widest state has x + y = 1 + d */
	readonly upper: boolean;
}

function widestState(rows: Float64Array, columns: Float64Array): number {
	let widest = 0;
	let most = -1;
	for (let f = 0; f < rows.length; f++) {
		const width = Math.sqrt(rows[f]!) + Math.sqrt(columns[f]!);
		if (width > most) {
			most = width;
			widest = f;
		}
	}
	return widest;
}

/** The S at which a state with margins r and c has d = 1 − e. */
function scaleAt(r: number, c: number, e: number): number {
	return (r + c + Math.sqrt(4 * r * c + ((1 - e) * (r - c)) ** 2)) / (e * (2 - e));
}

/** 1 − d of a state with r/S = ρ and c/S = γ, without cancellation. */
function lowerSum(rho: number, gamma: number): number {
	const d = Math.sqrt(Math.max(0, (1 - rho - gamma) ** 2 - 4 * rho * gamma));
	return (2 * (rho + gamma) - (rho - gamma) ** 2) / (1 + d);
}

/** Σ (x + y) − 2. */
function excess(rows: Float64Array, columns: Float64Array, scale: Scale): number {
	const { S, e, widest, upper } = scale;
	// 1 + d − 2 = −e
	let sum = upper ? -e : e - 2;
	for (let f = 0; f < rows.length; f++) {
		if (f !== widest) sum += lowerSum(rows[f]! / S, columns[f]! / S);
	}
	return sum;
}

function factors(rows: Float64Array, columns: Float64Array, scale: Scale): QuasiIndependence {
	const { S, e, widest, upper } = scale;
	const a = new Float64Array(rows.length);
	const b = new Float64Array(rows.length);
	for (let f = 0; f < rows.length; f++) {
		const rho = rows[f]! / S;
		const gamma = columns[f]! / S;
		const gap = rho - gamma;
		if (f === widest && upper) {
			a[f] = S * (1 - (e - gap) / 2);
			b[f] = 1 - (e + gap) / 2;
			continue;
		}
		const sum = f === widest ? e : lowerSum(rho, gamma);
		// x − y = ρ − γ; the smaller of the two from its margin, so that it keeps its digits.
		const x = (sum + gap) / 2;
		const y = (sum - gap) / 2;
		a[f] = S * (x > y ? x : rho / (1 - y));
		b[f] = x > y ? gamma / (1 - x) : y;
	}
	const total = b.reduce((sum, y) => sum + y, 0);
	return { a: a.map((x) => x * total), b: b.map((y) => y / total) };
}
