/** `detbal view` as a process. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { detbal, type Ended, ended, inPlace, newFolder, start } from '../commands/fixture.js';
import { writeRun } from '../store/fixture.js';
import { Events, request } from './fixture.js';

const test = suite('view command');
const place = inPlace(test);

/** Starts it, and waits for the first line of its stdout. */
async function started(folder: string, ...args: readonly string[]) {
	const child: ChildProcess = start(folder, ['view', ...args]);
	const end: Promise<Ended> = ended(child);
	const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
	const line = await new Promise<string>((resolve, reject) => {
		lines.once('line', resolve);
		void end.then(({ stderr }) => reject(new Error(stderr)));
	});
	return { child, end, line };
}

test('prints its address, serves until Ctrl-C, and ends with 0 though pages are open', async () => {
	const folder = newFolder(place);
	writeRun(`${folder}/run.sqlite`);
	const { child, end, line } = await started(folder, 'run.sqlite');
	const [, port] = /^http:\/\/127\.0\.0\.1:(\d+)\/$/.exec(line) ?? [];
	const events = await Events.open({
		port: Number(port),
		url: line,
		close: async () => undefined,
	});
	await events.until(({ groups }) => groups.length === 1);
	const taken = await detbal(folder, 'view', 'run.sqlite', '--port', String(port));
	assert.equal([taken.code, taken.stdout], [2, '']);
	assert.match(taken.stderr, /^detbal: --port \d+: another program listens there already; give/);
	child.kill('SIGINT');
	const { code, stderr } = await end;
	assert.is(code, 0, stderr);
	assert.match(stderr, /^open this address in a browser of this machine; Ctrl-C ends it\n$/);
	await events.ended;
	await request(Number(port), 'GET / HTTP/1.1').then(
		() => assert.unreachable('it still listens'),
		() => undefined,
	);
});

test('--json: one document, at once', async () => {
	const folder = newFolder(place);
	writeRun(`${folder}/run.sqlite`);
	const { child, end, line } = await started(folder, 'run.sqlite', '--json');
	const { schema, url, port } = JSON.parse(line) as Record<string, unknown>;
	assert.equal([schema, url], ['detbal/view/1', `http://127.0.0.1:${port}/`]);
	child.kill('SIGTERM');
	const { code, stdout } = await end;
	assert.equal([code, stdout], [0, `${line}\n`]);
});

test('what cannot be viewed is refused at once', async () => {
	const folder = newFolder(place);
	writeRun(`${folder}/run.sqlite`);
	const cases = [
		[['nothing.sqlite'], /nothing\.sqlite does not exist/],
		[['run.sqlite', '--port', '80'], /--port: found 80; allowed: a whole number from 1024/],
		[['run.sqlite', '--port', 'x'], /--port: found NaN/],
		[['run.sqlite', '--every', '0'], /--every: found 0; allowed: a whole number from 1/],
	] as const;
	for (const [args, says] of cases) {
		const { code, stdout, stderr } = await detbal(folder, 'view', ...args);
		assert.equal([code, stdout], [2, ''], stderr);
		assert.match(stderr, says);
	}
});

test.run();
