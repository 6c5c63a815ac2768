import { type ChildProcess, fork } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessError, UsageError } from '../errors.js';

/**
 * A value as it can be printed: integers beyond 2^53 and numbers that JSON has no word for as text,
 * bytes as hexadecimal text.
 */
export type Cell = number | string | null;

export interface Question {
	readonly db: string;
	readonly sql: string;
	/** rows wanted at most; null: all */
	readonly limit: number | null;
	readonly signal: AbortSignal;
	/** Called once, before any row. */
	readonly onColumns: (columns: readonly string[]) => void | Promise<void>;
	/** Rows that follow; the next come when this has ended. */
	readonly onRows: (rows: readonly (readonly Cell[])[]) => void | Promise<void>;
}

/** What the asking process says. */
export type Said =
	| { readonly columns: readonly string[] }
	| { readonly rows: readonly (readonly Cell[])[] }
	| { readonly end: { readonly more: boolean } }
	| { readonly refused: string; readonly usage: boolean };

/**
 * Asks a question in SQL in a process of its own: SQLite answers without a pause, so that only a
 * process can be stopped at any moment. Memory holds one batch of rows.
 *
 * @returns the number of rows and whether there are more than the limit
 * @throws UsageError where the SQL is wrong or would change something; HarnessError where the file
 *   cannot be read or the process dies; the signal's reason once it is aborted
 */
export async function ask(question: Question): Promise<{ rows: number; more: boolean }> {
	const { db, sql, limit, signal } = question;
	signal.throwIfAborted();
	const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
	const script = fileURLToPath(new URL(`./asking-child.${extension}`, import.meta.url));
	// Where the script is, so that names in execArgv (--import tsx) are found wherever the user is.
	const child = fork(script, { cwd: dirname(script), stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
	const stop = () => child.kill('SIGKILL');
	signal.addEventListener('abort', stop);
	try {
		child.send({ db: resolve(db), sql, limit });
		return await listen(child, question);
	} finally {
		signal.removeEventListener('abort', stop);
		stop();
	}
}

async function listen(child: ChildProcess, { onColumns, onRows, signal, db }: Question) {
	let rows = 0;
	for await (const said of messages(child)) {
		signal.throwIfAborted();
		if ('end' in said) return { rows, more: said.end.more };
		if ('refused' in said)
			throw said.usage ? new UsageError(said.refused) : new HarnessError(said.refused);
		if ('columns' in said) await onColumns(said.columns);
		else {
			rows += said.rows.length;
			await onRows(said.rows);
		}
		if (child.connected) child.send('next', () => {});
	}
	signal.throwIfAborted();
	throw new HarnessError(
		`the process that asked ${db} died (${child.signalCode ?? `exit code ${child.exitCode}`}): the question may take more memory than there is; ask for less at a time`,
	);
}

/** Messages of a process one by one, until it ends. It sends the next only when it is asked to. */
async function* messages(child: ChildProcess): AsyncGenerator<Said> {
	const waiting: (Said | null)[] = [];
	let wake: () => void = () => {};
	const add = (said: Said | null) => {
		waiting.push(said);
		wake();
	};
	child.on('message', (said) => add(said as Said));
	child.on('error', () => add(null));
	child.on('close', () => add(null));
	child.stderr?.resume();
	for (;;) {
		while (waiting.length === 0)
			await new Promise<void>((done) => {
				wake = done;
			});
		const said = waiting.shift() as Said | null;
		if (said === null) return;
		yield said;
	}
}
