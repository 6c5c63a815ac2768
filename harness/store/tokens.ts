/** Largest value of an unsigned 32-bit integer. */
export const UINT32_MAX = 0xffffffff;

export function isUint32(value: unknown): value is number {
	return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= UINT32_MAX;
}

/** Token ids as unsigned 32-bit integers, least significant byte first. */
export function encodeTokens(tokens: readonly number[]): Buffer {
	const bytes = Buffer.alloc(4 * tokens.length);
	tokens.forEach((token, i) => {
		bytes.writeUInt32LE(token, 4 * i);
	});
	return bytes;
}

export function decodeTokens(bytes: Uint8Array): number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getUint32(4 * i, true));
}
