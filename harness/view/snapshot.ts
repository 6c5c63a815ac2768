/** What the page shows: plain values that go over the wire as JSON. */

/** What a look at the database found, without any statistics. */
export interface Look {
	/** changes whenever the database's files do */
	readonly stamp: string;
	readonly groups: readonly GroupProgress[];
	/** ids of the imports */
	readonly imports: readonly string[];
	readonly writer: Writer | null;
}

export interface Writer {
	readonly pid: number;
	readonly host: string;
	readonly since: string;
	readonly heartbeat: string;
}

/** Model × template × sampling setting, as far as it is. */
export interface GroupProgress extends Label {
	/** of its first cell, with its time: the same in every look, another in another database */
	readonly id: string;
	readonly planned: number;
	readonly done: number;
	readonly cells: readonly CellProgress[];
}

export interface CellProgress {
	readonly run: number;
	readonly seed: number;
	readonly design: string;
	readonly planned: number;
	readonly done: number;
}

interface Label {
	readonly model: string;
	readonly template: string;
	readonly temperature: number | null;
}

/** What the statistics say of the attempts there were: bounds, and no p-values. */
export interface Judgement {
	readonly groups: readonly JudgedGroup[];
	/** nats: the tolerance of the rms cycle affinity */
	readonly tolerance: number;
}

export interface JudgedGroup extends Label {
	readonly id: string;
	readonly imported: boolean;
	/** null where an import does not say */
	readonly attempts: number | null;
	readonly verdict: string;
	readonly standing: Standing;
	readonly sentence: string;
	/** rms cycle affinity and its bounds, nats */
	readonly rms: number | null;
	readonly lower95: number | null;
	readonly upper95: number | null;
}

/** On which side of the tolerance the rms cycle affinity lies, as far as the bounds say. */
export type Standing = 'below' | 'above' | 'open' | 'no loop';

export interface Snapshot {
	readonly schema: 'detbal/view/1';
	/** base name of the file */
	readonly db: string;
	/** why the database cannot be read at present; what else is here is older then */
	readonly problem: string | null;
	/** attempts that runs plan are missing, or it is not known yet */
	readonly interim: boolean;
	readonly missing: number;
	readonly planned: number;
	readonly done: number;
	/** attempts a second over the last half minute; null where nothing is being written */
	readonly rate: number | null;
	readonly secondsLeft: number | null;
	readonly writing: boolean;
	readonly writer: Writer | null;
	readonly imports: number;
	readonly groups: readonly ShownGroup[];
	/** how often the statistics were made since the page's server was started */
	readonly judgements: number;
	/** why the statistics could not be made last time */
	readonly judgementProblem: string | null;
	readonly tolerance: number | null;
}

export interface ShownGroup extends Label {
	readonly id: string;
	/** null for imported counts */
	readonly planned: number | null;
	readonly done: number | null;
	readonly cells: readonly CellProgress[];
	/** null where the statistics were not made yet */
	readonly judged: Omit<JudgedGroup, keyof Label | 'id'> | null;
}

/** Progress and statistics joined: groups in the order they were planned, then imports. */
export function joinGroups(
	{ groups, imports }: Pick<Look, 'groups' | 'imports'>,
	judged: readonly JudgedGroup[],
): ShownGroup[] {
	const verdicts = new Map(judged.map((group) => [group.id, group]));
	const own = groups.map((group) => ({ ...group, judged: statistics(verdicts.get(group.id)) }));
	const imported = judged
		.filter(({ id }) => imports.includes(id))
		.map((group) => {
			const { id, model, template, temperature } = group;
			const none = { planned: null, done: null, cells: [] };
			return { id, model, template, temperature, ...none, judged: statistics(group) };
		});
	return [...own, ...imported];
}

function statistics(group: JudgedGroup | undefined): ShownGroup['judged'] {
	if (group === undefined) return null;
	const { id: _, model: __, template: ___, temperature: ____, ...rest } = group;
	return rest;
}
