/** Is data/ an RO-Crate that describes every file, and says of the runs what the record says? */
import { CRATE, CRATE_FILE, PROFILE } from './crate.js';
import type { FaultList } from './fault.js';

type Entity = Readonly<Record<string, unknown>>;

const PLACE = `data/${CRATE_FILE}`;

/**
 * @param files of the payload, below data/
 * @param runs key and digest of each, as the databases have them
 */
export function checkCrate(
	text: string | null,
	files: readonly string[],
	runs: readonly { readonly key: string; readonly digest: string }[],
	faults: FaultList,
): void {
	const fault = (message: string) => faults.add('crate', PLACE, message);
	if (text === null) {
		fault('is missing');
		return;
	}
	const entities = entitiesOf(text);
	if (typeof entities === 'string') {
		fault(entities);
		return;
	}
	const root = entities.get('./');
	const own = entities.get(CRATE_FILE);
	if (root === undefined || own === undefined) {
		fault('has no root data set, or does not describe itself');
		return;
	}
	if (idOf(own.conformsTo) !== CRATE || idOf(own.about) !== './')
		fault(`does not say that it is an RO-Crate 1.1 about this folder`);
	if (idOf(root.conformsTo) !== PROFILE) fault('does not follow the Process Run Crate profile 0.5');
	for (const name of ['name', 'description', 'datePublished', 'license'])
		if (root[name] === undefined) fault(`the root data set has no ${name}`);
	checkFiles(entities, idsOf(root.hasPart), files, fault);
	checkReferences(entities, fault);
	const values = new Set([...entities.values()].map((entity) => entity.value));
	for (const { key, digest } of runs)
		for (const value of [key, digest])
			if (!values.has(value)) fault(`does not name ${value}, the key or digest of a run`);
}

/** By id; or what is wrong. */
function entitiesOf(text: string): Map<string, Entity> | string {
	let document: unknown;
	try {
		document = JSON.parse(text);
	} catch (error) {
		return `is not JSON: ${(error as Error).message}`;
	}
	const { '@context': context, '@graph': graph } = Object(document) as Record<string, unknown>;
	if (![context].flat().includes(`${CRATE}/context`)) return 'has not the context of RO-Crate 1.1';
	if (!Array.isArray(graph)) return 'has no @graph';
	const entities = new Map<string, Entity>();
	for (const entity of graph) {
		const id = idOf(entity);
		if (id === null || Object(entity)['@type'] === undefined)
			return 'has an entity without @id or @type';
		if (entities.has(id)) return `describes ${JSON.stringify(id)} twice`;
		entities.set(id, entity as Entity);
	}
	return entities;
}

function checkFiles(
	entities: ReadonlyMap<string, Entity>,
	parts: readonly string[],
	files: readonly string[],
	fault: (message: string) => void,
): void {
	const there = new Set(files);
	const listed = new Set(parts);
	for (const path of files) {
		if (path === CRATE_FILE) continue;
		if (entities.get(path)?.['@type'] !== 'File') fault(`does not describe ${path}`);
		if (!listed.has(path)) fault(`does not list ${path} as a part`);
	}
	for (const [id, entity] of entities)
		if (entity['@type'] === 'File' && !isAddress(id) && !there.has(id))
			fault(`describes ${JSON.stringify(id)}, which is not there`);
}

const isAddress = (id: string): boolean => /^https?:\/\//.test(id);

/** Whatever is referred to is described, addresses on the web aside. */
function checkReferences(
	entities: ReadonlyMap<string, Entity>,
	fault: (message: string) => void,
): void {
	for (const [id, entity] of entities)
		for (const value of Object.values(entity))
			for (const target of idsOf(value))
				if (!isAddress(target) && !entities.has(target))
					fault(
						`${JSON.stringify(id)} refers to ${JSON.stringify(target)}, which is not described`,
					);
}

function idsOf(value: unknown): string[] {
	return [value].flat().flatMap((one) => idOf(one) ?? []);
}

function idOf(value: unknown): string | null {
	const id = typeof value === 'object' && value !== null ? (value as Entity)['@id'] : null;
	return typeof id === 'string' ? id : null;
}
