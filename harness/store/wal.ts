/** The end of writing: the log (WAL) folded into one plain file. */
import { sqliteCode } from './failures.js';

/** How long the end of writing waits for readers, and how often it looks. */
const FOLD_MS = 2000;
const FOLD_EVERY_MS = 50;

/**
 * Leaves WAL. SQLite refuses at once while a reader has the file open, whatever the busy timeout:
 * one that only looks may be waited for. Else the log stays beside the file: nothing is lost, the next
 * opening folds it in.
 *
 * @param db the connection that wrote
 * @param patient whether to wait for others at all
 * @throws what is no refusal of SQLite
 */
export function foldIn(db: { pragma(source: string): unknown }, patient: boolean): void {
	for (let waited = 0; ; waited += FOLD_EVERY_MS) {
		try {
			db.pragma('journal_mode = DELETE');
			return;
		} catch (error) {
			const code = sqliteCode(error);
			if (code === null) throw error;
			if (!code.startsWith('SQLITE_BUSY') || waited >= (patient ? FOLD_MS : 0)) return;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FOLD_EVERY_MS);
		}
	}
}
