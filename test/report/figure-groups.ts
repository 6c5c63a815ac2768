/** Judged groups and dossiers of synthetic tables, without a database. */
import { subjectOf } from '../../harness/analysis/finding.js';
import { pilotDesign } from '../../harness/analysis/power/pilot.js';
import { DEFAULT_POWER, powerTable } from '../../harness/analysis/power/power.js';
import { matchedExample } from '../../harness/analysis/replica/matched.js';
import { resampleHere } from '../../harness/analysis/resample.js';
import type { CountTable } from '../../harness/analysis/table/counts.js';
import { DEFAULT_VERIFY, verifyGroups } from '../../harness/analysis/verify.js';
import type { Dossier, GroupRecord, SourceOutcomes } from '../../harness/dossier/dossier.js';

export const OPTIONS = { ...DEFAULT_VERIFY, samples: 99, resamples: 19, replicas: 19, steps: 200 };

export interface Names {
	readonly model: string;
	readonly template: string;
	readonly slug: string;
}

/** A group as `gatherDossier` records it, of a table alone. */
export async function groupOf(table: CountTable, names: Partial<Names> = {}): Promise<GroupRecord> {
	const { model, template, slug } = { model: 'm', template: 't', slug: 'g', ...names };
	const [finding] = await verifyGroups([subjectOf(table)], OPTIONS, resampleHere);
	const { design } = pilotDesign(table, OPTIONS);
	return {
		model,
		architecture: null,
		template,
		sampling: { temperature: 1 },
		seeds: [1],
		origin: null,
		constrained: false,
		finding: finding!,
		name: `${model} · ${template}`,
		slug,
		db: 0,
		runs: [],
		identity: null,
		table,
		outcomesBySource: table.attemptsRecorded ? outcomesOf(table) : null,
		matched: matchedExample(table, OPTIONS),
		power: design === null ? null : powerTable(design, DEFAULT_POWER),
		samples: [],
	};
}

function outcomesOf(table: CountTable): SourceOutcomes[] {
	return table.states.map((source, f) => {
		let valid = 0;
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) valid += table.count[i]!;
		const self = table.self[f]!;
		const invalid = table.attempts[f]! - valid - self;
		return { source, valid, self, invalid, unparsable: 0, truncated: 0 };
	});
}

export function dossierOf(groups: readonly GroupRecord[]): Dossier {
	return {
		tool: { name: 'detbal', version: '0' },
		date: '2026-01-01T00:00:00.000Z',
		missing: 0,
		databases: [],
		runs: [],
		groups,
		exact: [],
		options: OPTIONS,
		identities: { models: [], templates: [], tasks: [], samplings: [], numerics: [] },
		notices: [],
	};
}
