/** Exact kernels of a database. */
import type { ScoredKernel, ScoredSubject } from '../analysis/scored/kernel.js';
import { binaryOrder } from '../analysis/table/counts.js';
import type { SamplingSetting } from '../experiment/experiment.js';
import {
	type KernelRowRecord,
	kernelDigest,
	kernelRows,
	type StoredKernel,
	storedKernels,
} from '../store/kernels.js';
import type { StoreReader } from '../store/reader.js';

/** One exact kernel: model × template × sampling setting over one set of states. */
export interface ExactKernel {
	readonly id: number;
	readonly name: string;
	readonly model: string;
	readonly architecture: string;
	readonly template: string;
	readonly sampling: SamplingSetting;
	readonly kind: 'closed' | 'open';
	readonly epsilon: number;
	/** sha256 over its rows (`kernelDigest`). */
	readonly digest: string;
	/** Of the rows in the first shape. */
	readonly evaluations: number;
	/** Largest of the sources: mass not followed to an end. */
	readonly leftOut: number;
	/** Sources at which the evaluations were used up before what is left out was small enough. */
	readonly unreached: number;
	/** Sources whose rows are missing; the others are all that `rows` has. */
	readonly missing: number;
	readonly rows: readonly KernelRowRecord[];
	/** The first shape, and the others as far as they are whole. */
	readonly subject: ScoredSubject;
	/** What the database records of it. */
	readonly stored: StoredKernel;
}

/** In the order they were planned. @param ids of kernels; null: all that have rows */
export function exactKernels(
	reader: StoreReader,
	ids: readonly number[] | null = null,
): ExactKernel[] {
	return reader.snapshot(() => {
		const stored = storedKernels(reader);
		return stored
			.filter(({ id, shape }) => shape === 0 && (ids === null || ids.includes(id)))
			.flatMap((base) => {
				const rows = [...kernelRows(reader, base.id)];
				if (rows.length === 0) return [];
				const others = stored
					.filter(({ key, shape }) => key === base.key && shape > 0)
					.map(({ id }) => [...kernelRows(reader, id)])
					.filter((other) => sameSources(other, rows));
				return [exactKernel(reader, base, [rows, ...others])];
			});
	});
}

function sameSources(a: readonly KernelRowRecord[], b: readonly KernelRowRecord[]): boolean {
	return a.length === b.length && a.every(({ source }, i) => source === b[i]?.source);
}

function exactKernel(
	reader: StoreReader,
	stored: StoredKernel,
	shapes: readonly (readonly KernelRowRecord[])[],
): ExactKernel {
	const rows = shapes[0] as readonly KernelRowRecord[];
	const states = new Set<string>();
	for (const row of shapes.flat()) {
		states.add(row.source);
		for (const { target } of row.entries) states.add(target);
	}
	const sorted = [...states].sort(binaryOrder);
	const [base, ...variants] = shapes.map((shape) => toScored(sorted, shape));
	return {
		id: stored.id,
		name: stored.name,
		model: stored.modelLabel,
		architecture: (reader.identity(stored.identities.model) as { architecture: string })
			.architecture,
		template: stored.templateLabel,
		sampling: reader.identity(stored.identities.sampling) as SamplingSetting,
		kind: stored.kind,
		epsilon: stored.epsilon,
		digest: kernelDigest(reader, stored.id),
		evaluations: rows.reduce((sum, { evaluations }) => sum + evaluations, 0),
		leftOut: Math.max(...rows.map(({ leftOut }) => leftOut)),
		unreached: rows.filter(({ reached }) => !reached).length,
		missing: stored.sources - rows.length,
		rows,
		subject: { base: base as ScoredKernel, variants },
		stored,
	};
}

/** Transitions that no completion was found for may have all that was left out of an open set. */
function toScored(states: readonly string[], rows: readonly KernelRowRecord[]): ScoredKernel {
	const number = new Map(states.map((state, i) => [state, i]));
	const bySource = rows
		.map((row) => ({ row, f: number.get(row.source) as number }))
		.sort((a, b) => a.f - b.f);
	const logFound = new Float64Array(rows.length * states.length).fill(-Infinity);
	const logBound = new Float64Array(rows.length * states.length);
	for (const [i, { row }] of bySource.entries()) {
		const start = i * states.length;
		const unseen = row.outcomes === null ? -Infinity : Math.log(Math.min(1, row.leftOut));
		logBound.fill(unseen, start, start + states.length);
		for (const entry of row.entries) {
			const at = start + (number.get(entry.target) as number);
			logFound[at] = entry.logFound;
			logBound[at] = entry.logBound;
		}
	}
	return { states, sources: bySource.map(({ f }) => f), logFound, logBound };
}
