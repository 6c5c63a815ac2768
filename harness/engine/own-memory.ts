/** Reading the memory of this very process: Linux shows it as a file. */
import { openSync, readFileSync, readSync } from 'node:fs';

/** Bytes looked through at a time. */
const CHUNK = 8 * 2 ** 20;
/** More memory than this is not looked through: a search takes some 0.4 s a GiB. */
const MOST_SEARCHED = 16 * 2 ** 30;

interface Region {
	readonly start: number;
	readonly end: number;
}

export class OwnMemory {
	static #opened: OwnMemory | null | undefined;
	readonly #file: number;

	private constructor(file: number) {
		this.#file = file;
	}

	/** @returns null on systems that do not show it, or not to this process */
	static open(): OwnMemory | null {
		OwnMemory.#opened ??= process.platform === 'linux' ? OwnMemory.#tryOpen() : null;
		return OwnMemory.#opened;
	}

	static #tryOpen(): OwnMemory | null {
		try {
			return new OwnMemory(openSync('/proc/self/mem', 'r'));
		} catch {
			return null;
		}
	}

	/** Fills `target` from `address` on; false where there is no such memory. */
	read(address: number, target: Uint8Array): boolean {
		try {
			return readSync(this.#file, target, 0, target.length, address) === target.length;
		} catch {
			return false;
		}
	}

	/** Addresses of writable, private memory that hold `bytes`; none where there is too much of it. */
	find(bytes: Uint8Array): number[] {
		const regions = writableRegions(bytes.length);
		const total = regions.reduce((sum, { start, end }) => sum + end - start, 0);
		if (total > MOST_SEARCHED) return [];
		const chunk = Buffer.allocUnsafe(CHUNK);
		return regions.flatMap((region) => this.#findIn(region, bytes, chunk));
	}

	#findIn({ start, end }: Region, bytes: Uint8Array, chunk: Buffer): number[] {
		const found: number[] = [];
		for (let at = start; end - at >= bytes.length; at += CHUNK - bytes.length + 1) {
			const part = chunk.subarray(0, Math.min(CHUNK, end - at));
			if (!this.read(at, part)) break;
			for (let i = part.indexOf(bytes); i >= 0; i = part.indexOf(bytes, i + 1)) found.push(at + i);
		}
		return found;
	}
}

/** Writable regions that are no file, of at least so many bytes. */
function writableRegions(least: number): Region[] {
	const regions: Region[] = [];
	for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
		const parts = /^([0-9a-f]+)-([0-9a-f]+) rw.p \S+ \S+ 0 /.exec(line);
		if (!parts) continue;
		const [start, end] = [
			Number.parseInt(parts[1] as string, 16),
			Number.parseInt(parts[2] as string, 16),
		];
		if (end - start >= least && Number.isSafeInteger(end)) regions.push({ start, end });
	}
	return regions;
}
