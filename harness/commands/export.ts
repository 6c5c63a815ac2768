import { group } from '../report/progress.js';
import { exportDatabase } from '../runner/export.js';
import { type Arguments, EXIT, flag, needed, optional, wholeNumber } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const result = await exportDatabase({
		db: needed(args, 'db'),
		run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
		import: wholeNumber(args, 'import', 1, Number.MAX_SAFE_INTEGER),
		counts: optional(args, 'counts'),
		attempts: optional(args, 'attempts'),
		force: flag(args, 'force'),
		signal: io.signal,
	});
	for (const notice of result.notices) io.say(`notice: ${notice}`);
	if (io.json) {
		io.out(JSON.stringify({ schema: 'detbal/export/1', ...result }));
		return EXIT.done;
	}
	const { groups, files } = result;
	const of = `${group(groups)} ${groups === 1 ? 'group' : 'groups'}`;
	for (const { file, rows } of files) io.out(`wrote ${file}: ${group(rows)} rows of ${of}`);
	return EXIT.done;
}
