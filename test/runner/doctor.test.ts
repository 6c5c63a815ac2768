/** The doctor on real models: what it must see, what it must not, and that it can say no. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildVariants } from '../../harness/engine/build-variants.js';
import type { Engine, LoadedModel, NextTokenLaw } from '../../harness/engine/engine.js';
import { type LlamaHost, openLlamaHost } from '../../harness/engine/llama.js';
import type { DoctorDocument } from '../../harness/runner/doctor-document.js';
import { elsewhere } from '../../harness/runner/doctor-elsewhere.js';
import { machineNow } from '../../harness/runner/doctor-machine.js';
import { remedies } from '../../harness/runner/doctor-mend.js';
import { type Examined, examineModel } from '../../harness/runner/doctor-model.js';
import { type DoctorRow, difference } from '../../harness/runner/doctor-rows.js';
import type { TrialLimits } from '../../harness/runner/doctor-trial.js';
import { findModelFile, type ModelFile } from '../../harness/runner/model-files.js';

const test = suite('doctor');

const LIMITS: TrialLimits = { attempts: 300, tokens: 2, paths: 24, bytes: 2 ** 24 };
const { signal } = new AbortController();
let host: LlamaHost;
let file: ModelFile;
let model: LoadedModel;
let examined: Examined;

const examine = (of: LoadedModel, limits = LIMITS): Promise<Examined> =>
	examineModel(of, { cores: 1, busy: false, limits, signal, onStep() {} });

const find = (rows: readonly DoctorRow[], knob: string, to = ''): DoctorRow => {
	const found = rows.find((row) => row.knob === knob && row.to === to);
	assert.ok(found, `no row ${knob} ${to}`);
	return found as DoctorRow;
};

test.before(async () => {
	host = await openLlamaHost('cpu');
	file = await findModelFile({ id: 'gpt2-words-q4_0', path: null, sha256: null });
	model = await host.load(file, 0);
	examined = await examine(model);
});

test.after(async () => {
	await model.close();
	await host.close();
});

test('what must not change bits changes none: asked twice, neighbours, used cells, context size', () => {
	for (const knob of ['asked twice', 'slot and neighbours', 'reused cells']) {
		const row = find(examined.rows, knob);
		assert.is(row.equal, true, knob);
		assert.is(row.largest, 0);
		assert.is(row.changed, 0);
		assert.is(row.laws, examined.trial.paths.length);
	}
	const contexts = examined.rows.filter(({ knob }) => knob === 'context size');
	assert.equal(
		contexts.map(({ equal }) => equal),
		[true],
	);
});

test('keys and values in another format change the laws of a quantised model, and its attempts', () => {
	for (const [knob, to] of [
		['keys and values', 'F32'],
		['keys', 'Q8_0'],
		['flash attention', 'on'],
	] as const) {
		const row = find(examined.rows, knob, to);
		assert.is(row.equal, false, knob);
		assert.ok((row.largest as number) > 1e-3 && (row.largest as number) < 2, `${row.largest}`);
		assert.ok((row.changed as number) > 0 && (row.changed as number) < 300, `${row.changed}`);
	}
});

test('attempts visit the paths of the trial, and each differs only by its own quantiles', () => {
	const { attempts, paths, tokens } = examined.trial;
	assert.is(attempts.length, LIMITS.attempts);
	assert.ok(paths.length <= LIMITS.paths);
	assert.ok(attempts.every((steps) => steps.length >= 1 && steps.length <= tokens));
	const lengths = new Set(paths.map(({ completion }) => completion.length));
	assert.ok(lengths.size >= 4, [...lengths].join());
	assert.is(new Set(paths.slice(0, 3).map(({ head, rest }) => head.length + rest.length)).size, 3);
});

test('one core: the thread count is not tried, and the row says why', () => {
	const row = find(examined.rows, 'threads');
	assert.is(row.equal, null);
	assert.match(String(row.note), /one core/);
});

/** The model, but one logit of every law is another one each time. */
function restless(of: LoadedModel): LoadedModel {
	let call = 0;
	const disturbed = (engine: Engine): Engine => ({
		identity: engine.identity,
		facts: engine.facts,
		contextSize: engine.contextSize,
		width: engine.width,
		tokenize: (text, special) => engine.tokenize(text, special),
		detokenize: (tokens) => engine.detokenize(tokens),
		isEnd: (token) => engine.isEnd(token),
		close: () => engine.close(),
		async laws(paths) {
			const laws = await engine.laws(paths);
			call++;
			for (const { logits } of laws) logits[5] = (logits[5] as number) + call / 64;
			return laws;
		},
	});
	return {
		facts: of.facts,
		tokenize: (text, special) => of.tokenize(text, special),
		detokenize: (tokens) => of.detokenize(tokens),
		isEnd: (token) => of.isEnd(token),
		contextBytes: (settings) => of.contextBytes(settings),
		open: async (settings) => disturbed(await of.open(settings)),
		close: () => of.close(),
	};
}

function documentOf(rows: readonly DoctorRow[], state = 'ok'): Omit<DoctorDocument, 'mend'> {
	const machine = machineNow('results/doctor.json');
	const roomy = { ...machine.memory, available: 2 ** 34 };
	return {
		schema: 'detbal/doctor/1',
		createdAt: '2026-01-01T00:00:00.000Z',
		toolVersion: '0',
		machine: { ...machine, memory: roomy, diskFree: 2 ** 40 },
		threads: { used: 1, oversubscribed: false },
		backend: {
			...{ used: 'cpu', why: '', package: '', llamaCpp: '', build: '', devices: 'cpu' },
			...{ cpuFeatures: '', variant: null, variants: [], notLoadable: [], notTried: [] },
		},
		gpu: '',
		packages: {},
		embedded: [{ id: 'e', state }],
		models: [
			{
				...{ id: 'm', sha256: file.sha256, architecture: 'gpt2', quantisation: 'Q4_0' },
				...{ numerics: examined.numerics, laws: 1, attempts: 1, tokens: 1, rows },
			},
		],
	};
}

test('nothing is to be mended where only what may change bits does', () => {
	assert.equal(remedies(documentOf(examined.rows)), []);
});

test('an engine whose bits change from call to call is found out', async () => {
	const tiny = await findModelFile({ id: 'llama-driven', path: null, sha256: null });
	const calm = await host.load(tiny, 0);
	const found = await examine(restless(calm), { ...LIMITS, attempts: 20, tokens: 1 });
	await calm.close();
	const row = find(found.rows, 'asked twice');
	assert.is(row.equal, false);
	assert.is(row.different, row.laws);
	assert.ok((row.largest as number) > 0);
	const musts = remedies(documentOf(found.rows)).filter(({ must }) => must);
	assert.match(
		musts.map(({ text }) => text).join('\n'),
		/^m, asked twice: .*nothing can be repeated/,
	);
});

test('a thread count that changes bits, an altered model, a full disk: each has its remedy', () => {
	const changed = { ...find(examined.rows, 'keys', 'Q8_0'), knob: 'threads', to: '2' };
	const [advice, ...others] = remedies(documentOf([changed]));
	assert.equal(others, []);
	assert.is(advice?.must, false);
	assert.match(String(advice?.text), /engine\.threads/);
	const [altered] = remedies(documentOf([], 'altered'));
	assert.is(altered?.must, true);
	assert.match(String(altered?.text), /^e: the file is altered: install detbal again/);
	const full = documentOf([]);
	const [disk] = remedies({ ...full, machine: { ...full.machine, diskFree: 2 ** 29 } });
	assert.match(String(disk?.text), /1 GiB of disk/);
});

test('a process of its own gives the same bits; another build of the backend others; one that is not there says so', async () => {
	const patients = [{ file, examined }];
	const where = { gpu: 'cpu', onlyWithGpu: false } as const;
	const fresh = { knob: 'fresh process', from: '', to: '' };
	const own = await elsewhere({ name: fresh, ...where, variant: null }, patients, signal);
	assert.is(own.backend, 'cpu');
	assert.is(own.rows[0]?.equal, true);
	const builds = buildVariants();
	if (process.platform !== 'linux' || process.arch !== 'x64') return;
	assert.ok(builds?.all.includes('x64') && builds.all.includes(builds.loaded));
	const build = (name: string) =>
		elsewhere(
			{
				...{ name: { knob: 'build', from: '', to: name }, ...where },
				variant: { folder: String(builds?.folder), name },
			},
			patients,
			signal,
		);
	const plain = await build('x64');
	assert.is(plain.rows[0]?.equal, builds?.loaded === 'x64');
	const none = await build('nonesuch');
	assert.is(none.backend, null);
	assert.is(none.rows[0]?.equal, null);
	assert.match(String(none.rows[0]?.note), /llama\.cpp cannot be started/);
});

test('a difference is that of log p: a shift of all logits is none, but not the same bits', () => {
	const law = (logits: readonly number[], logNormalizer: number): NextTokenLaw => ({
		logits: Float32Array.from(logits),
		logNormalizer,
	});
	const base = [law([0, 1, -Infinity], 1.25)];
	assert.equal(difference(base, base), { different: 0, largest: 0 });
	assert.equal(difference(base, [law([1, 2, -Infinity], 2.25)]), { different: 1, largest: 0 });
	assert.equal(difference(base, [law([0, 1.5, -Infinity], 1.25)]), { different: 1, largest: 0.5 });
	assert.equal(difference(base, [law([0, 1, 0], 1.25)]), { different: 1, largest: Infinity });
});

test.run();
