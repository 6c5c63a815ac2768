/** Runs in a process of its own (see `helper.ts`): what a look at the database costs, the server does not feel. */
import { statSync } from 'node:fs';
import { name } from '../report/page/html.js';
import { cellsByKernel } from '../runner/cells-by-kernel.js';
import { storedImports } from '../store/imports.js';
import { doneByCell, plannedByCell, presentWriter } from '../store/pulse.js';
import { type StoredCell, type StoredRun, StoreReader } from '../store/reader.js';
import { groupId, importId } from './ids.js';
import type { CellProgress, GroupProgress, Look } from './snapshot.js';

export interface LookRequest {
	readonly file: string;
	/** of the look before, or null */
	readonly stamp: string | null;
}

/** File systems that keep time coarsely may hide a second change within this time of the first. */
const UNSETTLED_MS = 2000;

/** Cells that are complete, by `cellKey`: they are not counted again. */
let complete = new Map<string, number>();
let completeOf = '';

/**
 * How far the database is.
 * @returns null where its files are as they were at the look before
 * @throws UsageError, HarnessError where it cannot be read
 */
export function look({ file, stamp }: LookRequest): Look | null {
	const now = stampOf(file);
	if (stamp !== null && stamp === now) return null;
	const reader = StoreReader.open(file);
	try {
		return reader.snapshot(() => ({
			stamp: now,
			groups: progress(reader, file),
			imports: storedImports(reader).map(importId),
			writer: presentWriter(reader),
		}));
	} finally {
		reader.close();
	}
}

/**
 * What tells one state of the files from the next: a commit goes to the log (WAL) or to the file
 * itself. `PRAGMA data_version` would need a connection held open, and then a writer could not fold
 * its log in when it ends.
 */
function stampOf(file: string): string {
	const parts = [file, `${file}-wal`].map((path) => {
		const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
		if (stats === undefined) return '-';
		const { ino, size, mtimeNs } = stats;
		const unsettled = Date.now() - Number(mtimeNs / 1_000_000n) < UNSETTLED_MS;
		return `${ino} ${size} ${mtimeNs}${unsettled ? ` ${performance.now()}` : ''}`;
	});
	return parts.join('/');
}

function progress(reader: StoreReader, file: string): GroupProgress[] {
	forgetUnless(`${statSync(file).ino}`);
	const planned = plannedByCell(reader);
	const runs = new Map(reader.runs().map((run) => [run.id, run]));
	const kernels = cellsByKernel(reader, null).map((cells) =>
		cells.map((cell) => {
			const run = runs.get(cell.run) as StoredRun;
			return {
				cell,
				id: groupId(run, cell),
				key: `${run.createdAt} ${run.key} ${cell.key}`,
				planned: planned.get(cell.id) ?? 0,
			};
		}),
	);
	const open = kernels.flat().filter(({ key, planned: all }) => (complete.get(key) ?? -1) < all);
	const counted = doneByCell(
		reader,
		open.map(({ cell }) => cell.id),
	);
	return kernels.map((members) => {
		const cells = members.map(({ cell, key, planned: all }): CellProgress => {
			const done = counted.get(cell.id) ?? complete.get(key) ?? 0;
			if (done >= all) complete.set(key, done);
			const { run, seed, design } = cell;
			return { run, seed, design, planned: all, done };
		});
		const [{ cell, id }] = members as [(typeof members)[0]];
		return describe(reader, { id, first: cell, cells });
	});
}

/** Another file in the same place has other attempts. */
function forgetUnless(same: string): void {
	if (completeOf === same) return;
	complete = new Map();
	completeOf = same;
}

function describe(
	reader: StoreReader,
	{
		id,
		first,
		cells,
	}: { readonly id: string; readonly first: StoredCell; readonly cells: readonly CellProgress[] },
): GroupProgress {
	const { temperature } = reader.identity(first.identities.sampling) as { temperature: number };
	const sum = (of: 'planned' | 'done') => cells.reduce((all, cell) => all + cell[of], 0);
	return {
		id,
		model: name(first.modelLabel),
		template: name(first.templateLabel),
		temperature,
		planned: sum('planned'),
		done: sum('done'),
		cells,
	};
}
