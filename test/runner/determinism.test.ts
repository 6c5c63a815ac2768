/** The same seeds give the same digest, whatever the order, stopping, extending or dividing. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Experiment } from '../../harness/experiment/experiment.js';
import { mergeDatabases } from '../../harness/store/merge.js';
import { experiment, inPlace, MODELS, newFolder } from '../commands/fixture.js';
import { interruptAndResume, newDatabase, raw, repeat, run } from './fixture.js';

const test = suite('determinism');
const place = inPlace(test);

type Changes = Readonly<Record<string, unknown>>;
const make = (changes: Changes = {}): Experiment => experiment(place.folder, changes);

/** 2 models × 2 templates × 2 seeds; fixed: × 5 sources × 50. */
const CELLS = 8;
const SOURCES = 5;

const DESIGNS: readonly { name: string; changes: Changes; few: number; many: number }[] = [
	{ name: 'fixed', changes: {}, few: 50, many: 120 },
	{
		name: 'crawl',
		changes: { sources: { design: 'crawl', states: ['FIG', 'PLUM'] } },
		few: 60,
		many: 150,
	},
	{
		name: 'chain',
		changes: { sources: { design: 'chain', states: ['FIG', 'LEMON', 'LEMON'] } },
		few: 60,
		many: 150,
	},
];

/** Different nodes that the attempts of a database went through: prefixes short of the whole. */
function nodesVisited(db: string): number {
	const rows = raw(db, (sqlite) =>
		sqlite
			.prepare(
				`SELECT DISTINCT cells.tree_id, attempts.source_id, completions.tokens
				FROM attempts JOIN cells ON cells.id = attempts.cell_id
				JOIN completions ON completions.id = attempts.completion_id`,
			)
			.raw()
			.all(),
	) as [number, number, Buffer][];
	const nodes = new Set<string>();
	for (const [tree, source, tokens] of rows)
		for (let end = 0; end < tokens.length; end += 4)
			nodes.add(`${tree} ${source} ${tokens.toString('hex', 0, end)}`);
	return nodes.size;
}

function lawsStored(db: string): number {
	return raw(db, (sqlite) => sqlite.prepare('SELECT count(*) FROM laws').pluck().get()) as number;
}

for (const { name, changes, few, many } of DESIGNS) {
	const perCell = name === 'fixed' ? SOURCES : 1;

	test(`${name}: stopped and resumed, extended, reordered and relabelled, repeated`, async () => {
		const whole = newDatabase(place);
		const first = await run(whole, make({ ...changes, attempts: many }));
		assert.is(first.attempts, CELLS * perCell * many);
		assert.is(first.made, first.attempts);

		// Stopped twice, in the first model and in the second, once before anything is committed.
		for (const share of [0, 0.3, 0.8]) {
			const db = newDatabase(place);
			const at = Math.round(share * first.attempts);
			const { message, result } = await interruptAndResume(
				db,
				make({ ...changes, attempts: many }),
				at,
			);
			assert.match(message, /^interrupted: \d+ of \d+ attempts are safe in .*--resume/);
			const safe = Number(/\d+/.exec(message)?.[0]);
			assert.ok(safe >= at && safe < first.attempts, message);
			assert.is(result.made, first.attempts - safe);
			assert.is(result.digest, first.digest, `stopped at ${at}`);
		}

		const extended = newDatabase(place);
		const short = await run(extended, make({ ...changes, attempts: few }));
		assert.is.not(short.digest, first.digest);
		const long = await run(extended, make({ ...changes, attempts: many }), { resume: true });
		assert.is(long.made, CELLS * perCell * (many - few));
		assert.is(long.digest, first.digest);

		const models = MODELS.toReversed().map((id, i) => ({
			id: `label-${i}`,
			path: join(place.models, `${id}.gguf`),
		}));
		const templates = [
			{ id: 'zwei', text: '{state} and {state}, then' },
			{ id: 'eins', text: 'A fruit is {state}. Another:' },
		];
		const states = ['LEMON', 'APRICOT', 'FIG', 'CHERRY', 'PLUM'];
		const other = await run(
			newDatabase(place),
			make({
				name: 'other',
				task: { kind: 'closed', states },
				...changes,
				attempts: many,
				models,
				templates,
				seeds: [2, 1],
			}),
		);
		assert.is(other.digest, first.digest, 'reordered');

		for (const db of [whole, extended]) {
			const { identical, compared, different, laws, numericsDifferences } = await repeat(db);
			assert.equal([identical, compared, different], [true, first.attempts, 0]);
			assert.equal(laws, { compared: lawsStored(db), different: 0 });
			assert.equal(numericsDifferences, []);
		}
		const oneSeed = await repeat(whole, { seed: 2 });
		assert.equal([oneSeed.identical, oneSeed.compared], [true, first.attempts / 2]);
	});

	test(`${name}: another seed, template or temperature is another digest`, async () => {
		const digests = new Set<string>();
		const variants: readonly Changes[] = [
			{},
			{ seeds: [3] },
			{ templates: [{ id: 'plain', text: 'A fruit is {state}! Another:' }] },
			{ sampling: { temperature: 1.5, maxTokens: 4, stop: ['\n'] } },
		];
		for (const variant of variants) {
			const settings = { seeds: [1], models: [{ id: MODELS[0] }], ...changes, ...variant };
			digests.add((await run(newDatabase(place), make({ attempts: 20, ...settings }))).digest);
		}
		assert.is(digests.size, variants.length);
	});

	test(`${name}: three shards merged are the whole run`, async () => {
		const attempts = few;
		const whole = await run(newDatabase(place), make({ ...changes, attempts }));
		const folder = newFolder(place);
		const files = [1, 2, 3].map((index) => join(folder, `part${index}.sqlite`));
		let made = 0;
		for (const [i, file] of files.entries()) {
			const shard = { index: i + 1, count: 3 };
			const part = await run(file, make({ ...changes, attempts }), { shard });
			assert.ok(part.attempts > 0 && part.attempts < whole.attempts);
			made += part.attempts;
		}
		assert.is(made, whole.attempts);
		const merged = join(folder, 'merged.sqlite');
		const { runs } = mergeDatabases(files, merged);
		assert.equal(
			runs.map(({ digest }) => digest),
			[whole.digest],
		);
		const { identical, compared } = await repeat(merged);
		assert.equal([identical, compared], [true, whole.attempts]);
	});
}

test('fixed: each different node is evaluated once', async () => {
	const db = newDatabase(place);
	const { evaluations, attempts } = await run(db, make({ attempts: 120 }));
	assert.is(evaluations, nodesVisited(db));
	assert.is(evaluations, lawsStored(db));
	assert.ok(evaluations < attempts / 5, `${evaluations} evaluations of ${attempts} attempts`);
	// Two settings share their laws.
	const settings = [1, 2].map((temperature) => ({ temperature, maxTokens: 4, stop: ['\n'] }));
	const both = newDatabase(place);
	assert.is((await run(both, make({ sampling: settings }))).evaluations, nodesVisited(both));
});

test('a finished run resumed makes and evaluates nothing', async () => {
	const db = newDatabase(place);
	const first = await run(db, make({ attempts: 10 }));
	const again = await run(db, make({ attempts: 10 }), { resume: true });
	assert.equal([again.made, again.evaluations, again.digest], [0, 0, first.digest]);
});

test.run();
