import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyChatTemplate } from '../../harness/experiment/chat-template.js';
import {
	misspeltPlaceholders,
	promptText,
	renderTemplate,
} from '../../harness/experiment/template.js';
import { refusal } from './example.js';

const MODEL = { id: 'm', bosText: '<s>', eosText: '</s>' };
const CHATML =
	"{{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m['content'] | trim }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const chat = (text: string, template: string | null) =>
	promptText({ id: 't', text, chat: true }, template, MODEL);

test('every {state} is replaced, letter for letter', () => {
	assert.is(renderTemplate('{state}-{state}', 'A'), 'A-A');
	assert.is(renderTemplate('a {state}', '$& $1 $$'), 'a $& $1 $$');
	assert.is(renderTemplate('a {state} b {state}', '{state}'), 'a {state} b {state}');
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (state) => {
			assert.is(renderTemplate('<{state}>', state), `<${state}>`);
		}),
	);
});

test('misspelt placeholders are found, other braces are left alone', () => {
	for (const text of [
		'{State}',
		'{STATE}',
		'{states}',
		'{ state }',
		'{stat}',
		'{{state}}',
		'{{State}}',
	])
		assert.is(misspeltPlaceholders(`a ${text} b`).length, 1, text);
	for (const text of [
		'{state}',
		'{stage}',
		'{x}',
		'{}',
		'{"a": {state}}',
		'{{x}}',
		'{{state}',
		'state',
	])
		assert.equal(misspeltPlaceholders(`a ${text} b`), [], text);
	const begun = performance.now();
	misspeltPlaceholders('{'.repeat(1_000_000));
	misspeltPlaceholders('{a'.repeat(500_000));
	assert.ok(performance.now() - begun < 5_000);
});

test('a plain template is its text', () => {
	const prompt = promptText({ id: 't', text: 'After {state}, {state}:', chat: false }, null, MODEL);
	assert.is(prompt.before, 'After ');
	assert.is(prompt.render('$&'), 'After $&, $&:');
	assert.not(prompt.special);
	assert.not(prompt.hasBos);
});

test('a chat template is applied around the state', () => {
	const prompt = chat(' After {state}, {state}: ', CHATML);
	const expected = (state: string) =>
		`<s><|im_start|>user\nAfter ${state}, ${state}:<|im_end|>\n<|im_start|>assistant\n`;
	assert.is(prompt.before, '<s><|im_start|>user\nAfter ');
	for (const state of ['A', '$&', '{{ bos_token }}', '{state}', ' "<\ue000'])
		assert.is(prompt.render(state), expected(state));
	assert.ok(prompt.special && prompt.hasBos);
	assert.not(chat('{state}', '{{ messages[0].content }}').hasBos);
});

test('a state that a chat template repeats stands in both places; text that looks like a mark is only text', () => {
	const twice = chat('{state}', '{{ messages[0].content }}|{{ messages[0].content }}');
	assert.is(twice.render('A'), 'A|A');
	const odd = chat('\ue000aA"<\ue001{state}', '{{ messages[0].content }}');
	assert.is(odd.render('A'), '\ue000aA"<\ue001A');
});

test('a chat template that cannot be used is refused with the names of template and model', () => {
	const rows: readonly (readonly [string | null, RegExp])[] = [
		[null, /has no chat template; use chat: false/],
		['{% for %}', /the model's chat template failed: "/],
		['{{ raise_exception("only tools") }}', /failed: "only tools"/],
		['{{ nothing() }}', /failed: "/],
		['no content', /drops or rewrites the state/],
		['{{ messages[0].content | upper }}', /drops or rewrites the state/],
		['{{ messages[0].content | tojson }}', /drops or rewrites the state/],
		['{{ messages[0].content[:3] }}', /drops or rewrites the state/],
		['{% for i in range(1000) %}{{ "0123456789" * 200 }}{% endfor %}', /failed|wrote 2000000/],
		['{{ range(1000000000000) | length }}', /too much memory|failed|did not end/],
		['{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', /failed: "|too much memory/],
		[' '.repeat(256 * 1024 + 1), /has 262145 characters; at most 262144/],
	];
	for (const [template, expect] of rows) {
		const message = refusal(() => chat('{state}', template));
		assert.match(message, /^template t \(chat: true\) on model m: /);
		assert.match(message, expect, `${template?.slice(0, 80)}`);
	}
	const one = chat('{state} {state}', '{{ messages[0].content }}');
	assert.is(one.render('A'), 'A A');
	const lost = "{{ messages[0].content.split(' ')[0] }}";
	assert.match(
		refusal(() => chat('{state} {state}', lost)),
		/drops or rewrites the state/,
	);
});

const INPUT = { content: 'A', bosText: '', eosText: '' };

test('endless work and endless output end', () => {
	const endless =
		'{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}';
	const begun = performance.now();
	const reply = applyChatTemplate(endless, INPUT, 2_000);
	assert.match('fault' in reply ? reply.fault : '', /did not end within 2000 ms|too much memory/);
	assert.ok(performance.now() - begun < 20_000);
	const flood = `{% for a in range(30000) %}${'x'.repeat(50)}{% endfor %}`;
	const long = applyChatTemplate(flood, INPUT);
	assert.match('fault' in long ? long.fault : '', /wrote 1500000 characters; at most 1000000/);
});

test('a date in a chat template is the same every day', () => {
	const reply = applyChatTemplate('{{ strftime_now("%d %b %Y %H:%M") }}', INPUT);
	assert.equal(reply, { text: '26 Jul 2024 00:00' });
});

test.run();
