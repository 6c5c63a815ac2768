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
		changes: { sources: { design: 'chain', states: ['FIG', 'LEMON', 'PLUM'] } },
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

/** The transitions of each cell, without what names the cell. */
function transitionsByCell(db: string): string[] {
	const rows = raw(db, (sqlite) =>
		sqlite
			.prepare(
				`SELECT cell_id, group_concat(source || draw || outcome || completion, '|') FROM
				(SELECT * FROM transitions ORDER BY cell_id, source, draw) GROUP BY cell_id`,
			)
			.raw()
			.all(),
	) as [number, string][];
	return rows.map(([, text]) => text);
}

for (const { name, changes, few, many } of DESIGNS) {
	const attemptsOf = (attempts: number) => CELLS * (name === 'fixed' ? SOURCES : 1) * attempts;
	const all = () => make({ ...changes, attempts: many });
	let shortDigest = '';

	test(`${name}: stopped, resumed, extended, reordered and relabelled, repeated`, async () => {
		const [whole, stopped, extended, reordered] = [1, 2, 3, 4].map(() => newDatabase(place)) as [
			string,
			string,
			string,
			string,
		];
		const total = attemptsOf(many);
		// Side by side: what runs beside must not matter either.
		const [first, resumed, grown, other] = await Promise.all([
			run(whole, all()),
			interruptAndResume(stopped, all(), Math.round(0.3 * total)),
			growInterrupted(extended),
			run(reordered, otherOrder(all())),
		]);

		assert.equal([first.attempts, first.made], [total, total]);
		assert.is(new Set(transitionsByCell(whole)).size, CELLS, 'every cell has draws of its own');
		if (name === 'fixed') {
			assert.is(first.evaluations, nodesVisited(whole));
			assert.is(first.evaluations, lawsStored(whole));
		} else assert.ok(first.evaluations >= nodesVisited(whole));
		assert.ok(first.evaluations < total / 2, `${first.evaluations} evaluations`);

		assert.ok(resumed.safe >= 0.3 * total && resumed.safe < total, `${resumed.safe} safe`);
		assert.is(resumed.result.made, total - resumed.safe);
		assert.is(resumed.result.digest, first.digest, 'resumed');
		assert.ok(grown.safe >= 0.8 * total && grown.safe < total, `${grown.safe} safe`);
		assert.is.not(shortDigest, first.digest);
		assert.is(grown.result.digest, first.digest, 'extended');
		assert.is(other.digest, first.digest, 'reordered');

		const again = name === 'fixed' ? [whole, stopped, extended] : [extended];
		const repeated = await Promise.all(again.map((db) => repeat(db)));
		for (const [i, { identical, compared, different, laws, ...rest }] of repeated.entries()) {
			assert.equal([identical, compared, different], [true, total, 0]);
			assert.is(laws.different, 0);
			// Looking ahead, a crawl or chain that is not stopped asks for other laws too.
			if (name === 'fixed') assert.is(laws.compared, lawsStored(again[i] as string));
			else assert.ok(laws.compared >= nodesVisited(again[i] as string));
			assert.equal(rest.numericsDifferences, []);
		}
	});

	/** Fewer attempts, then more but stopped in the second model, then the rest. */
	async function growInterrupted(db: string) {
		shortDigest = (await run(db, make({ ...changes, attempts: few }))).digest;
		return interruptAndResume(db, all(), Math.round(0.8 * attemptsOf(many)), { resume: true });
	}

	if (name === 'chain') continue;
	test(`${name}: three shards merged are the whole run`, async () => {
		const folder = newFolder(place);
		const files = [1, 2, 3].map((index) => join(folder, `part${index}.sqlite`));
		const parts = await Promise.all(
			files.map((file, i) =>
				run(file, make({ ...changes, attempts: few }), { shard: { index: i + 1, count: 3 } }),
			),
		);
		for (const { attempts } of parts) assert.ok(attempts > 0 && attempts < attemptsOf(few));
		assert.is(
			parts.reduce((sum, { made }) => sum + made, 0),
			attemptsOf(few),
		);
		const merged = join(folder, 'merged.sqlite');
		const { runs } = mergeDatabases(files, merged);
		assert.equal(
			runs.map((one) => one.digest),
			[shortDigest],
		);
		const { identical, compared } = await repeat(merged, { seed: 2 });
		assert.equal([identical, compared], [true, attemptsOf(few) / 2]);
	});
}

/** The same experiment with everything that means nothing changed: order, labels, paths. */
function otherOrder(experiment: Experiment): Experiment {
	const { models, templates, seeds, task, name } = experiment;
	const states = task.kind === 'closed' ? task.states.toReversed() : [];
	const { design, states: starts } = experiment.sources;
	return {
		...experiment,
		name: `${name}-again`,
		models: models.toReversed().map(({ id }) => ({
			id: `my-${id}`,
			path: join(place.models, `${id}.gguf`),
			sha256: null,
		})),
		templates: templates.toReversed().map((template) => ({ ...template, id: `my-${template.id}` })),
		seeds: seeds.toReversed(),
		task: { kind: 'closed', states, read: 'whole' },
		// The start states of a crawl or chain mean something in their order.
		sources: { design, states: design === 'fixed' ? states : starts },
	};
}

test('two settings share their laws; a finished run resumed makes and evaluates nothing', async () => {
	const sampling = [1, 2].map((temperature) => ({ temperature, maxTokens: 4, stop: ['\n'] }));
	const models = [{ id: MODELS[0] }];
	const two = make({ sampling, models, attempts: 30 });
	const db = newDatabase(place);
	const first = await run(db, two);
	assert.is(first.evaluations, nodesVisited(db));
	const again = await run(db, two, { resume: true });
	assert.equal([again.made, again.evaluations, again.digest], [0, 0, first.digest]);
});

test.run();
