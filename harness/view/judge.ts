/** Runs in a process of its own (see `helper.ts`): verdicts on the attempts there are so far. */
import { subjectOf } from '../analysis/finding.js';
import { resampleHere } from '../analysis/resample.js';
import type { CountTable } from '../analysis/table/counts.js';
import { DEFAULT_VERIFY, type GroupVerdict, verifyGroups } from '../analysis/verify.js';
import type { SamplingSetting } from '../experiment/experiment.js';
import { name, visible } from '../report/page/html.js';
import { importedTable } from '../runner/imported-table.js';
import { settledKernels } from '../runner/settled.js';
import { importedGroups } from '../store/imports.js';
import { StoreReader } from '../store/reader.js';
import { groupId, importId } from './ids.js';
import type { JudgedGroup, Judgement, Standing } from './snapshot.js';

interface Candidate extends Pick<JudgedGroup, 'id' | 'model' | 'template' | 'temperature'> {
	readonly imported: boolean;
	readonly constrained: boolean;
	readonly table: CountTable;
}

/**
 * Verdicts without anything resampled, on the attempts of each source before the first that is
 * missing. The database is closed as soon as the counts are read: a writer that ends meanwhile need
 * not wait for the statistics.
 * @throws UsageError, HarnessError where it cannot be read
 */
export async function judge({ file }: { readonly file: string }): Promise<Judgement> {
	const candidates = readCandidates(file);
	const verdicts = await verifyGroups(
		candidates.map(({ table, constrained }) => ({ ...subjectOf(table), constrained })),
		{ ...DEFAULT_VERIFY, resampling: false },
		resampleHere,
	);
	const { affinity: tolerance } = DEFAULT_VERIFY.tolerances;
	return {
		groups: candidates.map((one, i) => judged(one, verdicts[i] as GroupVerdict, tolerance)),
		tolerance,
	};
}

function readCandidates(file: string): Candidate[] {
	const reader = StoreReader.open(file);
	try {
		return [...ofRuns(reader), ...ofImports(reader)];
	} finally {
		reader.close();
	}
}

function ofRuns(reader: StoreReader): Candidate[] {
	const runs = new Map(reader.runs().map((run) => [run.id, run]));
	return settledKernels(reader).flatMap(({ cells: [first], table }) => {
		const run = first && runs.get(first.run);
		if (!run || table === null) return [];
		const { temperature } = reader.identity(first.identities.sampling) as SamplingSetting;
		return {
			id: groupId(run, first),
			model: name(first.modelLabel),
			template: name(first.templateLabel),
			temperature,
			imported: false,
			constrained: false,
			table,
		};
	});
}

function ofImports(reader: StoreReader): Candidate[] {
	return [...importedGroups(reader)].map((group) => ({
		id: importId(group),
		model: name(group.model),
		template: name(group.template),
		temperature: group.sampling.temperature,
		imported: true,
		constrained: group.notes.constrained === true,
		table: importedTable(group),
	}));
}

function judged(
	{ table: _, constrained: __, ...label }: Candidate,
	{ attempts, verdict, sentence, affinity, independentLoops }: GroupVerdict,
	tolerance: number,
): JudgedGroup {
	const { rms, interval95, upper95 } = affinity;
	return {
		...label,
		attempts,
		verdict,
		standing: independentLoops === 0 ? 'no loop' : standing(affinity, tolerance),
		sentence: visible(sentence),
		rms,
		lower95: interval95?.lower ?? null,
		upper95,
	};
}

function standing({ interval95, upper95 }: GroupVerdict['affinity'], tolerance: number): Standing {
	if (upper95 !== null && upper95 < tolerance) return 'below';
	return interval95 !== null && interval95.lower > tolerance ? 'above' : 'open';
}
