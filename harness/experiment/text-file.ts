import { readFileSync, statSync } from 'node:fs';

export type TextFile = { readonly text: string } | { readonly fault: string };

/** Reads a UTF-8 text file of at most `limit` bytes. Looks before it opens: a pipe would block, a device never end. */
export function readTextFile(path: string, limit: number): TextFile {
	try {
		const status = statSync(path);
		if (status.isDirectory()) return { fault: 'is a directory; give a text file' };
		if (!status.isFile()) return { fault: 'is a device or a pipe; give a regular text file' };
		if (status.size > limit) return tooLarge(status.size, limit);
		const bytes = readFileSync(path);
		if (bytes.length > limit) return tooLarge(bytes.length, limit);
		return decode(bytes);
	} catch (error) {
		return { fault: whyUnreadable(error) };
	}
}

function decode(bytes: Uint8Array): TextFile {
	try {
		return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
	} catch {
		return { fault: 'is not UTF-8 text; save it as UTF-8' };
	}
}

function tooLarge(size: number, limit: number): TextFile {
	return { fault: `has ${size} bytes; at most ${limit} are allowed` };
}

function whyUnreadable(error: unknown): string {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist; check the path';
	if (code === 'EACCES' || code === 'EPERM') return 'may not be read; check its permissions';
	return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
}
