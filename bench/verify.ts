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

interface Part {
	readonly seconds: number;
	readonly cpu: number;
	readonly peak: number;
}

interface Measured {
	readonly parts: Readonly<Record<string, Part>>;
	readonly attempts: number;
	readonly states: number;
	/** different transitions */
	readonly transitions: number;
	/** pairs inside strongly connected components */
	readonly pairs: number;
	readonly gradient: number;
	readonly loops: number;
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
			`peak for twice the attempts over the same pairs: ${growth(second, third, 'reading')} times in reading, ${growth(second, third, 'affinity')} in all`,
		];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

const growth = (once: Measured, twice: Measured, name: string): string =>
	((twice.parts[name]?.peak ?? 0) / (once.parts[name]?.peak ?? 0)).toFixed(2);

const peak = ({ parts }: Measured): number =>
	Math.max(...Object.values(parts).map((part) => part.peak));

const potential = ({ parts }: Measured): number =>
	['components', 'fit', 'potentials'].reduce((sum, name) => sum + (parts[name]?.seconds ?? 0), 0);

function report(measured: Measured, goals: string): string[] {
	const { attempts, states, transitions, pairs, loops } = measured;
	const parts = Object.entries(measured.parts);
	const sum = (of: (part: Part) => number): string =>
		parts.reduce((total, [, part]) => total + of(part), 0).toFixed(1);
	return [
		`${attempts} attempts`.padEnd(28) +
			`${states} states, ${transitions} different transitions, ${pairs} pairs, ${loops} loops`,
		`  without resampling        ${sum((part) => part.seconds)} s, processor ${sum((part) => part.cpu)} s, ${peak(measured).toFixed(0)} MiB${goals}`,
		...parts.map(
			([name, { seconds, cpu, peak }]) =>
				`    ${name.padEnd(24)}${seconds.toFixed(2)} s, processor ${cpu.toFixed(2)} s, peak so far ${peak.toFixed(0)} MiB`,
		),
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
