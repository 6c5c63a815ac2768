/** The program that made an archive, to the version of every package. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../package-root.js';

/** data/software/versions.json */
export interface Versions {
	readonly detbal: string;
	/** versions of Node.js that detbal runs on */
	readonly node: string | null;
	/** direct dependencies as installed; null: not installed */
	readonly packages: Readonly<Record<string, string | null>>;
	/** what evaluated the models, as the runs recorded it */
	readonly engines: readonly string[];
}

/**
 * Nothing of the machine that archives: what could change a bit of a run is in its numerics
 * identity, and the archive's own bytes must not depend on where it is made.
 */
export function versionsOf(numerics: readonly Readonly<Record<string, unknown>>[]): Versions {
	const manifest = readPackage(packageRoot()) as {
		version: string;
		engines?: { node?: string };
		dependencies?: Record<string, string>;
	};
	const names = Object.keys(manifest.dependencies ?? {}).sort();
	const engines = numerics.map((identity) =>
		['package', 'llamaCpp', 'build', 'backend']
			.map((field) => identity[field])
			.filter((value) => value !== undefined)
			.join(', '),
	);
	return {
		detbal: manifest.version,
		node: manifest.engines?.node ?? null,
		packages: Object.fromEntries(names.map((name) => [name, installedVersion(name)])),
		engines: [...new Set(engines)].sort(),
	};
}

/** Looks where Node.js would: in this package's folder and those above. */
function installedVersion(name: string): string | null {
	for (let folder = packageRoot(); ; folder = dirname(folder)) {
		const place = join(folder, 'node_modules', name);
		if (existsSync(join(place, 'package.json')))
			return (readPackage(place) as { version?: string }).version ?? null;
		if (dirname(folder) === folder) return null;
	}
}

function readPackage(folder: string): unknown {
	return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Files of the program that go along, where this installation has them. */
export function softwareFiles(): { name: string; bytes: Uint8Array; about: string }[] {
	const files = [
		['LICENSE', 'The licence of detbal.'],
		['CITATION.cff', 'How to cite detbal and the paper whose claim it tests.'],
		['package-lock.json', 'Every package that detbal was installed with, to the byte.'],
	] as const;
	return files.flatMap(([name, about]) => {
		const path = join(packageRoot(), name);
		return existsSync(path) ? [{ name, bytes: readFileSync(path), about }] : [];
	});
}
