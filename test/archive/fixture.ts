/** Archives of small real databases, and the same with something wrong in them. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import { manifestTxt } from '../../harness/archive/bag.js';
import { byBytes } from '../../harness/archive/names.js';
import { type ArchiveRequest, writeArchive } from '../../harness/archive/write.js';
import { openZip, writeZip } from '../../harness/archive/zip.js';
import type { Experiment } from '../../harness/experiment/experiment.js';
import { expectedSha256 } from '../../harness/models/catalog.js';
import { findModel, type ManifestModel } from '../../harness/models/manifest.js';
import type { ModelFile } from '../../harness/runner/model-files.js';
import { planWork, runPlan } from '../../harness/runner/run-plan.js';
import type { CellHandle, CellPlan } from '../../harness/store/records.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { experiment } from '../commands/fixture.js';

const never = new AbortController().signal;

/** Numerics of no machine: these databases were not made by a model. */
const NUMERICS = { package: 'node-llama-cpp 0', llamaCpp: 'none', width: 8, threads: 1 };

/** Two experiments, of a closed task and of a list of words, with 400 attempts in all. */
export function writeSample(folder: string, name = 'sample.sqlite'): string {
	writeFileSync(join(folder, 'words.txt'), 'bead\nABED\n# another sum\nCAB\nDEBA\n');
	const db = join(folder, name);
	const closed = experiment(folder, { attempts: 10, name: 'closed' });
	writeRun(db, closed);
	const words = experiment(folder, {
		name: 'words',
		attempts: 50,
		seeds: [7],
		task: { kind: 'words', letterSum: 12, list: 'words.txt' },
		sources: { design: 'crawl', states: ['BEAD'] },
		models: [{ id: 'llama-driven' }],
	});
	writeRun(db, words);
	return db;
}

/** An experiment as if it had been run: attempts are a function of cell, source and draw. */
export function writeRun(db: string, planned: Experiment): void {
	const models = planned.models.map(({ id, path }) => modelFile(findModel(id), path));
	const work = planWork(planned, models, null);
	const plan = runPlan(
		work,
		models.map(() => NUMERICS),
		'0.1.0',
	);
	const writer = StoreWriter.open(db);
	try {
		for (const [i, handle] of writer.planRun(plan).cells.entries())
			writer.append(attemptsOf(handle, plan.cells[i] as CellPlan, planned));
	} finally {
		writer.close();
	}
	// When it was made is an input; here it is always the same.
	raw(db, (sqlite) => sqlite.exec("UPDATE runs SET created_at = '2026-01-02T03:04:05.678Z'"));
}

function attemptsOf({ id }: CellHandle, cell: CellPlan, { sources, task }: Experiment) {
	const states = task.kind === 'closed' ? task.states : (task.words ?? []);
	const from = cell.design === 'fixed' ? cell.sources : sources.states.slice(0, 1);
	return from.flatMap((source, s) =>
		Array.from({ length: cell.attempts }, (_, draw) => {
			const target = states[(s + draw * (1 + cell.seed)) % states.length] as string;
			const outcome = target === source ? ('self' as const) : ('valid' as const);
			const step = cell.design === 'fixed' ? null : draw;
			return {
				cell: id,
				source,
				draw,
				step,
				outcome,
				target,
				tokens: [s, draw],
				text: ` ${target}`,
			};
		}),
	);
}

function modelFile(model: ManifestModel, path: string | null): ModelFile {
	const { id, architecture, bytes } = model;
	const sha256 = model.kind === 'catalog' ? expectedSha256(model)?.sha256 : model.sha256;
	return {
		id,
		path: path ?? `/nowhere/${id}.gguf`,
		sha256: sha256 as string,
		bytes: bytes as number,
		architecture,
		name: null,
		quantisation: 'F32',
		trusted: true,
	};
}

export function raw<T>(file: string, work: (db: SQLite.Database) => T): T {
	const db = new SQLite(file);
	try {
		return work(db);
	} finally {
		db.close();
	}
}

export async function* noFiles(): AsyncGenerator<never> {}

export function seal(
	db: string | readonly string[],
	output: string,
	changes: Partial<ArchiveRequest> = {},
) {
	return writeArchive({
		dbs: typeof db === 'string' ? [db] : db,
		output,
		withModels: false,
		models: null,
		authors: [],
		licence: null,
		date: null,
		extra: noFiles,
		toolVersion: '0.1.0',
		signal: never,
		say() {},
		...changes,
	});
}

export type Files = Map<string, Uint8Array>;

/** Every file of a zip file by name. */
export async function unpack(zip: string): Promise<Files> {
	const files: Files = new Map();
	const file = await open(zip, 'r');
	try {
		for await (const item of (await openZip(file)).items()) {
			const chunks: Uint8Array[] = [];
			await item.read(async (chunk) => void chunks.push(Uint8Array.from(chunk)), never);
			files.set(item.name, Buffer.concat(chunks));
		}
	} finally {
		await file.close();
	}
	return files;
}

export async function pack(files: Files, zip: string): Promise<void> {
	const file = await open(zip, 'wx');
	const sources = [...files]
		.sort(([a], [b]) => byBytes(a, b))
		.map(([name, content]) => ({
			name,
			bytes: content.length,
			stored: false,
			async *chunks() {
				yield content;
			},
		}));
	try {
		await writeZip(file, sources, { modified: new Date(Date.UTC(1980, 0, 1)), signal: never });
	} finally {
		await file.close();
	}
}

/** A copy of an archive in which something was changed and every checksum made right again. */
export async function resealed(
	{ zip, to }: { readonly zip: string; readonly to: string },
	change: (files: Files) => unknown,
): Promise<void> {
	const all = await unpack(zip);
	const [top] = [...all.keys()].map((name) => name.split('/')[0]);
	const files: Files = new Map(
		[...all].map(([name, bytes]) => [name.slice(`${top}/`.length), bytes]),
	);
	await change(files);
	sign(files);
	await pack(new Map([...files].map(([name, bytes]) => [`${top}/${name}`, bytes])), to);
}

function sign(files: Files): void {
	const payload = [...files].filter(([path]) => path.startsWith('data/'));
	const bytes = payload.reduce((sum, [, content]) => sum + content.length, 0);
	if (files.has('bag-info.txt')) {
		const info = text(files, 'bag-info.txt');
		files.set(
			'bag-info.txt',
			Buffer.from(info.replace(/(Payload-Oxum: ).*/, `$1${bytes}.${payload.length}`)),
		);
	}
	files.set('manifest-sha512.txt', Buffer.from(manifest(payload)));
	const tags = [...files].filter(
		([path]) => !path.startsWith('data/') && path !== 'tagmanifest-sha512.txt',
	);
	files.set('tagmanifest-sha512.txt', Buffer.from(manifest(tags)));
}

function manifest(files: readonly (readonly [string, Uint8Array])[]): string {
	return manifestTxt(
		files.map(([path, bytes]) => ({
			path,
			sha512: createHash('sha512').update(bytes).digest('hex'),
		})),
	);
}

export function text(files: Files, path: string): string {
	const bytes = files.get(path);
	if (bytes === undefined) throw new Error(`no file ${path}: ${[...files.keys()].join(', ')}`);
	return Buffer.from(bytes).toString('utf8');
}

/** Replaces text in a file of an archive; it must be there. */
export function edit(
	files: Files,
	path: string,
	from: string | RegExp,
	to: string | ((found: string) => string),
): void {
	const before = text(files, path);
	const after = before.replace(from, to as string);
	if (after === before) throw new Error(`${path} does not hold ${from}`);
	files.set(path, Buffer.from(after));
}

/** Changes a database of an archive, by way of a file. */
export function editDatabase(files: Files, folder: string, sql: string): void {
	const path = [...files.keys()].find((name) => name.endsWith('.sqlite')) as string;
	const file = join(folder, `edit-${Math.abs(hash(sql))}.sqlite`);
	writeFileSync(file, files.get(path) as Uint8Array);
	raw(file, (db) => {
		db.pragma('foreign_keys = OFF');
		db.pragma('ignore_check_constraints = ON');
		db.unsafeMode().pragma('writable_schema = ON');
		db.exec(sql);
	});
	files.set(path, readFileSync(file));
}

function hash(sql: string): number {
	return createHash('sha256').update(sql).digest().readInt32LE();
}

/** Runs a tool that everybody can have; a machine without it is told what to install. */
export function tool(
	command: 'python3' | 'sha512sum',
	args: readonly string[],
	cwd: string,
): string {
	const from = { python3: 'python3', sha512sum: 'coreutils' }[command];
	try {
		return execFileSync(command, args, {
			cwd,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'pipe'],
		});
	} catch (error) {
		const { code, stdout, stderr } = error as { code?: string; stdout?: string; stderr?: string };
		if (code === 'ENOENT') throw new Error(`this test needs ${command}: apt-get install ${from}`);
		throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
	}
}

export const CHECK_BAG = fileURLToPath(new URL('check-bag.py', import.meta.url));
