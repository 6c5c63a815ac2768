import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
	fitQuasiIndependence,
	type QuasiIndependence,
} from '../../harness/numerics/quasi-independence.js';

type Table = readonly (readonly number[])[];

/** Off-diagonal sums. */
function margins(table: Table): { rows: Float64Array; columns: Float64Array; total: number } {
	const rows = new Float64Array(table.length);
	const columns = new Float64Array(table.length);
	for (const [f, row] of table.entries()) {
		for (const [g, n] of row.entries()) {
			if (f === g) continue;
			rows[f]! += n;
			columns[g]! += n;
		}
	}
	return { rows, columns, total: rows.reduce((sum, n) => sum + n, 0) };
}

/** Largest difference of a margin, over the total. */
function worstMargin(fit: QuasiIndependence, table: Table): number {
	const made = margins([...fit.a].map((a) => [...fit.b].map((b) => a * b)));
	const { rows, columns, total } = margins(table);
	const misses = [...rows].flatMap((n, f) => [n - made.rows[f]!, columns[f]! - made.columns[f]!]);
	return Math.max(...misses.map(Math.abs)) / total;
}

/** Proportional fitting of the whole table, cell by cell: slow and plain. */
function fitSlowly(table: Table): number[][] {
	const { rows, columns } = margins(table);
	let E: number[][] = table.map((row, f) => row.map((_, g) => (f === g ? 0 : 1)));
	for (let round = 0; round < 4000; round++) {
		E = E.map((row, f) => {
			const sum = row.reduce((x, y) => x + y, 0);
			return row.map((x) => (sum > 0 ? (x * rows[f]!) / sum : 0));
		});
		const sums = E[0]!.map((_, g) => E.reduce((sum, row) => sum + row[g]!, 0));
		E = E.map((row) => row.map((x, g) => (sums[g]! > 0 ? (x * columns[g]!) / sums[g]! : 0)));
	}
	return E;
}

test('the documented digits, and factors that it made itself', () => {
	const even = fitQuasiIndependence(Float64Array.of(2, 2, 2), Float64Array.of(2, 2, 2))!;
	for (let i = 0; i < 3; i++) {
		assert.ok(Math.abs(even.a[i]! - 3) < 1e-14);
		assert.ok(Math.abs(even.b[i]! - 1 / 3) < 1e-15);
	}
	const a = [5, 1, 7, 2];
	const b = [0.1, 0.2, 0.3, 0.4];
	const { rows, columns } = margins(a.map((x) => b.map((y) => x * y)));
	const fit = fitQuasiIndependence(rows, columns)!;
	for (let i = 0; i < 4; i++) {
		assert.ok(Math.abs(fit.a[i]! - a[i]!) < 1e-13);
		assert.ok(Math.abs(fit.b[i]! - b[i]!) < 1e-14);
	}
});

test('property: the margins are met, whatever the sizes, and the cells are those of slow fitting', () => {
	const size = fc.integer({ min: 3, max: 7 });
	const counts = size.chain((K) => {
		const cell = fc.oneof(fc.nat(3), fc.constant(0), fc.nat(1e6));
		return fc.array(fc.array(cell, { minLength: K, maxLength: K }), { minLength: K, maxLength: K });
	});
	fc.assert(
		fc.property(counts, (table) => {
			const { rows, columns, total } = margins(table);
			if (total === 0) return;
			const fit = fitQuasiIndependence(rows, columns);
			const star = rows.some((n, f) => n + columns[f]! >= total);
			assert.is(fit === null, star);
			if (fit !== null) assert.ok(worstMargin(fit, table) < 1e-13);
		}),
		{ numRuns: 300, seed: 1 },
	);
	const table = [
		[0, 30, 5, 2],
		[9, 0, 4, 4],
		[50, 7, 0, 1],
		[3, 3, 8, 0],
	];
	const { rows, columns } = margins(table);
	const { a, b } = fitQuasiIndependence(rows, columns)!;
	for (const [f, row] of fitSlowly(table).entries()) {
		for (const [g, x] of row.entries()) {
			if (f !== g) assert.ok(Math.abs(a[f]! * b[g]! - x) < 1e-9, `${a[f]! * b[g]!} is not ${x}`);
		}
	}
});

test('one transition away from a star there is a fit; a star has none', () => {
	const star = [
		[0, 4e5, 3e5, 9],
		[2e5, 0, 0, 0],
		[1e5, 0, 0, 0],
		[7, 0, 0, 0],
	];
	const { rows, columns } = margins(star);
	assert.is(fitQuasiIndependence(rows, columns), null);
	const near = star.map((row, f) => (f === 1 ? [2e5, 0, 1, 0] : row));
	const sums = margins(near);
	assert.ok(worstMargin(fitQuasiIndependence(sums.rows, sums.columns)!, near) < 1e-13);
	// Two states, and one source whose only target is itself.
	assert.is(fitQuasiIndependence(Float64Array.of(3, 5), Float64Array.of(5, 3)), null);
	assert.is(fitQuasiIndependence(Float64Array.of(3, 0), Float64Array.of(3, 0)), null);
});

test.run();
