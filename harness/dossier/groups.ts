import { pilotDesign } from '../analysis/power/pilot.js';
import { DEFAULT_POWER, type PowerTable, powerTable } from '../analysis/power/power.js';
import { matchedExample } from '../analysis/replica/matched.js';
import type { CountTable } from '../analysis/table/counts.js';
import type { VerifyOptions } from '../analysis/verify.js';
import type { CountedKernel } from '../runner/kernels.js';
import type { VerifiedGroup } from '../runner/verify.js';
import { frequentCompletions, outcomesOfSources } from '../store/glance.js';
import type { StoreReader } from '../store/reader.js';
import type { GroupRecord, RunRecord, SourceOutcomes } from './dossier.js';
import type { IdentityShelf } from './identities.js';

/** A kernel with its counts and what was found. */
export interface Judged {
	/** position among the databases */
	readonly db: number;
	readonly kernel: CountedKernel;
	readonly group: VerifiedGroup;
}

interface Context {
	readonly name: string;
	readonly slug: string;
	/** of its database */
	readonly reader: StoreReader;
	readonly runs: readonly RunRecord[];
	readonly shelf: IdentityShelf;
	readonly options: VerifyOptions;
}

/** Completions shown of each outcome. */
const SAMPLES = 5;

/** Everything a report shows of one kernel. */
export function recordGroup({ db, kernel, group }: Judged, context: Context): GroupRecord {
	const { name, slug, reader, runs, shelf, options } = context;
	const { table, cells } = kernel;
	const ids = cells.map(({ id }) => id);
	const mine = new Set(cells.map(({ run }) => run));
	return {
		...group,
		name,
		slug,
		db,
		runs: runs.flatMap((run, i) => (run.db === db && mine.has(run.id) ? [i] : [])),
		identity: shelf.add(reader, cells),
		table,
		outcomesBySource:
			cells.length === 0 ? null : settledOutcomes(outcomesOfSources(reader, ids), kernel),
		matched: matchedExample(table, options),
		power: powerOf(table, options),
		samples: cells.length === 0 ? [] : frequentCompletions(reader, ids, SAMPLES),
	};
}

function powerOf(table: CountTable, options: VerifyOptions): PowerTable | null {
	const { design } = pilotDesign(table, options);
	return design === null ? null : powerTable(design, DEFAULT_POWER);
}

/** Of the attempts that are in the table. */
function settledOutcomes(
	rows: readonly SourceOutcomes[],
	{ loose }: Pick<CountedKernel, 'loose'>,
): SourceOutcomes[] {
	if (loose.length === 0) return [...rows];
	const settled = new Map(rows.map((row) => [row.source, { ...row }]));
	for (const { source, outcome, count } of loose) {
		const row = settled.get(source);
		if (row !== undefined) row[outcome] -= count;
	}
	return [...settled.values()];
}
