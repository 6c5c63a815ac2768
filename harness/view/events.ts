/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
import type { ServerResponse } from 'node:http';

/** Pages open at once. */
export const MOST_STREAMS = 16;
/** A comment now and then shows a closed page to the server, and a closed server to the page. */
const COMMENT_EVERY_MS = 15_000;

/** The event streams that are open. Every page gets the latest snapshot, a slow one not each of them. */
export class EventStreams {
	readonly #open = new Map<ServerResponse, { behind: boolean }>();
	readonly #timer: NodeJS.Timeout;
	#latest = '';

	constructor() {
		this.#timer = setInterval(() => {
			for (const response of this.#open.keys()) response.write(': still here\n\n');
		}, COMMENT_EVERY_MS);
		this.#timer.unref();
	}

	get full(): boolean {
		return this.#open.size >= MOST_STREAMS;
	}

	/** Sends `latest` and whatever is sent later. The head is written already. */
	add(response: ServerResponse, latest: string): void {
		const state = { behind: false };
		this.#open.set(response, state);
		this.#latest = latest;
		response.on('close', () => this.#open.delete(response));
		response.on('drain', () => {
			if (!state.behind) return;
			state.behind = false;
			response.write(event(this.#latest));
		});
		response.write(`retry: 2000\n\n${event(latest)}`);
	}

	/** @param json one line */
	send(json: string): void {
		this.#latest = json;
		for (const [response, state] of this.#open) {
			if (response.writableNeedDrain) state.behind = true;
			else response.write(event(json));
		}
	}

	/** Ends all streams. */
	close(): void {
		clearInterval(this.#timer);
		for (const response of this.#open.keys()) response.end();
		this.#open.clear();
	}
}

/** JSON.stringify leaves no line feed in its text, so one data line will do. */
const event = (json: string): string => `data: ${json}\n\n`;
