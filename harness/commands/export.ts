import { count } from '../report/numbers.js';
import { EXPORTS, type Export, exportDatabase } from '../runner/export.js';
import { safeLine } from '../safe-text.js';
import { type Arguments, EXIT, flag, needed, optional, wholeNumber } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const result = await exportDatabase({
		db: needed(args, 'db'),
		run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
		import: wholeNumber(args, 'import', 1, Number.MAX_SAFE_INTEGER),
		files: Object.fromEntries(EXPORTS.map((what) => [what, optional(args, what)])) as Record<
			Export,
			string | null
		>,
		force: flag(args, 'force'),
		signal: io.signal,
	});
	for (const notice of result.notices) io.say(`notice: ${notice}`);
	if (io.json) {
		io.out(JSON.stringify({ schema: 'detbal/export/1', ...result }));
		return EXIT.done;
	}
	const groups = result.groups ?? 0;
	const of = ` of ${count(groups, 'group', 'groups')}`;
	for (const { what, file, rows } of result.files)
		io.out(
			`wrote ${safeLine(file)}: ${count(rows, 'row', 'rows')}${what === 'attempts' ? '' : of}`,
		);
	return EXIT.done;
}
