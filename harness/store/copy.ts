import { StoreDatabase } from './database.js';

/**
 * Copies a database into a new file as it is now, compact, though a run may be writing it: the
 * same rows give the same bytes. Who is writing is not copied.
 * @throws UsageError where it is not a database of ours
 * @throws HarnessError where the copy cannot be written
 */
export function copyDatabase(file: string, target: string): void {
	const source = StoreDatabase.forReading(file);
	try {
		source.copyTo(target);
	} finally {
		source.close();
	}
	forgetWriter(target);
}

/** The row names a process and a machine, and would keep the next writer of the copy waiting. */
function forgetWriter(file: string): void {
	if (!hasWriter(file)) return;
	const copy = StoreDatabase.forWriting(file);
	try {
		copy.prepare('DELETE FROM writer').run([]);
		copy.compact();
	} finally {
		copy.close();
	}
}

function hasWriter(file: string): boolean {
	const copy = StoreDatabase.forReading(file);
	try {
		return copy.prepare('SELECT 1 FROM writer').get([]) !== undefined;
	} finally {
		copy.close();
	}
}
