import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HarnessError, UsageError } from '../errors.js';
import { visible } from '../report/page/html.js';
import { EventStreams } from './events.js';
import { ADDRESS, LIVE_POLICY, PLAIN_POLICY, REPORT_POLICY, refusal, SHELTER } from './guard.js';

/** What is served. */
export interface Content {
	/** the snapshot as JSON in one line */
	readonly current: string;
	/** @returns takes the listener off again */
	onChange(listener: (snapshot: string) => void): () => void;
	/** The report on the data there are now: an HTML page that needs nothing else. */
	report(): Promise<string>;
}

export interface ViewServer {
	readonly port: number;
	readonly url: string;
	/** Ends all connections, those that wait for events too; resolves when none is left. Idempotent. */
	close(): Promise<void>;
}

const LIMITS = {
	maxHeaderSize: 8192,
	headersTimeout: 5000,
	requestTimeout: 10_000,
	keepAliveTimeout: 5000,
	connectionsCheckingInterval: 2000,
};
const MOST_CONNECTIONS = 64;

const asset = (name: string): string =>
	readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');
/** The report's own. */
const PALETTE = '../report/page/assets/palette.css';

/**
 * Serves the live page on 127.0.0.1 until it is closed.
 *
 * @param content what there is to show
 * @param port null: a free one
 * @throws UsageError where the port is taken or not allowed, HarnessError where nothing can be opened
 */
export async function openServer(content: Content, port: number | null): Promise<ViewServer> {
	const streams = new EventStreams();
	const off = content.onChange((snapshot) => streams.send(snapshot));
	const routes = routesOf(content, streams);
	const server = createServer(LIMITS, (request, response) => {
		void serve(routes, request, response);
	});
	server.maxConnections = MOST_CONNECTIONS;
	try {
		await listen(server, port);
	} catch (error) {
		off();
		streams.close();
		throw error;
	}
	const { port: used } = server.address() as AddressInfo;
	let closed: Promise<void> | null = null;
	const close = (): Promise<void> => {
		off();
		streams.close();
		const gone = new Promise<void>((resolve) => server.close(() => resolve()));
		server.closeAllConnections();
		return gone;
	};
	return {
		port: used,
		url: `http://${ADDRESS}:${used}/`,
		close() {
			closed ??= close();
			return closed;
		},
	};
}

function listen(server: Server, port: number | null): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port)));
		server.listen({ host: ADDRESS, port: port ?? 0, exclusive: true }, resolve);
	});
}

function explain({ code, message }: NodeJS.ErrnoException, port: number | null): Error {
	if (port === null) return new HarnessError(`no port of ${ADDRESS} can be opened: ${message}`);
	const why =
		code === 'EADDRINUSE'
			? 'another program listens there already'
			: `it cannot be opened (${message})`;
	return new UsageError(
		`--port ${port}: ${why}; give another one, or leave --port out for a free one`,
	);
}

/** Sends an answer, without its body where only the head was asked for. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

function routesOf(content: Content, streams: EventStreams): ReadonlyMap<string, Answer> {
	const live = { 'Content-Security-Policy': LIVE_POLICY };
	const palette = readFileSync(new URL(PALETTE, import.meta.url), 'utf8');
	// Read once: a page opened later must not mix two versions.
	const [page, script, style] = ['live.html', 'live.js', 'live.css'].map(asset) as [
		string,
		string,
		string,
	];
	return new Map<string, Answer>([
		['/', still('text/html', page, live)],
		['/live.js', still('text/javascript', script, live)],
		['/live.css', still('text/css', palette + style, live)],
		[
			'/data.json',
			(request, response) => {
				still('application/json', content.current)(request, response);
			},
		],
		['/events', (request, response) => follow(content, streams, { request, response })],
		[
			'/report',
			async (request, response) => {
				const page = request.method === 'HEAD' ? '' : await content.report();
				still('text/html', page, { 'Content-Security-Policy': REPORT_POLICY })(request, response);
			},
		],
	]);
}

/** @returns an answer whose body is known */
function still(type: string, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
	return ({ method }, response) => {
		const length = Buffer.byteLength(body);
		response.writeHead(200, {
			...SHELTER,
			'Content-Security-Policy': PLAIN_POLICY,
			...headers,
			'Content-Type': `${type}; charset=utf-8`,
			...(method === 'HEAD' ? {} : { 'Content-Length': length }),
		});
		response.end(method === 'HEAD' ? undefined : body);
	};
}

function follow(
	content: Content,
	streams: EventStreams,
	{ request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): void {
	if (streams.full) {
		refuse(response, 503, 'Too many pages are open; close one.');
		return;
	}
	response.writeHead(200, {
		...SHELTER,
		'Content-Security-Policy': PLAIN_POLICY,
		'Content-Type': 'text/event-stream; charset=utf-8',
	});
	if (request.method === 'HEAD') response.end();
	else streams.add(response, content.current);
}

async function serve(
	routes: ReadonlyMap<string, Answer>,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const { localPort = 0 } = request.socket;
	const no = refusal(request, localPort);
	if (no !== null) {
		refuse(response, no.status, no.text, no.headers);
		return;
	}
	const answer = routes.get(request.url ?? '');
	if (answer === undefined) {
		refuse(response, 404, 'There is no such page.');
		return;
	}
	try {
		await answer(request, response);
	} catch (error) {
		// The report could not be made: the database is gone, or the server is being closed.
		if (!response.headersSent) refuse(response, 503, visible((error as Error).message));
		else response.destroy();
	}
}

/** Says no in plain text, and ends the connection: nothing more of it is read. */
function refuse(
	response: ServerResponse,
	status: number,
	text: string,
	headers: Readonly<Record<string, string>> = {},
): void {
	const body = `${text}\n`;
	response.writeHead(status, {
		...SHELTER,
		...headers,
		'Content-Security-Policy': PLAIN_POLICY,
		'Content-Type': 'text/plain; charset=utf-8',
		'Content-Length': Buffer.byteLength(body),
		Connection: 'close',
	});
	response.end(body);
}
