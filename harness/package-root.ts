import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of this package, found from its sources or from its build. @throws Error if there is none */
export function packageRoot(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	for (;;) {
		const manifest = join(folder, 'package.json');
		if (existsSync(manifest)) {
			const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown };
			if (name === 'detbal') return folder;
		}
		const above = dirname(folder);
		if (above === folder) throw new Error('the package.json of detbal was not found');
		folder = above;
	}
}
