import { UsageError } from '../errors.js';
import { FORMATS, type Format } from '../exchange/formats.js';
import { group, type Progress } from '../report/progress.js';
import { printable } from '../report/table.js';
import { type ImportedTable, type ImportResult, importFile } from '../runner/import.js';
import { version } from '../version.js';
import { type Arguments, EXIT, needed, optional, wholeNumber } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const file = needed(args, 'file');
	const request = {
		file,
		db: optional(args, 'db'),
		format: toFormat(optional(args, 'format')),
		model: optional(args, 'model'),
		template: optional(args, 'template'),
		temperature: toTemperature(args.temperature),
		attempts: wholeNumber(args, 'attempts', 1, Number.MAX_SAFE_INTEGER),
		attemptsFile: optional(args, 'attempts-file'),
		toolVersion: version(),
	};
	let shown: Progress | null = null;
	const onRead = (bytes: number, of: number) => {
		shown ??= io.progress('import: bytes', of);
		shown.update(bytes);
	};
	const result = await importFile({ ...request, signal: io.signal, onRead }).finally(() =>
		shown?.stop(),
	);
	tell(result, io);
	return EXIT.done;
}

function toFormat(name: string | null): Format | null {
	if (name === null || Object.hasOwn(FORMATS, name)) return name as Format | null;
	throw new UsageError(`--format: found ${name}; allowed: ${Object.keys(FORMATS).join(', ')}`);
}

function toTemperature(value: unknown): number | null {
	if (value === undefined) return null;
	if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
	throw new UsageError(
		`--temperature: found ${String(value)}; allowed: a number of at least 0, once`,
	);
}

function tell(result: ImportResult, io: Io): void {
	for (const notice of result.notices) io.say(`notice: ${notice}`);
	if (io.json) {
		const imports = result.imports.map(({ sampling, ...table }) => ({
			...table,
			temperature: sampling.temperature,
			sampling,
		}));
		io.out(JSON.stringify({ schema: 'detbal/import/1', ...result, imports }));
		return;
	}
	const { db, origin, sha256, bytes, format, notes, imports } = result;
	io.out(`${printable(origin)}: ${group(bytes)} bytes, read as ${format}`);
	io.out(`sha256      ${sha256}`);
	if (notes.length > 0) io.out(`notes kept  ${notes.map(printable).join(', ')}`);
	for (const line of imports.flatMap((table) => tableText(table, db))) io.out(line);
	io.say(`next: detbal verify ${db}`);
}

function tableText(table: ImportedTable, db: string): string[] {
	const { id, existed, model, template, sampling, states, pairs, outcomes } = table;
	const { temperature } = sampling;
	const labels = `${printable(model)} · ${printable(template)}`;
	return [
		`import ${id} in ${db}${existed ? ' is there already, from the same file: nothing was added' : ''}`,
		`  ${labels}${temperature === null ? '' : ` · temperature ${temperature}`}`,
		`  ${group(outcomes)} outcomes of ${group(pairs)} pairs over ${group(states)} states; ${attemptsText(table)}`,
	];
}

function attemptsText({ attemptsTotal, attemptsRecorded }: ImportedTable): string {
	if (attemptsTotal === null) return 'attempts not recorded';
	const total = `${group(attemptsTotal)} attempts`;
	return attemptsRecorded ? `${total}, recorded per source` : `${total}, not recorded per source`;
}
