/** The word experiment on the embedded models, in small: the whole path on kernels that were learned. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyOptions } from '../../harness/analysis/verify.js';
import type { Experiment } from '../../harness/experiment/experiment.js';
import { loadExperiment } from '../../harness/experiment/parse.js';
import { packageRoot } from '../../harness/package-root.js';
import { outcomeTable, type ShownGroup } from '../../harness/report/verify-text.js';
import { type VerifyResult, verifyDatabase } from '../../harness/runner/verify.js';
import { inPlace } from '../commands/fixture.js';
import { interruptAndResume, newDatabase, raw, repeat, run } from './fixture.js';

const test = suite('words');
const place = inPlace(test);

/** The experiment of a file, cut down to some models under one template and one seed. */
function cut(
	name: string,
	template: string,
	{ models, attempts }: { readonly models: readonly string[]; readonly attempts: number },
): Experiment {
	const whole = loadExperiment(join(packageRoot(), 'datasets', 'experiments', `${name}.yaml`));
	return {
		...whole,
		seeds: whole.seeds.slice(0, 1),
		models: whole.models.filter(({ id }) => models.includes(id)),
		templates: whole.templates.filter(({ id }) => id === template),
		attempts,
	};
}

function verifyTwins(options: Partial<VerifyOptions>): Promise<VerifyResult> {
	return verifyDatabase({
		db: twins,
		run: null,
		options,
		workers: 1,
		signal: new AbortController().signal,
		onGroup() {},
	});
}

let twins = '';
test.before(async () => {
	twins = newDatabase(place);
	await run(
		twins,
		cut('words', 'list', { models: ['gpt2-words', 'gpt2-words-driven'], attempts: 300 }),
	);
});

test('the learned kernel that circulates is violated, its twin is not', async () => {
	const { groups } = await verifyTwins({});
	const finding = (id: string) => {
		const group = groups.find(({ model }) => model === id);
		assert.ok(group, id);
		return group.finding;
	};
	const [reversible, driven] = [finding('gpt2-words'), finding('gpt2-words-driven')];
	assert.is(driven.verdict, 'violated');
	assert.is.not(reversible.verdict, 'violated');
	assert.ok((driven.affinity.rms as number) > (reversible.affinity.upper95 as number));
	for (const { outcomes, attempts, dependence } of [reversible, driven]) {
		assert.ok(outcomes.valid / (attempts as number) > 0.5);
		assert.ok((dependence.mutualInformation as number) > 0.3);
	}
});

test('the table of outcomes has the shares of what came back, in 100 columns', async () => {
	const { groups } = await verifyTwins({ resampling: false });
	const [title, , ...rows] = outcomeTable(groups);
	assert.match(title as string, /^model +template +valid +self +invalid +cut +states .*verdict/);
	assert.is(rows.length, 2);
	for (const [i, row] of rows.entries()) {
		assert.ok(row.length <= 100, row);
		const { outcomes, attempts, states } = (groups[i] as ShownGroup).finding;
		const percent = (n: number) => ((100 * n) / (attempts as number)).toFixed(1);
		const { valid, self, invalid, unparsable, truncated } = outcomes;
		assert.equal(row.split(/ +/).slice(2, 7), [
			...[valid, self, invalid + unparsable, truncated].map(percent),
			String(states),
		]);
	}
});

test('words are several tokens, said in more than one way, and sometimes wrong', () => {
	const { several, ways, wrong } = raw(twins, (db) => ({
		several: db
			.prepare(
				`SELECT count(*) FROM attempts JOIN completions ON completions.id = completion_id
				WHERE outcome = 0 AND length(tokens) > 4 * 3`,
			)
			.pluck()
			.get() as number,
		ways: db
			.prepare(
				`SELECT count(*) FROM (
					SELECT target_id FROM attempts JOIN completions ON completions.id = completion_id
					WHERE outcome = 0 GROUP BY target_id HAVING count(DISTINCT tokens) > 1)`,
			)
			.pluck()
			.get() as number,
		wrong: db.prepare('SELECT count(*) FROM attempts WHERE outcome > 1').pluck().get() as number,
	}));
	assert.ok(several > 1000, `${several} long answers`);
	assert.ok(ways > 20, `${ways} words in more than one tokenisation`);
	assert.ok(wrong > 0, 'no answer failed');
});

test('a crawl of a recurrent model repeats, whole, interrupted and from its record', async () => {
	const crawl = cut('words-crawl', 'plain', { models: ['mamba2-words'], attempts: 120 });
	const [first, second] = [newDatabase(place), newDatabase(place)];
	const { digest } = await run(first, crawl);
	const { result } = await interruptAndResume(second, crawl, 40);
	assert.is(result.digest, digest);
	assert.ok((await repeat(first)).identical);
});

test.run();
