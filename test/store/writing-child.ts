/** Writes what a run misses and prints how much is committed (run), or only holds the lease (hold). */
import { StoreReader } from '../../harness/store/reader.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { attempts, cellPlan, runPlan, STATES } from './fixture.js';

export const PER_SOURCE = 4000;
const STRIDE = 50;

const [file, mode] = process.argv.slice(2) as [string, string];
const writer = StoreWriter.open(file);
const cells = [cellPlan({ attempts: PER_SOURCE })];
const [cell] = writer.planRun(runPlan({ cells })).cells;
const id = cell?.id as number;
if (mode === 'hold') {
	console.log('holding');
	setInterval(() => {}, 1000);
} else {
	for (const source of STATES) {
		const reader = StoreReader.open(file);
		const done = reader.draws(id, source).at(-1)?.to ?? 0;
		reader.close();
		for (let from = done; from < PER_SOURCE; from += STRIDE) {
			const to = Math.min(from + STRIDE, PER_SOURCE);
			writer.append(attempts(id, { sources: [source], from, to }));
			writer.flush();
			console.log(`${source} ${to}`);
		}
	}
	writer.close();
	console.log('finished');
}
