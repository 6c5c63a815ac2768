/**
 * Calibration: what the statistics do on data sets whose truth is known.
 * Usage: node --import tsx test/calibration/run.ts [part] … writes results/calibration/PART.json;
 * then node --import tsx test/calibration/figure.ts draws results/calibration/calibration.svg.
 * Every number is a function of the code: a second run gives the same files.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BATCHES, type Batch, type Outcome, TRIALS } from './trials.js';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const RESULTS = fileURLToPath(new URL('../../results/calibration/', import.meta.url));

/** The data sets of a batch in order, shared out over child processes. */
async function runBatch(batch: number): Promise<Outcome[]> {
	const children = availableParallelism();
	const found: Outcome[] = [];
	const one = async (first: number): Promise<void> => {
		const child = spawn(
			process.execPath,
			['--import', 'tsx', CHILD, String(batch), String(first), String(children)],
			{ stdio: ['ignore', 'pipe', 'inherit'] },
		);
		const closed = new Promise<number | null>((done) => child.on('close', done));
		for await (const line of createInterface({ input: child.stdout })) {
			const { index, ...outcome } = JSON.parse(line) as { index: number } & Outcome;
			found[index] = outcome;
		}
		const code = await closed;
		if (code !== 0) throw new Error(`batch ${batch}: a child ended with ${code}`);
	};
	await Promise.all(Array.from({ length: children }, (_, first) => one(first)));
	return found;
}

const wanted = process.argv.slice(2);
for (const part of Object.keys(TRIALS)) {
	if (wanted.length > 0 && !wanted.includes(part)) continue;
	const batches: (Pick<Batch, 'label' | 'sets'> & { design: string; outcomes: Outcome[] })[] = [];
	for (const [i, batch] of BATCHES.entries()) {
		if (batch.part !== part) continue;
		const start = performance.now();
		const outcomes = await runBatch(i);
		const { label, sets } = batch;
		batches.push({ design: batch.design.name, label, sets, outcomes });
		const seconds = (performance.now() - start) / 1000;
		console.error(
			`${part}: ${batch.design.name}, ${label}: ${sets} sets in ${seconds.toFixed(0)} s`,
		);
	}
	mkdirSync(RESULTS, { recursive: true });
	writeFileSync(`${RESULTS}${part}.json`, `${JSON.stringify({ part, batches }, null, '\t')}\n`);
}
