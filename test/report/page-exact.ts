/** Exact kernels as a dossier holds them, made of a table of probabilities. */
import type { ExactRecord } from '../../harness/dossier/dossier.js';
import { analyse, scored } from '../analysis/scored/kernels.js';
import type { Kernel } from '../analysis/synthetic.js';

interface Wish extends Partial<ExactRecord> {
	/** mass left out of each transition */
	readonly left?: number;
	readonly state?: (k: number) => string;
}

/** @param T T[f][g], f ≠ g; what a row lacks to 1 is no state */
export function exactRecord(T: Kernel, wish: Wish = {}): ExactRecord {
	const { left = 0, state = (k) => `S${k}`, ...members } = wish;
	const kernel = { ...scored(T, left), states: T.map((_, f) => state(f)) };
	return {
		model: 'llama',
		architecture: 'llama',
		template: 'plain',
		sampling: { temperature: 1, topK: 0, topP: 1, minP: 0, maxTokens: 4, stop: ['\n'] },
		kind: 'closed',
		epsilon: 0.001,
		digest: '4'.repeat(64),
		evaluations: 40,
		leftOut: left,
		unreached: 0,
		missing: 0,
		finding: analyse(kernel, kernel),
		agreement: null,
		name: 'llama · plain',
		slug: 'exact-1',
		db: 0,
		experiment: 'fruits',
		createdAt: '2025-12-10T00:00:00.000Z',
		toolVersion: '0.1.0',
		identity: {
			model: 'a'.repeat(64),
			template: 'b'.repeat(64),
			task: 'd'.repeat(64),
			sampling: 'e'.repeat(64),
			numerics: ['f'.repeat(64)],
		},
		rows: T.map((row, f) => ({
			source: state(f),
			logT: row.map((x, g) => (g === f || x === 0 ? null : Math.log(x))),
			self: 0,
			other: 0,
			none: 1 - row.reduce((a, b) => a + b, 0),
		})),
		group: null,
		...members,
	};
}
