import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KernelFacts } from '../../harness/runner/compare-kernels.js';
import { BY, type By, choosePairs } from '../../harness/runner/compare-pairs.js';

const BASE: KernelFacts = {
	model: { label: 'm', sha256: 'a', name: 'tiny', architecture: 'llama', quantisation: 'F32' },
	template: { label: 'plain', sha256: 't' },
	task: 'words',
	sampling: { topK: 0, maxTokens: 4 },
	temperature: 1,
	numerics: { width: 16, gpuLayers: 0 },
	seed: null,
};

const OTHER: Readonly<Record<By, Partial<KernelFacts>>> = {
	model: { model: { ...BASE.model, sha256: 'b', name: 'big' } },
	template: { template: { label: 'plain', sha256: 'u' } },
	quantisation: { model: { ...BASE.model, sha256: 'q', quantisation: 'Q4_0' } },
	temperature: { temperature: 0.5 },
	machine: { numerics: { width: 8, gpuLayers: 0 } },
	seed: { seed: 2 },
};

const choose = (a: Partial<KernelFacts>, b: Partial<KernelFacts>, by: By | null) => {
	const { pairs, notCompared } = choosePairs(
		[
			{ ...BASE, ...a },
			{ ...BASE, ...b },
		],
		by,
	);
	return pairs.length === 1 ? 'compared' : notCompared[0]!.reason;
};

test('a pair that differs in one thing alone is compared by it, and by nothing else', () => {
	for (const differs of BY) {
		const base = differs === 'seed' ? { seed: 1 } : {};
		for (const by of BY) {
			const found = choose(base, OTHER[differs], by);
			// A quantisation is another model, too.
			const fits = by === differs || (by === 'model' && differs === 'quantisation');
			assert.is(found === 'compared', fits, `${differs} by ${by}: ${found}`);
			if (!fits) assert.ok(found.length > 10, found);
		}
		assert.is(choose(base, OTHER[differs], null), 'compared');
	}
});

test('a second difference keeps a pair apart, and is named', () => {
	const both = { ...OTHER.template, ...OTHER.temperature };
	assert.is(choose({}, both, 'template'), 'they differ in temperature, too');
	assert.is(
		choose({}, { ...both, ...OTHER.machine }, 'template'),
		'they differ in temperature and machine, too',
	);
	assert.is(
		choose({}, { sampling: { topK: 5, maxTokens: 4 }, ...OTHER.model }, 'model'),
		'they differ in sampling, too',
	);
	assert.is(choose({}, {}, 'model'), 'they do not differ in model');
	assert.match(
		choose({}, OTHER.template, 'model'),
		/^they do not differ in model \(they differ in template\)$/,
	);
	assert.match(
		choose({}, OTHER.model, 'quantisation'),
		/not known to be quantisations of one model/,
	);
	const nameless = { model: { ...BASE.model, name: null } };
	const other = { model: { ...BASE.model, name: null, sha256: 'q', quantisation: 'Q4_0' } };
	assert.match(choose(nameless, other, 'quantisation'), /not known to be quantisations/);
});

test('another task is said, whatever is asked for', () => {
	for (const by of [null, ...BY])
		assert.is(choose({}, { ...OTHER.model, task: 'closed' }, by), 'another task');
	assert.is(choose({}, { ...OTHER.model, task: null }, null), 'compared');
});

test('layers on a GPU follow from the model; where imports say nothing, nothing differs', () => {
	const layers = { numerics: { width: 16, gpuLayers: 12 } };
	assert.is(choose({}, { ...OTHER.model, ...layers }, 'model'), 'compared');
	assert.is(
		choose({}, { ...OTHER.template, ...layers }, 'template'),
		'they differ in machine, too',
	);
	const imported = {
		model: { label: 'x', sha256: null, name: null, architecture: null, quantisation: null },
		template: { label: 'plain', sha256: null },
		task: null,
		sampling: { topK: null },
		numerics: null,
	};
	assert.is(choose({}, imported, 'model'), 'compared');
	assert.is(choose({}, imported, 'machine'), 'the machine of imported counts is not known');
	assert.is(
		choose({}, { ...imported, temperature: null }, 'model'),
		'they differ in temperature, too',
	);
	assert.match(
		choose({}, { ...imported, model: { ...imported.model, label: 'm' } }, 'seed'),
		/do not tell seeds apart/,
	);
});

test('every pair is in one list, in order', () => {
	const kernels = [BASE, { ...BASE, ...OTHER.template }, { ...BASE, ...OTHER.model }];
	const { pairs, notCompared } = choosePairs(kernels, 'template');
	assert.equal(pairs, [[0, 1]]);
	assert.equal(
		notCompared.map(({ groups }) => groups),
		[
			[0, 2],
			[1, 2],
		],
	);
	assert.equal(choosePairs([BASE], null), { pairs: [], notCompared: [] });
});

test.run();
