/** Loops up to sums of triangles: what of a loop the triangles do not give. */
import { ParitySpan, symmetricDifference } from '../../numerics/parity-span.js';
import type { Peel } from './peel.js';

/** Coordinates of all pairs together; with four times as many the elimination takes half a minute. */
const MOST_ENTRIES = 5_000_000;

export interface Quotient {
	/** coordinates, ascending, of a loop given by its pairs: empty for a sum of triangles reached */
	coordinates(pairs: Iterable<number>): readonly number[];
	/** span of the triangles' own coordinates in a component; grows as loops are added */
	spanOf(component: number): ParitySpan;
}

export interface QuotientInput {
	readonly peel: Peel;
	/** three pairs of each triangle the peel was given */
	readonly triangles: Int32Array;
	/** component of a pair */
	readonly componentOf: (pair: number) => number;
}

/**
 * The cycle space modulo the triangles that the peel used, with one coordinate for each loop φ that it
 * took: φ_i has coordinate i; a pair reached by a triangle has the sum of the coordinates of the
 * triangle's other pairs; a pair of the forest none. A loop is a sum of triangles exactly if its
 * coordinates are in the span of those of all triangles.
 *
 * @returns null if there are more coordinates than can be worked with
 */
export function triangleQuotient(input: QuotientInput): Quotient | null {
	const { peel, triangles, componentOf } = input;
	const labels = labelPairs(peel);
	if (labels === null) return null;
	const coordinates = (pairs: Iterable<number>): readonly number[] => {
		let sum: readonly number[] = [];
		for (const p of pairs) {
			const label = labels.get(p);
			if (label !== undefined) sum = symmetricDifference(sum, label);
		}
		return sum;
	};
	const spans = new Map<number, ParitySpan>();
	const spanOf = (component: number): ParitySpan => {
		const span = spans.get(component) ?? new ParitySpan();
		spans.set(component, span);
		return span;
	};
	for (let i = 0; i < triangles.length; i += 3) {
		const sum = coordinates(triangles.subarray(i, i + 3));
		if (sum.length > 0) spanOf(componentOf(triangles[i]!)).add(sum);
	}
	return { coordinates, spanOf };
}

/** Coordinates of each pair that has some; null above `MOST_ENTRIES`. */
function labelPairs({ order, left, right }: Peel): Map<number, readonly number[]> | null {
	const labels = new Map<number, readonly number[]>();
	let taken = 0;
	let entries = 0;
	for (const [i, p] of order.entries()) {
		const label =
			left[i] === -1
				? [taken++]
				: symmetricDifference(labels.get(left[i]!) ?? [], labels.get(right[i]!) ?? []);
		entries += label.length;
		if (entries > MOST_ENTRIES) return null;
		if (label.length > 0) labels.set(p, label);
	}
	return labels;
}
