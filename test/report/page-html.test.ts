/** Escaping, against a parser that is not ours. */
import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
	box,
	html,
	joined,
	Markup,
	name,
	shortened,
	trusted,
	visible,
} from '../../harness/report/page/html.js';

const test = suite('report page: html');

/** Any UTF-16 text, lone surrogates, controls and markup among it. */
const hostile = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc
		.array(
			fc.constantFrom(
				...[
					'<script>',
					'</pre>',
					'"',
					"'",
					'`',
					'&amp;',
					'&',
					'<!--',
					'-->',
					']]>',
					'\ud800',
					'\udfff',
				],
				...[
					'\u202e',
					'\u0000',
					'\r',
					'\n',
					'\t',
					'\u2028',
					'😀',
					'=',
					' onclick=',
					'\u{e0041}',
					'>',
				],
			),
		)
		.map((parts) => parts.join('')),
);

function parsed(markup: Markup) {
	return parseHTML(`<!DOCTYPE html><html><body>${markup}</body></html>`).document;
}

test('a text comes back from between tags and from attributes as it went in', () => {
	fc.assert(
		fc.property(hostile, (text) => {
			const document = parsed(html`<p title="${text}" id="it">${text}</p><i></i>`);
			const [p, i] = [...document.body.children];
			assert.is(document.body.children.length, 2);
			assert.equal([p?.tagName, i?.tagName], ['P', 'I']);
			assert.is(p?.children.length, 0);
			assert.is(p?.textContent, visible(text));
			assert.is(p?.getAttribute('title'), visible(text));
			assert.equal([...(p?.attributes ?? [])].map((a) => a.name).sort(), ['id', 'title']);
		}),
		{ numRuns: 500 },
	);
});

test('visible leaves nothing that steers, and everything that shows', () => {
	assert.is(visible('a\u0000\u0007\u001b[31m\r\u007f\u0085b'), 'a␦␦␦[31m␦␦␦b');
	assert.is(
		visible('\u202edesrever\u202c \u2066x\u2069 \u200f\u061c\u200b\ufeff\u2028'),
		'␦desrever␦ ␦x␦ ␦␦␦␦␦',
	);
	assert.is(visible('hidden\u{e0041}\u{e0042}'), 'hidden␦␦');
	assert.is(visible('\ud83d and \ude00'), '\ufffd and \ufffd');
	assert.is(visible('Käse 漢字 😀 👩‍🔬 שלום\n\t'), 'Käse 漢字 😀 👩‍🔬 שלום\n\t');
});

test('markup stays markup; what only looks like it does not', () => {
	const inner = html`<b>${'<i>'}</b>`;
	assert.is(
		String(html`<p>${inner}${null}${[1, [inner]]}</p>`),
		'<p><b>&lt;i&gt;</b>1<b>&lt;i&gt;</b></p>',
	);
	const fake = { toString: () => '<script>' } as unknown as Markup;
	assert.throws(() => String(html`<p>${fake}</p>`));
	assert.is(String(joined([trusted('<hr>'), '<hr>'])), '<hr>&lt;hr&gt;');
	assert.is(String(new Markup('<p>')), '<p>');
});

test('a place where escaping would not help is refused', () => {
	const text = 'x onclick=alert(1)';
	assert.throws(() => html`<p title=${text}></p>`, /without quotes/);
	assert.throws(() => html`<${text}></p>`, /without quotes/);
	assert.throws(() => html`<p ${text}></p>`, /text stands in a tag/);
	assert.is(String(html`<p${html` class="a"`}></p>`), '<p class="a"></p>');
	assert.is(String(html`<p${null}></p>`), '<p></p>');
});

test('long texts are cut, between characters, and their length is said', () => {
	assert.equal(shortened('abc', 3), { text: 'abc', length: null });
	assert.equal(shortened('abcd', 3), { text: 'abc', length: 4 });
	assert.equal(shortened('ab😀c', 3), { text: 'ab', length: 5 });
	assert.is(name('x'.repeat(80)), 'x'.repeat(80));
	assert.is(name('x'.repeat(81)), `${'x'.repeat(80)}… (81 characters)`);
	assert.is(name('a\nb\tc'), 'a␦b␦c');
	const megabyte = parsed(box('<'.repeat(1_000_000), 1000));
	assert.is(megabyte.querySelector('pre')?.textContent, `\n${'<'.repeat(1000)}`);
	assert.match(
		megabyte.querySelector('p')?.textContent ?? '',
		/first 1,000 of 1,000,000 characters/,
	);
	assert.is(parsed(box('\nabc', 1000)).querySelector('p'), null);
});

test.run();
