import { basename, dirname, extname, join } from 'node:path';
import type { VerifyOptions } from '../analysis/verify.js';
import type { Dossier } from '../dossier/dossier.js';
import { gatherDossier } from '../dossier/gather.js';
import { UsageError } from '../errors.js';
import { exactSection } from '../report/compare-exact-section.js';
import { compareSections } from '../report/compare-sections.js';
import { figureFiles } from '../report/figures/figures.js';
import { count } from '../report/numbers.js';
import { reportPage } from '../report/page/page.js';
import type { PageSection } from '../report/page/section.js';
import { group } from '../report/progress.js';
import { shortPath } from '../report/short-path.js';
import { compareDatabases } from '../runner/compare.js';
import { compareExact, readExact } from '../runner/compare-exact.js';
import { StoreReader } from '../store/reader.js';
import { version } from '../version.js';
import { type Arguments, EXIT, flag, optional, several, wholeNumber } from './command.js';
import type { Io } from './io.js';
import { checkFolder, checkReport, replaceFile, replaceFiles } from './report-files.js';
import { verifyChanges } from './verify-options.js';
import { whileShown } from './watch.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const dbs = several(args, 'dbs');
	const written = await writeReport(
		{
			dbs,
			run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
			output: optional(args, 'output'),
			figures: optional(args, 'figures'),
			force: flag(args, 'force'),
			compare: typeof args.compare === 'boolean' ? args.compare : null,
			workers: wholeNumber(args, 'workers', 1, 1024),
			options: verifyChanges(args),
		},
		io,
	);
	if (io.json) {
		const { missing, ...document } = written;
		io.out(JSON.stringify({ schema: 'detbal/report/1', ...document, missingAttempts: missing }));
	} else for (const line of reportText(written, optional(args, 'figures'))) io.out(line);
	return EXIT.done;
}

export interface ReportRequest {
	readonly dbs: readonly string[];
	/** Number of the run; null: all runs and imports. */
	readonly run: number | null;
	/** File to write; null: NAME.report.html beside the first database. */
	readonly output: string | null;
	/** Folder for the figures; null: none are written. */
	readonly figures: string | null;
	/** Overwrites a file that is not a report, too. */
	readonly force: boolean;
	/** With the kernels side by side, as `detbal compare --quick`; null: where they are few. */
	readonly compare: boolean | null;
	/** Worker threads; null: as many as the machine runs at once. */
	readonly workers: number | null;
	/** Changes to `DEFAULT_VERIFY`. */
	readonly options: Partial<VerifyOptions>;
}

export interface WrittenReport {
	readonly file: string;
	readonly bytes: number;
	readonly groups: number;
	/** exact kernels */
	readonly exact: number;
	/** figures written as files */
	readonly figures: number;
	/** attempts that are planned and not made */
	readonly missing: number;
}

/**
 * Judges the databases and writes their report; a file is there whole or not at all.
 * @throws UsageError where something may not be read, written or overwritten; HarnessError where it
 *   cannot be (disk full)
 */
export async function writeReport(request: ReportRequest, io: Io): Promise<WrittenReport> {
	const { dbs, figures, force } = request;
	if (dbs[0] === undefined) throw new UsageError('name at least one database');
	const file = request.output ?? beside(dbs[0]);
	// Said before the work, and not after it; a database that is not there first of all.
	for (const db of dbs) StoreReader.open(db).close();
	checkReport(file, { force, inputs: dbs });
	if (figures !== null) checkFolder(figures);
	const dossier = await gatherShown(request, io);
	const extra = await sectionsShown(dossier, request, io);
	const { html, figures: drawn } = reportFiles(dossier, extra);
	const shown = shownFiles(drawn, dossier.groups.length + dossier.exact.length, io);
	const drawnFiles = figures === null ? 0 : await replaceFiles(figures, shown);
	const bytes = replaceFile(file, html);
	const { missing, groups, exact } = dossier;
	const counts = { groups: groups.length, exact: exact.length, figures: drawnFiles };
	return { file, bytes, ...counts, missing };
}

/** Kernels that are compared unasked, at most: their pairs are seconds of work. */
const FEW = 8;

/** What a report has besides the dossier: the kernels side by side, where they are few or it is asked for. */
export async function sectionsShown(
	dossier: Dossier,
	request: Pick<ReportRequest, 'dbs' | 'run' | 'options' | 'workers' | 'compare'>,
	io: Io,
): Promise<readonly PageSection[]> {
	const { compare, dbs } = request;
	const [sampled, exact] = [dossier.groups.length, dossier.exact.length];
	if (compare === false || (compare === null && sampled < 2 && exact < 2)) return [];
	// Nothing is resampled for exact kernels: they are compared however many there are.
	if (compare === null && (sampled < 2 || sampled > FEW)) return exactSections(dossier, dbs);
	return compareShown(request, io);
}

/** Exact kernels side by side, without those that were sampled. */
function exactSections({ exact }: Dossier, dbs: readonly string[]): readonly PageSection[] {
	return exact.length < 2 ? [] : exactSection({ exact: compareExact(readExact(dbs), exact, null) });
}

/** Everything a report consists of, without writing it; figures are drawn as they are asked for. */
export function reportFiles(
	dossier: Dossier,
	extra: readonly PageSection[],
): {
	readonly html: string;
	readonly figures: AsyncIterable<{ readonly path: string; readonly bytes: Uint8Array }>;
} {
	return { html: reportPage(dossier, extra), figures: figureFiles(dossier) };
}

/** Gathers a dossier, showing how far it is. */
export function gatherShown(
	request: Pick<ReportRequest, 'dbs' | 'run' | 'options' | 'workers'>,
	io: Io,
): Promise<Dossier> {
	const { dbs, run: number, options, workers } = request;
	const how = { dbs, run: number, options, workers, signal: io.signal, toolVersion: version() };
	return whileShown('report', io, (onGroup) => gatherDossier({ ...how, onGroup }));
}

async function compareShown(
	{
		dbs,
		run: number,
		options: { seed, tolerances },
		workers,
	}: Pick<ReportRequest, 'dbs' | 'run' | 'options' | 'workers'>,
	io: Io,
): Promise<readonly PageSection[]> {
	const options = seed === undefined ? {} : { seed };
	const verify = tolerances === undefined ? {} : { tolerances };
	const how = { dbs, run: number, quick: true, options, verify, workers, signal: io.signal };
	const result = await whileShown('compare', io, (onComparison) =>
		compareDatabases({ ...how, onComparison }),
	);
	return compareSections(result);
}

/** Figure files, kernel by kernel. */
async function* shownFiles<File extends { readonly path: string }>(
	files: AsyncIterable<File>,
	groups: number,
	io: Io,
): AsyncIterable<File> {
	const folders = new Set<string>();
	const shown = io.progress('figures', groups + 1);
	try {
		for await (const one of files) {
			io.signal.throwIfAborted();
			const folder = dirname(one.path);
			shown.update(folders.add(folder).size - 1, basename(folder));
			yield one;
		}
	} finally {
		shown.stop();
	}
}

function beside(db: string): string {
	return join(dirname(db), `${basename(db, extname(db))}.report.html`);
}

function reportText(written: WrittenReport, folder: string | null): string[] {
	const { file, bytes, groups, exact, figures, missing } = written;
	const sampled = groups > 0 || exact === 0 ? [count(groups, 'kernel', 'kernels')] : [];
	const scored = exact > 0 ? [count(exact, 'exact kernel', 'exact kernels')] : [];
	return [
		`${shortPath(file)}: ${[...sampled, ...scored].join(', ')}, ${group(Math.ceil(bytes / 1000))} kB`,
		...(folder === null ? [] : [`${shortPath(folder)}: ${count(figures, 'file', 'files')}`]),
		...(missing > 0 ? [`interim: ${group(missing)} planned attempts are not made yet`] : []),
	];
}
