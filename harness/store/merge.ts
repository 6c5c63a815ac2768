import { randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HarnessError, UsageError } from '../errors.js';
import { groupParts, type Part } from './belongs.js';
import { runDigest } from './digest.js';
import { storedDoctors } from './doctors.js';
import { identify } from './identity.js';
import { storedImports } from './imports.js';
import { storedKernels } from './kernels.js';
import { StoreReader } from './reader.js';
import { type CellHandle, type CellPlan, IDENTITY_KINDS } from './records.js';
import type { StoredAttempt, StoredCell } from './stored.js';
import { StoreWriter } from './writer.js';

export interface MergeOptions {
	/** Also merge what is planned and not done yet; otherwise holes are refused. */
	readonly allowIncomplete: boolean;
}

export interface MergedRun {
	readonly key: string;
	readonly name: string;
	/** Files it came from, in the order given. */
	readonly files: readonly string[];
	readonly planned: number;
	readonly attempts: number;
	readonly digest: string;
}

export interface MergeReport {
	readonly output: string;
	readonly runs: readonly MergedRun[];
}

/**
 * Joins shards of runs, or runs of one design, into one new database; the inputs stay as they are.
 * The shards of a run become one whole run, with the digest it would have had unsharded.
 *
 * @throws UsageError where inputs do not belong together or are incomplete, or the output exists
 * @throws HarnessError where two inputs hold the same draw with different results
 */
export function mergeDatabases(
	inputs: readonly string[],
	output: string,
	{ allowIncomplete }: MergeOptions = { allowIncomplete: false },
): MergeReport {
	if (inputs.length === 0) throw new UsageError('merge: name at least one database to merge');
	refuseExisting(output);
	const readers: StoreReader[] = [];
	const draft = `${output}.${randomUUID()}.partial`;
	try {
		for (const input of inputs) readers.push(StoreReader.open(input));
		refuseTwins(readers);
		for (const reader of readers) {
			refuseImports(reader);
			refuseKernels(reader);
		}
		const groups = groupParts(readers.flatMap(partsOf));
		writeDraft(draft, groups);
		const runs = describe(draft, { groups, allowIncomplete });
		refuseExisting(output);
		renameSync(draft, output);
		return { output: resolve(output), runs };
	} finally {
		for (const reader of readers) reader.close();
		for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draft + suffix, { force: true });
	}
}

function refuseExisting(output: string): void {
	if (output === '') throw new UsageError('merge: the new database needs a name');
	if (existsSync(output))
		throw new UsageError(`${output} exists: merge writes a new file, name another`);
}

/** They are tables of counts, not attempts of a run: they would be left behind without a word. */
function refuseImports(reader: StoreReader): void {
	const [first] = storedImports(reader);
	if (first === undefined) return;
	throw new UsageError(
		`${reader.file} also holds imported data (${first.origin}), which merge does not carry over: ` +
			'import the file into the merged database again, and merge databases of runs only',
	);
}

/** Nor are exact kernels: they are made again from any of the files, or kept beside. */
function refuseKernels(reader: StoreReader): void {
	const [first] = storedKernels(reader);
	if (first === undefined) return;
	throw new UsageError(
		`${reader.file} also holds exact kernels (${first.name}), which merge does not carry over: score them ` +
			'again into the merged database with detbal kernel, and merge databases of runs only',
	);
}

/** The same file under two names would be counted twice. */
function refuseTwins(readers: readonly StoreReader[]): void {
	const seen = new Map<string, string>();
	for (const { file } of readers) {
		const { dev, ino } = statSync(file, { bigint: true });
		const twin = seen.get(`${dev} ${ino}`);
		if (twin !== undefined)
			throw new UsageError(`${twin} and ${file} are the same file: name it once`);
		seen.set(`${dev} ${ino}`, file);
	}
}

function partsOf(reader: StoreReader): Part[] {
	const parts = reader.runs().map((run) => ({ reader, run, cells: reader.cells(run.id) }));
	if (parts.length === 0) throw new UsageError(`${reader.file} holds no run: leave it out`);
	return parts;
}

function writeDraft(draft: string, groups: readonly (readonly Part[])[]): void {
	const writer = StoreWriter.open(draft);
	try {
		for (const group of groups) {
			const { run, handles } = planGroup(writer, group);
			for (const [i, part] of group.entries())
				copyPart(writer, { part, earlier: group.slice(0, i), handles });
			for (const part of group)
				for (const doctor of storedDoctors(part.reader))
					if (doctor.run === part.run.id) writer.keepDoctor(run, doctor);
		}
	} finally {
		writer.close();
	}
}

interface PlannedGroup {
	readonly run: number;
	readonly handles: ReadonlyMap<string, CellHandle>;
}

function planGroup(writer: StoreWriter, group: readonly Part[]): PlannedGroup {
	const { key, name, config, toolVersion } = (group[0] as Part).run;
	const plans = new Map<string, CellPlan>();
	for (const { reader, cells } of group)
		for (const cell of cells) {
			const sources = new Set(plans.get(cell.key)?.sources ?? []);
			for (const source of reader.plannedSources(cell.id)) sources.add(source);
			plans.set(cell.key, { ...cell, identities: contentsOf(reader, cell), sources: [...sources] });
		}
	const plan = { key, name, config, shard: null, toolVersion, cells: [...plans.values()] };
	const { id, cells } = writer.planRun(plan);
	return { run: id, handles: new Map(cells.map((handle) => [handle.key, handle])) };
}

function contentsOf(reader: StoreReader, { identities }: StoredCell): CellPlan['identities'] {
	const entries = IDENTITY_KINDS.map((kind) => [kind, identify(reader.identity(identities[kind]))]);
	return Object.fromEntries(entries) as CellPlan['identities'];
}

interface Copy {
	readonly part: Part;
	/** Parts of the same run copied before. */
	readonly earlier: readonly Part[];
	readonly handles: ReadonlyMap<string, CellHandle>;
}

function copyPart(writer: StoreWriter, { part, earlier, handles }: Copy): void {
	const trees = new Map<number, number>();
	for (const cell of part.cells) {
		const handle = handles.get(cell.key) as CellHandle;
		trees.set(cell.tree, handle.tree);
		const overlap = overlapOf(cell, earlier);
		for (const attempt of part.reader.attempts(cell.id))
			if (!overlap.holds(attempt, part)) writer.append([{ ...attempt, cell: handle.id }]);
	}
	for (const [from, tree] of trees)
		for (const source of part.reader.lawSources(from))
			for (const law of part.reader.laws(from, source))
				writer.appendLaws([{ ...law, tree, source }]);
}

/** Tells whether an earlier part has an attempt already. @throws HarnessError where it has another */
function overlapOf(cell: StoredCell, earlier: readonly Part[]) {
	const others = earlier.flatMap(({ reader, cells }) =>
		cells
			.filter(({ key }) => key === cell.key)
			.map(({ id }) => ({
				reader,
				id,
				sources: new Set(reader.sources(id).map(({ text }) => text)),
			})),
	);
	return {
		holds(attempt: StoredAttempt, { reader }: Part): boolean {
			for (const other of others) {
				if (!other.sources.has(attempt.source)) continue;
				const twin = other.reader.attempt(other.id, attempt);
				if (twin === null) continue;
				if (isDeepStrictEqual(twin, attempt)) return true;
				throw new HarnessError(
					`${other.reader.file} and ${reader.file} disagree: cell ${cell.key}, source ${JSON.stringify(attempt.source)}, draw ${attempt.draw} came out as ${JSON.stringify(twin.text)} and ${JSON.stringify(attempt.text)}. One of them was not made by this experiment; \`detbal rerun\` tells which`,
				);
			}
			return false;
		},
	};
}

function describe(
	draft: string,
	{ groups, allowIncomplete }: { groups: readonly (readonly Part[])[]; allowIncomplete: boolean },
): MergedRun[] {
	const reader = StoreReader.open(draft);
	try {
		return reader.runs().map(({ id, key, name }) => {
			const [hole] = reader.holes(id);
			if (hole !== undefined && !allowIncomplete)
				throw new UsageError(
					`run ${name} is incomplete: cell ${hole.cell}${hole.source === null ? '' : `, source ${JSON.stringify(hole.source)}`} has ${hole.done} of ${hole.planned} attempts. Finish it with --resume, or allow incomplete runs`,
				);
			const { planned, done } = reader.progress(id);
			const group = groups.find(([part]) => part?.run.key === key) ?? [];
			const files = group.map((part) => part.reader.file);
			return { key, name, files, planned, attempts: done, digest: runDigest(reader, id) };
		});
	} finally {
		reader.close();
	}
}
