/**
 * `verify` at the sizes it must bear: 50,000 attempts over 7,500 states, 10 million over 100,000, and
 * 20 million over the same pairs. Every measurement is a process of its own; making the databases is
 * not part of it. Run: npm run bench -- verify
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DataShape, LARGE, SMALL, writeOutcomes } from './verify-data.js';

interface Measured {
	readonly seconds: Readonly<Record<string, number>>;
	readonly attempts: number;
	readonly states: number;
	/** different transitions */
	readonly transitions: number;
	/** pairs inside strongly connected components */
	readonly pairs: number;
	readonly gradient: number;
	readonly loops: number;
	readonly mebibytes: number;
}

export async function benchVerify(): Promise<string[]> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-bench-'));
	try {
		const small = join(folder, 'small.sqlite');
		const large = join(folder, 'large.sqlite');
		const make = (file: string, shape: DataShape, done: number) =>
			seconds(() => writeOutcomes(file, shape, { done, times: done + 1 }));
		const made = [make(small, SMALL, 0), make(large, LARGE, 0)];
		const first = measure(small);
		const second = measure(large);
		made.push(make(large, LARGE, 1));
		const third = measure(large);
		return [
			`databases made in           ${made.map((s) => `${s.toFixed(1)} s`).join(', ')}`,
			...report(first, ''),
			`potentials, gradient        ${first.gradient.toExponential(1)} in ${potential(first).toFixed(2)} s (goal: 1e-10 in 1 s)`,
			...report(second, ' (goals: 60 s, 1536 MiB)'),
			...report(third, ''),
			`memory for twice the attempts over the same pairs: ${(third.mebibytes / second.mebibytes).toFixed(2)} times`,
		];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

const potential = ({ seconds }: Measured): number =>
	(seconds.components ?? 0) + (seconds.fit ?? 0) + (seconds.potentials ?? 0);

function report(measured: Measured, goals: string): string[] {
	const { attempts, states, transitions, pairs, loops, mebibytes } = measured;
	const parts = Object.entries(measured.seconds);
	const all = parts.reduce((sum, [, s]) => sum + s, 0);
	return [
		`${attempts} attempts`.padEnd(28) +
			`${states} states, ${transitions} different transitions, ${pairs} pairs, ${loops} loops`,
		`  without resampling        ${all.toFixed(1)} s, ${mebibytes.toFixed(0)} MiB${goals}`,
		`  of it                     ${parts.map(([name, s]) => `${name} ${s.toFixed(2)} s`).join(', ')}`,
	];
}

function measure(file: string): Measured {
	const script = fileURLToPath(new URL('verify-child.ts', import.meta.url));
	const child = spawnSync(process.execPath, ['--import', 'tsx', script, file], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	if (child.status !== 0) throw new Error('verify failed on the data of the benchmark');
	return JSON.parse(child.stdout) as Measured;
}

function seconds(work: () => void): number {
	const start = performance.now();
	work();
	return (performance.now() - start) / 1000;
}
