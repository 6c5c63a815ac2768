import { existsSync } from 'node:fs';
import type { Gpu } from '../engine/llama.js';
import { UsageError } from '../errors.js';
import { shortPath } from '../report/short-path.js';
import { runDoctor } from '../runner/doctor.js';
import type { DoctorDocument } from '../runner/doctor-document.js';
import { DOCTOR_FILE, noteInDatabase, writeDoctor } from '../runner/doctor-note.js';
import { version } from '../version.js';
import { type Arguments, EXIT, optional, several } from './command.js';
import { doctorText } from './doctor-text.js';
import type { Io } from './io.js';
import { whileShown } from './watch.js';

/** @returns 1 where runs cannot be repeated here before something is mended, else 0 */
export async function run(args: Arguments, io: Io): Promise<number> {
	const out = optional(args, 'out') ?? DOCTOR_FILE;
	const dbs = databases(args);
	const model = optional(args, 'model');
	const { builds } = args;
	const document = await whileShown('doctor', io, (onStep) =>
		runDoctor({
			models: model === null ? null : [reference(model)],
			gpu: (optional(args, 'gpu') ?? 'cpu') as Gpu,
			builds: typeof builds === 'boolean' ? builds : null,
			out,
			toolVersion: version(),
			signal: io.signal,
			say: (line) => io.say(line),
			onStep,
		}),
	);
	writeDoctor(out, document);
	for (const db of dbs) note(db, document, io);
	if (io.json) io.out(JSON.stringify(document));
	else {
		for (const line of doctorText(document)) io.out(line);
		io.out(`\nwritten to ${shortPath(out)}: runs made here from now on keep it`);
	}
	return document.mend.some(({ must }) => must) ? EXIT.error : EXIT.done;
}

/** @throws UsageError for a database that is not there, before the work begins */
function databases(args: Arguments): readonly string[] {
	const one = Array.isArray(args.db) ? null : optional(args, 'db');
	const dbs = one === null ? several(args, 'db') : [one];
	for (const db of dbs)
		if (!existsSync(db)) throw new UsageError(`${db} is not there; name a database of detbal run`);
	return dbs;
}

/** A file where it looks like one, else a name of the manifest. */
function reference(model: string) {
	const isFile = /\.gguf$/i.test(model) || /[/\\]/.test(model);
	return { id: model, path: isFile ? model : null, sha256: null };
}

function note(db: string, document: DoctorDocument, io: Io): void {
	const runs = noteInDatabase(db, document);
	io.say(
		runs.length === 0
			? `${db}: no run was made with this machine, build and model; nothing was noted`
			: `${db}: kept with run ${runs.join(', ')}`,
	);
}
