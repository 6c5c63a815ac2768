/** The program that made an archive, to the version of every package. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';
import { type InstalledPackages, installedPackages } from '../packages.js';

/** data/software/versions.json */
export interface Versions extends InstalledPackages {
	/** what evaluated the models, as the runs recorded it */
	readonly engines: readonly string[];
}

/**
 * Nothing of the machine that archives: what could change a bit of a run is in its numerics
 * identity, and the archive's own bytes must not depend on where it is made.
 */
export function versionsOf(numerics: readonly Readonly<Record<string, unknown>>[]): Versions {
	const engines = numerics.map((identity) =>
		['package', 'llamaCpp', 'build', 'backend']
			.map((field) => identity[field])
			.filter((value) => value !== undefined)
			.join(', '),
	);
	return {
		...installedPackages(),
		engines: [...new Set(engines)].sort(),
	};
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
