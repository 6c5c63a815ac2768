import { bytesText } from '../report/bytes.js';
import { DASH } from '../report/numbers.js';
import { group } from '../report/progress.js';
import { type Column, printable, textTable } from '../report/table.js';
import { type ListedDatabase, type ListedRun, listDatabases } from '../runner/list.js';
import { type Arguments, EXIT, flag, several } from './command.js';
import type { Io } from './io.js';

/** Where runs go by default. */
const FOLDER = 'results';

export async function run(args: Arguments, io: Io): Promise<number> {
	const named = several(args, 'dbs');
	const { databases, notices } = await listDatabases({
		dbs: named.length === 0 ? null : named,
		folder: FOLDER,
		digests: flag(args, 'digest'),
		signal: io.signal,
	});
	for (const notice of notices) io.say(`notice: ${notice}`);
	if (io.json) {
		io.out(JSON.stringify({ schema: 'detbal/ls/1', databases, notices }));
		return EXIT.done;
	}
	if (databases.length === 0)
		io.say(`no database is under ${FOLDER}/: make one with detbal run, or name one`);
	for (const [i, database] of databases.entries())
		for (const line of [...(i > 0 ? [''] : []), ...databaseText(database)]) io.out(line);
	if (databases.some(({ runs }) => runs.some(({ digest }) => digest === null)))
		io.say('digests of large runs: --digest');
	return EXIT.done;
}

function databaseText({ db, bytes, runs, imports, kernels }: ListedDatabase): string[] {
	const head = `${printable(db)} (${bytesText(bytes)})`;
	if (runs.length + imports.length + kernels.length === 0)
		return [`${head}: holds no run, no import and no exact kernel`];
	return [
		head,
		...(runs.length > 0 ? runTable(runs) : []),
		...importTable(imports),
		...kernelTable(kernels),
	];
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

function runTable(runs: readonly ListedRun[]): string[] {
	const rows = runs.map((run) => [
		String(run.id),
		run.shard === null ? run.name : `${run.name} (part ${run.shard})`,
		[run.models, run.templates, run.settings, run.seeds].join(' × '),
		run.done === run.planned ? group(run.done) : `${group(run.done)} of ${group(run.planned)}`,
		run.digest?.slice(0, 12) ?? DASH,
		run.createdAt.slice(0, 16).replace('T', ' '),
		repeated(run.reruns),
	]);
	const columns = [
		right('run'),
		left('name'),
		left('m × t × s × seeds'),
		right('attempts'),
		left('digest'),
		left('made (UTC)'),
		left('repeated'),
	];
	return textTable(columns, rows);
}

function repeated({ identical, different }: ListedRun['reruns']): string {
	if (identical + different === 0) return DASH;
	if (different === 0) return 'identical';
	return identical === 0 ? 'not identical' : `identical ${identical}, not ${different}`;
}

function importTable(imports: ListedDatabase['imports']): string[] {
	if (imports.length === 0) return [];
	const rows = imports.map((one) => [
		String(one.id),
		one.model,
		one.template,
		one.temperature === null ? DASH : String(one.temperature),
		one.attemptsTotal === null ? DASH : group(one.attemptsTotal),
		one.origin,
		one.createdAt.slice(0, 16).replace('T', ' '),
	]);
	const columns = [
		right('import'),
		left('model'),
		left('template'),
		right('T'),
		right('attempts'),
		left('file'),
		left('made (UTC)'),
	];
	return textTable(columns, rows);
}

function kernelTable(kernels: ListedDatabase['kernels']): string[] {
	if (kernels.length === 0) return [];
	const rows = kernels.map((one) => [
		String(one.id),
		one.model,
		one.template,
		String(one.temperature),
		one.kind,
		one.rows === one.sources ? group(one.rows) : `${group(one.rows)} of ${group(one.sources)}`,
		one.digest.slice(0, 12),
		one.createdAt.slice(0, 16).replace('T', ' '),
	]);
	const columns = [
		right('kernel'),
		left('model'),
		left('template'),
		right('T'),
		left('set'),
		right('rows'),
		left('digest'),
		left('made (UTC)'),
	];
	return textTable(columns, rows);
}
