import { setImmediate } from 'node:timers/promises';
import { DEFAULT_COMPARE } from '../analysis/universality/compare.js';
import { DEFAULT_LIMITS, type Limits } from '../archive/inspect.js';
import { openArchive } from '../archive/open.js';
import { rerunArchive } from '../archive/rerun.js';
import { sourceDate } from '../archive/source-date.js';
import { type VerifiedArchive, verifyArchive } from '../archive/verify.js';
import { type ExtraFile, type WrittenArchive, writeArchive } from '../archive/write.js';
import { UsageError } from '../errors.js';
import {
	exactFigures,
	groupFigures,
	overviewFigures,
	type ReportFigure,
	svgFile,
} from '../report/figures/figures.js';
import { version } from '../version.js';
import { archiveText, repeatedText, verifiedText } from './archive-text.js';
import { type Arguments, EXIT, flag, optional, several, wholeNumber } from './command.js';
import type { Io } from './io.js';
import { gatherShown, reportFiles, sectionsShown } from './report.js';
import { rerunJson } from './rerun.js';
import { watchProgress } from './watch.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const [first, ...rest] = several(args, 'what');
	switch (first) {
		case 'verify':
			return verify(one(rest, 'archive verify FILE'), args, io);
		case 'open':
			return open(rest, args, io);
		case 'rerun':
			return repeat(one(rest, 'archive rerun FILE'), args, io);
		default:
			return write(several(args, 'what'), args, io);
	}
}

function one([file, ...others]: readonly string[], usage: string): string {
	if (file === undefined || others.length > 0)
		throw new UsageError(`name one archive: detbal ${usage}`);
	return file;
}

async function write(dbs: readonly string[], args: Arguments, io: Io): Promise<number> {
	const output = optional(args, 'output');
	if (output === null)
		throw new UsageError('say where to write the archive with -o FILE.zip (or --output)');
	const authors = optional(args, 'author');
	const written = await archiveShown(io, {
		dbs,
		output,
		withModels: flag(args, 'with-models'),
		models: optional(args, 'models'),
		report: !flag(args, 'without-report'),
		authors: (authors ?? '')
			.split(';')
			.map((name) => name.trim())
			.filter((name) => name !== ''),
		licence: optional(args, 'licence'),
	});
	if (io.json) {
		const { record, ...document } = written;
		io.out(JSON.stringify({ ...record, ...document }));
	} else for (const line of archiveText(written)) io.out(line);
	return EXIT.done;
}

export interface ArchiveOptions {
	readonly dbs: readonly string[];
	readonly output: string;
	readonly withModels: boolean;
	readonly models: string | null;
	/** with the report and its figures */
	readonly report: boolean;
	readonly authors: readonly string[];
	readonly licence: string | null;
}

/** Seals databases with their report, saying what is being done. */
export function archiveShown(
	io: Io,
	{ report, ...options }: ArchiveOptions,
): Promise<WrittenArchive> {
	return writeArchive({
		...options,
		date: sourceDate(process.env),
		extra: (copies) => reportOf(report ? copies : [], io),
		toolVersion: version(),
		signal: io.signal,
		say: (line) => io.say(line),
	});
}

/**
 * Of the copies that are sealed: a run may go on writing meanwhile. Figures as SVG alone; as PNG they
 * would be most of the archive, and `detbal report --figures` draws them at any time.
 */
async function* reportOf(dbs: readonly string[], io: Io): AsyncIterable<ExtraFile> {
	if (dbs.length === 0) return;
	const request = { dbs, run: null, options: {}, workers: null, compare: null };
	const dossier = await gatherShown(request, io);
	const { html } = reportFiles(dossier, await sectionsShown(dossier, request, io));
	yield { path: 'report/report.html', bytes: Buffer.from(html, 'utf8') };
	yield* drawings('overview', overviewFigures(dossier), io);
	for (const group of dossier.groups)
		yield* drawings(`groups/${group.slug}`, groupFigures(group), io);
	for (const exact of dossier.exact) {
		const group = dossier.groups[exact.group ?? -1] ?? null;
		yield* drawings(`exact/${exact.slug}`, exactFigures(exact, group).drawn, io);
	}
}

async function* drawings(
	folder: string,
	figures: readonly ReportFigure[],
	io: Io,
): AsyncIterable<ExtraFile> {
	for (const figure of figures) {
		await setImmediate();
		io.signal.throwIfAborted();
		const path = `report/figures/${folder}/${figure.id}.svg`;
		yield { path, bytes: Buffer.from(svgFile(figure), 'utf8') };
	}
}

async function verify(file: string, args: Arguments, io: Io): Promise<number> {
	const options = { limits: limitsOf(args), signal: io.signal };
	return tell(await verifyArchive(file, options), 'verify', io);
}

async function open(words: readonly string[], args: Arguments, io: Io): Promise<number> {
	const [file, dir, ...others] = words;
	if (file === undefined || dir === undefined || others.length > 0)
		throw new UsageError('name one archive and a new folder: detbal archive open FILE DIR');
	const verified = await openArchive(file, dir, { limits: limitsOf(args), signal: io.signal });
	const code = tell(verified, 'open', io);
	io.say(verified.ok ? `opened in ${dir}` : `${dir} was not made: the archive is not sound`);
	return code;
}

function tell(verified: VerifiedArchive, what: 'verify' | 'open', io: Io): number {
	if (io.json) io.out(JSON.stringify({ schema: `detbal/archive-${what}/1`, ...verified }));
	else for (const line of verifiedText(verified)) io.out(line);
	return verified.ok ? EXIT.done : EXIT.notReproduced;
}

async function repeat(file: string, args: Arguments, io: Io): Promise<number> {
	const watch = watchProgress('rerun', io);
	try {
		const result = await rerunArchive({
			file,
			models: optional(args, 'models'),
			limits: limitsOf(args),
			compare: { ...DEFAULT_COMPARE, resampling: true, workers: null },
			toolVersion: version(),
			signal: io.signal,
			watch,
		});
		watch.stop();
		if (!result.verified.ok) return tell(result.verified, 'verify', io);
		if (io.json) {
			const runs = result.runs.map(({ result: repeated, ...rest }) => ({
				...rest,
				...rerunJson(repeated),
			}));
			const { identical } = result;
			io.out(JSON.stringify({ schema: 'detbal/archive-rerun/1', file, identical, runs }));
		} else for (const line of repeatedText(result)) io.out(line);
		return result.identical ? EXIT.done : EXIT.notReproduced;
	} finally {
		watch.stop();
	}
}

/** Whoever names a size takes any ratio up to it. */
function limitsOf(args: Arguments): Limits {
	const bytes = wholeNumber(args, 'max-bytes', 1, Number.MAX_SAFE_INTEGER);
	return bytes === null ? DEFAULT_LIMITS : { bytes, ratio: null };
}
