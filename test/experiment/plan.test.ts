import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellKey } from '../../harness/experiment/identity.js';
import { planCells } from '../../harness/experiment/plan.js';
import { parseShard, shardOf } from '../../harness/experiment/shard.js';
import { read, refusal, yaml } from './example.js';

const ONE = { id: 'a', sha256: '1'.repeat(64), path: '/models/a.gguf' };
const TWO = { id: 'b', sha256: '2'.repeat(64), path: '/models/b.gguf' };
const experiment = read(
	yaml({
		seed: null,
		seeds: '[9, 3]',
		models: '[ { id: b }, { id: a } ]',
		templates: '[ { id: p, text: "{state}" }, { id: q, text: "{state}!" } ]',
		sampling: '[ { temperature: 2 }, { temperature: 1 } ]',
	}),
);

test('cells come by model, template, sampling and seed, in the order of the file', () => {
	const cells = planCells(experiment, [ONE, TWO]);
	const names = cells.map((c) => `${c.model.id}${c.template.id}${c.samplingIndex}-${c.seed}`);
	assert.equal(
		names,
		'bp0-9 bp0-3 bp1-9 bp1-3 bq0-9 bq0-3 bq1-9 bq1-3 ap0-9 ap0-3 ap1-9 ap1-3 aq0-9 aq0-3 aq1-9 aq1-3'.split(
			' ',
		),
	);
	assert.is(new Set(cells.map((c) => c.key)).size, 16);
	for (const cell of cells) {
		assert.is(cell.key, cellKey({ ...cell, modelSha256: cell.model.sha256 }));
		assert.is(cell.sampling, experiment.samplings[cell.samplingIndex]);
		assert.is(cell.attempts, 5);
	}
});

test('labels, attempts and engine settings leave the keys of the cells alone', () => {
	const keys = (changes: Record<string, string>, id = 'm') =>
		planCells(read(yaml(changes)), [{ ...ONE, id }]).map((c) => c.key);
	const before = keys({});
	assert.equal(keys({ models: '[ { id: other } ]' }, 'other'), before);
	assert.equal(keys({ name: 'b', attempts: '6', engine: '{ width: 8 }' }), before);
	assert.equal(keys({ templates: '[ { id: x, text: "After {state} comes" } ]' }), before);
	assert.equal(keys({ sources: '{ states: [B] }' }), before);
	assert.not.equal(keys({ seed: '8' }), before);
	assert.not.equal(keys({ sampling: '{ topK: 4 }' }), before);
});

test('models that were not found, are other files or are the same file are refused', () => {
	assert.match(
		refusal(() => planCells(experiment, [ONE])),
		/^model b was not found; detbal models/,
	);
	const twins = [ONE, { ...TWO, sha256: ONE.sha256 }];
	assert.match(
		refusal(() => planCells(experiment, twins)),
		/^models b and a are the same file/,
	);
	const wants = (sha256: string) => read(yaml({ models: `[ { id: a, sha256: "${sha256}" } ]` }));
	assert.is(planCells(wants('1'.repeat(64)), [ONE]).length, 1);
	assert.match(
		refusal(() => planCells(wants('3'.repeat(64)), [ONE])),
		/^model a: \/models\/a\.gguf has sha256 1{64}, but the experiment asks for 3{64}/,
	);
});

test('i/n names a shard; everything else is refused', () => {
	assert.equal(parseShard('2/5'), { index: 2, count: 5 });
	assert.equal(parseShard('1/1'), { index: 1, count: 1 });
	assert.equal(parseShard('65536/65536'), { index: 65_536, count: 65_536 });
	const rows: readonly (readonly [string, RegExp])[] = [
		['0/5', /shards are counted from 1/],
		['6/5', /there is no shard 6 of 5/],
		['1/0', /the number of shards is 0/],
		['1/65537', /65537 shards are too many/],
		['a/b', /not two whole numbers/],
		['', /not two whole numbers/],
		['2', /not two whole numbers/],
		['-1/5', /not two whole numbers/],
		['1.5/5', /not two whole numbers/],
		['1/5/6', /not two whole numbers/],
		[' 1/5', /not two whole numbers/],
		['1/1e3', /not two whole numbers/],
		['1/99999999999999999999', /not two whole numbers/],
	];
	for (const [text, expect] of rows) {
		const message = refusal(() => parseShard(text));
		assert.match(message, expect);
		assert.match(message, /allowed: i\/n with i from 1 to n/);
	}
});

test('shards part the units evenly, each unit to one shard', () => {
	const units = Array.from({ length: 17 }, (_, unit) => shardOf(unit, 5));
	assert.equal(units.slice(0, 6), [1, 2, 3, 4, 5, 1]);
	for (let index = 1; index <= 5; index++)
		assert.is(units.filter((s) => s === index).length, index <= 2 ? 4 : 3);
	assert.is(shardOf(123, 1), 1);
	for (const [unit, count] of [
		[-1, 2],
		[0.5, 2],
		[Number.NaN, 2],
		[1, 0],
		[1, 65_537],
	] as const)
		assert.throws(
			() => shardOf(unit, count),
			(e: unknown) => e instanceof RangeError,
		);
});

test.run();
