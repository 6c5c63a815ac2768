/** Text from elsewhere, made safe: what can drive a terminal goes, everything else stays. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { safeJson, safeLine, safeText } from '../harness/safe-text.js';

const HOSTILE = [
	'\0',
	'\u0007',
	'\b',
	'\t',
	'\r',
	'\u001b',
	'\u007f',
	'\u0080',
	'\u009b',
	'\u061c',
	'\u200e',
	'\u200f',
	'\u202a',
	'\u202e',
	'\u2028',
	'\u2029',
	'\u2066',
	'\u2069',
];
const HARMLESS = [
	'a',
	' ',
	'"',
	'<',
	'é',
	'漢',
	'🍐',
	'\u00a0',
	'\u0301',
	'\u200d',
	'\u202f',
	'\ufffd',
];

test('each hostile character is replaced, its harmless neighbours are not', () => {
	for (const c of HOSTILE) {
		assert.is(safeText(`a${c}b`), 'a␦b', JSON.stringify(c));
		assert.is(safeLine(`a${c}b`), 'a␦b', JSON.stringify(c));
	}
	for (const c of HARMLESS) {
		assert.is(safeText(`a${c}b`), `a${c}b`);
		assert.is(safeJson(`"a${c}b"`), `"a${c}b"`);
	}
});

test('lines stay lines in a text, not in a line', () => {
	assert.is(safeText('a\u001b[2J\nb'), 'a␦[2J\nb');
	assert.is(safeLine('a\nb'), 'a␦b');
	assert.is(safeText('a\ud800'), 'a\ufffd');
});

test('JSON: the same value, and no hostile character left', () => {
	assert.is(safeJson('"a\u2028b"'), '"a\\u2028b"');
	const value = { [HOSTILE.join('')]: [HOSTILE.join('x'), '\\u2028', '\ud800', '\\'] };
	const text = safeJson(JSON.stringify(value, null, 1));
	assert.equal(JSON.parse(text), value);
	for (const c of HOSTILE) assert.not.ok(text.includes(c), JSON.stringify(c));
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (any) => {
			const written = safeJson(JSON.stringify(any));
			assert.is(JSON.parse(written), any);
			assert.is(safeText(written), written);
		}),
	);
});

test.run();
