import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError } from '../../harness/errors.js';
import { StoreDatabase } from '../../harness/store/database.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { attempts, cellPlan, inFolder, reading, refused, runPlan, writeRun } from './fixture.js';

const LARGE = runPlan({ cells: [cellPlan({ attempts: 1_000_000 })] });

/** Appends until it fails; what was thrown and how many attempts had been committed. */
function fill(writer: StoreWriter): { error: unknown; committed: number } {
	const cell = writer.planRun(LARGE).cells[0]?.id as number;
	for (let from = 0; ; from += 1000)
		try {
			writer.append(attempts(cell, { sources: ['A'], from, to: from + 1000 }));
		} catch (error) {
			return { error, committed: writer.committed };
		}
}

function throws(error: unknown): () => never {
	return () => {
		throw error;
	};
}

test('a full database: the batch is not written, the rest is safe, then it goes on', () =>
	inFolder((folder) => {
		const file = join(folder, 'full.db');
		const database = StoreDatabase.forWriting(file);
		const limit = (pages: number) => database.prepare(`PRAGMA max_page_count = ${pages}`).get([]);
		limit(100);
		const writer = StoreWriter.on(database);
		const { error, committed } = fill(writer);
		assert.ok(committed > 4096 && committed < 50_000, `${committed}`);
		const message = new RegExp(`full or failing.*${committed} attempts are safe.*--resume`);
		refused(throws(error), HarnessError, message);
		refused(() => writer.flush(), HarnessError, message);
		reading(file, (reader) => {
			assert.is(reader.progress(1).done, committed);
			assert.equal(reader.draws(1, 'A'), [{ from: 0, to: committed }]);
			assert.equal(reader.query('PRAGMA integrity_check').rows, [['ok']]);
		});
		limit(1_000_000);
		writer.flush();
		assert.is(writer.committed, committed + 4096);
		writer.close();
		reading(file, (reader) =>
			assert.equal(reader.draws(1, 'A'), [{ from: 0, to: committed + 4096 }]),
		);
	}));

/** A file system of 1 MB, where this process may make one. */
function smallDisk(): string | null {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-disk-'));
	const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
	if (status === 0) return folder;
	rmSync(folder, { recursive: true });
	return null;
}

const disk = process.platform === 'linux' && process.getuid?.() === 0 ? smallDisk() : null;
if (disk === null) console.error('a real full disk is not tested here: mounting is not permitted');
else {
	test('a full disk: what was committed is safe, and the run goes on when there is space', () => {
		try {
			const ballast = join(disk, 'ballast');
			writeFileSync(ballast, Buffer.alloc(300_000));
			const file = join(disk, 'run.db');
			const writer = StoreWriter.open(file);
			const { error, committed } = fill(writer);
			assert.ok(committed > 0, `${committed}`);
			const message = new RegExp(`full or failing.*${committed} attempts are safe.*--resume`);
			refused(throws(error), HarnessError, message);
			writer.close();
			reading(file, (reader) => {
				assert.equal(reader.draws(1, 'A'), [{ from: 0, to: committed }]);
				assert.equal(reader.query('PRAGMA integrity_check').rows, [['ok']]);
			});

			rmSync(ballast);
			const next = StoreWriter.open(file);
			next.planRun(LARGE);
			next.append(attempts(1, { sources: ['A'], from: committed, to: committed + 1000 }));
			next.close();
			reading(file, (reader) =>
				assert.equal(reader.draws(1, 'A'), [{ from: 0, to: committed + 1000 }]),
			);
		} finally {
			spawnSync('umount', [disk]);
			rmSync(disk, { recursive: true });
		}
	});

	test('a disk too full to begin on says so', () => {
		const folder = smallDisk() as string;
		try {
			writeFileSync(join(folder, 'ballast'), Buffer.alloc(1_000_000));
			const begin = () => StoreWriter.open(join(folder, 'run.db'));
			refused(begin, HarnessError, /full or failing.*free some space/);
			rmSync(join(folder, 'ballast'));
			begin().close();
			mkdirSync(join(folder, 'sub'));
			writeRun(join(folder, 'sub', 'run.db'));
		} finally {
			spawnSync('umount', [folder]);
			rmSync(folder, { recursive: true });
		}
	});
}

test.run();
