/**
 * Builds of llama.cpp's CPU backend. Its packages bring one for each family of processors, and the
 * library loads the best that this one can run: another machine may load another.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { register } from 'node:module';
import { basename, dirname, join } from 'node:path';

export interface BuildVariants {
	/** Folder of the libraries. */
	readonly folder: string;
	/** Name of the one that this process has loaded, for example "haswell". */
	readonly loaded: string;
	/** Names of all, in alphabetical order. */
	readonly all: readonly string[];
}

const LIBRARY = /^(?:lib)?ggml-cpu-(.+)\.so$/;

/**
 * The variants beside the one that this process has loaded.
 * @param maps what is mapped into this process, as Linux says it
 * @returns null where that cannot be told (not Linux), nothing is loaded yet, or there is one build only
 */
export function buildVariants(maps: string = mapped()): BuildVariants | null {
	const path = /\/.*\/(?:lib)?ggml-cpu-[^/\n]+\.so$/m.exec(maps)?.[0];
	if (path === undefined) return null;
	const folder = dirname(path);
	const all = readdirSync(folder).flatMap((file) => LIBRARY.exec(file)?.[1] ?? []);
	return { folder, loaded: LIBRARY.exec(basename(path))?.[1] as string, all: all.sort() };
}

function mapped(): string {
	try {
		return readFileSync('/proc/self/maps', 'utf8');
	} catch {
		return '';
	}
}

/**
 * Makes this process load one variant and no other, from now on: the package that brings them
 * is answered with a folder in which the others are missing.
 * @param scratch an empty folder that stays until the process ends
 */
export function useVariant({ folder, name }: Variant, scratch: string): void {
	const platform = basename(folder);
	const target = join(scratch, platform);
	mkdirSync(target);
	for (const file of readdirSync(folder)) {
		const other = LIBRARY.exec(file)?.[1];
		if (other === undefined || other === name) symlinkSync(join(folder, file), join(target, file));
	}
	const home = dirname(dirname(folder));
	const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
		version: string;
	};
	const answer = { binsDir: scratch, packageVersion: version };
	const stand = dataUrl(`export const getBinsDir = () => (${JSON.stringify(answer)});`);
	register(
		dataUrl(`export const resolve = (name, context, next) =>
			name === ${JSON.stringify(`@node-llama-cpp/${basename(home)}`)}
				? { url: ${JSON.stringify(stand)}, shortCircuit: true }
				: next(name, context);`),
	);
}

export interface Variant {
	readonly folder: string;
	readonly name: string;
}

const dataUrl = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;
