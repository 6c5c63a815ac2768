/** ggml's block formats Q8_0 and Q4_0: 32 values share one scale, kept as a half. */

const BLOCK = 32;

export type Quantisation = 'Q8_0' | 'Q4_0';

/** The 16 bits of a finite double as an IEEE half, to nearest, ties to even. @throws RangeError beyond 65504 */
export function halfBits(value: number): number {
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	const size = Math.abs(value);
	if (!(size <= 65504)) throw new RangeError(`${value} is no half`);
	const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
	const steps = roundEven(size / 2 ** (exponent - 10));
	// A step count of 2048 carries into the exponent by itself.
	return sign + (size < 2 ** -14 ? steps : (exponent + 15) * 1024 + (steps - 1024));
}

function roundEven(x: number): number {
	const floor = Math.floor(x);
	const rest = x - floor;
	return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The bytes of rows whose length is a multiple of 32, by ggml's reference rounding. */
export function quantise(values: Float32Array, type: Quantisation): Uint8Array {
	const bytes = type === 'Q8_0' ? 34 : 18;
	const out = new Uint8Array((values.length / BLOCK) * bytes);
	for (let block = 0; block * BLOCK < values.length; block++) {
		const part = values.subarray(block * BLOCK, (block + 1) * BLOCK);
		const target = out.subarray(block * bytes, (block + 1) * bytes);
		(type === 'Q8_0' ? eightBits : fourBits)(part, target);
	}
	return out;
}

/** Scale d = max|x| / 127, then round(x / d). */
function eightBits(part: Float32Array, out: Uint8Array): void {
	const scale = Math.fround(part.reduce((max, x) => Math.max(max, Math.abs(x)), 0) / 127);
	putHalf(out, scale);
	const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
	part.forEach((x, i) => {
		const y = Math.fround(x * inverse);
		// C's roundf: halves go away from zero.
		out[2 + i] = (Math.sign(y) * Math.floor(Math.abs(y) + 0.5)) & 0xff;
	});
}

/** Scale d = x_m / −8 with x_m the value farthest from 0, then x / d + 8.5 cut to 0 … 15; value i beside value i + 16. */
function fourBits(part: Float32Array, out: Uint8Array): void {
	const farthest = part.reduce((far, x) => (Math.abs(x) > Math.abs(far) ? x : far), 0);
	const scale = Math.fround(farthest / -8);
	putHalf(out, scale);
	const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
	const level = (x: number) =>
		Math.min(15, Math.trunc(Math.fround(Math.fround(x * inverse) + 8.5)));
	for (let i = 0; i < BLOCK / 2; i++)
		out[2 + i] = level(part[i] as number) | (level(part[i + BLOCK / 2] as number) << 4);
}

function putHalf(out: Uint8Array, scale: number): void {
	const bits = halfBits(scale);
	out[0] = bits & 0xff;
	out[1] = bits >> 8;
}
