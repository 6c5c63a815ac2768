import type { PowerTable } from '../analysis/power/power.js';
import type { MatchedExample } from '../analysis/replica/matched.js';
import type { CountTable } from '../analysis/table/counts.js';
import type { VerifyOptions } from '../analysis/verify.js';
import type { Outcome } from '../outcome.js';
import type { ExactFinding } from '../runner/exact-finding.js';
import type { VerifiedGroup } from '../runner/verify.js';
import type { CompletionSample } from '../store/glance.js';
import type { Design } from '../store/records.js';
import type { StoredRerun } from '../store/reruns.js';

/** Everything that a report shows of one or more databases, as one plain value. */
export interface Dossier {
	readonly tool: { readonly name: 'detbal'; readonly version: string };
	/** ISO 8601, UTC: SOURCE_DATE_EPOCH where it is set, else the latest run, import or exact kernel; never the clock */
	readonly date: string;
	/** attempts that runs plan and have not made: the report is interim where it is not 0 */
	readonly missing: number;
	readonly databases: readonly DatabaseRecord[];
	readonly runs: readonly RunRecord[];
	readonly groups: readonly GroupRecord[];
	/** kernels scored from laws; none where one run is looked at */
	readonly exact: readonly ExactRecord[];
	readonly options: VerifyOptions;
	/** contents by sha256, once each, in the order in which runs name them */
	readonly identities: Identities;
	readonly notices: readonly string[];
}

export interface DatabaseRecord {
	/** base name of the file; unlike that of every other database of the dossier */
	readonly name: string;
	readonly bytes: number;
}

/** One experiment carried out. */
export interface RunRecord {
	/** position among the databases */
	readonly db: number;
	readonly id: number;
	readonly name: string;
	/** the same for everyone who runs this experiment */
	readonly key: string;
	/** of its ordered transitions */
	readonly digest: string;
	/** ISO 8601, UTC */
	readonly createdAt: string;
	readonly toolVersion: string;
	/** "2/5", or null for a whole run */
	readonly shard: string | null;
	readonly design: readonly Design[];
	readonly seeds: readonly number[];
	readonly planned: number;
	readonly done: number;
	/** model evaluations recorded */
	readonly evaluations: number;
	/** the resolved experiment, as YAML */
	readonly experiment: string;
	/** repetitions from the record, oldest first */
	readonly reruns: readonly StoredRerun[];
	/** position of other runs here with the same key: the same digest means the same transitions */
	readonly twins: readonly number[];
}

/** One transition kernel, judged. */
export interface GroupRecord extends VerifiedGroup {
	/** model · template, with temperature and database where they differ; unlike every other */
	readonly name: string;
	/** name for files and anchors: a-z, 0-9 and hyphens; unlike every other */
	readonly slug: string;
	readonly db: number;
	/** positions among the runs; empty for an import */
	readonly runs: readonly number[];
	/** sha256 of each, in `identities`; null for an import. Several numerics where threads differ */
	readonly identity: {
		readonly model: string;
		readonly template: string;
		readonly task: string;
		readonly sampling: string;
		readonly numerics: readonly string[];
	} | null;
	readonly table: CountTable;
	/** one row per source, in the table's order of states; null where attempts were not recorded */
	readonly outcomesBySource: readonly SourceOutcomes[] | null;
	/** a data set drawn from the reversible fit beside the observed one; null where no state has a potential */
	readonly matched: MatchedExample | null;
	readonly power: PowerTable | null;
	/** raw completions, most frequent first, a few of each outcome: untrusted text */
	readonly samples: readonly CompletionSample[];
}

/** One transition kernel scored from the laws of a model, without a draw. */
export interface ExactRecord extends Omit<ExactFinding, 'id'> {
	/** model · template, with temperature and database where they differ; unlike every other exact one */
	readonly name: string;
	/** name for files and anchors, as of groups; unlike every other of the dossier */
	readonly slug: string;
	readonly db: number;
	/** the experiment it was scored for */
	readonly experiment: string;
	/** ISO 8601, UTC */
	readonly createdAt: string;
	readonly toolVersion: string;
	/** sha256 of each, in `identities`; the numerics of all evaluation shapes, the first one first */
	readonly identity: NonNullable<GroupRecord['identity']>;
	/** between states that were sources, in the finding's order of potentials */
	readonly rows: readonly ExactRow[];
	/** position among the groups of what was sampled of the same setting; null where nothing was */
	readonly group: number | null;
}

/** What comes back from one source; everything adds up to 1. */
export interface ExactRow {
	readonly source: string;
	/** log T to each source, nats, from the mass found; null: none. The source itself is null */
	readonly logT: readonly (number | null)[];
	readonly self: number;
	/** states that were no sources */
	readonly other: number;
	/** no state, and what was left out */
	readonly none: number;
}

export type SourceOutcomes = { readonly source: string } & Readonly<Record<Outcome, number>>;

export interface Identities {
	readonly models: readonly ModelRecord[];
	readonly templates: readonly TemplateRecord[];
	readonly tasks: readonly Content[];
	readonly samplings: readonly Content[];
	/** resolved: backend, device, CPU features, versions, shapes */
	readonly numerics: readonly Content[];
}

interface Content {
	/** sha256 of the canonical JSON of `content` */
	readonly sha256: string;
	/** as the database holds it: it may be of any form */
	readonly content: Readonly<Record<string, unknown>>;
}

export interface ModelRecord extends Content {
	/** as experiments call it */
	readonly labels: readonly string[];
	/** of the file itself */
	readonly file: { readonly sha256: string; readonly bytes: number | null };
	readonly architecture: string;
	/** null where no manifest knows the file */
	readonly known: {
		readonly id: string;
		readonly licence: string | null;
		readonly uri: string | null;
	} | null;
}

export interface TemplateRecord extends Content {
	readonly labels: readonly string[];
	readonly text: string;
	readonly chat: boolean;
}
