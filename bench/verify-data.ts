/** Large synthetic data for the benchmark of `verify`: a sparse reversible kernel with hubs and triangles. */

import { Stream } from '../harness/numerics/stream.js';
import { identify } from '../harness/store/identity.js';
import type { AttemptRecord, RunPlan } from '../harness/store/records.js';
import { StoreWriter } from '../harness/store/writer.js';

export interface DataShape {
	/** K */
	readonly states: number;
	/** neighbours each state proposes; hubs are proposed by many */
	readonly proposals: number;
	/** attempts from each state */
	readonly attempts: number;
}

/** 50,000 transitions over 7,500 states, as in the pooled symbolic regression of the paper. */
export const SMALL: DataShape = { states: 7500, proposals: 3, attempts: 7 };
/** 10 million transitions over 100,000 states. */
export const LARGE: DataShape = { states: 100_000, proposals: 20, attempts: 100 };

/** Target states of all attempts from one source; the source itself: self; −1: invalid. */
export type Outcomes = Int32Array;

/**
 * Outcomes of every source in turn, f = 0 … K − 1. T(g|f) = 0.85 S_fg e^(−V_g) / Z_f over the
 * neighbours of f, 0.1 to itself and 0.05 invalid: reversible whatever the Z_f.
 */
export function* drawOutcomes({ states, proposals, attempts }: DataShape): Generator<Outcomes> {
	const { start, neighbour, weight } = kernel(states, proposals);
	const draw = new Stream([1, 1], 1);
	const sums = new Float64Array(states);
	for (let f = 0; f < states; f++) {
		const degree = start[f + 1]! - start[f]!;
		let sum = 0;
		for (let i = 0; i < degree; i++) {
			sum += weight[start[f]! + i]!;
			sums[i] = sum;
		}
		yield Int32Array.from({ length: attempts }, () => {
			const u = draw.next();
			if (u >= 0.95) return -1;
			if (u >= 0.85) return f;
			return neighbour[start[f]! + firstAbove(sums, degree, (u / 0.85) * sum)]!;
		});
	}
}

/** Neighbours of every state, with S_fg e^(−V_g). */
function kernel(K: number, proposals: number) {
	const stream = new Stream([1, 1], 0);
	const keys = new Float64Array(K * proposals);
	for (let i = 0; i < keys.length; i++) {
		const f = Math.floor(i / proposals);
		// Every second proposal stays near: with the neighbours' it closes triangles. Of the others
		// state x gets a share of about 1/√x.
		const far = Math.floor(K * stream.next() ** 2);
		const near = f + 1 + Math.floor(1.5 * proposals * stream.next());
		const g = i % 2 === 0 || far === f ? near % K : far;
		keys[i] = Math.min(f, g) * K + Math.max(f, g);
	}
	keys.sort();
	const pairs = keys.filter((key, i) => key !== keys[i - 1]);
	const start = new Int32Array(K + 1);
	for (const key of pairs) {
		start[Math.floor(key / K) + 1]! += 1;
		start[(key % K) + 1]! += 1;
	}
	for (let f = 0; f < K; f++) start[f + 1]! += start[f]!;
	const potential = Float64Array.from({ length: K }, () => stream.normal());
	const neighbour = new Int32Array(2 * pairs.length);
	const weight = new Float64Array(2 * pairs.length);
	const next = start.slice(0, K);
	for (const key of pairs) {
		const f = Math.floor(key / K);
		const g = key % K;
		const S = Math.exp(stream.normal() / 2);
		neighbour[next[f]!] = g;
		weight[next[f]!++] = S * Math.exp(-potential[g]!);
		neighbour[next[g]!] = f;
		weight[next[g]!++] = S * Math.exp(-potential[f]!);
	}
	return { start, neighbour, weight };
}

function firstAbove(sums: Float64Array, length: number, u: number): number {
	let low = 0;
	let high = length - 1;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (sums[middle]! > u) high = middle;
		else low = middle + 1;
	}
	return low;
}

export const stateName = (f: number): string => `STATE ${String(f).padStart(6, '0')}`;

/**
 * Writes the outcomes to a database, each `times` over (draw d + attempts repeats draw d): more
 * transitions over the same pairs. The first `done` repetitions are in the file already.
 */
export function writeOutcomes(
	file: string,
	shape: DataShape,
	{ done, times }: { readonly done: number; readonly times: number },
): void {
	const names = Array.from({ length: shape.states }, (_, f) => stateName(f));
	const writer = StoreWriter.open(file);
	const cell = writer.planRun(plan(names, shape.attempts * times)).cells[0]?.id as number;
	let f = 0;
	for (const outcomes of drawOutcomes(shape)) {
		const rows: AttemptRecord[] = [];
		for (let time = done; time < times; time++) {
			for (const [i, g] of outcomes.entries()) {
				const source = names[f] as string;
				const target = g < 0 ? null : (names[g] as string);
				const outcome = g < 0 ? 'invalid' : g === f ? 'self' : 'valid';
				const draw = time * shape.attempts + i;
				const text = target ?? '?';
				rows.push({ cell, source, draw, step: null, outcome, target, tokens: [g + 1], text });
			}
		}
		writer.append(rows);
		f += 1;
	}
	writer.close();
}

function plan(states: readonly string[], attempts: number): RunPlan {
	const identities = {
		model: identify({ sha256: 'bench', architecture: 'none' }),
		template: identify({ text: '{state}' }),
		task: identify({ kind: 'closed', states: states.length }),
		sampling: identify({ temperature: 1 }),
		design: identify({ design: 'fixed' }),
		numerics: identify({ width: 16 }),
	};
	const cell = {
		key: 'bench',
		modelLabel: 'bench',
		templateLabel: 'plain',
		identities,
		design: 'fixed',
		seed: 1,
		attempts,
		sources: states,
	} as const;
	return {
		key: 'bench',
		name: 'bench',
		config: '{}',
		shard: null,
		toolVersion: '0',
		cells: [cell],
	};
}
