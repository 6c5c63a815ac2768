/** A hub and its CDN on this machine: two servers, hence two origins, under the hub's URL scheme. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
	readonly at: 'hub' | 'cdn';
	readonly url: string;
	readonly range: string | null;
	readonly authorization: string | null;
}

/** What the servers do; may be changed between two pulls. */
export interface Behaviour {
	file: Uint8Array;
	/** `X-Repo-Commit`, or none. */
	commit: string | null;
	/** `X-Linked-ETag`, or none. */
	etag: string | null;
	/** `X-Linked-Size`, or none. */
	linkedSize: number | null;
	/** The hub answers with this instead. */
	status: number | null;
	/** A token without which the hub answers 401. */
	token: string | null;
	/** Where the hub sends its callers; null: it serves the file itself. */
	redirect: ((cdn: string) => string) | null;
	/** The CDN drops the connection before this byte of the file, every time. */
	cutAt: number;
	/** The CDN waits for this after its first bytes. */
	hold: Promise<void> | null;
	ranges: boolean;
}

export interface Hub extends Behaviour {
	readonly endpoint: string;
	readonly seen: Seen[];
	/** Connections to the CDN that are open. */
	readonly callers: number;
	close(): Promise<void>;
}

export async function openHub(file: Uint8Array): Promise<Hub> {
	const seen: Seen[] = [];
	const servers: Server[] = [];
	const open = async (at: Seen['at'], answer: typeof answerHub) => {
		const server = createServer((request, response) => {
			const { range, authorization } = request.headers;
			const url = request.url ?? '';
			seen.push({ at, url, range: range ?? null, authorization: authorization ?? null });
			answer(hub, request, response);
		});
		servers.push(server);
		if (at === 'cdn')
			server.on('connection', (socket) => {
				hub.callers++;
				socket.on('close', () => hub.callers--);
			});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	};
	const hub = {
		file,
		commit: null,
		etag: null,
		linkedSize: file.length,
		status: null,
		token: null,
		redirect: (cdn) => `${cdn}/blob?signature=secret`,
		cutAt: Infinity,
		hold: null,
		ranges: true,
		seen,
		callers: 0,
		cdn: '',
		endpoint: '',
		async close() {
			for (const server of servers) {
				server.closeAllConnections();
				await new Promise((resolve) => server.close(resolve));
			}
		},
	} as Hub & { callers: number; cdn: string; endpoint: string };
	hub.cdn = await open('cdn', answerFile);
	hub.endpoint = await open('hub', answerHub);
	return hub;
}

function answerHub(
	hub: Hub & { readonly cdn: string },
	request: IncomingMessage,
	response: ServerResponse,
): void {
	if (hub.commit !== null) response.setHeader('x-repo-commit', hub.commit);
	if (hub.etag !== null) response.setHeader('x-linked-etag', `"${hub.etag}"`);
	if (hub.linkedSize !== null) response.setHeader('x-linked-size', hub.linkedSize);
	const known = hub.token === null || request.headers.authorization === `Bearer ${hub.token}`;
	const status = known ? hub.status : 401;
	if (status !== null) response.writeHead(status).end('no');
	else if (hub.redirect === null) answerFile(hub, request, response);
	else response.writeHead(302, { location: hub.redirect(hub.cdn) }).end('moved');
}

async function answerFile(
	{ file, cutAt, hold, ranges }: Behaviour,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
	const part = ranges && from !== undefined;
	const start = part ? Number(from) : 0;
	const end = part && to ? Number(to) + 1 : file.length;
	response.writeHead(part ? 206 : 200, {
		'content-length': end - start,
		...(ranges ? { 'accept-ranges': 'bytes' } : {}),
		...(part ? { 'content-range': `bytes ${start}-${end - 1}/${file.length}` } : {}),
	});
	const stop = Math.min(end, Math.max(start, cutAt));
	const first = hold === null ? stop : Math.min(stop, start + 1000);
	response.write(file.subarray(start, first));
	await hold;
	if (stop === end) response.end(file.subarray(first, stop));
	else response.write(file.subarray(first, stop), () => setTimeout(() => response.destroy(), 50));
}
