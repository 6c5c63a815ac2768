/** Asks a hub, before anything is fetched, where a file lies, how large it is and at which commit. */
import { HarnessError, UsageError } from '../errors.js';
import { version } from '../version.js';
import type { CatalogModel } from './catalog.js';

/** What the hub offers under the URI of a model. */
export interface Offer {
	/** After all redirects. */
	readonly url: string;
	/** To be sent to that URL: with the token only where it lies on the endpoint itself. */
	readonly headers: Readonly<Record<string, string>>;
	readonly bytes: number;
	/** As the server announces it; null where it does not. */
	readonly sha256: string | null;
	readonly commit: string | null;
	/** Without this a download that was cut begins anew. */
	readonly ranges: boolean;
	readonly endpoint: string;
}

const MOST_REDIRECTS = 10;
const PATIENCE_MS = 30_000;

/** HF_HUB_OFFLINE as huggingface_hub reads it. */
export function offlineByEnvironment(): boolean {
	return ['1', 'ON', 'YES', 'TRUE'].includes((process.env.HF_HUB_OFFLINE ?? '').toUpperCase());
}

/** HF_ENDPOINT, else the public hub. @throws UsageError where it is not an http(s) URL */
export function hubEndpoint(): URL {
	const text = process.env.HF_ENDPOINT || 'https://huggingface.co';
	if (URL.canParse(text)) {
		const url = new URL(text);
		if (/^https?:$/.test(url.protocol)) return url;
	}
	throw new UsageError(`HF_ENDPOINT: found ${text}; allowed: an http or https URL`);
}

/**
 * Follows the redirects of a file by hand, so that they end, and so that HF_TOKEN never leaves
 * the endpoint: the downloader itself sends its headers to wherever it was redirected.
 * @param revision commit or branch
 * @throws UsageError for a file that needs a token (401, 403)
 * @throws HarnessError where the hub cannot be reached, has no such file, goes round in circles,
 *   or names no size
 */
export async function locate(
	model: CatalogModel,
	revision: string,
	signal: AbortSignal,
): Promise<Offer> {
	const endpoint = hubEndpoint();
	const start = fileUrl(model, revision, endpoint);
	const heard = { bytes: null as number | null, sha256: '', commit: '' };
	const seen = new Set<string>();
	for (let url = start; ; ) {
		if (seen.has(url.href) || seen.size > MOST_REDIRECTS) throw circle(model, start, seen.size);
		seen.add(url.href);
		const home = url.origin === endpoint.origin;
		const headers = headersFor(home);
		const response = await ask(url, { ...headers, range: 'bytes=0-0' }, signal);
		// Only the hub is asked what it has; a redirect may end anywhere.
		if (home) {
			heard.bytes ??= wholeNumber(response.headers.get('x-linked-size'));
			heard.sha256 ||= sha256Of(response.headers);
			heard.commit ||= response.headers.get('x-repo-commit') ?? '';
		}
		const onward = response.headers.get('location');
		if (response.status >= 300 && response.status < 400 && onward !== null) {
			url = nextUrl(url, onward);
			continue;
		}
		if (!response.ok) throw refusal(model, response.status, { url, home, revision });
		const there = sizeOf(response);
		if (there === null || (heard.bytes !== null && heard.bytes !== there))
			throw new HarnessError(
				`${plain(start)}: the hub says ${heard.bytes ?? 'no size'}, ${url.host} ${there ?? 'no size'}. ` +
					'Nothing was downloaded; try again later.',
			);
		return {
			url: url.href,
			headers,
			bytes: there,
			sha256: heard.sha256 || null,
			commit: heard.commit || null,
			ranges: response.status === 206,
			endpoint: endpoint.origin,
		};
	}
}

/** @throws UsageError for a URI that is not hf:owner/repository/file */
function fileUrl({ id, uri }: CatalogModel, revision: string, endpoint: URL): URL {
	const [, owner, repository, file] = /^hf:([^/]+)\/([^/]+)\/(.+)$/.exec(uri) ?? [];
	if (!owner || !repository || !file)
		throw new UsageError(`model "${id}": found uri ${uri}; allowed: hf:owner/repository/file`);
	const path = [owner, repository, 'resolve', revision, ...file.split('/')].map(encodeURIComponent);
	return new URL(`${endpoint.href.replace(/\/+$/, '')}/${path.join('/')}`);
}

function headersFor(home: boolean): Record<string, string> {
	const token = process.env.HF_TOKEN?.trim();
	return {
		'user-agent': `detbal/${version()}`,
		'accept-encoding': 'identity',
		...(home && token ? { authorization: `Bearer ${token}` } : {}),
	};
}

async function ask(
	url: URL,
	headers: Readonly<Record<string, string>>,
	signal: AbortSignal,
): Promise<Response> {
	const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
	try {
		const response = await fetch(url, { headers, redirect: 'manual', signal: patience });
		await response.body?.cancel();
		return response;
	} catch (error) {
		if (signal.aborted) throw new HarnessError('interrupted before anything was downloaded');
		const { cause, message } = error as Error;
		throw new HarnessError(
			`${plain(url)} cannot be reached: ${cause instanceof Error ? cause.message : message}. ` +
				'Look at the network and at HF_ENDPOINT.',
		);
	}
}

/** @throws HarnessError for a redirect that leaves http(s), or leaves https for http */
function nextUrl(from: URL, onward: string): URL {
	const to = URL.canParse(onward, from.href) ? new URL(onward, from) : null;
	if (to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:'))
		return to;
	throw new HarnessError(
		`${plain(from)} redirects to ${to === null ? onward : plain(to)}, which is not safe to follow.`,
	);
}

/** The hub's name for a large file is its sha256. */
function sha256Of(headers: Headers): string {
	const tag = headers.get('x-linked-etag') ?? headers.get('etag') ?? '';
	return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(tag)?.[1] ?? '';
}

function sizeOf(response: Response): number | null {
	const { headers, status } = response;
	if (status !== 206) return wholeNumber(headers.get('content-length'));
	return wholeNumber(/\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? null);
}

function wholeNumber(text: string | null): number | null {
	return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Without the query: a signed address is a key. */
function plain(url: URL): string {
	return `${url.origin}${url.pathname}`;
}

function circle({ id }: CatalogModel, start: URL, redirects: number): HarnessError {
	return new HarnessError(
		`model "${id}": ${plain(start)} redirects in a circle (${redirects} addresses). Look at HF_ENDPOINT.`,
	);
}

function refusal(
	model: CatalogModel,
	status: number,
	{ url, home, revision }: { readonly url: URL; readonly home: boolean; readonly revision: string },
): Error {
	const { id, uri } = model;
	const [owner, repository] = uri.replace(/^hf:/, '').split('/');
	const page = `${hubEndpoint().origin}/${owner}/${repository}`;
	if (home && (status === 401 || status === 403)) {
		const token = process.env.HF_TOKEN?.trim()
			? 'HF_TOKEN is set but gives no access: accept the licence with its account'
			: 'Accept the licence, then set HF_TOKEN to an access token of that account';
		return new UsageError(
			`model "${id}": ${plain(url)} answers ${status}: the model is gated, private or gone. ${token}, on ${page}`,
		);
	}
	if (home && status === 404)
		return new HarnessError(
			`model "${id}": ${plain(url)} answers 404: no such file at ${revision}. Look at ${page}`,
		);
	return new HarnessError(
		`model "${id}": ${plain(url)} answers ${status}. Nothing was downloaded; try again later.`,
	);
}
