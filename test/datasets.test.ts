/** Every data file is in the manifest, with its content. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadExperiment } from '../harness/experiment/parse.js';

const FOLDER = fileURLToPath(new URL('../datasets/', import.meta.url));

interface Entry {
	readonly file: string;
	readonly what: string;
	readonly source: string;
	readonly licence: string;
	readonly sha256: string;
}

const { datasets } = JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8')) as {
	datasets: Entry[];
};
const files = readdirSync(FOLDER, { recursive: true })
	.map((name) => String(name).replaceAll('\\', '/'))
	.filter((name) => name !== 'manifest.json' && statSync(join(FOLDER, name)).isFile());

test('the manifest lists every file once, and no other', () => {
	assert.equal(datasets.map(({ file }) => file).sort(), files.sort());
});

test('every entry says what, from where, under which licence, and has the content it names', () => {
	for (const { file, what, source, licence, sha256 } of datasets) {
		for (const text of [what, source, licence]) assert.ok(text.length > 0, file);
		const found = createHash('sha256')
			.update(readFileSync(join(FOLDER, file)))
			.digest('hex');
		assert.is(found, sha256, file);
	}
});

test('every experiment file is a valid one', () => {
	for (const file of files.filter((name) => name.startsWith('experiments/'))) {
		assert.ok(loadExperiment(join(FOLDER, file)).models.length > 0);
	}
});

test.run();
