/** The block formats against their definition and against typed arrays of halves read back. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { halfBits, quantise } from '../../models/train/quantise.js';

/** The value of an IEEE half, by its definition. */
function half(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	return (
		sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
	);
}

const scaleOf = (block: Uint8Array) => half((block[0] as number) | ((block[1] as number) << 8));

function eightBits(block: Uint8Array): number[] {
	return Array.from(new Int8Array(block.slice(2).buffer), (q) => q * scaleOf(block));
}

function fourBits(block: Uint8Array): number[] {
	const low = Array.from(block.slice(2), (byte) => ((byte & 15) - 8) * scaleOf(block));
	const high = Array.from(block.slice(2), (byte) => ((byte >> 4) - 8) * scaleOf(block));
	return [...low, ...high];
}

test('every half is its own nearest half', () => {
	for (let bits = 0; bits < 0x7c00; bits++) {
		assert.is(halfBits(half(bits)), bits);
		assert.is(halfBits(-half(bits)), bits | 0x8000);
	}
});

test('a value between two halves goes to the nearer, a tie to the even one', () => {
	for (const bits of [0, 1, 1023, 1024, 0x3c00, 0x7bfe]) {
		const [low, high] = [half(bits), half(bits + 1)];
		assert.is(halfBits(low + 0.4 * (high - low)), bits);
		assert.is(halfBits(low + 0.6 * (high - low)), bits + 1);
		assert.is(halfBits((low + high) / 2), bits % 2 === 0 ? bits : bits + 1);
	}
	assert.throws(() => halfBits(65505), RangeError);
	assert.throws(() => halfBits(Number.NaN), RangeError);
});

const block = fc.float32Array({
	minLength: 32,
	maxLength: 32,
	min: -100,
	max: 100,
	noNaN: true,
});

test('Q8_0 is within half a step, and a little for the scale that became a half', () =>
	fc.assert(
		fc.property(block, (values) => {
			const bytes = quantise(values, 'Q8_0');
			assert.is(bytes.length, 34);
			const largest = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
			const allowed = (largest / 127) * (0.5 + 127 * 2 ** -11) + 127 * 2 ** -25 + 1e-30;
			for (const [i, x] of eightBits(bytes).entries())
				assert.ok(Math.abs(x - (values[i] as number)) <= allowed * 1.0001);
		}),
		{ seed: 1 },
	));

test('Q4_0 is within half a step but at the short end of its range, and exact on its grid', () => {
	fc.assert(
		fc.property(block, (values) => {
			const bytes = quantise(values, 'Q4_0');
			assert.is(bytes.length, 18);
			const farthest = values.reduce((far, x) => (Math.abs(x) > Math.abs(far) ? x : far), 0);
			const step = Math.abs(farthest) / 8;
			for (const [i, x] of fourBits(bytes).entries()) {
				const value = values[i] as number;
				// −8 … 7 steps: on the other side of zero than the farthest value, 7.5 to 8 are cut to 7.
				const short = value * farthest < 0 && Math.abs(value) > 7.5 * step;
				const allowed = step * ((short ? 1 : 0.5) + 8 * 2 ** -11) + 8 * 2 ** -25 + 1e-30;
				assert.ok(Math.abs(x - value) <= allowed * 1.0001, `${value} became ${x}`);
			}
		}),
		{ seed: 1 },
	);
	const grid = Float32Array.from({ length: 32 }, (_, i) => ((i % 16) - 8) * 0.5);
	assert.equal(fourBits(quantise(grid, 'Q4_0')), [...grid]);
});

test('zeros stay zeros, blocks stay apart', () => {
	const values = new Float32Array(64);
	values[40] = 127;
	const bytes = quantise(values, 'Q8_0');
	assert.equal(eightBits(bytes.subarray(0, 34)).map(Math.abs), new Array(32).fill(0));
	assert.is(eightBits(bytes.subarray(34))[8], 127);
});

test.run();
