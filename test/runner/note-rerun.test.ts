import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noteRerun } from '../../harness/runner/note-rerun.js';
import type { RerunResult } from '../../harness/runner/rerun.js';
import { storedReruns } from '../../harness/store/reruns.js';
import { inFolder, reading, unprivileged, writeRun } from '../store/fixture.js';

const RESULT: RerunResult = {
	identical: false,
	compared: 4,
	planned: 4,
	different: 1,
	firstDivergence: null,
	laws: { compared: 2, different: 1 },
	numericsDifferences: [],
	run: { id: 1, name: 'n' },
};

test('what came of a repetition is noted, with its seed', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file);
		assert.is(noteRerun(file, RESULT, { seed: 3, toolVersion: '1.2.3' }), null);
		reading(file, (reader) => {
			const [noted] = storedReruns(reader);
			assert.is(noted?.seed, 3);
			assert.is(noted?.different, 1);
			assert.is(noted?.toolVersion, '1.2.3');
		});
	}));

test('a database that cannot be written says why, and stays as it is', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file);
		chmodSync(file, 0o444);
		chmodSync(folder, 0o555);
		try {
			const why = unprivileged(() => noteRerun(file, RESULT, { seed: null, toolVersion: '1.2.3' }));
			assert.match(String(why), /a\.sqlite/);
			assert.is.not(why, null);
			reading(file, (reader) => assert.equal(storedReruns(reader), []));
		} finally {
			chmodSync(folder, 0o755);
		}
	}));

test.run();
