/** May a file be opened as a database of ours? Asked before SQLite opens it. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { inspectFile } from './header.js';
import type { Schema } from './kinds.js';

/**
 * The absolute name of a file that may be written, or made where it is missing or empty.
 * @throws UsageError for a file that is not ours, or not writable
 */
export function writableFile(name: string, schema: Schema): string {
	const file = resolveName(name);
	const folder = dirname(file);
	if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
		throw new UsageError(`the folder of ${file} does not exist: make it, or name another file`);
	const found = inspectFile(file, schema);
	checkWritable(folder);
	if (found !== 'missing') checkWritable(file);
	return file;
}

/** The absolute name of a file that may be read. @throws UsageError also where it is missing or empty */
export function readableFile(name: string, schema: Schema): string {
	const file = resolveName(name);
	const found = inspectFile(file, schema);
	if (found === 'missing')
		throw new UsageError(`${file} does not exist: check the name (\`${schema.madeBy}\` makes one)`);
	if (found === 'empty') throw isEmpty(file, schema);
	return file;
}

export function isEmpty(file: string, { holds }: Schema): UsageError {
	return new UsageError(`${file} is empty: no ${holds} was ever written to it; name another file`);
}

/** @throws UsageError where a file or folder may not be written */
export function checkWritable(path: string): void {
	try {
		accessSync(path, constants.W_OK);
	} catch (cause) {
		throw new UsageError(
			`${path} cannot be written: ${(cause as Error).message}. Change its permissions, or name another file`,
			{ cause },
		);
	}
}

function resolveName(name: string): string {
	if (typeof name !== 'string') throw new TypeError(`the name of a database is ${typeof name}`);
	if (name === '' || name.includes('\0'))
		throw new UsageError(`${JSON.stringify(name)} cannot name a database: give a file name`);
	return resolve(name);
}
