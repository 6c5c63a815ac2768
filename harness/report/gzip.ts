/** The one door to fflate: gzip in JavaScript, so that the bytes are the same on every machine. */
import { gzipSync } from 'fflate';

/**
 * Text as gzip, without a name or a time.
 *
 * @param text UTF-16; lone surrogates become U+FFFD
 * @returns RFC 1952 bytes; the same text gives the same bytes
 */
export function gzipped(text: string): Uint8Array {
	return gzipSync(new TextEncoder().encode(text), { level: 9, mtime: 0 });
}
