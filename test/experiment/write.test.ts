import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Experiment } from '../../harness/experiment/experiment.js';
import { loadExperiment } from '../../harness/experiment/parse.js';
import { experimentYaml, wordListText } from '../../harness/experiment/write.js';

const SHIPPED = new URL('../../datasets/experiments/', import.meta.url).pathname;

/** Written into an empty folder and read again. */
function again(experiment: Experiment): Experiment {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-'));
	try {
		const words = wordListText(experiment.task);
		if (words !== null) writeFileSync(join(folder, 'list.txt'), words);
		const file = join(folder, 'experiment.yaml');
		const model = ({ path, sha256 }: { path: string | null; sha256: string | null }) => ({
			path,
			sha256,
		});
		writeFileSync(file, experimentYaml(experiment, { list: 'list.txt', model }));
		return loadExperiment(file);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

test('the experiments that come with detbal are read again as they were', () => {
	const files = readdirSync(SHIPPED).filter((name) => name.endsWith('.yaml'));
	assert.ok(files.length > 3);
	for (const name of files) {
		const experiment = loadExperiment(join(SHIPPED, name));
		assert.equal(again(experiment), experiment, name);
	}
});

test('texts that YAML could take for something else come back as they were', () => {
	const experiment = loadExperiment(join(SHIPPED, 'demo.yaml'));
	const text = fc
		.string({ unit: 'grapheme', maxLength: 40 })
		.filter((s) => !s.includes('\0') && !/\{\s*state/i.test(s));
	const strange = fc.constantFrom('no', '~', '1', '- a', 'a: b', '# c', '"', "'", '|', '{', '&x');
	fc.assert(
		fc.property(fc.oneof(text, strange), strange, (before, after) => {
			const templates = [{ id: 't', text: `${before}{state}${after}\n\n x `, chat: true }];
			const states = ['no', '1', 'null', '- a', strange === null ? '' : `${after}y`];
			const changed: Experiment = {
				...experiment,
				templates,
				task: { kind: 'closed', states, read: 'whole' },
				sources: { design: 'crawl', states: ['no', '1'] },
			};
			assert.equal(again(changed), changed);
		}),
		{ seed: 1, numRuns: 60 },
	);
});

test.run();
