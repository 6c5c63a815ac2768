/** The parts of the live view by themselves. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Helper } from '../../harness/view/helper.js';
import { Pace } from '../../harness/view/pace.js';
import { ReportShelf } from '../../harness/view/report-shelf.js';
import { inFolder } from '../store/fixture.js';

const test = suite('view parts');

const faultOf = (work: Promise<unknown>): Promise<string> =>
	work.then(
		(result) => assert.unreachable(`there is a result: ${result}`) as never,
		(error: Error) => error.message,
	);

test('pace: attempts a second within the window, null while nothing is added', () => {
	const pace = new Pace(10_000);
	assert.is(pace.rate(), null);
	pace.add(0, 100);
	assert.is(pace.rate(), null, 'one look tells nothing');
	pace.add(2000, 300);
	assert.is(pace.rate(), 100);
	pace.add(12_000, 300);
	assert.is(pace.rate(), null, 'the last 10 s added nothing');
	pace.add(14_000, 3300);
	assert.is(pace.rate(), 250, 'over 12 s, so that the window is covered');
	pace.add(15_000, 10);
	assert.is(pace.rate(), null, 'fewer than before: another database');
	pace.add(16_000, 1010);
	assert.is(pace.rate(), 1000);
});

test('report shelf: one at a time, kept while the data stay, a failure is not kept', async () => {
	let stamp = 'a';
	let calls = 0;
	let release: () => void = () => {};
	const shelf = new ReportShelf(
		async () => {
			const call = ++calls;
			await new Promise<void>((resolve) => {
				release = resolve;
			});
			if (call === 2) throw new Error('no luck');
			return `page ${call}`;
		},
		() => stamp,
	);
	const [first, second] = [shelf.get(), shelf.get()];
	release();
	assert.equal(await Promise.all([first, second]), ['page 1', 'page 1']);
	assert.is(await shelf.get(), 'page 1');
	assert.is(calls, 1);

	stamp = 'b';
	const failed = shelf.get();
	release();
	assert.is(await faultOf(failed), 'no luck');
	const third = shelf.get();
	stamp = 'c';
	release();
	assert.is(await third, 'page 3');
	const fourth = shelf.get();
	release();
	assert.is(await fourth, 'page 4', 'the data changed while the third was being made');
});

test('helper: answers, says what was thrown, is started again after it died, and ends', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'answers.mjs');
		writeFileSync(
			file,
			`export const twice = (n) => 2 * n;
			export const nothing = () => undefined;
			export const pid = () => process.pid;
			export const refuse = () => { const e = new Error('mend it'); e.name = 'UsageError'; throw e; };
			export const die = () => process.kill(process.pid, 'SIGKILL');
			export const wait = () => new Promise(() => {});`,
		);
		const helper = new Helper(pathToFileURL(file));
		const ask = async (method: string, input: unknown = null) =>
			(await helper.ask(method, input)).result;
		const fault = (method: string) => faultOf(ask(method));
		assert.is(await ask('twice', 21), 42);
		assert.is(await ask('nothing'), null);
		assert.is(await fault('refuse'), 'mend it');
		assert.match(await fault('unknown'), /exports no unknown/);
		const pid = await ask('pid');
		assert.is.not(pid, process.pid);
		assert.match(await fault('die'), /ended: SIGKILL/);
		assert.is.not(await ask('pid'), pid);
		const waiting = fault('wait');
		await helper.end();
		assert.match(await waiting, /ended: SIGKILL/);
		assert.match(await fault('twice'), /being closed/);
	}));

test.run();
