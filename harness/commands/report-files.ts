/** Files of a report: never half-written, never over what is not ours. */
import {
	closeSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HarnessError, UsageError } from '../errors.js';
import { REPORT_MARK } from '../report/page/page.js';

/**
 * Whether a report may be written there.
 * @throws UsageError where the folder is missing, or something else than a report stands there
 */
export function checkReport(
	file: string,
	{ force, inputs }: { readonly force: boolean; readonly inputs: readonly string[] },
): void {
	checkFolderOf(file);
	if (!existsSync(file)) return;
	if (!statSync(file).isFile()) {
		throw new UsageError(`${file} is no file; name another with --output`);
	}
	const same = realpathSync(file);
	const input = inputs.find((db) => existsSync(db) && realpathSync(db) === same);
	if (input !== undefined) {
		throw new UsageError(`--output ${file} is the database itself; name another file`);
	}
	if (!force && !startsWith(file, REPORT_MARK)) {
		throw new UsageError(
			`${file} is no report of detbal; name another file with --output, or overwrite it with --force`,
		);
	}
}

/** @throws UsageError where a folder for figures cannot be made */
export function checkFolder(folder: string): void {
	if (existsSync(folder)) {
		if (!statSync(folder).isDirectory()) {
			throw new UsageError(`--figures ${folder} is no folder; name another`);
		}
	} else checkFolderOf(folder);
}

function checkFolderOf(path: string): void {
	const folder = dirname(resolve(path));
	if (!existsSync(folder)) {
		throw new UsageError(`the folder ${folder} does not exist; make it first`);
	}
}

function startsWith(file: string, text: string): boolean {
	const wanted = Buffer.from(text);
	const found = Buffer.alloc(wanted.length);
	const handle = openSync(file, 'r');
	try {
		readSync(handle, found, 0, found.length, 0);
	} finally {
		closeSync(handle);
	}
	return found.equals(wanted);
}

/**
 * Writes a text under another name and moves it into its place.
 * @returns bytes written
 * @throws HarnessError where it cannot be written; what stood there before is then still there
 */
export function replaceFile(file: string, text: string): number {
	const bytes = Buffer.from(text);
	const partial = `${file}.partial-${process.pid}`;
	attempt(file, partial, () => {
		writeFileSync(partial, bytes, { flush: true });
		renameSync(partial, file);
	});
	return bytes.length;
}

/**
 * Writes files into a folder once all of them are made; others in it stay as they are.
 * @returns how many
 * @throws HarnessError where they cannot be written; none is then in the folder
 */
export async function replaceFiles(
	folder: string,
	files: AsyncIterable<{ readonly path: string; readonly bytes: Uint8Array }>,
): Promise<number> {
	const paths: string[] = [];
	const partial = attempt(folder, null, () => mkdtempSync(`${resolve(folder)}.partial-`));
	try {
		for await (const { path, bytes } of files) {
			attempt(folder, null, () => {
				mkdirSync(dirname(join(partial, path)), { recursive: true });
				writeFileSync(join(partial, path), bytes);
			});
			paths.push(path);
		}
		attempt(folder, null, () => {
			for (const path of paths) {
				mkdirSync(dirname(join(folder, path)), { recursive: true });
				renameSync(join(partial, path), join(folder, path));
			}
		});
	} finally {
		rmSync(partial, { recursive: true, force: true });
	}
	return paths.length;
}

function attempt<Result>(path: string, partial: string | null, work: () => Result): Result {
	try {
		return work();
	} catch (error) {
		if (partial !== null) rmSync(partial, { force: true });
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === undefined) throw error;
		const why = code === 'ENOSPC' ? 'the disk is full' : message;
		throw new HarnessError(`${path} cannot be written: ${why}; nothing was changed there`);
	}
}
