/** What the doctor found is kept with runs of its machine, and nothing else is. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DoctorDocument } from '../../harness/runner/doctor-document.js';
import { noteDoctor, noteInDatabase, writeDoctor } from '../../harness/runner/doctor-note.js';
import { storedDoctors } from '../../harness/store/doctors.js';
import { mergeDatabases } from '../../harness/store/merge.js';
import { KERNELS_VERSION } from '../../harness/store/schema.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { cellPlan, inFolder, raw, reading, runPlan, writeRun } from '../store/fixture.js';

const MODEL = 'a'.repeat(64);
const NUMERICS = {
	...{ package: 'p 1', llamaCpp: 'l 1', build: 'prebuilt', backend: 'cpu', devices: 'cpu' },
	...{ cpuFeatures: 'AVX2', width: 16, threads: 1 },
};
const DOCUMENT = {
	schema: 'detbal/doctor/1',
	createdAt: '2026-01-01T00:00:00.000Z',
	toolVersion: '1.2.3',
	models: [{ sha256: MODEL, numerics: { ...NUMERICS, threads: 2 } }],
	mend: [],
} as unknown as DoctorDocument;

const plan = (seed = 1) =>
	runPlan({ cells: [cellPlan({ seed, model: MODEL, numerics: NUMERICS, sources: ['A'] })] });

/** Plans a run beside a file of the doctor, as `detbal run` does; what was said, and what was kept. */
function kept(folder: string, text: string | null, numerics: Record<string, unknown> = NUMERICS) {
	if (text !== null) writeFileSync(join(folder, 'doctor.json'), text);
	const db = join(folder, 'run.sqlite');
	const said: string[] = [];
	const writer = StoreWriter.open(db);
	try {
		const { id } = writer.planRun(plan());
		for (let twice = 0; twice < 2; twice++)
			noteDoctor(writer, id, {
				models: [{ sha256: 'b'.repeat(64) }, { sha256: MODEL }],
				numerics: [null, numerics as typeof NUMERICS],
				say: (line) => said.push(line),
			});
	} finally {
		writer.close();
	}
	return { said, doctors: reading(db, storedDoctors) };
}

test('a document of this machine, build and model is kept with the run, once', () =>
	inFolder((folder) => {
		const { said, doctors } = kept(folder, JSON.stringify(DOCUMENT, null, '\t'));
		assert.equal(said, []);
		assert.is(doctors.length, 1);
		assert.equal(JSON.parse(doctors[0]?.content ?? ''), DOCUMENT);
		assert.is(doctors[0]?.modelSha256, MODEL);
		assert.is(doctors[0]?.createdAt, DOCUMENT.createdAt);
		assert.is(doctors[0]?.toolVersion, '1.2.3');
	}));

test('of another machine, build or model it is not kept, and the line says why', () =>
	inFolder((folder) => {
		const text = JSON.stringify(DOCUMENT);
		for (const field of ['cpuFeatures', 'package', 'llamaCpp', 'build', 'backend', 'devices']) {
			const { said, doctors } = kept(folder, text, { ...NUMERICS, [field]: 'another' });
			assert.equal(doctors, [], field);
			assert.match(said[0] ?? '', new RegExp(`doctor\\.json is not kept .*other ${field}\\)`));
		}
		const other = { ...DOCUMENT, models: [{ sha256: 'c'.repeat(64), numerics: NUMERICS }] };
		const { said, doctors } = kept(folder, JSON.stringify(other));
		assert.equal(doctors, []);
		assert.match(said[0] ?? '', /says nothing of its models; detbal doctor --model/);
	}));

test('without a file nothing is said', () =>
	inFolder((folder) => {
		assert.equal(kept(folder, null), { said: [], doctors: [] });
	}));

const nested = `${'['.repeat(1500)}${']'.repeat(1500)}`;
const HOSTILE: Readonly<Record<string, string>> = {
	'no JSON': 'garbage \u001b[2J',
	empty: '',
	'a list': '[]',
	null: 'null',
	'another schema': JSON.stringify({ ...DOCUMENT, schema: 'detbal/doctor/2' }),
	'no models': JSON.stringify({ ...DOCUMENT, models: [] }),
	'a model that is none': JSON.stringify({ ...DOCUMENT, models: [null] }),
	'no time': JSON.stringify({ ...DOCUMENT, createdAt: 'yesterday' }),
	'no version': JSON.stringify({ ...DOCUMENT, toolVersion: 7 }),
	'too deep for SQLite': JSON.stringify(DOCUMENT).replace('"mend":[]', `"mend":${nested}`),
	'too long': ' '.repeat(4 * 2 ** 20 + 1),
};

for (const [what, text] of Object.entries(HOSTILE))
	test(`ignored with one line each time: ${what}`, () =>
		inFolder((folder) => {
			const { said, doctors } = kept(folder, text);
			assert.equal(doctors, []);
			assert.is(said.length, 2, said.join('\n'));
			assert.match(said[0] ?? '', /doctor\.json is not kept with this run: ./);
			assert.not.match(said[0] ?? '', /\n/);
		}));

test('a folder of that name is ignored too', () =>
	inFolder((folder) => {
		mkdirSync(join(folder, 'doctor.json'));
		const { said, doctors } = kept(folder, null);
		assert.equal(doctors, []);
		assert.match(said[0] ?? '', /it is no file/);
	}));

test('written whole; where it cannot be written nothing is left', () =>
	inFolder((folder) => {
		const file = join(folder, 'new', 'doctor.json');
		writeDoctor(file, DOCUMENT);
		assert.equal(JSON.parse(readFileSync(file, 'utf8')), DOCUMENT);
		assert.throws(() => writeDoctor(join(file, 'doctor.json'), DOCUMENT), /--out/);
		mkdirSync(join(folder, 'taken'));
		assert.throws(() => writeDoctor(join(folder, 'taken'), DOCUMENT), /cannot be written.*--out/);
	}));

test('a database made before gets it on request, where it belongs', () =>
	inFolder((folder) => {
		const db = join(folder, 'run.sqlite');
		writeRun(db, plan());
		const elsewhere = { ...DOCUMENT, models: [{ sha256: 'c'.repeat(64), numerics: NUMERICS }] };
		assert.equal(noteInDatabase(db, elsewhere as unknown as DoctorDocument), []);
		assert.equal(reading(db, storedDoctors), []);
		assert.equal(noteInDatabase(db, DOCUMENT), [1]);
		assert.is(reading(db, storedDoctors)[0]?.run, 1);
	}));

test('merged databases keep what each part was begun with', () =>
	inFolder((folder) => {
		const parts = [1, 2].map((seed) => join(folder, `${seed}.sqlite`));
		for (const [i, db] of parts.entries()) {
			writeRun(db, { ...plan(i + 1), shard: { index: i + 1, count: 2 } });
			noteInDatabase(db, { ...DOCUMENT, createdAt: `2026-01-0${i + 1}T00:00:00Z` });
		}
		const whole = join(folder, 'whole.sqlite');
		mergeDatabases(parts, whole);
		const times = reading(whole, storedDoctors).map(({ run, createdAt }) => [run, createdAt]);
		assert.equal(times, [
			[1, '2026-01-01T00:00:00Z'],
			[1, '2026-01-02T00:00:00Z'],
		]);
	}));

test('a database older than doctors holds none', () =>
	inFolder((folder) => {
		const db = join(folder, 'old.sqlite');
		writeRun(db, plan());
		const before = KERNELS_VERSION - 1;
		raw(db, (it) =>
			it.exec(`DROP TABLE run_doctors; DROP TABLE doctors; PRAGMA user_version = ${before}`),
		);
		assert.equal(reading(db, storedDoctors), []);
	}));

test.run();
