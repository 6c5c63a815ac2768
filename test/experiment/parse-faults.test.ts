import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { read, refusal, yaml } from './example.js';

const long = (n: number) => 'x'.repeat(n);
const HEX = 'ab'.repeat(32);

/** Changes to the sound experiment, and what the message must say, the line included. */
type Row = readonly [changes: Record<string, string | null>, expect: RegExp];

const ROWS: readonly Row[] = [
	// name
	[{ name: null }, /^x\.yaml:1: name: missing; allowed: a file name of 1 to 80/],
	[{ name: '' }, /^x\.yaml:1: name: found no value; allowed/],
	[{ name: '.hidden' }, /^x\.yaml:1: name: found "\.hidden"; allowed/],
	[{ name: 'a/b' }, /^x\.yaml:1: name: found "a\/b"; allowed/],
	[{ name: long(81) }, /^x\.yaml:1: name: found "xxx.*…"; allowed/],
	[{ name: '12' }, /^x\.yaml:1: name: found 12; allowed.*put quotes around 12/],
	// keys
	[{ modles: '1' }, /^x\.yaml:10: modles: unknown key; did you mean "models"\? allowed: name, /],
	[{ zebra: '1' }, /^x\.yaml:10: zebra: unknown key; allowed: name, /],
	[{ __proto__x: '1' }, /unknown key/],
	[{ '"__proto__"': '{}' }, /^x\.yaml:10: __proto__: unknown key/],
	[{ '? [a]\n': '1' }, /^x\.yaml:10: found a list or mapping as a key/],
	[{ sampling: '{ top_k: 1 }' }, /^x\.yaml:8: sampling\.top_k: .*did you mean "topK"\?/],
	[{ task: '{ kind: words, letter_sum: 9 }' }, /:3: task\.letter_sum: .*did you mean "letterSum"/],
	[{ 'name ': 'twice' }, /^x\.yaml:10: name: written twice in one mapping/],
	[{ sampling: '{ topK: 1, topK: 1 }' }, /^x\.yaml:8: sampling\.topK: written twice/],
	// seeds
	[{ seed: null }, /seed: missing; allowed: either seed: 1 or seeds/],
	[{ seeds: '[1]' }, /^x\.yaml:10: seeds: found beside seed/],
	[{ seed: '-1' }, /^x\.yaml:2: seed: found -1; allowed: a whole number from 0 to 4,294,967,295/],
	[{ seed: '4294967296' }, /^x\.yaml:2: seed: found 4294967296/],
	[{ seed: '1.5' }, /^x\.yaml:2: seed: found 1\.5; allowed/],
	[{ seed: '"1"' }, /^x\.yaml:2: seed: found "1"; allowed/],
	[{ seed: '.nan' }, /^x\.yaml:2: seed: found NaN/],
	[{ seed: null, seeds: '[1, 2, 1]' }, /seeds\[2\]: the same seed as seeds\[0\] \(line 9\)/],
	[{ seed: null, seeds: '[]' }, /:9: seeds: found an empty list/],
	[{ seed: null, seeds: '3' }, /:9: seeds: found 3; allowed: a list/],
	[{ seed: null, seeds: '[1, -2]' }, /:9: seeds\[1\]: found -2/],
	// attempts
	[
		{ attempts: null },
		/^x\.yaml:1: attempts: missing; allowed: a whole number from 1 to 1,000,000,000/,
	],
	[{ attempts: '0' }, /^x\.yaml:5: attempts: found 0; allowed/],
	[{ attempts: '1e12' }, /^x\.yaml:5: attempts: found 1000000000000; allowed/],
	[{ attempts: '2.5' }, /^x\.yaml:5: attempts: found 2\.5; allowed/],
	[{ attempts: 'many' }, /^x\.yaml:5: attempts: found "many"; allowed/],
	[{ attempts: '.inf' }, /^x\.yaml:5: attempts: found Infinity; allowed/],
	[{ attempts: '[5]' }, /^x\.yaml:5: attempts: found a list; allowed/],
	// task
	[{ task: 'closed' }, /^x\.yaml:3: task: found "closed"; allowed: a mapping with kind/],
	[{ task: '{ kind: open }' }, /^x\.yaml:3: task\.kind: found "open"; allowed/],
	[{ task: '{ kind: closed }' }, /^x\.yaml:3: task\.states: missing/],
	[{ task: '{ kind: closed, states: [] }' }, /:3: task\.states: found an empty list/],
	[{ task: '{ kind: closed, states: [A] }' }, /:3: task\.states: found a list; .* 2 to 100,000/],
	[
		{ task: '\n  kind: closed\n  states:\n    - A\n    - ""' },
		/^x\.yaml:7: task\.states\[1\]: found ""/,
	],
	[
		{ task: '\n  kind: closed\n  states:\n    - A\n    - A' },
		/^x\.yaml:7: task\.states\[1\]: found "A", the same state as \[0\]/,
	],
	[{ task: '{ kind: closed, states: [A, "A "] }' }, /but for blanks around it/],
	[{ task: '{ kind: closed, states: [A, "B "] }' }, /:3: task\.states\[1\]: found "B "/],
	[{ task: '{ kind: closed, states: [A, "B\\nC"] }' }, /task\.states\[1\]: found "B\\nC"/],
	[{ task: '{ kind: closed, states: [A, "B\\u0007"] }' }, /task\.states\[1\]: found "B\\u0007"/],
	[{ task: '{ kind: closed, states: [A, "\\ud800"] }' }, /task\.states\[1\]: found "\\ud800"/],
	[{ task: `{ kind: closed, states: [A, ${long(1001)}] }` }, /task\.states\[1\]: found "x+…"/],
	[{ task: '{ kind: closed, states: [A, 1] }' }, /states\[1\]: found 1; .*put quotes around 1/],
	[{ task: '{ kind: closed, states: [A, true] }' }, /states\[1\]: found true; .*put quotes/],
	[{ task: '{ kind: closed, states: [A, null] }' }, /states\[1\]: found no value/],
	[{ task: '{ kind: closed, states: [A, [B]] }' }, /states\[1\]: found a list/],
	[
		{ task: '{ kind: closed, states: [A, B C], read: first-word }' },
		/states\[1\]: found "B C" with read: first-word/,
	],
	[
		{ task: '{ kind: closed, states: [A, B], read: last }' },
		/task\.read: found "last"; allowed: whole, first-word/,
	],
	[
		{ task: '{ kind: closed, states: [A, B.C] }', sampling: '{ stop: ["."] }' },
		/states\[1\]: .*stop text "\."/,
	],
	[{ task: '{ kind: words, letterSum: 0 }' }, /task\.letterSum: found 0/],
	[{ task: '{ kind: words, letterSum: 1e9 }' }, /task\.letterSum: found 1000000000/],
	[
		{ task: '{ kind: words, letterSum: 3, list: absent.txt }' },
		/:3: task\.list: word list absent\.txt does not exist/,
	],
	// sources
	[
		{ sources: '{ design: fixd }' },
		/^x\.yaml:4: sources\.design: found "fixd"; allowed: fixed, crawl, chain/,
	],
	[{ sources: 'fixed' }, /^x\.yaml:4: sources: found "fixed"; allowed: a mapping/],
	[
		{ sources: '{ states: [A, D] }' },
		/^x\.yaml:4: sources\.states\[1\]: found "D"; allowed: a state of the task/,
	],
	[
		{ sources: '{ states: [A, A] }' },
		/^x\.yaml:4: sources\.states\[1\]: found "A", the same state/,
	],
	[{ sources: '{ states: [] }' }, /^x\.yaml:4: sources\.states: found an empty list/],
	[{ task: '{ kind: words, letterSum: 3 }' }, /sources\.states: missing; allowed: a list of words/],
	[
		{ task: '{ kind: words, letterSum: 3 }', sources: '{ states: [ab] }' },
		/sources\.states\[0\]: found "ab"; .*did you mean "AB"/,
	],
	[
		{ task: '{ kind: words, letterSum: 3 }', sources: '{ states: [AC] }' },
		/states\[0\]: found "AC"/,
	],
	// models
	[{ models: null }, /^x\.yaml:1: models: missing; allowed: a list of 1 to 10,000 entries/],
	[{ models: '[]' }, /^x\.yaml:6: models: found an empty list/],
	[
		{ models: '[ m ]' },
		/^x\.yaml:6: models\[0\]: found "m"; allowed: a mapping with id, path, sha256/,
	],
	[{ models: '[ { path: a.gguf } ]' }, /^x\.yaml:6: models\[0\]\.id: missing/],
	[{ models: '[ { id: "a b" } ]' }, /models\[0\]\.id: found "a b"/],
	[{ models: '[ { id: m }, { id: m, path: b } ]' }, /models\[1\]\.id: the same id as models\[0\]/],
	[
		{ models: '[ { id: a, path: ./b }, { id: c, path: b } ]' },
		/models\[1\]\.path: the same file as models\[0\]/,
	],
	[
		{ models: '[ { id: m, path: "hf:o/r/f.gguf" } ]' },
		/^x\.yaml:6: models\[0\]\.path: .*download it first/,
	],
	[{ models: '[ { id: m, path: "https://h/f.gguf" } ]' }, /models\[0\]\.path: .*download it first/],
	[{ models: '[ { id: m, path: "" } ]' }, /models\[0\]\.path: found ""/],
	[{ models: `[ { id: m, sha256: ${HEX}0 } ]` }, /models\[0\]\.sha256: .*64 hexadecimal digits/],
	[{ models: '[ { id: m, sha256: 123 } ]' }, /sha256: found 123; .*put quotes/],
	// templates
	[{ templates: '[ { id: p } ]' }, /^x\.yaml:7: templates\[0\]: found neither text nor file/],
	[
		{ templates: '[ { id: p, text: "{state}", file: f } ]' },
		/templates\[0\]: found both text and file/,
	],
	[{ templates: '[ { id: p, text: "no place" } ]' }, /templates\[0\]\.text: found no \{state\}/],
	[{ templates: '[ { id: p, text: "" } ]' }, /templates\[0\]\.text: found ""/],
	[{ templates: '[ { id: p, text: "{State}" } ]' }, /found "\{State\}"; did you mean \{state\}\?/],
	[{ templates: '[ { id: p, text: "{state} {states}" } ]' }, /found "\{states\}"; did you mean/],
	[{ templates: '[ { id: p, text: "{{state}}" } ]' }, /found "\{\{state\}\}"; did you mean/],
	[{ templates: '[ { id: p, text: "{ state }" } ]' }, /found "\{ state \}"; did you mean/],
	[{ templates: '[ { id: p, text: "{state}\\0" } ]' }, /found a NUL character/],
	[
		{ templates: '[ { id: p, file: absent.txt } ]' },
		/:7: templates\[0\]\.file: template file absent\.txt does not exist/,
	],
	[
		{ templates: '[ { id: p, text: "{state}", chat: "yes" } ]' },
		/chat: found "yes"; allowed: true, false/,
	],
	[
		{ templates: '[ { id: p, text: "{state}" }, { id: p, text: "{state}!" } ]' },
		/templates\[1\]\.id: the same id/,
	],
	[
		{ templates: '[ { id: p, text: "{state}" }, { id: q, text: "{state}" } ]' },
		/templates\[1\]: the same prompt as templates\[0\]/,
	],
	// sampling
	[{ sampling: '{ temperature: -0.1 }' }, /^x\.yaml:8: sampling\.temperature: found -0\.1/],
	[{ sampling: '{ temperature: 101 }' }, /sampling\.temperature: found 101/],
	[{ sampling: '{ temperature: .nan }' }, /sampling\.temperature: found NaN/],
	[{ sampling: '{ temperature: .inf }' }, /sampling\.temperature: found Infinity/],
	[{ sampling: '{ topK: -1 }' }, /sampling\.topK: found -1/],
	[{ sampling: '{ topP: 0 }' }, /sampling\.topP: found 0; allowed: a number above 0/],
	[{ sampling: '{ topP: 1.01 }' }, /sampling\.topP: found 1\.01/],
	[{ sampling: '{ minP: 1 }' }, /sampling\.minP: found 1; allowed: a number from 0 to below 1/],
	[{ sampling: '{ maxTokens: 0 }' }, /sampling\.maxTokens: found 0/],
	[{ sampling: '{ maxTokens: 4097 }' }, /sampling\.maxTokens: found 4097/],
	[{ sampling: '{ stop: "." }' }, /sampling\.stop: found "\."; allowed: a list/],
	[{ sampling: '{ stop: [""] }' }, /sampling\.stop\[0\]: found ""/],
	[{ sampling: `{ stop: [${long(65)}] }` }, /sampling\.stop\[0\]: found "x/],
	[{ sampling: '{ stop: [a, a] }' }, /sampling\.stop: found a list; .*different/],
	[{ sampling: '[ {}, { topK: 0 } ]' }, /sampling\[1\]: the same setting as sampling\[0\]/],
	[{ sampling: '[ { stop: [x, y] }, { stop: [y, x] } ]' }, /sampling\[1\]: the same setting/],
	[{ sampling: '[ { temperature: [0, 1] } ]' }, /sampling\[0\]\.temperature: found a list/],
	[{ sampling: '[]' }, /sampling: found an empty list/],
	// engine
	[{ engine: '{ gpu: gpu }' }, /^x\.yaml:9: engine\.gpu: found "gpu"; allowed: cpu, auto, cuda/],
	[{ engine: '{ width: 65 }' }, /engine\.width: found 65; allowed: a whole number from 1 to 64/],
	[{ engine: '{ threads: 0 }' }, /engine\.threads: found 0; allowed: auto, or a whole/],
	[{ engine: '{ threads: all }' }, /engine\.threads: found "all"; allowed: auto, or a whole/],
	[
		{ engine: '{ width: 16, batchSize: 15 }' },
		/engine\.batchSize: found batchSize 15 below width 16/,
	],
	[{ engine: '{ gpuLayers: 1 }' }, /engine\.gpuLayers: found 1 with gpu: cpu/],
	[
		{ engine: '{ contextSize: 16 }', sampling: '{ maxTokens: 16 }' },
		/engine\.contextSize: found 16; allowed: more than maxTokens \(16\)/,
	],
	// size of the plan
	[
		{
			seed: null,
			seeds: JSON.stringify(Array.from({ length: 400 }, (_, i) => i)),
			sampling: JSON.stringify(Array.from({ length: 400 }, (_, i) => ({ topK: i }))),
		},
		/found 160000; allowed: at most 100000 cells/,
	],
];

test('each fault is refused by line, key, what was found and what is allowed', () => {
	for (const [changes, expect] of ROWS) {
		const message = refusal(() => read(yaml(changes)));
		assert.match(message, expect, `${JSON.stringify(changes).slice(0, 200)}\n${message}`);
		assert.is(message.split('\n').length <= 2, true, `one fault, said once: ${message}`);
	}
});

/** Texts that are no mapping at all. */
const TEXTS: readonly (readonly [text: string, expect: RegExp])[] = [
	['', /^x\.yaml:1: the file is empty/],
	['# only a comment\n', /^x\.yaml:1: the file is empty/],
	['~', /^x\.yaml:1: the file is empty/],
	['- name: a', /^x\.yaml:1: found a list at the top/],
	['\n\nhello', /^x\.yaml:3: found a single value at the top/],
	['name: [', /^x\.yaml:1: not valid YAML: /],
	['name: a\n\tseed: 1', /^x\.yaml:2: not valid YAML: /],
	[`${yaml()}---\nname: b\n`, /^x\.yaml:10: not valid YAML: .*multiple documents/],
	[yaml({ name: '!shell a' }), /^x\.yaml:1: not valid YAML: Unresolved tag/],
	[yaml({ name: '*gone' }), /^x\.yaml:1: .*gone; allowed: at most 100 aliases/],
	['['.repeat(100_000), /^x\.yaml:1: not valid YAML: /],
	[`name: ${'x'.repeat(1_000_000)}`, /^x\.yaml: has 1000006 bytes; at most 1000000/],
	[
		`a: &a [x, x, x, x, x, x, x, x, x, x]\n${[...'bcdefgh']
			.map((c, i) => `${c}: &${c} [${Array(10).fill(`*${'abcdefgh'[i]}`)}]\n`)
			.join('')}`,
		/^x\.yaml:1: Excessive alias count.*allowed: at most 100 aliases/,
	],
];

test('a text that is not one YAML mapping is refused with its line', () => {
	for (const [text, expect] of TEXTS)
		assert.match(
			refusal(() => read(text)),
			expect,
			text.slice(0, 60),
		);
});

test('all faults are told at once, by line, wherever they stand', () => {
	const message = refusal(() =>
		read(
			yaml({
				name: '.x',
				seed: '-1',
				task: '{ kind: closed, states: [A, "A ", 3] }',
				attempts: '0',
				models: '[ { id: m }, { id: 7 }, { id: m } ]',
				templates: '[ { id: p, text: none }, { id: p, txt: "{state}" } ]',
				sampling: '[ { topP: 2 }, { minP: 1 } ]',
				engine: '{ width: 32, batchSize: 16 }',
				extra: '1',
			}),
		),
	);
	const keys = message.split('\n').map((line) => line.split(': ')[1]);
	assert.equal(keys, [
		'name',
		'seed',
		'task.states[1]',
		'task.states[1]',
		'task.states[2]',
		'attempts',
		'models[1].id',
		'models[2].id',
		'templates[1].txt',
		'templates[0].text',
		'sampling[0].topP',
		'sampling[1].minP',
		'engine.batchSize',
		'extra',
	]);
	const lines = message.split('\n').map((line) => Number(line.split(':')[1]));
	assert.equal(
		lines,
		lines.toSorted((a, b) => a - b),
	);
});

test('more than 100,000 states are refused, and a flood of faults is cut and counted quickly', () => {
	const many = Array.from({ length: 100_001 }, (_, i) => `z${i.toString(36)}`);
	const begun = Date.now();
	assert.match(
		refusal(() => read(yaml({ task: `{ kind: closed, states: [${many}] }` }))),
		/^x\.yaml:3: task\.states: found a list; allowed: a list of 2 to 100,000 states$/,
	);
	const numbers = many.slice(1).map((_, i) => i);
	assert.match(
		refusal(() => read(yaml({ task: `{ kind: closed, states: [${numbers}] }` }))),
		/\n… and 99900 more faults$/,
	);
	const keys = Array.from({ length: 80_000 }, (_, i) => `k${i}: 1\n`).join('');
	assert.match(
		refusal(() => read(keys)),
		/… and \d+ more faults$/,
	);
	assert.ok(Date.now() - begun < 60_000, 'quadratic work');
});

test.run();
