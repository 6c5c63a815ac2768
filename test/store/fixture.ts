/** Small real databases. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import * as assert from 'uvu/assert';
import { OUTCOMES } from '../../harness/outcome.js';
import { identify } from '../../harness/store/identity.js';
import { StoreReader } from '../../harness/store/reader.js';
import type { AttemptRecord, CellPlan, LawRecord, RunPlan } from '../../harness/store/records.js';
import { StoreWriter } from '../../harness/store/writer.js';

export const STATES = ['A', 'B', 'Ç', 'D'] as const;

/** Runs `work` with a new folder and removes it. */
export async function inFolder(work: (folder: string) => unknown): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-store-'));
	chmodSync(folder, 0o755);
	try {
		await work(folder);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

export interface CellOptions {
	readonly key?: string;
	readonly seed?: number;
	readonly design?: CellPlan['design'];
	readonly attempts?: number;
	readonly sources?: readonly string[];
	readonly label?: string;
	readonly model?: string;
	readonly temperature?: number;
	readonly numerics?: Readonly<Record<string, string | number | boolean>>;
}

export function cellPlan(options: CellOptions = {}): CellPlan {
	const { seed = 1, design = 'fixed', attempts = 20, temperature = 1, model = 'm' } = options;
	return {
		key: options.key ?? `cell-${seed}`,
		modelLabel: options.label ?? 'tiny',
		templateLabel: 'plain',
		identities: {
			model: identify({ sha256: model }),
			template: identify({ text: '{state}' }),
			task: identify({ kind: 'closed', states: STATES }),
			sampling: identify({ temperature, topK: 0, topP: 1, minP: 0 }),
			design: identify({ design }),
			numerics: identify(options.numerics ?? { width: 16, threads: 2 }),
		},
		design,
		seed,
		attempts,
		sources: options.sources ?? (design === 'fixed' ? STATES : []),
	};
}

export function runPlan(members: Partial<RunPlan> = {}): RunPlan {
	return {
		key: 'run',
		name: 'example',
		config: '{"attempts":20}',
		shard: null,
		toolVersion: '0.1.0',
		cells: [cellPlan()],
		...members,
	};
}

/** The attempt of a source and draw: a pure function, as real ones are. */
export function attempt(
	{ cell, source, draw }: { cell: number; source: string; draw: number },
	step: number | null = null,
): AttemptRecord {
	const at = STATES.indexOf(source as (typeof STATES)[number]);
	const outcome = OUTCOMES[(draw + at) % OUTCOMES.length] as AttemptRecord['outcome'];
	const other = STATES[(at + 1 + (draw % 3)) % STATES.length] as string;
	const target = outcome === 'valid' ? other : outcome === 'self' ? source : null;
	const tokens = [at, draw % 7, 4294967295];
	return {
		cell,
		source,
		draw,
		step,
		outcome,
		target,
		tokens,
		text: ` ${target ?? '?'}\0${draw % 7}\n`,
	};
}

export function attempts(
	cell: number,
	{ sources = STATES, from = 0, to }: { sources?: readonly string[]; from?: number; to: number },
): AttemptRecord[] {
	return sources.flatMap((source) =>
		Array.from({ length: to - from }, (_, i) => attempt({ cell, source, draw: from + i })),
	);
}

export function law(tree: number, source: string, path: readonly number[]): LawRecord {
	const checksum = createHash('md5')
		.update(`${source} ${path.join(' ')}`)
		.digest();
	const top = [
		{ token: 7, logProbability: -0.1 },
		{ token: 3, logProbability: -2.4 },
	];
	return { tree, source, path, checksum, logNormalizer: 1 / 3 + path.length, top };
}

/** A finished run in a new file. */
export function writeRun(file: string, plan: RunPlan = runPlan()): void {
	const writer = StoreWriter.open(file);
	const handle = writer.planRun(plan);
	for (const [i, { id, tree }] of handle.cells.entries()) {
		const cell = plan.cells[i] as CellPlan;
		writer.append(attempts(id, { sources: cell.sources, to: cell.attempts }));
		writer.appendLaws(cell.sources.map((source) => law(tree, source, [cell.seed, 5])));
	}
	writer.close();
}

/** What `work` makes of a database open for reading. */
export function reading<T>(file: string, work: (reader: StoreReader) => T): T {
	const reader = StoreReader.open(file);
	try {
		return work(reader);
	} finally {
		reader.close();
	}
}

/** A connection that goes round the store. */
export function raw<T>(file: string, work: (db: SQLite.Database) => T): T {
	const db = new SQLite(file);
	try {
		return work(db);
	} finally {
		db.close();
	}
}

export function sha256Of(file: string): string {
	return createHash('sha256').update(readFileSync(file)).digest('hex');
}

type Kind = new (message: string) => Error;

/** Asserts the class and the message of what is thrown. */
export function refused(work: () => unknown, kind: Kind, message: RegExp): void {
	try {
		work();
	} catch (error) {
		assert.ok(error instanceof kind, `${String(error)} is no ${kind.name}`);
		assert.match(error.message, message);
		return;
	}
	assert.unreachable(`nothing was refused (${message})`);
}

/** Runs `work` without the rights of root, which no permission stops. */
export function unprivileged<T>(work: () => T): T {
	if (process.geteuid?.() !== 0) return work();
	process.seteuid?.(65534);
	try {
		return work();
	} finally {
		process.seteuid?.(0);
	}
}

/** A process that writes; see `writing-child.ts`. Lines of its output one by one. */
export function startWriting(file: string, mode: 'run' | 'hold') {
	const script = fileURLToPath(new URL('writing-child.ts', import.meta.url));
	const child = spawn(process.execPath, ['--import', 'tsx', script, file, mode], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	return {
		pid: child.pid as number,
		async line(): Promise<string> {
			const { value, done } = await lines.next();
			if (done) throw new Error('the writing process ended');
			return value;
		},
		async kill(): Promise<void> {
			child.kill('SIGKILL');
			await ended;
		},
		ended,
	};
}
