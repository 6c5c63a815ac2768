import type { CountTable } from '../../../harness/analysis/table/counts.js';
import { fitQuasiIndependence } from '../../../harness/numerics/quasi-independence.js';
import type { Kernel } from '../synthetic.js';

/**
 * I of a kernel, sources weighed by the valid transitions of a table drawn from it, beyond its own
 * quasi-independent fit; nats. States are named as `stateName` does.
 */
export function trueInformation(kernel: Kernel, table: CountTable): number {
	const K = kernel.length;
	const weight = new Float64Array(K);
	for (const [i, state] of table.states.entries()) {
		const row = table.count.subarray(table.rowStart[i], table.rowStart[i + 1]);
		weight[Number(state.slice(1))] = row.reduce((sum, n) => sum + n, 0);
	}
	const joint = kernel.map((row, f) => {
		const valid = row.reduce((sum, p, g) => sum + (g === f ? 0 : p), 0);
		return row.map((p, g) => (g === f ? 0 : (weight[f]! * p) / valid));
	});
	const columns = Float64Array.from({ length: K }, (_, g) =>
		joint.reduce((sum, row) => sum + row[g]!, 0),
	);
	const { a, b } = fitQuasiIndependence(weight, columns)!;
	let information = 0;
	for (const [f, row] of joint.entries()) {
		for (const [g, e] of row.entries()) {
			if (e > 0) information += e * Math.log(e / (a[f]! * b[g]!));
		}
	}
	return information / weight.reduce((sum, n) => sum + n, 0);
}
