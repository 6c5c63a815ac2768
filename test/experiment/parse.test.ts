import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadExperiment } from '../../harness/experiment/parse.js';
import { starterExperiment } from '../../harness/experiment/starter.js';
import { STATES } from '../../models/calibration/kernels.js';
import { read, refusal, yaml } from './example.js';

const folder = mkdtempSync(join(tmpdir(), 'detbal-experiment-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array): string {
	writeFileSync(join(folder, name), content);
	return name;
}

test('the smallest file gets every default', () => {
	assert.equal(read(yaml({ sources: null, sampling: null, engine: null })), {
		name: 'abc',
		seeds: [7],
		task: { kind: 'closed', states: ['A', 'B', 'C'], read: 'whole' },
		sources: { design: 'fixed', states: ['A', 'B', 'C'] },
		attempts: 5,
		models: [{ id: 'm', path: null, sha256: null }],
		templates: [{ id: 'plain', text: 'After {state} comes', chat: false }],
		samplings: [{ temperature: 1, topK: 0, topP: 1, minP: 0, maxTokens: 12, stop: ['\n'] }],
		engine: {
			gpu: 'cpu',
			gpuLayers: 'auto',
			threads: 'auto',
			width: 16,
			contextSize: 'auto',
			batchSize: 512,
		},
	});
});

test('what stands just inside each limit is accepted', () => {
	const rows: readonly Record<string, string | null>[] = [
		{ name: 'x'.repeat(80) },
		{ name: '-_.9' },
		{ seed: '0' },
		{ seed: '4294967295' },
		{ seed: null, seeds: '[0, 4294967295]' },
		{ attempts: '1' },
		{ attempts: '1e9' },
		{ task: `{ kind: closed, states: [A, ${'x'.repeat(1000)}] }` },
		{ task: '{ kind: closed, states: ["1", "null", NO] }' },
		{ task: '{ kind: closed, states: [a, A, "{state}", "$&", 名, "😀", "B C"] }' },
		{ task: '{ kind: closed, states: [B.C, D], read: first-word }' },
		{ task: '{ kind: words, letterSum: 1 }', sources: '{ states: [A] }' },
		{ sources: '{ design: crawl }' },
		{ sources: '{ design: chain, states: [B] }' },
		{ templates: '[ { id: p, text: "{state} {stage} {x} {\\"a\\": {state}}" } ]' },
		{ templates: '[ { id: p, text: "{state}" }, { id: q, text: "{state}", chat: true } ]' },
		{ sampling: '{ temperature: 0, topK: 1, topP: 1e-9, minP: 0.999, maxTokens: 4096, stop: [] }' },
		{ sampling: `{ temperature: 100, stop: [${'x'.repeat(64)}] }` },
		{ sampling: '[ { temperature: 0.5 }, { temperature: 1 } ]' },
		{ engine: '{ width: 64, batchSize: 64, threads: 1, contextSize: 4096, gpuLayers: 0 }' },
		{ engine: '{ gpu: cuda, gpuLayers: 20 }' },
		{ engine: '{}' },
		{ sampling: '&s { topK: 3 }', engine: '{}', sources: '{ states: [A] }' },
	];
	for (const row of rows) assert.not.throws(() => read(yaml(row)), undefined, JSON.stringify(row));
});

test('aliases stand for what they name', () => {
	const text = yaml({
		sources: '{ states: &two [A, B] }',
		task: '{ kind: closed, states: [A, B] }',
	});
	assert.equal(read(`${text}`).sources.states, ['A', 'B']);
	const shared = yaml({
		task: '{ kind: closed, states: &all [A, B] }',
		sources: '{ states: *all }',
	});
	assert.equal(read(shared).sources.states, ['A', 'B']);
});

test('paths are taken relative to the experiment file', () => {
	const { models } = read(
		yaml({ models: `[ { id: a, path: m/a.gguf, sha256: ${'AB'.repeat(32)} } ]` }),
		folder,
	);
	assert.equal(models, [{ id: 'a', path: join(folder, 'm/a.gguf'), sha256: 'ab'.repeat(32) }]);
});

test('a template file loses its last line break and its carriage returns, nothing else', () => {
	put('prompt.txt', ' A\r\n{state}: \n\n');
	const { templates } = read(yaml({ templates: '[ { id: p, file: prompt.txt } ]' }), folder);
	assert.is(templates[0]?.text, ' A\n{state}: \n');
	put('large.txt', `{state}${'x'.repeat(1_000_000)}`);
	const big = yaml({ templates: '[ { id: p, file: large.txt } ]' });
	assert.match(
		refusal(() => read(big, folder)),
		/:7: templates\[0\]\.file: .*has 1000007 bytes/,
	);
	put('none.txt', 'x');
	const none = yaml({ templates: '[ { id: p, file: none.txt } ]' });
	assert.match(
		refusal(() => read(none, folder)),
		/:7: templates\[0\]\.file: found no \{state\}/,
	);
});

const WORDS = yaml({ task: '{ kind: words, letterSum: 3, list: words.txt }', sources: null });

test('a word list becomes the sorted upper-case words of the letter sum, and the sources', () => {
	put('words.txt', '# a comment\r\nc\n\n  ba # another\nab\nAB\nzz\n');
	const { task, sources } = read(WORDS, folder);
	assert.equal(task, { kind: 'words', letterSum: 3, words: ['AB', 'BA', 'C'] });
	assert.equal(sources, { design: 'fixed', states: ['AB', 'BA', 'C'] });
	const crawl = yaml({
		task: '{ kind: words, letterSum: 3, list: words.txt }',
		sources: '{ design: crawl }',
	});
	assert.match(
		refusal(() => read(crawl, folder)),
		/:4: sources\.states: missing/,
	);
	const unlisted = yaml({
		task: '{ kind: words, letterSum: 3, list: words.txt }',
		sources: '{ states: [AAA] }',
	});
	assert.match(
		refusal(() => read(unlisted, folder)),
		/:4: sources\.states\[0\]: found "AAA"/,
	);
});

test('every fault of a word list names its line', () => {
	put('words.txt', "ab\ndon't\n\ntwo words\ncafé\n");
	const faults = refusal(() => read(WORDS, folder)).split('\n');
	assert.is(faults.length, 3);
	assert.match(faults[0] ?? '', /^words\.txt:2: found "don't"; allowed: one word/);
	assert.match(faults[1] ?? '', /^words\.txt:4: found "two words"/);
	assert.match(faults[2] ?? '', /^words\.txt:5: found "café"/);
	put('words.txt', 'zz\n');
	assert.match(
		refusal(() => read(WORDS, folder)),
		/:3: task\.list: .*no word with letter sum 3/,
	);
	put('words.txt', '');
	truncateSync(join(folder, 'words.txt'), 64_000_001);
	assert.match(
		refusal(() => read(WORDS, folder)),
		/:3: task\.list: .*64000001 bytes; at most/,
	);
});

test('a file that is no text file is refused before it is read', () => {
	const at = (name: string) => join(folder, name);
	const load = (name: string) => refusal(() => loadExperiment(at(name)));
	assert.match(load('absent.yaml'), /absent\.yaml: it does not exist/);
	mkdirSync(at('folder.yaml'));
	assert.match(load('folder.yaml'), /is a directory/);
	assert.match(load(put('latin.yaml', Buffer.from([0x6e, 0xe9]))), /is not UTF-8/);
	put('huge.yaml', '');
	truncateSync(at('huge.yaml'), 10_000_000);
	assert.match(load('huge.yaml'), /has 10000000 bytes; at most 1000000 are allowed/);
	if (process.platform !== 'win32') {
		assert.match(
			refusal(() => loadExperiment('/dev/zero')),
			/is a device or a pipe/,
		);
		execFileSync('mkfifo', [at('pipe.yaml')]);
		assert.match(load('pipe.yaml'), /is a device or a pipe/);
	}
	put('marked.yaml', `\ufeff${yaml()}`);
	assert.is(loadExperiment(at('marked.yaml')).name, 'abc');
});

test('the starter file is an experiment that shows every key', () => {
	const text = starterExperiment();
	const experiment = read(text);
	assert.equal(experiment.task, { kind: 'closed', states: STATES, read: 'whole' });
	assert.equal(
		experiment.models.map(({ id, path }) => [id, path]),
		[
			['llama-reversible', null],
			['gpt2-driven', null],
		],
	);
	const defaults = read(yaml({ sampling: null, engine: null }));
	assert.equal(experiment.samplings, defaults.samplings);
	assert.equal(experiment.engine, defaults.engine);
	const keys = 'name seed task sources attempts models templates sampling engine'.split(' ');
	for (const key of [...keys, ...Object.keys(experiment.samplings[0] ?? {})])
		assert.match(text, new RegExp(`^ *${key}:`, 'm'));
	for (const key of Object.keys(experiment.engine))
		assert.match(text, new RegExp(`^ {2}${key}:`, 'm'));
});

test.run();
