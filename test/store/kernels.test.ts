/** Exact kernels in the database: row by row, whole or not at all, and one digest for the same numbers. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { identify } from '../../harness/store/identity.js';
import { KernelWriter } from '../../harness/store/kernel-writer.js';
import {
	type KernelPlan,
	type KernelRowRecord,
	kernelDigest,
	kernelKey,
	kernelRows,
	storedKernels,
} from '../../harness/store/kernels.js';
import { reachedStates } from '../../harness/store/reached.js';
import { SCHEMA_VERSION, STEPS } from '../../harness/store/schema.js';
import { inFolder, raw, reading, refused, runPlan, writeRun } from './fixture.js';

function kernelPlan(members: Partial<KernelPlan> = {}): KernelPlan {
	return {
		name: 'example',
		config: '{"a":1}',
		shape: 0,
		modelLabel: 'tiny',
		templateLabel: 'plain',
		identities: {
			model: identify({ sha256: 'm' }),
			template: identify({ text: '{state}' }),
			task: identify({ kind: 'closed', states: ['A', 'Ç'] }),
			sampling: identify({ temperature: 0.7, topK: 40, topP: 1, minP: 0 }),
			numerics: identify({ width: 16, promptSplit: 'head|rest' }),
		},
		kind: 'closed',
		targets: ['A', 'Ç'],
		sources: ['A', 'Ç'],
		epsilon: 0.001,
		mostEvaluations: 20_000,
		toolVersion: '0.1.0',
		...members,
	};
}

/** In order of UTF-8 bytes, sources and targets. */
const ROWS: readonly KernelRowRecord[] = [
	{
		source: 'A',
		entries: [
			{ target: 'A', logFound: Math.log(0.25), logBound: Math.log(0.26) },
			{ target: 'Ç', logFound: -Infinity, logBound: -Infinity },
			{ target: '\u{10000}', logFound: -Infinity, logBound: -700.25 },
		],
		outcomes: null,
		elsewhere: 0.7,
		leftOut: 0.05,
		evaluations: 3,
		reached: false,
	},
	{
		source: 'Ç',
		entries: [
			{ target: 'A', logFound: -1e-17, logBound: 0 },
			{ target: '\uffee', logFound: -5e-324, logBound: 0 },
		],
		outcomes: { invalid: 0.1, unparsable: 0, truncated: 1e-300 },
		elsewhere: 0,
		leftOut: 0,
		evaluations: 1,
		reached: true,
	},
];

/** Rows in a new kernel of a file; its id. */
function writeKernel(
	file: string,
	rows: readonly KernelRowRecord[] = ROWS,
	plan = kernelPlan(),
): number {
	const writer = KernelWriter.open(file);
	try {
		const { id } = writer.plan(plan);
		for (const row of rows) writer.add(id, row);
		return id;
	} finally {
		writer.close();
	}
}

const rowsIn = (file: string, id = 1) => reading(file, (reader) => [...kernelRows(reader, id)]);
const digestIn = (file: string, id = 1) => reading(file, (reader) => kernelDigest(reader, id));

test('what was written is read, bit by bit, no mass as −∞', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.db');
		const plan = kernelPlan();
		assert.is(writeKernel(file, ROWS.toReversed()), 1);
		assert.equal(rowsIn(file), ROWS);
		const [stored, ...more] = reading(file, storedKernels);
		assert.is(more.length, 0);
		const { identities, targets, sources, ...same } = plan;
		assert.ok(stored);
		const { id, key, createdAt, identities: recorded, sources: planned, ...rest } = stored;
		assert.equal(rest, same);
		assert.equal([id, key, planned], [1, kernelKey(plan), sources.length]);
		assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000);
		for (const [kind, { sha256, content }] of Object.entries(identities)) {
			assert.is(recorded[kind as keyof typeof recorded], sha256);
			assert.equal(
				reading(file, (reader) => reader.identity(sha256)),
				content,
			);
		}
		const view = reading(file, (reader) =>
			reader.query('SELECT source, target, log_probability, temperature FROM exact_kernel'),
		);
		assert.is(view.rows.length, 5);
		assert.ok(view.rows.every(([, , , temperature]) => temperature === 0.7));
	}));

test('a plan is found again with the rows that are there; another one stands beside it', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.db');
		writeKernel(file, ROWS.slice(1));
		const writer = KernelWriter.open(file);
		const shuffled = kernelPlan({ targets: ['Ç', 'A'], sources: ['Ç', 'A'], name: 'renamed' });
		const found = writer.plan(shuffled);
		assert.equal([found.id, [...found.done]], [1, ['Ç']]);
		// Threads are measured to change no bit.
		const identities = (numerics: object) => ({
			...kernelPlan().identities,
			numerics: identify({ width: 16, promptSplit: 'head|rest', ...numerics }),
		});
		assert.is(writer.plan(kernelPlan({ identities: identities({ threads: 2 }) })).id, 1);
		const others: readonly Partial<KernelPlan>[] = [
			{ epsilon: 0.01 },
			{ mostEvaluations: 7 },
			{ kind: 'open', targets: [] },
			{ sources: ['A'] },
			{ targets: ['A'] },
			{ shape: 1, identities: identities({ width: 3 }) },
			{ identities: { ...kernelPlan().identities, model: identify({ sha256: 'other' }) } },
		];
		for (const [i, other] of others.entries()) {
			const { id, done } = writer.plan(kernelPlan(other));
			assert.equal([id, done.size], [i + 2, 0], JSON.stringify(other));
		}
		refused(
			() => writer.plan(kernelPlan({ identities: identities({ width: 4 }) })),
			UsageError,
			/a\.db holds part of this kernel under other numerics \(.*width.*16.*4.*\).*--db/,
		);
		writer.close();
		writer.close();
		assert.is(reading(file, storedKernels).length, 1 + others.length);
	}));

test('the digest: the same whatever the order, another one for any bit of any number or name', () =>
	inFolder((folder) => {
		const digestOf = (name: string, rows: readonly KernelRowRecord[]) => {
			const file = join(folder, `${name}.db`);
			writeKernel(file, rows);
			return digestIn(file);
		};
		const plain = digestOf('plain', ROWS);
		assert.match(plain, /^[0-9a-f]{64}$/);
		const shuffled = ROWS.map((row) => ({ ...row, entries: row.entries.toReversed() }));
		assert.is(digestOf('shuffled', shuffled.toReversed()), plain);
		const [first, second] = ROWS as readonly [KernelRowRecord, KernelRowRecord];
		const [head, ...tail] = first.entries as readonly [KernelRowRecord['entries'][0]];
		/** The next number below. */
		const nudged = (x: number) => {
			const bits = new BigInt64Array(Float64Array.of(x).buffer);
			return new Float64Array(BigInt64Array.of((bits[0] as bigint) + 1n).buffer)[0] as number;
		};
		assert.ok(nudged(-1) < -1 && nudged(-1) > -1 - 1e-15);
		const changes: readonly (readonly KernelRowRecord[])[] = [
			[{ ...first, entries: [{ ...head, logFound: nudged(head.logFound) }, ...tail] }, second],
			[{ ...first, entries: [{ ...head, logBound: nudged(head.logBound) }, ...tail] }, second],
			[{ ...first, entries: [{ ...head, target: 'B' }, ...tail] }, second],
			[{ ...first, entries: tail }, second],
			[{ ...first, source: 'B' }, second],
			[second],
		];
		const digests = changes.map((rows, i) => digestOf(`change ${i}`, rows));
		assert.is(new Set([plain, ...digests]).size, 1 + changes.length);
		// What a row cost is no part of what it says.
		assert.is(digestOf('cost', [{ ...first, evaluations: 99 }, second]), plain);
	}));

test('a row is committed whole or not at all', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.db');
		const writer = KernelWriter.open(file);
		const { id } = writer.plan(kernelPlan());
		const put = (kernel: number, one: KernelRowRecord) => {
			writer.add(kernel, one);
			writer.flush();
		};
		const [row] = ROWS as readonly [KernelRowRecord];
		const bad = (logFound: number, logBound = 0) => ({
			...row,
			entries: [...row.entries, { target: 'Z', logFound, logBound }],
		});
		refused(() => writer.add(id, bad(Number.NaN)), RangeError, /NaN is no log-probability/);
		refused(() => writer.add(id, bad(0.1)), RangeError, /0\.1 is no log-probability/);
		refused(() => writer.add(id, bad(-1, Number.NaN)), RangeError, /NaN is no log/);
		for (const mass of [Number.NaN, Infinity]) {
			refused(() => writer.add(id, { ...row, elsewhere: mass }), RangeError, /is no mass/);
			refused(() => writer.add(id, { ...row, leftOut: mass }), RangeError, /is no mass/);
		}
		const violations: readonly (readonly [KernelRowRecord, RegExp])[] = [
			[bad(-1, -2), /CHECK|constraint/],
			[{ ...row, leftOut: -0.1 }, /left_out|constraint/],
			[{ ...row, evaluations: 0 }, /evaluations|constraint/],
			[{ ...row, entries: [...row.entries, ...row.entries] }, /UNIQUE|constraint/],
		];
		for (const [wrong, message] of violations) assert.throws(() => put(id, wrong), message);
		assert.throws(() => put(99, row), /FOREIGN KEY|constraint/);
		assert.equal(rowsIn(file, id), []);
		put(id, row);
		assert.throws(() => put(id, row), /UNIQUE|constraint/);
		assert.equal(rowsIn(file, id), [row]);
		assert.equal(
			reading(file, (reader) => reader.query('PRAGMA foreign_key_check').rows),
			[],
		);
		writer.close();
	}));

test('one writer at a time', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.db');
		const writer = KernelWriter.open(file);
		refused(() => KernelWriter.open(file), HarnessError, /a\.db is being written by process/);
		writer.close();
		KernelWriter.open(file).close();
	}));

test('a database from before exact kernels holds none, and takes them on the first write', () =>
	inFolder((folder) => {
		const file = join(folder, 'old.db');
		writeRun(file, runPlan());
		const now = raw(file, (db) => db.pragma('application_id', { simple: true }));
		const old = join(folder, 'older.db');
		raw(old, (db) => {
			for (const step of STEPS.slice(0, 3)) db.exec(step);
			db.pragma(`application_id = ${now}`);
			db.pragma('user_version = 3');
		});
		assert.equal(reading(old, storedKernels), []);
		assert.is(
			raw(old, (db) => db.pragma('user_version', { simple: true })),
			3,
			'reading changes nothing',
		);
		writeKernel(old);
		assert.equal(rowsIn(old), ROWS);
		assert.is(
			raw(old, (db) => db.pragma('user_version', { simple: true })),
			SCHEMA_VERSION,
		);
	}));

test('states that runs started from or reached; those of kernels alone do not count', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.db');
		writeKernel(file);
		assert.equal(reading(file, reachedStates), []);
		writeRun(file, runPlan());
		assert.equal(reading(file, reachedStates), ['A', 'B', 'D', 'Ç']);
	}));

/** A file system of 1 MB, where this process may make one. */
function smallDisk(): string | null {
	if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
	const folder = mkdtempSync(join(tmpdir(), 'detbal-disk-'));
	const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
	if (status === 0) return folder;
	rmSync(folder, { recursive: true });
	return null;
}

test('a full disk: rows committed stay, and it goes on when there is space', () => {
	const disk = smallDisk();
	if (disk === null) {
		console.error('a real full disk is not tested here: mounting is not permitted');
		return;
	}
	try {
		const ballast = join(disk, 'ballast');
		writeFileSync(ballast, Buffer.alloc(200_000));
		const file = join(disk, 'a.db');
		const writer = KernelWriter.open(file);
		const sources = Array.from({ length: 200 }, (_, i) => `S${String(i).padStart(3, '0')}`);
		const { id } = writer.plan(kernelPlan({ sources, targets: sources }));
		const rowOf = (source: string): KernelRowRecord => ({
			...(ROWS[0] as KernelRowRecord),
			source,
			entries: sources.map((target) => ({ target, logFound: -2, logBound: -1 })),
		});
		let committed = 0;
		refused(
			() => {
				for (const source of sources) {
					writer.add(id, rowOf(source));
					writer.flush();
					committed += 1;
				}
			},
			HarnessError,
			/cannot write .*a\.db, the disk is full or failing/,
		);
		assert.ok(committed > 3 && committed < 150, `${committed}`);
		writer.close();
		reading(file, (reader) => assert.equal(reader.query('PRAGMA integrity_check').rows, [['ok']]));
		assert.equal(
			rowsIn(file, id).map(({ source }) => source),
			sources.slice(0, committed),
		);
		rmSync(ballast);
		const next = KernelWriter.open(file);
		const again = next.plan(kernelPlan({ sources, targets: sources }));
		assert.equal([again.id, again.done.size], [id, committed]);
		next.add(id, rowOf(sources[committed] as string));
		next.close();
		assert.is(rowsIn(file, id).length, committed + 1);
	} finally {
		spawnSync('umount', [disk]);
		rmSync(disk, { recursive: true });
	}
});

test.run();
