/**
 * Runs in a process of its own: answers one question in SQL, a batch of rows each time it is told to
 * go on. Ends with its parent, even in the middle of a question that never ends.
 */
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { HarnessError, UsageError } from '../errors.js';
import type { AskedValue } from './asked.js';
import type { Cell, Said } from './asking.js';
import { StoreReader } from './reader.js';

/** Of one batch: rows, and characters of text after which it is full. */
const ROWS = 1000;
const CHARACTERS = 1 << 20;
/** A longer value is refused: it would be in memory several times. */
const LONGEST = 64 << 20;

interface Request {
	readonly db: string;
	readonly sql: string;
	readonly limit: number | null;
}

process.once('message', (request) => {
	watchParent();
	answer(request as Request)
		.catch((error: unknown) => say(refusal(error)))
		.finally(() => process.disconnect());
});

async function answer({ db, sql, limit }: Request): Promise<void> {
	const reader = StoreReader.open(resolve(db));
	try {
		const { columns, rows } = reader.ask(sql);
		await sayAndWait({ columns });
		let [batch, size, count] = [[] as Cell[][], 0, 0];
		for (const row of rows) {
			if (count++ === limit) break;
			const cells = row.map((value, i) => printed(value, columns[i] as string));
			batch.push(cells);
			for (const cell of cells) size += typeof cell === 'string' ? cell.length : 8;
			if (batch.length < ROWS && size < CHARACTERS) continue;
			await sayAndWait({ rows: batch });
			[batch, size] = [[], 0];
		}
		if (batch.length > 0) await sayAndWait({ rows: batch });
		await say({ end: { more: limit !== null && count > limit } });
	} finally {
		reader.close();
	}
}

/** @throws UsageError for a value that is too long */
function printed(value: AskedValue, column: string): Cell {
	if (typeof value === 'bigint')
		return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
	if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
	if (value === null) return null;
	if (value.length > LONGEST)
		throw new UsageError(
			`a value of column ${column} is ${value.length} ${typeof value === 'string' ? 'characters' : 'bytes'} long: ask for a part of it with substr()`,
		);
	return typeof value === 'string' ? value : Buffer.from(value).toString('hex');
}

function refusal(error: unknown): Said {
	const usage = error instanceof UsageError;
	if (usage || error instanceof HarnessError) return { refused: error.message, usage };
	return { refused: error instanceof Error ? String(error.stack) : String(error), usage: false };
}

function say(said: Said): Promise<void> {
	return new Promise((done, failed) => {
		process.send?.(said, undefined, undefined, (error) => (error ? failed(error) : done()));
	});
}

/** Until it is told to go on. */
async function sayAndWait(said: Said): Promise<void> {
	const told = new Promise<void>((done) => {
		process.once('message', () => done());
	});
	await say(said);
	await told;
}

/** A thread of its own: this one may be inside SQLite when the parent is killed. */
function watchParent(): void {
	new Worker(
		`const parent = ${process.ppid};
		setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 500);`,
		{ eval: true, execArgv: [] },
	).unref();
}
