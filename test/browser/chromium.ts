/** The browser that the tests of pages drive: the system's own. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @throws Error where there is none; how to get one is said on stderr, since uvu swallows it in a hook */
export async function launch(): Promise<Browser> {
	try {
		return await chromium.launch({ executablePath: find(), args: ['--no-sandbox'] });
	} catch (error) {
		console.error(`tests in a browser: ${(error as Error).message}`);
		throw error;
	}
}

function find(): string {
	const named = process.env.CHROMIUM;
	if (named !== undefined && named !== '') {
		if (executable(named)) return named;
		throw new Error(`CHROMIUM names ${named}, which cannot be executed`);
	}
	const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
	const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(
		executable,
	);
	if (found !== undefined) return found;
	throw new Error(
		`no browser: looked for ${NAMES.join(', ')} on PATH; install one (Debian: apt-get install chromium) or set CHROMIUM to its path`,
	);
}

function executable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
