/** Attempts of a closed task as a known kernel would make them, written to a database. */
import { Stream } from '../../harness/numerics/stream.js';
import type { StoreWriter } from '../../harness/store/writer.js';

/** T(g|f) = exp(−(V_g − V_f)/2 ± drive/6 round the ring) / Z, in order of the names; the rest is invalid. */
export function writeTransitions(
	writer: StoreWriter,
	cell: number,
	kernel: {
		readonly potential: Readonly<Record<string, number>>;
		readonly attempts: number;
		readonly drive?: number;
		readonly seed: number;
	},
): void {
	const states = Object.keys(kernel.potential);
	const K = states.length;
	const weight = (f: number, g: number): number => {
		if (f === g) return 0;
		const fall = kernel.potential[states[f]!]! - kernel.potential[states[g]!]!;
		const turn = g === (f + 1) % K ? 1 : f === (g + 1) % K ? -1 : 0;
		return Math.exp(fall / 2 + (turn * (kernel.drive ?? 0)) / 6);
	};
	const Z =
		1.1 * Math.max(...states.map((_, f) => states.reduce((s, __, g) => s + weight(f, g), 0)));
	const stream = new Stream([kernel.seed, 951], 0);
	for (const [f, source] of states.entries()) {
		for (let draw = 0; draw < kernel.attempts; draw++) {
			let u = stream.next() * Z;
			const g = states.findIndex((_, i) => {
				u -= weight(f, i);
				return u < 0;
			});
			const target = g === -1 ? null : states[g]!;
			const outcome = target === null ? 'invalid' : 'valid';
			const row = { cell, source, draw, step: null, tokens: [1], text: target ?? '?' };
			writer.append([{ ...row, outcome, target }]);
		}
	}
}
