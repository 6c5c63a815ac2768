import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { runDigest } from '../../harness/store/digest.js';
import { mergeDatabases } from '../../harness/store/merge.js';
import type { RunPlan } from '../../harness/store/records.js';
import { SCHEMA_VERSION } from '../../harness/store/schema.js';
import { StoreWriter } from '../../harness/store/writer.js';
import {
	attempt,
	attempts,
	type CellOptions,
	cellPlan,
	inFolder,
	raw,
	reading,
	refused,
	runPlan,
	sha256Of,
	writeRun,
} from './fixture.js';

const WHOLE = { allowIncomplete: false };

/** Sources of each shard: every source in one of them. */
const PARTS = [['D', 'A'], ['B'], ['Ç']] as const;

const config = (path: string, attempts = 20) =>
	JSON.stringify({ experiment: { attempts, models: [{ id: 'tiny', path }] } });

/** Shard `index` of three of a run with two seeds. */
function shardPlan(index: number, options: CellOptions = {}): RunPlan {
	const sources = PARTS[index - 1] as readonly string[];
	const cells = [1, 2].map((seed) => cellPlan({ seed, sources, ...options }));
	return runPlan({ cells, shard: { index, count: 3 }, config: config(`/machine-${index}/m.gguf`) });
}

function writeShards(folder: string): string[] {
	return [1, 2, 3].map((index) => {
		const file = join(folder, `shard-${index}.db`);
		writeRun(file, shardPlan(index));
		return file;
	});
}

test('shards become the whole run, with its digest, whatever their order', () =>
	inFolder((folder) => {
		const whole = join(folder, 'whole.db');
		writeRun(whole, runPlan({ cells: [cellPlan(), cellPlan({ seed: 2 })], config: config('/m') }));
		const digest = reading(whole, (reader) => runDigest(reader, 1));
		const shards = writeShards(folder);
		const before = shards.map(sha256Of);
		for (const [i, order] of [shards, [...shards].reverse()].entries()) {
			const output = join(folder, `merged-${i}.db`);
			const report = mergeDatabases(order, output, WHOLE);
			const [run] = report.runs;
			assert.is(report.output, output);
			assert.equal(
				[run?.name, run?.planned, run?.attempts, run?.files],
				['example', 160, 160, order],
			);
			assert.is(run?.digest, digest);
			reading(output, (reader) => {
				assert.is(reader.runs()[0]?.shard, null);
				assert.is(runDigest(reader, 1), digest);
				assert.equal(reader.holes(1), []);
				assert.equal(reader.plannedSources(1), ['A', 'B', 'D', 'Ç']);
				const laws = (r: typeof reader) => r.lawSources(1).map((source) => [...r.laws(1, source)]);
				reading(whole, (unsharded) => assert.equal(laws(reader), laws(unsharded)));
				assert.equal(reader.query('SELECT count(*) FROM pragma_foreign_key_check').rows, [[0]]);
			});
			// The merged run can be taken up as the whole one.
			const writer = StoreWriter.open(output);
			const again = runPlan({ cells: [cellPlan(), cellPlan({ seed: 2 })] });
			assert.equal(writer.planRun(again).existed, true);
			writer.close();
		}
		assert.equal(shards.map(sha256Of), before);
	}));

test('shards of crawls hold whole cells', () =>
	inFolder((folder) => {
		const write = (name: string, seeds: readonly number[], shard: RunPlan['shard']) => {
			const file = join(folder, name);
			const cells = seeds.map((seed) => cellPlan({ seed, design: 'crawl', attempts: 9 }));
			const writer = StoreWriter.open(file);
			const handle = writer.planRun(runPlan({ cells, shard }));
			for (const { id: cell } of handle.cells)
				for (let step = 0; step < 9; step++)
					writer.append([attempt({ cell, source: 'A', draw: step }, step)]);
			writer.close();
			return file;
		};
		const whole = write('whole.db', [1, 2, 3], null);
		const shards = [
			write('1.db', [3, 1], { index: 1, count: 3 }),
			write('2.db', [2], { index: 2, count: 3 }),
			write('3.db', [], { index: 3, count: 3 }),
		];
		const { runs } = mergeDatabases(shards, join(folder, 'merged.db'), WHOLE);
		assert.is(
			runs[0]?.digest,
			reading(whole, (reader) => runDigest(reader, 1)),
		);
	}));

test('seeds stand side by side, each with its digest', () =>
	inFolder((folder) => {
		const files = [1, 2, 3].map((seed) => {
			const file = join(folder, `seed-${seed}.db`);
			writeRun(file, runPlan({ key: `run-${seed}`, cells: [cellPlan({ seed })] }));
			return file;
		});
		const output = join(folder, 'seeds.db');
		const { runs } = mergeDatabases(files, output, WHOLE);
		assert.equal(
			runs.map(({ key, digest }) => [key, digest]),
			files.map((file, i) => [`run-${i + 1}`, reading(file, (reader) => runDigest(reader, 1))]),
		);
		reading(output, (reader) => assert.is(reader.runs().length, 3));
		// A merged file can be merged on.
		const fourth = join(folder, 'seed-4.db');
		writeRun(fourth, runPlan({ key: 'run-4', cells: [cellPlan({ seed: 4 })] }));
		assert.is(mergeDatabases([output, fourth], join(folder, 'all.db'), WHOLE).runs.length, 4);
	}));

interface Refusal {
	readonly inputs: (folder: string) => string[];
	readonly message: RegExp;
	readonly kind?: typeof HarnessError;
}

function seedRun(folder: string, name: string, plan: Partial<RunPlan>): string {
	const file = join(folder, `${name}.db`);
	writeRun(file, runPlan(plan));
	return file;
}

function besideSeed1(options: CellOptions): Refusal['inputs'] {
	return (folder) => [
		seedRun(folder, 'one', { key: 'one' }),
		seedRun(folder, 'two', { key: 'two', cells: [cellPlan({ seed: 2, ...options })] }),
	];
}

function withShard3(plan: Partial<RunPlan>): Refusal['inputs'] {
	return (folder) => {
		const [first, second] = writeShards(folder) as [string, string];
		const file = join(folder, 'other-3.db');
		writeRun(file, { ...shardPlan(3), ...plan });
		return [first, second, file];
	};
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
	'no input': { inputs: () => [], message: /at least one database/ },
	'a missing input': { inputs: (f) => [join(f, 'no.db')], message: /no\.db does not exist/ },
	'a database without a run': {
		inputs: (folder) => {
			StoreWriter.open(join(folder, 'none.db')).close();
			return [join(folder, 'none.db')];
		},
		message: /holds no run/,
	},
	'another schema': {
		inputs: (folder) => {
			const file = seedRun(folder, 'new', {});
			raw(file, (db) => db.pragma(`user_version = ${SCHEMA_VERSION + 1}`));
			return [file];
		},
		message: /newer detbal/,
	},
	'the same name twice': {
		inputs: (folder) => {
			const file = seedRun(folder, 'one', {});
			return [file, join(folder, '.', 'one.db')];
		},
		message: /are the same file/,
	},
	'the same file by a symbolic link': {
		inputs: (folder) => {
			const file = seedRun(folder, 'one', {});
			symlinkSync(file, join(folder, 'link.db'));
			return [file, join(folder, 'link.db')];
		},
		message: /are the same file/,
	},
	'the same file by a hard link': {
		inputs: (folder) => {
			const file = seedRun(folder, 'one', {});
			linkSync(file, join(folder, 'link.db'));
			return [file, join(folder, 'link.db')];
		},
		message: /are the same file/,
	},
	'a copy of a whole run': {
		inputs: (folder) => {
			const file = seedRun(folder, 'one', {});
			copyFileSync(file, join(folder, 'copy.db'));
			return [file, join(folder, 'copy.db')];
		},
		message: /copy\.db holds the whole of run example.*overlap/,
	},
	'a shard twice': {
		inputs: (folder) => {
			const shards = writeShards(folder);
			copyFileSync(shards[1] as string, join(folder, 'copy.db'));
			return [...shards, join(folder, 'copy.db')];
		},
		message: /both hold shard 2\/3.*leave one out/,
	},
	'a shard missing': {
		inputs: (folder) => writeShards(folder).slice(1),
		message: /shard 1\/3 is missing/,
	},
	'two shards missing': {
		inputs: (folder) => writeShards(folder).slice(1, 2),
		message: /shard 1\/3, shard 3\/3 are missing/,
	},
	'shards of another division': {
		inputs: withShard3({ shard: { index: 3, count: 4 } }),
		message: /shard 3\/4.*shard 1\/3.*overlap/,
	},
	'a shard and the whole': {
		inputs: withShard3({ shard: null }),
		message: /the whole.*overlap/,
	},
	'shards run from different settings': {
		inputs: withShard3({ config: config('/m', 21) }),
		message: /different settings \(experiment\.attempts: 20 → 21\)/,
	},
	'shards planned differently': {
		inputs: withShard3({ cells: [cellPlan({ sources: ['Ç'], attempts: 21 })] }),
		message: /cell cell-1 is planned differently.*attempts: 20 → 21/,
	},
	'shards with another setting under one key': {
		inputs: withShard3({ cells: [cellPlan({ sources: ['Ç'], temperature: 2 })] }),
		message: /cell cell-1 is planned differently.*sampling/,
	},
	'shards under other numerics': {
		inputs: withShard3({
			cells: [cellPlan({ sources: ['Ç'], numerics: { width: 8, threads: 2 } })],
		}),
		message: /tiny × plain under different numerics \(width: 16 → 8\).*compare/,
	},
	'seeds under other numerics': {
		inputs: besideSeed1({ numerics: { width: 4, threads: 3 } }),
		// Threads were measured to change no bit.
		message: /different numerics \(width: 16 → 4\)/,
	},
	'runs at another temperature': {
		inputs: besideSeed1({ temperature: 2 }),
		message: /not of one design: they differ in sampling\./,
	},
	'runs of another model': {
		inputs: besideSeed1({ model: 'other' }),
		message: /not of one design: they differ in model\./,
	},
	'runs of another design': {
		inputs: besideSeed1({ design: 'chain' }),
		message: /not of one design: they differ in design\./,
	},
	'a cell in two runs': {
		inputs: besideSeed1({ key: 'cell-1', seed: 1 }),
		message: /cell cell-1 is in run .* counted twice/,
	},
	'a draw that came out differently': {
		inputs: (folder) => {
			const [first, , third] = writeShards(folder) as [string, string, string];
			const file = join(folder, 'overlap.db');
			const writer = StoreWriter.open(file);
			const plan = { ...shardPlan(2), cells: [cellPlan({ sources: ['B', 'Ç'] })] };
			const cell = writer.planRun(plan).cells[0]?.id as number;
			writer.append([{ ...attempt({ cell, source: 'Ç', draw: 3 }), text: 'elsewise' }]);
			writer.close();
			return [first, third, file];
		},
		message: /disagree: cell cell-1, source "Ç", draw 3 came out as .*"elsewise"/,
		kind: HarnessError,
	},
};

for (const [name, { inputs, message, kind }] of Object.entries(REFUSALS))
	test(`refused, leaving nothing: ${name}`, () =>
		inFolder((folder) => {
			const files = inputs(folder);
			const output = join(folder, 'out');
			mkdirSync(output);
			const merge = () => mergeDatabases(files, join(output, 'merged.db'), WHOLE);
			refused(merge, kind ?? UsageError, message);
			assert.equal(readdirSync(output), []);
		}));

test('an output that exists is left alone', () =>
	inFolder((folder) => {
		const file = seedRun(folder, 'one', {});
		const output = seedRun(folder, 'output', {});
		const before = sha256Of(output);
		refused(() => mergeDatabases([file], output, WHOLE), UsageError, /output\.db exists/);
		refused(() => mergeDatabases([file], file, WHOLE), UsageError, /one\.db exists/);
		refused(() => mergeDatabases([file], folder, WHOLE), UsageError, /exists/);
		refused(() => mergeDatabases([file], '', WHOLE), UsageError, /needs a name/);
		const deep = join(folder, 'no', 'where.db');
		refused(() => mergeDatabases([file], deep, WHOLE), UsageError, /folder of .* does not exist/);
		assert.is(sha256Of(output), before);
	}));

test('what is not done is refused unless allowed', () =>
	inFolder((folder) => {
		const shards = writeShards(folder);
		const short = join(folder, 'short.db');
		const writer = StoreWriter.open(short);
		const [a, b] = writer.planRun(shardPlan(3)).cells;
		writer.append(attempts(a?.id as number, { sources: ['Ç'], to: 20 }));
		writer.append(attempts(b?.id as number, { sources: ['Ç'], to: 19 }));
		writer.close();
		const inputs = [...shards.slice(0, 2), short];
		const output = join(folder, 'merged.db');
		const refusal = /run example is incomplete: cell cell-2, source "Ç" has 19 of 20 attempts/;
		refused(() => mergeDatabases(inputs, output, WHOLE), UsageError, refusal);
		assert.not(existsSync(output));
		const { runs } = mergeDatabases(inputs, output, { allowIncomplete: true });
		assert.equal([runs[0]?.planned, runs[0]?.attempts], [160, 159]);
	}));

test('overlapping draws that agree are taken once', () =>
	inFolder((folder) => {
		const [first, , third] = writeShards(folder) as [string, string, string];
		const overlapping = join(folder, 'overlap.db');
		writeRun(overlapping, {
			...shardPlan(2),
			cells: [1, 2].map((seed) => cellPlan({ seed, sources: ['Ç', 'B'] })),
		});
		const output = join(folder, 'merged.db');
		const { runs } = mergeDatabases([first, third, overlapping], output, WHOLE);
		assert.equal([runs[0]?.planned, runs[0]?.attempts], [160, 160]);
	}));

test.run();
