import {
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	renameSync,
	rmdirSync,
	rmSync,
	statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { DEFAULT_LIMITS } from './inspect.js';
import { type VerifiedArchive, type VerifyOptions, verifyInto } from './verify.js';

/**
 * Restores an archive into a new folder, if nothing is wrong with it: all of it, or nothing.
 * @returns what was verified; where it is not `ok`, nothing was written
 * @throws UsageError where the file is no archive, or the folder is there and not empty
 */
export async function openArchive(
	file: string,
	dir: string,
	{ limits = DEFAULT_LIMITS, signal = new AbortController().signal }: VerifyOptions = {},
): Promise<VerifiedArchive> {
	const target = resolve(dir);
	checkTarget(target);
	const draft = makeDraft(target);
	try {
		// The draft itself is for its maker only; what takes the target's place has common rights.
		const folder = join(draft, 'bag');
		mkdirSync(folder);
		const verified = await verifyInto(file, { folder, limits, signal, keep: () => true });
		if (!verified.ok) return verified;
		signal.throwIfAborted();
		checkTarget(target);
		if (existsSync(target)) rmdirSync(target);
		renameSync(folder, target);
		return verified;
	} finally {
		rmSync(draft, { recursive: true, force: true });
	}
}

function checkTarget(target: string): void {
	const stats = lstatSync(target, { throwIfNoEntry: false });
	if (stats === undefined) {
		if (statSync(dirname(target), { throwIfNoEntry: false })?.isDirectory()) return;
		throw new UsageError(`the folder of ${target} does not exist: make it, or name another one`);
	}
	if (!stats.isDirectory()) throw new UsageError(`${target} is not a folder: name a new one`);
	if (readdirSync(target).length > 0)
		throw new UsageError(`${target} is not empty: name a new or an empty folder`);
}

/** Beside the target, so that it can take its place in one step. */
function makeDraft(target: string): string {
	try {
		return mkdtempSync(join(dirname(target), `.${basename(target)}.`));
	} catch (cause) {
		throw new UsageError(
			`${target} cannot be written: ${(cause as Error).message}. Change the permissions of its folder, or name another one`,
			{ cause },
		);
	}
}
