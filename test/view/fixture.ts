/** Views of real databases, spoken to over real sockets. */
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import type { Snapshot } from '../../harness/view/snapshot.js';
import { openView, type View } from '../../harness/view/view.js';

/** A reporter whose report is the SQLite file's own name and how often it was made. */
const REPORTER = new URL('./reporter.ts', import.meta.url);

/** Looks every few milliseconds, so that tests need not wait. */
export function viewOf(file: string, port: number | null = null): Promise<View> {
	return openView({ file, port, judgeEvery: 20, lookEvery: 20, reporter: REPORTER });
}

export async function withView(file: string, work: (view: View) => Promise<void>): Promise<void> {
	const view = await viewOf(file);
	try {
		await work(view);
	} finally {
		await view.close();
	}
}

export interface Reply {
	readonly status: number;
	readonly head: string;
	readonly body: string;
}

/** Sends bytes as they are and reads until the server closes. */
export function spoken(port: number, text: string): Promise<Reply> {
	return new Promise((resolve, reject) => {
		let said = '';
		const socket = connect(port, '127.0.0.1', () => void socket.write(text));
		socket.setEncoding('latin1').on('data', (part) => {
			said += part;
		});
		// The server may close while the rest of an over-long request is still being sent.
		socket.on('error', (error) => (said === '' ? reject(error) : undefined));
		socket.on('close', () => {
			const [head = '', ...body] = said.split('\r\n\r\n');
			const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
			resolve({ status, head, body: body.join('\r\n\r\n') });
		});
	});
}

/** A connection over which this much was said, and which stays open. */
export function opened(port: number, text: string): Promise<{ readonly ended: Promise<void> }> {
	return new Promise((resolve, reject) => {
		const socket = connect(port, '127.0.0.1', () => {
			socket.write(text);
			resolve({ ended });
		});
		const ended = new Promise<void>((end) => socket.resume().on('close', () => end()));
		socket.on('error', reject);
	});
}

/** A request with these header lines after the first. */
export function request(
	port: number,
	line: string,
	headers: readonly string[] = [`Host: 127.0.0.1:${port}`],
): Promise<Reply> {
	return spoken(port, [line, ...headers, 'Connection: close', '', ''].join('\r\n'));
}

export async function fetched(view: View, path: string): Promise<Reply> {
	return request(view.port, `GET ${path} HTTP/1.1`);
}

/** The event stream of a view, one snapshot after the other. */
export class Events {
	readonly #response: IncomingMessage;
	readonly ended: Promise<void>;
	#text = '';
	#wake: () => void = () => {};

	private constructor(response: IncomingMessage) {
		this.#response = response;
		this.ended = new Promise((resolve) => response.on('close', () => resolve()));
		response.setEncoding('utf8').on('data', (part: string) => {
			this.#text += part;
			this.#wake();
		});
		response.on('error', () => undefined);
	}

	static open(view: View): Promise<Events> {
		return new Promise((resolve, reject) => {
			get(`${view.url}events`, (response) => {
				if (response.statusCode === 200) resolve(new Events(response));
				else reject(new Error(`status ${response.statusCode}`));
			}).on('error', reject);
		});
	}

	/** Waits for the first snapshot, from now on, of which `is` is true. */
	async until(is: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
		for (;;) {
			const end = this.#text.indexOf('\n\n');
			if (end < 0) {
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
				continue;
			}
			const event = this.#text.slice(0, end);
			this.#text = this.#text.slice(end + 2);
			if (!event.startsWith('data: ')) continue;
			const snapshot = JSON.parse(event.slice(6)) as Snapshot;
			assert.is(snapshot.schema, 'detbal/view/1');
			if (is(snapshot)) return snapshot;
		}
	}

	close(): void {
		this.#response.destroy();
	}
}

/** Waits for the first snapshot of which `is` is true. */
export async function eventually(
	view: View,
	is: (snapshot: Snapshot) => boolean,
): Promise<Snapshot> {
	const events = await Events.open(view);
	try {
		return await events.until(is);
	} finally {
		events.close();
	}
}
