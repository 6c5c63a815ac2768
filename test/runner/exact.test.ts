/** Exact kernels of models whose kernel is known, and what is sampled of the same setting. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { goodnessOfFit } from '../../harness/analysis/scored/goodness-of-fit.js';
import { uniformity } from '../../harness/analysis/scored/uniformity.js';
import type { Experiment, SamplingSetting } from '../../harness/experiment/experiment.js';
import { totalMass } from '../../harness/kernel/row.js';
import type { ExactKernel } from '../../harness/runner/exact-read.js';
import { CALIBRATION_MODELS } from '../../models/calibration/build.js';
import { type KernelName, knownLogKernel, STATES } from '../../models/calibration/kernels.js';
import { experiment, inPlace } from '../commands/fixture.js';
import { kernelsIn, score } from './exact-jobs.js';
import { newDatabase, raw, run } from './fixture.js';

const test = suite('exact');
const place = inPlace(test);

/** Every architecture and every kernel. */
const MODELS = ['llama-driven', 'qwen2-star', 'gpt2-reversible', 'gptneox-independent'];
const BASE = { maxTokens: 4, stop: ['\n'] };
const SETTINGS = [
	{ ...BASE, temperature: 1 },
	{ ...BASE, temperature: 0.7 },
	{ ...BASE, temperature: 1.5, topK: 3 },
	{ ...BASE, temperature: 1, topP: 0.8 },
	{ ...BASE, temperature: 0.5, topK: 6, topP: 0.9, minP: 0.1 },
];

const make = (changes: Readonly<Record<string, unknown>> = {}): Experiment =>
	experiment(place.folder, {
		task: { kind: 'closed', states: STATES },
		templates: [{ id: 'plain', text: 'A fruit is {state}. Another:' }],
		models: MODELS.map((id) => ({ id })),
		sampling: SETTINGS,
		...changes,
	});

/** Temperature and truncation on a row of known logs; −∞ for what is cut off. */
function shaped(logs: readonly number[], setting: SamplingSetting): number[] {
	const { temperature, topK, topP, minP } = setting;
	const order = [...logs.keys()].sort((a, b) => (logs[b] as number) - (logs[a] as number));
	let kept = topK > 0 ? order.slice(0, topK) : order;
	const p = (i: number) => Math.exp(logs[i] as number);
	const all = kept.reduce((sum, i) => sum + p(i), 0);
	let mass = 0;
	const most = kept.findIndex((i) => {
		mass += p(i);
		return mass >= topP * all;
	});
	if (topP < 1) kept = kept.slice(0, most + 1);
	kept = kept.filter((i) => p(i) >= minP * p(order[0] as number));
	const weight = (i: number) => Math.exp((logs[i] as number) / temperature);
	const total = kept.reduce((sum, i) => sum + weight(i), 0);
	return logs.map((log, i) => (kept.includes(i) ? log / temperature - Math.log(total) : -Infinity));
}

/** log T(· | source) that a kernel of a calibration model must have: of the states, and of OTHER. */
function known({ model, sampling }: ExactKernel, source: string): number[] {
	const { kernel } = CALIBRATION_MODELS.find(({ id }) => id === model) as { kernel: KernelName };
	const row = knownLogKernel(kernel).log[STATES.indexOf(source)] as readonly number[];
	return shaped(row, sampling);
}

const close = (a: number, b: number, tolerance: number, what: string) =>
	assert.ok(a === b || Math.abs(a - b) <= tolerance, `${what}: ${a} is not ${b}`);

for (const [kind, some] of [
	['sources', {}],
	['open', { sampling: [SETTINGS[0], SETTINGS[4]] }],
] as const)
	test(`${kind}: calibration models have their known kernels under every setting`, async () => {
		const db = newDatabase(place);
		const epsilon = kind === 'open' ? 1e-8 : 1e-4;
		const { evaluations, rows } = await score(db, make(some), {
			...{ states: { kind }, epsilon, mostEvaluations: 1000 },
		});
		const kernels = kernelsIn(db);
		assert.is(kernels.length, MODELS.length * (kind === 'open' ? 2 : SETTINGS.length));
		assert.is(rows, kernels.length * STATES.length);
		assert.is(
			evaluations,
			kernels.reduce((sum, kernel) => sum + kernel.evaluations, 0),
		);
		let compared = 0;
		for (const kernel of kernels)
			for (const row of kernel.rows) {
				const logs = known(kernel, row.source);
				const at = `${kernel.model} ${JSON.stringify(kernel.sampling)} ${row.source}`;
				assert.ok(row.reached, at);
				close(totalMass(row), 1, 1e-6, at);
				const found = new Map(row.entries.map((entry) => [entry.target, entry]));
				for (const [g, target] of STATES.entries()) {
					const log = logs[g] as number;
					const { logFound = -Infinity, logBound = -Infinity } = found.get(target) ?? {};
					assert.ok(logFound <= logBound, at);
					if (log === -Infinity || log >= -15) {
						close(logFound, log, 1e-3, `${at} → ${target}`);
						compared += 1;
					}
				}
				const other = Math.exp(logs[STATES.length] as number);
				if (kind === 'open') close(row.outcomes?.invalid ?? NaN, other, 1e-4, `${at}: invalid`);
				else close(row.elsewhere, other, 1e-4, `${at}: elsewhere`);
			}
		assert.ok(compared > 350, `${compared}`);
	});

/** Attempts of each cell by setting, source and target; null for no state. */
function sampledCounts(db: string) {
	const rows = raw(db, (sqlite) =>
		sqlite
			.prepare(
				`SELECT cells.id, cells.model_label, identities.content, source.text, target.text, count(*)
				FROM attempts JOIN cells ON cells.id = attempts.cell_id
				JOIN identities ON identities.sha256 = cells.sampling_sha256
				JOIN states AS source ON source.id = attempts.source_id
				LEFT JOIN states AS target ON target.id = attempts.target_id GROUP BY 1, 2, 3, 4, 5`,
			)
			.raw()
			.all(),
	) as [number, string, string, string, string | null, number][];
	const cells = new Map<string, { key: string; source: string; counts: Map<string, number> }>();
	for (const [cell, model, sampling, source, target, count] of rows) {
		const name = `${cell} ${source}`;
		const found = cells.get(name) ?? { key: keyOf(model, sampling), source, counts: new Map() };
		cells.set(name, found);
		found.counts.set(target ?? '', count);
	}
	return [...cells.values()];
}

const keyOf = (model: string, sampling: string) => {
	const { temperature, topK, topP } = JSON.parse(sampling) as SamplingSetting;
	return `${model} ${temperature} ${topK} ${topP}`;
};

test('what is sampled agrees with the exact kernel of its setting, and with no other', async () => {
	const db = newDatabase(place);
	const some = make({
		models: [{ id: 'llama-driven' }, { id: 'gpt2-reversible' }],
		sampling: [SETTINGS[0], SETTINGS[1], { ...BASE, temperature: 1, topK: 5 }],
		attempts: 150,
		seeds: [1, 2, 3],
	});
	await run(db, some);
	await score(db, some);
	const kernels = new Map(
		kernelsIn(db).map((kernel) => [keyOf(kernel.model, JSON.stringify(kernel.sampling)), kernel]),
	);
	assert.is(kernels.size, 6);
	const cells = sampledCounts(db);
	assert.is(cells.length, 6 * 3 * STATES.length);
	/** p of every cell against the kernel of its setting, or of another one. */
	const fits = (other: (key: string) => string) =>
		cells.map(({ key, source, counts }, i) => {
			const row = kernels.get(other(key))?.rows.find((one) => one.source === source);
			const entries = row?.entries ?? [];
			const probabilities = entries.map(({ logFound }) => Math.exp(logFound));
			const rest = Math.max(0, 1 - probabilities.reduce((sum, p) => sum + p, 0));
			const fit = goodnessOfFit(
				[
					{
						counts: [...entries.map(({ target }) => counts.get(target) ?? 0), counts.get('') ?? 0],
						probabilities: [...probabilities, rest],
					},
				],
				{ seed: i, samples: 199 },
			);
			return fit.randomisedP as number;
		});
	const right = uniformity(fits((key) => key));
	assert.is(right.n, cells.length);
	assert.ok(right.p > 0.01, JSON.stringify(right));
	const swapped = fits((key) =>
		key.replace(/ (1|0\.7) 0 /, (_, t) => ` ${t === '1' ? '0.7' : '1'} 0 `),
	);
	const wrong = uniformity(swapped.filter((_, i) => / 0 /.test(cells[i]?.key as string)));
	assert.ok(wrong.p < 1e-6, JSON.stringify(wrong));
});

test('stopped and gone on with: only missing rows are scored, the digests as in one go', async () => {
	const some = make({
		models: [{ id: 'llama-driven' }, { id: 'gpt2-reversible' }],
		sampling: SETTINGS[1],
	});
	const [whole, stopped] = [newDatabase(place), newDatabase(place)];
	const all = await score(whole, some, { otherShapes: 1 });
	assert.is(all.rows, 2 * 2 * STATES.length);
	const message = await score(stopped, some, { otherShapes: 1, abortAt: 10 }).then(
		String,
		(error: Error) => error.message,
	);
	const safe = Number(/^interrupted: (\d+) rows are safe in .*goes on/.exec(message)?.[1]);
	assert.ok(safe >= 10 && safe < all.rows, message);
	const part = kernelsIn(stopped);
	assert.ok(part.some(({ missing }) => missing > 0) || part.length < all.kernels.length);
	const rest = await score(stopped, some, { otherShapes: 1 });
	assert.is(rest.rows, all.rows - safe);
	assert.ok(rest.evaluations < all.evaluations);
	const digests = (db: string) => kernelsIn(db).map(({ model, digest }) => `${model} ${digest}`);
	assert.equal(digests(stopped), digests(whole));
	assert.is(kernelsIn(stopped)[0]?.subject.variants.length, 1);
	const again = await score(stopped, some, { otherShapes: 1 });
	assert.equal([again.rows, again.evaluations, again.kernels], [0, 0, rest.kernels]);
});

test('other numerics on the same database are refused, the fields named', async () => {
	const db = newDatabase(place);
	const one = { models: [{ id: 'llama-driven' }], sampling: SETTINGS[0] };
	await score(db, make(one));
	const wider = make({ ...one, engine: { threads: 1, width: 5 } });
	const message = await score(db, wider).then(String, (error: Error) => error.message);
	assert.match(message, /holds part of this kernel under other numerics \(.*width.*8.*5.*--db/);
	const before = kernelsIn(db);
	const threads = make({ ...one, engine: { threads: 2, width: 8 } });
	assert.is((await score(db, threads)).rows, 0);
	assert.equal(kernelsIn(db), before);
});

test('with a cache of laws: a second database without an evaluation, the same digests', async () => {
	const some = make({ models: [{ id: 'llama-driven' }], sampling: SETTINGS.slice(0, 2) });
	const cache = { file: `${newDatabase(place)}.cache`, limit: 2 ** 30 };
	const [first, second] = [newDatabase(place), newDatabase(place)];
	const made = await score(first, some, { cache, otherShapes: 1 });
	// Settings ask for the same laws.
	assert.ok(made.served > 0 && made.evaluations > 0);
	const again = await score(second, some, { cache, otherShapes: 1 });
	assert.equal([again.evaluations, again.served], [0, made.evaluations + made.served]);
	const digests = (db: string) => kernelsIn(db).map(({ digest }) => digest);
	assert.equal(digests(second), digests(first));
	const plain = newDatabase(place);
	assert.is((await score(plain, some)).served, 0);
	assert.equal(digests(plain), digests(first));
});

test('shapes differ in their last bits at most, in a model without quantised weights', async () => {
	const db = newDatabase(place);
	await score(db, make({ models: [{ id: 'llama-driven' }], sampling: SETTINGS[0] }), {
		otherShapes: 2,
	});
	const [kernel] = kernelsIn(db);
	assert.ok(kernel);
	const { base, variants } = kernel.subject;
	assert.is(variants.length, 2);
	for (const variant of variants)
		for (const [i, log] of base.logFound.entries())
			close(variant.logFound[i] as number, log, 1e-3, `${i}`);
});

test.run();
