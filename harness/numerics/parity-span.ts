/**
 * The span of sparse vectors over the two-element field, grown one vector at a time. A vector is the
 * ascending list of its non-zero coordinates.
 *
 * @example const s = new ParitySpan(); s.add([0, 1]); s.add([1, 2]); s.contains([0, 2]) // true
 */
export class ParitySpan {
	/** rows by their largest coordinate */
	readonly #rows = new Map<number, readonly number[]>();

	get rank(): number {
		return this.#rows.size;
	}

	/** Adds a vector; true if it was not in the span before. */
	add(vector: readonly number[]): boolean {
		const rest = this.#reduce(vector);
		const pivot = rest.at(-1);
		if (pivot === undefined) return false;
		this.#rows.set(pivot, rest);
		return true;
	}

	contains(vector: readonly number[]): boolean {
		return this.#reduce(vector).length === 0;
	}

	#reduce(vector: readonly number[]): readonly number[] {
		let rest = vector;
		// Coordinates behind `at` are known to be no pivot of any row.
		for (let at = rest.length - 1; at >= 0; ) {
			const row = this.#rows.get(rest[at]!);
			if (row === undefined) at -= 1;
			else {
				const above = rest.length - 1 - at;
				rest = symmetricDifference(rest, row);
				at = rest.length - 1 - above;
			}
		}
		return rest;
	}
}

/** Sum of two vectors: the coordinates that exactly one of them has. Both ascending. */
export function symmetricDifference(a: readonly number[], b: readonly number[]): number[] {
	const out: number[] = [];
	let i = 0;
	let j = 0;
	while (i < a.length || j < b.length) {
		const x = i < a.length ? a[i]! : Infinity;
		const y = j < b.length ? b[j]! : Infinity;
		if (x < y) out.push(x);
		else if (y < x) out.push(y);
		if (x <= y) i += 1;
		if (y <= x) j += 1;
	}
	return out;
}
