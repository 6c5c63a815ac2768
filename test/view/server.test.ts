/** Who is answered by the live view, and with what. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../harness/errors.js';
import { MOST_STREAMS } from '../../harness/view/events.js';
import type { View } from '../../harness/view/view.js';
import { inFolder, writeRun } from '../store/fixture.js';
import { Events, fetched, opened, request, spoken, viewOf, withView } from './fixture.js';

const test = suite('view server');

/** Runs `work` with a view of a small finished run. */
function viewing(work: (view: View) => Promise<void>): () => Promise<void> {
	return () =>
		inFolder(async (folder) => {
			const file = join(folder, 'run.sqlite');
			writeRun(file);
			await withView(file, work);
		});
}

test(
	'its pages are sent with every shelter a browser knows',
	viewing(async (view) => {
		const types = [
			['/', 'text/html'],
			['/live.js', 'text/javascript'],
			['/live.css', 'text/css'],
			['/data.json', 'application/json'],
			['/report', 'text/html'],
		] as const;
		for (const [path, type] of types) {
			const { status, head, body } = await fetched(view, path);
			assert.is(status, 200, path);
			assert.ok(body.length > 0, path);
			assert.match(head, new RegExp(`Content-Type: ${type}; charset=utf-8`), path);
			assert.match(head, /Content-Security-Policy: default-src 'none'; .*frame-ancestors 'none'/);
			assert.match(head, /X-Content-Type-Options: nosniff/);
			assert.match(head, /Referrer-Policy: no-referrer/);
			assert.match(head, /Cache-Control: no-store/);
			assert.match(head, /Cross-Origin-Opener-Policy: same-origin/);
			assert.match(head, /Cross-Origin-Resource-Policy: same-origin/);
			assert.not.match(head, /Access-Control/i, path);
		}
		const live = await fetched(view, '/');
		assert.not.match(live.head, /unsafe-inline/);
		assert.not.match(
			live.body,
			/https?:|<style|style="|<script>/,
			'nothing from outside or inline',
		);
	}),
);

test(
	'HEAD gives the head alone',
	viewing(async ({ port }) => {
		for (const path of ['/', '/data.json', '/report', '/events']) {
			const { status, body } = await request(port, `HEAD ${path} HTTP/1.1`);
			assert.equal([status, body], [200, ''], path);
		}
	}),
);

test(
	'both names of this machine are answered, and no other host',
	viewing(async ({ port }) => {
		for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
			const { status } = await request(port, 'GET / HTTP/1.1', [`Host: ${host}`]);
			assert.is(status, 200, host);
		}
		const others = [
			`evil.example:${port}`,
			'127.0.0.1',
			'localhost',
			`127.0.0.1:${port + 1}`,
			`localhost.evil.example:${port}`,
			`127.0.0.1.evil.example:${port}`,
			`localhost.:${port}`,
			`[::1]:${port}`,
			`0.0.0.0:${port}`,
			`127.0.0.1:${port}, evil.example`,
			`user@127.0.0.1:${port}`,
		];
		for (const host of others) {
			const { status, head, body } = await request(port, 'GET /data.json HTTP/1.1', [
				`Host: ${host}`,
			]);
			assert.is(status, 421, host);
			assert.match(head, /Content-Type: text\/plain/);
			assert.not.match(body, /detbal\/view/);
		}
	}),
);

test(
	'a request without Host, or with two, is refused',
	viewing(async ({ port }) => {
		const own = `Host: 127.0.0.1:${port}`;
		const cases = [
			['GET /data.json HTTP/1.1', []],
			['GET /data.json HTTP/1.0', []],
			['GET /data.json HTTP/1.1', ['Host:']],
			['GET /data.json HTTP/1.1', [own, 'Host: evil.example']],
			['GET /data.json HTTP/1.1', ['Host: evil.example', own]],
		] as const;
		for (const [line, headers] of cases) {
			const { status, body } = await request(port, line, headers);
			assert.ok([400, 421].includes(status), `${headers.join()}: ${status}`);
			assert.not.match(body, /detbal\/view/);
		}
	}),
);

test(
	'an absolute address in the request line is no way round',
	viewing(async ({ port }) => {
		const evil = await request(port, 'GET http://evil.example/data.json HTTP/1.1', [
			'Host: evil.example',
		]);
		assert.is(evil.status, 421);
		const mixed = await request(port, 'GET http://evil.example/data.json HTTP/1.1');
		assert.is(mixed.status, 404);
		const own = await request(port, `GET http://127.0.0.1:${port}/data.json HTTP/1.1`);
		assert.is(own.status, 404);
		const tunnel = await spoken(port, `CONNECT evil.example:80 HTTP/1.1\r\nHost: evil\r\n\r\n`);
		assert.is(tunnel.body, '');
		assert.ok(!(tunnel.status < 400), String(tunnel.status));
	}),
);

test(
	'requests that another page makes are refused, our own are not',
	viewing(async ({ port }) => {
		const host = `Host: 127.0.0.1:${port}`;
		const of = async (header: string) =>
			(await request(port, 'GET /data.json HTTP/1.1', [host, header])).status;
		const refused = [
			'Origin: http://evil.example',
			'Origin: null',
			`Origin: https://127.0.0.1:${port}`,
			`Origin: http://127.0.0.1:${port + 1}`,
			`Origin: http://localhost:${port}`,
			'Sec-Fetch-Site: cross-site',
			'Sec-Fetch-Site: same-site',
			'Sec-Fetch-Site: something-new',
		];
		for (const header of refused) assert.is(await of(header), 403, header);
		const answered = [
			`Origin: http://127.0.0.1:${port}`,
			'Sec-Fetch-Site: same-origin',
			'Sec-Fetch-Site: none',
		];
		for (const header of answered) assert.is(await of(header), 200, header);
	}),
);

test(
	'it only reads: no other method, no body',
	viewing(async ({ port }) => {
		for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
			const { status, head } = await request(port, `${method} / HTTP/1.1`);
			assert.is(status, 405, method);
			assert.match(head, /Allow: GET, HEAD/);
		}
		const own = `Host: 127.0.0.1:${port}`;
		const length = await spoken(port, `GET / HTTP/1.1\r\n${own}\r\nContent-Length: 5\r\n\r\nhello`);
		assert.is(length.status, 400);
		const chunked = `GET / HTTP/1.1\r\n${own}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
		assert.is((await spoken(port, chunked)).status, 400);
	}),
);

test(
	'what is no page of ours is not found: no file is ever named by a request',
	viewing(async ({ port }) => {
		const paths = [
			'/nothing',
			'/../package.json',
			'/../../../../etc/passwd',
			'/%2e%2e/%2e%2e/etc/passwd',
			'/assets/live.js',
			'/live.js/../live.css',
			'/live.js%00',
			'/?x=1',
			'/data.json?x=1',
			'//evil.example/',
			'/LIVE.JS',
			'*',
			'/__proto__',
			'/constructor',
		];
		for (const path of paths) {
			const { status, head, body } = await request(port, `GET ${path} HTTP/1.1`);
			assert.is(status, 404, path);
			assert.match(head, /Content-Type: text\/plain/);
			assert.is(body, 'There is no such page.\n', path);
		}
	}),
);

test(
	'an over-long address or head is refused, and what is no HTTP',
	viewing(async ({ port }) => {
		const long = await request(port, `GET /${'x'.repeat(3000)} HTTP/1.1`);
		assert.is(long.status, 414);
		const big = await request(port, 'GET / HTTP/1.1', [
			`Host: 127.0.0.1:${port}`,
			`X: ${'x'.repeat(20_000)}`,
		]);
		assert.is(big.status, 431);
		assert.is((await spoken(port, 'hello\r\n\r\n')).status, 400);
		assert.is((await request(port, 'GET / HTTP/1.1')).status, 200, 'and it is still there');
	}),
);

test(
	'it listens on 127.0.0.1 alone',
	viewing(async ({ port, url }) => {
		assert.is(url, `http://127.0.0.1:${port}/`);
		// All of 127.0.0.0/8 is this machine; a server on every address would answer there.
		if (process.platform !== 'linux') return;
		const { connect } = await import('node:net');
		const code = await new Promise((resolve) => {
			const socket = connect(port, '127.0.0.2', () => {
				socket.destroy();
				resolve('connected');
			});
			socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
		});
		assert.is(code, 'ECONNREFUSED');
	}),
);

test('a second server on one port is refused with the option to change', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		writeRun(file);
		await withView(file, async ({ port }) => {
			const error = await viewOf(file, port).then(
				() => null,
				(reason: unknown) => reason,
			);
			assert.instance(error, UsageError);
			assert.match(
				(error as Error).message,
				new RegExp(`^--port ${port}: another program listens there already; give another one`),
			);
			assert.is((await request(port, 'GET / HTTP/1.1')).status, 200);
		});
	}));

test('a port given is the port used, again after it was closed', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		writeRun(file);
		const first = await viewOf(file);
		await first.close();
		const second = await viewOf(file, first.port);
		assert.is(second.port, first.port);
		await second.close();
		await second.close();
	}));

test(
	'so many pages are served at once and no more; one that closes makes room',
	viewing(async (view) => {
		const open = await Promise.all(Array.from({ length: MOST_STREAMS }, () => Events.open(view)));
		const more = await fetched(view, '/events');
		assert.is(more.status, 503);
		assert.is((await fetched(view, '/data.json')).status, 200);
		open[0]?.close();
		for (;;) {
			const again = await Events.open(view).catch(() => null);
			if (again === null) continue;
			open[0] = again;
			break;
		}
		for (const events of open) events.close();
	}),
);

test('closing ends open event streams and idle connections', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		writeRun(file);
		const view = await viewOf(file);
		const streams = await Promise.all([Events.open(view), Events.open(view)]);
		const own = `Host: 127.0.0.1:${view.port}\r\n`;
		const waiting = await opened(view.port, 'GET / HTTP/1.1\r\n');
		const kept = await opened(view.port, `GET / HTTP/1.1\r\n${own}\r\n`);
		await view.close();
		await Promise.all([...streams, waiting, kept].map(({ ended }) => ended));
		await fetched(view, '/').then(
			() => assert.unreachable('it still listens'),
			(error: NodeJS.ErrnoException) => assert.is(error.code, 'ECONNREFUSED'),
		);
	}));

test.run();
