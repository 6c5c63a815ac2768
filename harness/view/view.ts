import { Helper } from './helper.js';
import { ReportShelf } from './report-shelf.js';
import { openServer } from './server.js';
import { DatabaseWatch } from './watch.js';

export interface ViewOptions {
	readonly file: string;
	/** null: a free one */
	readonly port: number | null;
	/** milliseconds between two judgements, at least */
	readonly judgeEvery: number;
	/** milliseconds between two looks at how far the database is, at least */
	readonly lookEvery: number;
	/** Module that exports `makeReport({ file }): Promise<string>`; it is called in a process of its own. */
	readonly reporter: URL;
}

export interface View {
	readonly port: number;
	readonly url: string;
	/** Ends the server and all that helps it. Idempotent. */
	close(): Promise<void>;
}

/**
 * Serves a database live: what it holds, and what can be said of it so far. It only reads.
 * @throws UsageError where the port cannot be had
 */
export async function openView(options: ViewOptions): Promise<View> {
	const { file, port, reporter } = options;
	const watch = new DatabaseWatch(options);
	const helper = new Helper(reporter);
	const shelf = new ReportShelf(
		// A process for each report: what it needed is free again afterwards.
		async () => {
			try {
				return (await helper.ask<string>('makeReport', { file })).result;
			} finally {
				await helper.rest();
			}
		},
		() => watch.stamp,
	);
	const content = {
		get current() {
			return watch.current;
		},
		onChange: (listener: (snapshot: string) => void) => watch.onChange(listener),
		report: () => shelf.get(),
	};
	const server = await openServer(content, port);
	watch.start();
	return {
		port: server.port,
		url: server.url,
		async close() {
			await Promise.all([helper.end(), watch.stop(), server.close()]);
		},
	};
}
