import { existsSync, writeFileSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { starterExperiment } from '../experiment/starter.js';
import { type Arguments, EXIT, optional } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const file = optional(args, 'file') ?? 'experiment.yaml';
	if (existsSync(file)) {
		throw new UsageError(`${file} is there already and is left alone; name another file`);
	}
	try {
		writeFileSync(file, starterExperiment(), { flag: 'wx' });
	} catch (error) {
		throw new UsageError(
			`${file} cannot be written: ${(error as Error).message}. Make its folder, or name another file.`,
		);
	}
	io.out(`wrote ${file}`);
	io.say(`next: detbal plan ${file}   ·   detbal run ${file}`);
	return EXIT.done;
}
