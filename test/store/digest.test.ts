import { createHash } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OUTCOMES } from '../../harness/outcome.js';
import { cellDigest, runDigest } from '../../harness/store/digest.js';
import type { StoredAttempt, StoreReader } from '../../harness/store/reader.js';
import type { AttemptRecord, RunPlan } from '../../harness/store/records.js';
import { StoreWriter } from '../../harness/store/writer.js';
import {
	attempt,
	attempts,
	cellPlan,
	inFolder,
	reading,
	runPlan,
	STATES,
	writeRun,
} from './fixture.js';

/** The bytes of harness/store/digest.ts's description, one after the other. */
function slowCellDigest(all: readonly StoredAttempt[]): Buffer {
	const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
	const uint32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer);
	const parts = [Buffer.from('detbal/cell/1\n')];
	const sources = [...new Set(all.map(({ source }) => source))].map((text) => Buffer.from(text));
	for (const source of sources.sort(Buffer.compare)) {
		parts.push(Buffer.from([1]), uint32(source.length), source);
		const own = all.filter((a) => Buffer.from(a.source).equals(source));
		for (const { draw, step, outcome, target, tokens, text } of own.sort(
			(a, b) => a.draw - b.draw,
		)) {
			parts.push(Buffer.from([2]), uint32(draw), uint32(step ?? 0xffffffff));
			parts.push(Buffer.from([OUTCOMES.indexOf(outcome)]));
			parts.push(target === null ? Buffer.alloc(32) : sha256(Buffer.from(target)));
			const bytes = Buffer.from(text);
			const ids = tokens.map(uint32);
			parts.push(sha256(uint32(tokens.length), ...ids, uint32(bytes.length), bytes));
		}
	}
	return sha256(...parts);
}

function slowRunDigest(reader: StoreReader, run: number): string {
	const hash = createHash('sha256').update('detbal/run/1\n');
	const cells = reader
		.cells(run)
		.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
	for (const { id, key } of cells) {
		const length = Buffer.alloc(4);
		length.writeUInt32LE(Buffer.byteLength(key));
		hash
			.update(length)
			.update(key)
			.update(slowCellDigest([...reader.attempts(id)]));
	}
	return hash.digest('hex');
}

const digestOf = (file: string) => reading(file, (reader) => runDigest(reader, 1));

// The fixed digits are those of digest-reference.py.
test('known answers', () =>
	inFolder((folder) => {
		const file = join(folder, 'known.db');
		const cells = [
			cellPlan({ seed: 2 }),
			cellPlan({ seed: 1, attempts: 5000 }),
			cellPlan({ seed: 3 }),
		];
		const writer = StoreWriter.open(file);
		const [a, b] = writer.planRun(runPlan({ cells })).cells;
		writer.append(attempts(a?.id as number, { to: 20 }));
		writer.append(attempts(b?.id as number, { to: 5000 }));
		writer.close();
		reading(file, (reader) => {
			for (const cell of [1, 2, 3])
				assert.is(
					cellDigest(reader, cell),
					slowCellDigest([...reader.attempts(cell)]).toString('hex'),
				);
			assert.is(runDigest(reader, 1), slowRunDigest(reader, 1));
			assert.is(
				cellDigest(reader, 1),
				'78f401a6fafdef59efa0800328847f1bc67bc299828b615ef5a888def87f1176',
			);
			// No attempt: the sha256 of "detbal/cell/1\n".
			assert.is(
				cellDigest(reader, 3),
				'a7f4ba807cab18aa1088bf9d551dc41d331d4cf3144b22457daff71db1105d8f',
			);
			assert.is(
				runDigest(reader, 1),
				'7e180f77fa986f656d3324d08117e74115d380e446fd1fb2706a6adf1ed76baf',
			);
		});
	}));

test('order of insertion, ids, labels, plan, numerics and the file do not matter', () =>
	inFolder((folder) => {
		const known = join(folder, 'known.db');
		writeRun(known);
		const digest = digestOf(known);
		const all = attempts(0, { to: 20 });
		let files = 0;
		fc.assert(
			fc.property(
				fc.shuffledSubarray(all, { minLength: all.length }),
				fc.integer({ min: 7, max: 80 }),
				(order, batch) => {
					const file = join(folder, `${files++}.db`);
					const writer = StoreWriter.open(file);
					const before = [cellPlan({ key: 'z', seed: 9, sources: ['D', 'other'] })];
					writer.planRun(runPlan({ key: 'before', cells: before }));
					const cells = [cellPlan({ attempts: 99, label: 'x', numerics: { width: 1 } })];
					const plan = { key: 'renamed', name: 'y', config: '{}', toolVersion: '9', cells };
					const { id, cells: handles } = writer.planRun(runPlan(plan));
					const cell = handles[0]?.id as number;
					for (let from = 0; from < order.length; from += batch) {
						writer.append(order.slice(from, from + batch).map((a) => ({ ...a, cell })));
						writer.flush();
					}
					writer.close();
					return reading(file, (reader) => runDigest(reader, id)) === digest;
				},
			),
			{ numRuns: 8, seed: 1 },
		);
	}));

test('every part of a transition matters', () =>
	inFolder((folder) => {
		const cells = [cellPlan({ design: 'chain' })];
		const base = attempt({ cell: 1, source: 'A', draw: 0 }, 0);
		const next = attempt({ cell: 1, source: 'B', draw: 2 }, 1);
		const changes: Partial<AttemptRecord>[] = [
			{ source: 'D' },
			{ draw: 1 },
			{ step: 7 },
			{ outcome: 'self', target: 'A' },
			{ outcome: 'invalid', target: null },
			{ outcome: 'unparsable', target: null },
			{ target: 'D' },
			{ tokens: [...base.tokens, 0] },
			{ tokens: [] },
			{ text: `${base.text} ` },
		];
		const digests = [{}, ...changes].map((change, i) => {
			const file = join(folder, `${i}.db`);
			write(file, runPlan({ cells }), [{ ...base, ...change }, next]);
			return digestOf(file);
		});
		write(join(folder, 'less.db'), runPlan({ cells }), [base]);
		digests.push(digestOf(join(folder, 'less.db')));
		const rekeyed = [cellPlan({ design: 'chain', key: 'other' })];
		write(join(folder, 'key.db'), runPlan({ cells: rekeyed }), [base, next]);
		digests.push(digestOf(join(folder, 'key.db')));
		assert.is(new Set(digests).size, digests.length);
		assert.is(base.target, 'B');
		assert.ok(STATES.includes('D'));
	}));

function write(file: string, plan: RunPlan, records: readonly AttemptRecord[]): void {
	const writer = StoreWriter.open(file);
	writer.planRun(plan);
	writer.append(records);
	writer.close();
}

test.run();
