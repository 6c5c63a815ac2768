import { once } from 'node:events';
import { resolve } from 'node:path';
import { StoreReader } from '../store/reader.js';
import { openView } from '../view/view.js';
import { type Arguments, EXIT, needed, wholeNumber } from './command.js';
import type { Io } from './io.js';

/** Seconds between two judgements, unless --every says otherwise. */
const EVERY = 5;
const LOOK_EVERY_MS = 1000;

const REPORTER = import.meta.url.endsWith('.ts') ? './view-report.ts' : './view-report.js';

/** Ctrl-C is how it ends: exit code 0. */
export async function run(args: Arguments, io: Io): Promise<number> {
	const file = resolve(needed(args, 'db'));
	const port = wholeNumber(args, 'port', 1024, 65535);
	const every = wholeNumber(args, 'every', 1, 86_400) ?? EVERY;
	// Said at once, and not on a page.
	StoreReader.open(file).close();
	const view = await openView({
		file,
		port,
		judgeEvery: 1000 * every,
		lookEvery: LOOK_EVERY_MS,
		reporter: new URL(REPORTER, import.meta.url),
	});
	try {
		if (io.json) {
			const { port: used, url } = view;
			io.out(JSON.stringify({ schema: 'detbal/view/1', db: file, url, port: used }));
		} else io.out(view.url);
		io.say('open this address in a browser of this machine; Ctrl-C ends it');
		if (!io.signal.aborted) await once(io.signal, 'abort');
	} finally {
		await view.close();
	}
	return EXIT.done;
}
