/** Verify on databases written by hand: what is a group, and can every group say no? */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type VerifyResult, verifyDatabase } from '../../harness/runner/verify.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { cellPlan, inFolder, runPlan } from '../store/fixture.js';

const test = suite('verify');
const RING = ['A', 'B', 'C'];

/** Draws of a ring: `forward` to the next state, `backward` to the one before. */
function writeRing(
	writer: StoreWriter,
	cell: number,
	{ forward, backward, from = 0 }: { forward: number; backward: number; from?: number },
): void {
	for (const [i, source] of RING.entries()) {
		for (let draw = 0; draw < forward + backward; draw++) {
			const target = RING[(i + (draw < forward ? 1 : 2)) % 3] as string;
			const row = { cell, source, draw: from + draw, step: null, tokens: [1], text: target };
			writer.append([{ ...row, outcome: 'valid', target }]);
		}
	}
}

const cells = (count: number) =>
	Array.from({ length: count }, (_, i) =>
		cellPlan({ key: `c${i}`, model: `m${i}`, label: `model ${i}`, sources: RING, attempts: 90 }),
	);

function verify(db: string, samples: number | null = null): Promise<VerifyResult> {
	const signal = new AbortController().signal;
	return verifyDatabase({ db, run: null, samples, signal, onGroup: () => {} });
}

test('with many groups every one can still be found violated (Holm against 1/(M + 1))', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'many.db');
		const writer = StoreWriter.open(db);
		const handle = writer.planRun(runPlan({ cells: cells(60) }));
		for (const { id } of handle.cells) writeRing(writer, id, { forward: 60, backward: 5 });
		writer.close();
		const { groups } = await verify(db);
		assert.is(groups.length, 60);
		for (const { finding } of groups) assert.is(finding.verdict, 'violated', finding.sentence);
		let refused = '';
		await verify(db, 999).catch((error: Error) => {
			refused = error.message;
		});
		assert.match(refused, /--samples 999: with 60 groups no p-value could fall below 0.05.*2399/);
	}));

test('seeds of one kernel are one group; other numerics are another; threads are not', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'groups.db');
		const writer = StoreWriter.open(db);
		const plan = (seed: number, numerics: Record<string, number>) =>
			cellPlan({ key: `s${seed}`, seed, sources: RING, attempts: 90, numerics });
		const first = writer.planRun(
			runPlan({ key: 'r1', cells: [plan(1, { width: 16, threads: 1 })] }),
		);
		const more = writer.planRun(
			runPlan({ key: 'r2', cells: [plan(2, { width: 16, threads: 2 })] }),
		);
		const other = writer.planRun(
			runPlan({ key: 'r3', cells: [plan(3, { width: 4, threads: 1 })] }),
		);
		for (const {
			cells: [cell],
		} of [first, more, other]) {
			writeRing(writer, cell?.id as number, { forward: 30, backward: 30 });
		}
		writer.close();
		const { groups } = await verify(db);
		assert.equal(
			groups.map(({ seeds, finding }) => [seeds, finding.attempts]),
			[
				[[1, 2], 360],
				[[3], 180],
			],
		);
	}));

test.run();
