import { UsageError } from '../errors.js';
import { type ShowRequest, showImport, showRun, showSource } from '../runner/show.js';
import type { StoredAttempt, StoredLaw } from '../store/reader.js';
import { type Arguments, EXIT, needed, optional, wholeNumber } from './command.js';
import type { Io } from './io.js';
import { importText, runText, sourceText } from './show-text.js';

const PAGE = 20;
/** Draws are held in memory, each with its completion. */
const PAGE_MOST = 10_000;

export async function run(args: Arguments, io: Io): Promise<number> {
	const db = needed(args, 'db');
	const number = wholeNumber(args, 'import', 1, Number.MAX_SAFE_INTEGER);
	const source = optional(args, 'source');
	if (number !== null) {
		refuseWithImport(args);
		const shown = await showImport(db, number);
		print(io, 'import', { import: shown }, () => importText(shown));
		return EXIT.done;
	}
	const request = requestOf(args, db, io);
	if (source === null) {
		const shown = await showRun(request);
		print(io, 'run', shown, () => runText(shown, request));
	} else {
		const shown = await showSource(request, source);
		const rootLaw = shown.rootLaw === null ? null : lawJson(shown.rootLaw);
		print(io, 'source', { ...shown, rootLaw, draws: shown.draws.map(drawJson) }, () =>
			sourceText(shown),
		);
	}
	return EXIT.done;
}

function requestOf(args: Arguments, db: string, io: Io): ShowRequest {
	const { temperature } = args;
	return {
		db,
		run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
		cells: {
			model: optional(args, 'model'),
			template: optional(args, 'template'),
			temperature: typeof temperature === 'number' ? temperature : null,
			seed: wholeNumber(args, 'seed', 0, 2 ** 32 - 1),
			cell: wholeNumber(args, 'cell', 1, Number.MAX_SAFE_INTEGER),
		},
		from: wholeNumber(args, 'from', 0, 2 ** 32 - 2) ?? 0,
		limit: wholeNumber(args, 'limit', 1, PAGE_MOST) ?? PAGE,
		signal: io.signal,
	};
}

const OF_A_RUN = ['run', 'source', 'model', 'template', 'temperature', 'seed', 'cell', 'from'];

/** @throws UsageError for options that say which part of a run is meant */
function refuseWithImport(args: Arguments): void {
	const other = OF_A_RUN.find((name) => args[name] !== undefined);
	if (other !== undefined)
		throw new UsageError(
			`--${other} is for runs, --import shows an import whole; its counts: detbal query DB "SELECT source, target, count FROM imported_counts"`,
		);
}

function print(io: Io, kind: string, document: object, text: () => readonly string[]): void {
	if (io.json) io.out(JSON.stringify({ schema: 'detbal/show/1', kind, ...document }));
	else for (const line of text()) io.out(line);
}

const lawJson = ({ path: _, checksum, ...law }: StoredLaw): object => ({
	checksum: Buffer.from(checksum).toString('hex'),
	...law,
});

const drawJson = ({ source: _, ...draw }: StoredAttempt): object => draw;
