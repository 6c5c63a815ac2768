import { UsageError } from '../errors.js';
import { group } from '../report/progress.js';
import { printable } from '../report/table.js';
import { mergeDatabases } from '../store/merge.js';
import { type Arguments, EXIT, flag, optional, several } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const db = optional(args, 'db');
	if (db === null) throw new UsageError('say where to write the merged database with --db FILE');
	const allowIncomplete = flag(args, 'allow-incomplete');
	const { runs } = mergeDatabases(several(args, 'inputs'), db, { allowIncomplete });
	if (io.json) {
		io.out(JSON.stringify({ schema: 'detbal/merge/1', db, runs }));
		return EXIT.done;
	}
	io.out(`wrote ${db}`);
	for (const { name, files, planned, attempts, digest } of runs) {
		io.out(
			`${printable(name)}: ${group(attempts)} of ${group(planned)} attempts from ${files.length} files`,
		);
		io.out(`digest ${digest}`);
	}
	return EXIT.done;
}
