/** Who is answered: this machine's own browser, on a page of ours, and nobody else. */
import type { IncomingMessage } from 'node:http';

/** The one address listened on. */
export const ADDRESS = '127.0.0.1';
/** An address of ours has at most 9 characters. */
const LONGEST_URL = 1024;

export interface Refusal {
	readonly status: number;
	readonly text: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Why a request is not answered, or null.
 *
 * A page of another site can make a browser ask this server: by its address, then the browser says
 * so (Origin, Sec-Fetch-Site); or by a name of its own that it has pointed at 127.0.0.1 (DNS
 * rebinding), then the Host is that name.
 */
export function refusal(request: IncomingMessage, port: number): Refusal | null {
	const { method = '', url = '', headersDistinct: headers } = request;
	const [host = '', ...others] = headers.host ?? [];
	if (others.length > 0 || !namesOf(port).includes(host)) {
		return { status: 421, text: `Only http://${ADDRESS}:${port}/ is answered.` };
	}
	if (method !== 'GET' && method !== 'HEAD') {
		return { status: 405, text: 'This server only reads.', headers: { Allow: 'GET, HEAD' } };
	}
	if (url.length > LONGEST_URL) return { status: 414, text: 'The address is too long.' };
	const origins = headers.origin ?? [];
	const sites = headers['sec-fetch-site'] ?? [];
	if (
		origins.some((origin) => origin !== `http://${host}`) ||
		sites.some((site) => site !== 'same-origin' && site !== 'none')
	) {
		return {
			status: 403,
			text: `Requests from other pages are refused. Type the address: http://${ADDRESS}:${port}/`,
		};
	}
	const body = headers['transfer-encoding'] ?? headers['content-length'] ?? [];
	return body.some((length) => length !== '0')
		? { status: 400, text: 'A request must have no body.' }
		: null;
}

function namesOf(port: number): readonly string[] {
	return [`${ADDRESS}:${port}`, `localhost:${port}`];
}

/** Of every answer: not kept, not sniffed, not framed, not to be read by another origin. */
export const SHELTER: Readonly<Record<string, string>> = {
	'Cache-Control': 'no-store',
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
	'X-Frame-Options': 'DENY',
};

const NOTHING_ELSE =
	"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Of the live page: its own script and style, and events from here. */
export const LIVE_POLICY = `${NOTHING_ELSE}; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:`;

/** Of the report, one file that holds its scripts and styles: nothing may be fetched. */
export const REPORT_POLICY = `${NOTHING_ELSE}; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:`;

/** Of everything else. */
export const PLAIN_POLICY = NOTHING_ELSE;
