import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildVariants } from '../../harness/engine/build-variants.js';

test('the loaded build and those beside it are read from what is mapped', () => {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-builds-'));
	try {
		const bins = join(folder, 'linux x64');
		mkdirSync(bins);
		for (const name of ['x64', 'haswell', 'armv8.2_1'])
			writeFileSync(join(bins, `libggml-cpu-${name}.so`), '');
		for (const name of ['libggml-base.so', 'libllama.so', 'notes-ggml-cpu-old.so'])
			writeFileSync(join(bins, name), '');
		const line = (file: string) => `7f00-7f01 r--p 00000000 00:2a 123      ${join(bins, file)}\n`;
		const maps = line('libggml-base.so') + line('libggml-cpu-haswell.so').repeat(2);
		assert.equal(buildVariants(maps), {
			folder: bins,
			loaded: 'haswell',
			all: ['armv8.2_1', 'haswell', 'x64'],
		});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

test('where nothing of the kind is mapped, nothing is told', () => {
	assert.is(buildVariants(''), null);
	assert.is(
		buildVariants('7f00-7f01 r--p 00000000 00:2a 123      /usr/lib/libggml-cpu.so\n'),
		null,
	);
});

test.run();
