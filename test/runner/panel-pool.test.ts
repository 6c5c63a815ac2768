import { spawnSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactTables } from '../../harness/analysis/exact/exact-test.js';
import { findLoops } from '../../harness/analysis/loops/loops.js';
import { fitReversible } from '../../harness/analysis/potential/reversible-fit.js';
import { type Panel, resampleHere } from '../../harness/analysis/resample.js';
import { findComponents } from '../../harness/analysis/table/components.js';
import { DEFAULT_VERIFY } from '../../harness/analysis/verify.js';
import { HarnessError } from '../../harness/errors.js';
import { Stream } from '../../harness/numerics/stream.js';
import { openPanelPool } from '../../harness/runner/panel-pool.js';
import { randomKernel, sampleTable } from '../analysis/synthetic.js';
import { DIES, PLAIN, SHORT, THROWS, UNKNOWN, type Work } from './panels.js';

const panels = new URL('./panels.ts', import.meta.url);
const never = () => new AbortController().signal;
/** Of 120 such draws this thread makes at most 63: they take more than a tenth of a second. */
const heavy: Work = { seed: 1, milliseconds: 2, shift: Float64Array.of(0.5) };
const light: Work = { ...heavy, milliseconds: 0 };

const failure = (drawn: Promise<unknown>): Promise<Error> =>
	drawn.then(
		() => assert.unreachable('it did not fail') as never,
		(error: Error) => error,
	);
const threads = (rows: Float64Array): Set<number> => new Set(rows.filter((_, i) => i % 3 === 2));
const numbers = (rows: Float64Array): Float64Array => rows.filter((_, i) => i % 3 !== 2);

test('1, 2 and 3 workers and this thread give the same bits, panel after panel', async () => {
	const here = [await resampleHere(PLAIN, heavy, 120), await resampleHere(PLAIN, light, 7)];
	for (const workers of [1, 2, 3]) {
		const progress: number[] = [];
		const onProgress = (done: number): void => void progress.push(done);
		const pool = openPanelPool({ workers, signal: never(), onProgress, panels });
		const other = { ...heavy, seed: 2 };
		// Asked at once, served one by one: the workers keep nothing of the panel before.
		const [first, second, small] = await Promise.all([
			pool.resample(PLAIN, other, 120),
			pool.resample(PLAIN, heavy, 120),
			pool.resample(PLAIN, light, 7),
		]);
		assert.equal(numbers(second), numbers(here[0]!));
		assert.not.equal(numbers(first), numbers(here[0]!));
		assert.equal(small, here[1]);
		assert.is(threads(second).size, 1 + workers);
		assert.equal([...threads(small)], [0], 'a small job left its thread');
		assert.equal(progress.filter((done) => done === 120).length, 2);
		await pool.close();
	}
});

test('the exact test is the same in workers', async () => {
	const stream = new Stream([1, 35], 0);
	const kernel = randomKernel(8, stream, { depth: 0.5, spread: 0.5, noise: 0 });
	const table = sampleTable(kernel, 200, stream);
	const components = findComponents(table);
	const loops = findLoops(components, DEFAULT_VERIFY);
	const subject = { loops, fit: fitReversible(table, components) };
	const options = { seed: 1, samples: 199, steps: 10_000 };
	const pool = openPanelPool({ workers: 2, signal: never() });
	const found = await exactTables(subject, options, pool.resample);
	assert.equal(found, await exactTables(subject, options, resampleHere));
	await pool.close();
});

test('what a panel throws reaches the caller, and the pool goes on', async () => {
	const pool = openPanelPool({ workers: 1, signal: never(), panels });
	for (const work of [heavy, light]) {
		const error = await failure(pool.resample(THROWS, work, 120));
		assert.instance(error, RangeError);
		assert.is(error.message, 'draw 100 cannot be made');
	}
	const rows = await pool.resample(PLAIN, heavy, 120);
	assert.equal(numbers(rows), numbers(await resampleHere(PLAIN, heavy, 120)));
	await pool.close();
});

test('a worker that dies is named, and replaced', async () => {
	const pool = openPanelPool({ workers: 1, signal: never(), panels });
	const error = await failure(pool.resample(DIES, heavy, 120));
	assert.instance(error, HarnessError);
	assert.is(error.message, 'a worker thread died while resampling: it ended with exit code 7');
	assert.ok(threads(await pool.resample(PLAIN, heavy, 120)).size > 1);
	await pool.close();
});

test('an abort rejects with its reason: in workers, in this thread, and ever after', async () => {
	for (const after of [1, 70]) {
		const controller = new AbortController();
		const reason = new Error('interrupted');
		const onProgress = (done: number): void => {
			if (done >= after) controller.abort(reason);
		};
		const pool = openPanelPool({ workers: 2, signal: controller.signal, onProgress, panels });
		assert.is(await failure(pool.resample(PLAIN, heavy, 120)), reason);
		assert.is(await failure(pool.resample(PLAIN, light, 1)), reason);
		await pool.close();
	}
});

test('a closed pool refuses, also in the middle; it leaves no listener', async () => {
	const { signal } = new AbortController();
	const closing: Promise<void>[] = [];
	const onProgress = (done: number): void => {
		if (done >= 70) closing.push(pool.close());
	};
	const pool = openPanelPool({ workers: 2, signal, onProgress, panels });
	assert.is(getEventListeners(signal, 'abort').length, 1);
	const error = await failure(pool.resample(PLAIN, heavy, 120));
	assert.is(error.message, 'the panel pool is closed');
	await Promise.all(closing);
	assert.is(getEventListeners(signal, 'abort').length, 0);
	const refused = await failure(pool.resample(PLAIN, light, 1));
	assert.is(refused.message, 'the panel pool is closed');
});

test('bad input', async () => {
	for (const workers of [0, -1, 1.5, Number.NaN]) {
		assert.throws(
			() => openPanelPool({ workers, signal: never() }),
			/workers must be null or a positive integer, got/,
		);
	}
	const pool = openPanelPool({ workers: null, signal: never(), panels });
	const unknown = await failure(pool.resample(UNKNOWN, light, 3));
	assert.match(unknown.message, /panel unknown is not in PANELS; add it to .*panels\.ts$/);
	const short = await failure(pool.resample(SHORT, light, 3));
	assert.is(short.message, 'panel short gave 2 numbers for draws 0 to 0, not 3');
	const clone = { ...heavy, shift: [0.5] as unknown as Float64Array, f: () => 1 };
	const cloned = await failure(pool.resample(PLAIN as Panel<typeof clone>, clone, 120));
	assert.is(cloned.name, 'DataCloneError');
	await pool.close();
});

test('the process ends by itself, closed or forgotten', () => {
	const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
	for (const close of ['await pool.close();', '']) {
		const script = `
			const { openPanelPool } = await import(${url('../../harness/runner/panel-pool.ts')});
			const { PLAIN } = await import(${url('./panels.ts')});
			const { signal } = new AbortController();
			const pool = openPanelPool({ workers: 1, signal, panels: new URL(${url('./panels.ts')}) });
			const input = { seed: 1, milliseconds: 2, shift: Float64Array.of(0) };
			const rows = await pool.resample(PLAIN, input, 120);
			${close}
			console.log(new Set(rows.filter((_, i) => i % 3 === 2)).size);`;
		const child = spawnSync(
			process.execPath,
			[...process.execArgv, '--input-type=module', '-e', script],
			{ encoding: 'utf8', timeout: 120_000 },
		);
		assert.equal([child.status, child.stdout], [0, '2\n'], child.stderr);
	}
});

test.run();
