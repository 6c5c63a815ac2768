/** In which fields of their identities two runs of one configuration differ. */
import { canonicalJson, decidingNumerics } from '../experiment/identity.js';
import type { StoreReader } from '../store/reader.js';
import { IDENTITY_KINDS, type IdentityKind } from '../store/records.js';
import type { StoredCell, StoredRun } from '../store/stored.js';

export interface RunPlace {
	readonly db: string;
	/** number of the run */
	readonly run: number;
}

/** A run of an open database. */
export interface OpenRun {
	readonly reader: StoreReader;
	readonly place: RunPlace;
	readonly run: StoredRun;
	readonly cells: readonly StoredCell[];
}

/** A cell of one key in both runs. */
export type CellPair = readonly [StoredCell, StoredCell];

export interface IdentityDifference {
	/** `run`: what is recorded of the run itself */
	readonly part: IdentityKind | 'run';
	/** the models it was found with; none for the run */
	readonly models: readonly string[];
	/** members of members are written with dots */
	readonly field: string;
	/** JSON; null where a run has no such field */
	readonly first: string | null;
	readonly second: string | null;
	/** false: measured to change no bit (threads, context size), or a name */
	readonly deciding: boolean;
}

/** Field by field, first run → second; numerics first. */
export function identityDifferences(
	first: OpenRun,
	second: OpenRun,
	pairs: readonly CellPair[],
): IdentityDifference[] {
	const found = new Map<string, IdentityDifference>();
	const add = (one: IdentityDifference): void => {
		const key = canonicalJson([one.part, one.field, one.first, one.second]);
		const models = new Set([...(found.get(key)?.models ?? []), ...one.models]);
		found.set(key, { ...one, models: [...models] });
	};
	for (const kind of [...IDENTITY_KINDS].reverse()) {
		const seen = new Set<string>();
		for (const [a, b] of pairs) {
			const shas = `${a.identities[kind]} ${b.identities[kind]} ${a.modelLabel}`;
			if (a.identities[kind] === b.identities[kind] || seen.has(shas)) continue;
			seen.add(shas);
			for (const one of fieldsOf(kind, content(first, a, kind), content(second, b, kind))) {
				add({ ...one, models: [a.modelLabel] });
			}
		}
	}
	for (const one of runFields(first, second)) add(one);
	return [...found.values()];
}

const content = ({ reader }: OpenRun, { identities }: StoredCell, kind: IdentityKind): unknown =>
	reader.identity(identities[kind]);

function fieldsOf(part: IdentityKind, one: unknown, other: unknown): IdentityDifference[] {
	const deciding =
		part === 'numerics'
			? Object.keys(decidingNumerics({ ...Object(one), ...Object(other) }))
			: null;
	return differingFields(one, other).map(({ field, first, second }) => ({
		part,
		models: [],
		field,
		first,
		second,
		deciding: deciding === null || deciding.includes(field.split('.')[0] as string),
	}));
}

function runFields({ run: a }: OpenRun, { run: b }: OpenRun): IdentityDifference[] {
	const of = ({ name, toolVersion, shard }: OpenRun['run']) => ({ name, toolVersion, shard });
	return differingFields(of(a), of(b)).map((one) => ({
		part: 'run',
		models: [],
		...one,
		deciding: one.field === 'toolVersion',
	}));
}

function differingFields(one: unknown, other: unknown) {
	const a = new Map(members(one, ''));
	const b = new Map(members(other, ''));
	return [...new Set([...a.keys(), ...b.keys()])]
		.sort()
		.filter((field) => a.get(field) !== b.get(field))
		.map((field) => ({ field, first: a.get(field) ?? null, second: b.get(field) ?? null }));
}

/** Members that hold no further ones, each with its JSON. */
function members(value: unknown, name: string): [name: string, json: string][] {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		return [[name, canonicalJson(value)]];
	}
	return Object.entries(value).flatMap(([key, member]) =>
		members(member, name === '' ? key : `${name}.${key}`),
	);
}
