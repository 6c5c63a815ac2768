import { isAbsolute, relative } from 'node:path';

/** A path as a reader would type it: relative where it lies below the working directory. */
export function shortPath(path: string): string {
	const near = relative(process.cwd(), path);
	return near !== '' && !near.startsWith('..') && !isAbsolute(near) ? near : path;
}
