/** The face of a cache of laws that lets a run go on, whatever becomes of the cache. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { HarnessError, UsageError } from '../errors.js';
import { sqliteCode } from './failures.js';
import { LawCache, originNamed } from './law-cache.js';
import type { KeptLaw, LawOrigin, LawPath } from './law-key.js';

export interface KeeperOptions {
	readonly file: string;
	/** Bytes that the file may hold. */
	readonly limit: number;
	/** A line of talk: what does not work is said once, and the run goes on. */
	readonly say: (line: string) => void;
}

/** Laws of one identity; neither method throws. */
export interface KeptLaws {
	get(paths: readonly LawPath[]): (KeptLaw | null)[];
	put(path: LawPath, law: KeptLaw): void;
}

/** Free space that is left to others: a share of the disk, but no more than this. */
const RESERVE_SHARE = 1 / 20;
const RESERVE_BYTES = 2 ** 30;

/** Laws that wait while another process holds the file, in bytes. */
const MOST_WAITING = 64 * 2 ** 20;

export class LawKeeper {
	readonly #options: KeeperOptions;
	#cache: LawCache | null;
	#storing = true;
	#toldOfDamage = false;

	private constructor(cache: LawCache, options: KeeperOptions) {
		this.#cache = cache;
		this.#options = options;
	}

	/** Opens a cache, or makes it; null where that cannot be, which is said. */
	static open(options: KeeperOptions): LawKeeper | null {
		try {
			return new LawKeeper(LawCache.open(options.file, options.limit), options);
		} catch (error) {
			options.say(`warning: no cache is used: ${told(error)}`);
			return null;
		}
	}

	/** @param label what the experiment calls the model */
	shelf(identity: LawOrigin, label: string): KeptLaws {
		const origin = originNamed(identity, label);
		return {
			get: (paths) =>
				paths.map((path) =>
					this.#reading((cache) => {
						const law = cache.get(origin, path);
						if (law === 'damaged') this.#tellOfDamage();
						return law === 'damaged' ? null : law;
					}),
				),
			put: (path, law) => {
				if (this.#storing && this.#cache?.put(origin, path, law)) this.#flush();
			},
		};
	}

	/** Writes what waits. Idempotent. */
	close(): void {
		const cache = this.#cache;
		if (cache === null) return;
		if (this.#storing) this.#flush();
		this.#cache = null;
		try {
			cache.close();
		} catch (error) {
			this.#options.say(`warning: ${told(error)}`);
		}
	}

	#reading(read: (cache: LawCache) => KeptLaw | null): KeptLaw | null {
		if (this.#cache === null) return null;
		try {
			return read(this.#cache);
		} catch (error) {
			this.#options.say(`warning: the cache is used no longer: ${told(error)}`);
			this.#storing = false;
			this.close();
			return null;
		}
	}

	#flush(): void {
		const cache = this.#cache as LawCache;
		try {
			if (freeBytes(this.#options.file) < cache.pendingBytes)
				this.#stop(`little is free on the disk of ${this.#options.file}`);
			else if (!cache.flush())
				this.#stop(
					`${this.#options.file} is as large as it may be, of laws used today: raise --cache-limit`,
				);
		} catch (error) {
			const waits = sqliteCode(error)?.startsWith('SQLITE_BUSY') ?? false;
			if (!waits || cache.pendingBytes > MOST_WAITING) this.#stop(told(error));
		}
	}

	/** What is there is served on. */
	#stop(reason: string): void {
		this.#options.say(`warning: no more laws are kept: ${reason}`);
		this.#storing = false;
		this.#cache?.drop();
	}

	#tellOfDamage(): void {
		if (this.#toldOfDamage) return;
		this.#toldOfDamage = true;
		this.#options.say(
			`warning: ${this.#options.file} holds a law that is not as it was stored: such laws are evaluated anew and replaced`,
		);
	}
}

/** Free space on the disk of a file, less what is left to others. */
function freeBytes(file: string): number {
	const { bavail, blocks, bsize } = statfsSync(dirname(file));
	return bavail * bsize - Math.min(RESERVE_BYTES, blocks * bsize * RESERVE_SHARE);
}

/** What an expected failure says. @throws any other: a fault of ours */
function told(error: unknown): string {
	if (error instanceof UsageError || error instanceof HarnessError) return error.message;
	if (error instanceof Error && 'syscall' in error) return error.message;
	throw error;
}
