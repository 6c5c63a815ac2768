/** Versions of this package and of those it depends on, as installed. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from './package-root.js';

export interface InstalledPackages {
	readonly detbal: string;
	/** versions of Node.js that detbal runs on */
	readonly node: string | null;
	/** direct dependencies; null: not installed */
	readonly packages: Readonly<Record<string, string | null>>;
}

export function installedPackages(): InstalledPackages {
	const manifest = readPackage(packageRoot()) as {
		version: string;
		engines?: { node?: string };
		dependencies?: Record<string, string>;
	};
	const names = Object.keys(manifest.dependencies ?? {}).sort();
	return {
		detbal: manifest.version,
		node: manifest.engines?.node ?? null,
		packages: Object.fromEntries(names.map((name) => [name, installedVersion(name)])),
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
