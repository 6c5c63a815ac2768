/**
 * data/ro-crate-metadata.json: an RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) after the Process Run
 * Crate profile 0.5 (https://w3id.org/ro/wfrun/process/0.5): every run is a CreateAction by detbal.
 */
import type { ArchivedModel } from './models.js';
import type { PayloadFile } from './payload.js';
import type { ArchivedDatabase, ArchivedImport, ArchivedRun, ArchiveRecord } from './record.js';
import { titleOf } from './texts.js';

export const CRATE_FILE = 'ro-crate-metadata.json';
export const CRATE = 'https://w3id.org/ro/crate/1.1';
export const PROFILE = 'https://w3id.org/ro/wfrun/process/0.5';
const RUN_TERMS = 'https://w3id.org/ro/terms/workflow-run';

export interface CrateFacts {
	readonly record: ArchiveRecord;
	readonly models: readonly ArchivedModel[];
	/** all but the crate's own file */
	readonly files: readonly PayloadFile[];
}

type Entity = Readonly<Record<string, unknown>> & { readonly '@id': string };
type Reference = { readonly '@id': string };

const ref = (id: string): Reference => ({ '@id': id });

export function crateJson(facts: CrateFacts): string {
	const document = {
		// Checksums are terms of the Workflow Run vocabulary; RO-Crate 1.1 has none.
		'@context': [
			`${CRATE}/context`,
			{ sha256: `${RUN_TERMS}#sha256`, sha512: `${RUN_TERMS}#sha512` },
		],
		'@graph': graphOf(facts),
	};
	return `${JSON.stringify(document, null, 1)}\n`;
}

function graphOf({ record, models, files }: CrateFacts): Entity[] {
	const actions = record.databases.flatMap((database, i) => actionsOf(database, i, models));
	const absent = models.filter(({ inside }) => !inside).map(modelOf);
	const remote = absent.filter((entity) => entity['@type'] === 'File');
	return [
		{
			'@id': CRATE_FILE,
			'@type': 'CreativeWork',
			conformsTo: ref(CRATE),
			about: ref('./'),
		},
		{
			'@id': './',
			'@type': 'Dataset',
			name: titleOf(record),
			description: descriptionOf(record),
			datePublished: record.date.slice(0, 10),
			conformsTo: ref(PROFILE),
			license: ref('#licence'),
			...(record.authors.length > 0
				? { author: record.authors.map((_, i) => ref(`#author-${i + 1}`)) }
				: {}),
			hasPart: [...files.map(({ path }) => ref(path)), ...remote.map((file) => ref(file['@id']))],
			mentions: actions
				.filter((entity) => entity['@type'] !== 'PropertyValue')
				.map((entity) => ref(entity['@id'])),
		},
		{ '@id': PROFILE, '@type': 'CreativeWork', name: 'Process Run Crate', version: '0.5' },
		licenceOf(record.licence),
		...record.authors.map((name, i) => ({ '@id': `#author-${i + 1}`, '@type': 'Person', name })),
		...softwareOf(record),
		...actions,
		...absent,
		...files.map((file) => fileOf(file, models)),
	];
}

export function descriptionOf({ databases }: Pick<ArchiveRecord, 'databases'>): string {
	const runs = databases.flatMap((database) => database.runs);
	const attempts = runs.reduce((sum, { done }) => sum + done, 0);
	const imports = databases.reduce((sum, database) => sum + database.imports.length, 0);
	const parts = [
		count(databases.length, 'database'),
		...(runs.length > 0 ? [count(runs.length, 'run'), count(attempts, 'attempt')] : []),
		...(imports > 0 ? [count(imports, 'imported table')] : []),
	];
	return `Made to test whether language models obey detailed balance: ${parts.join(', ')}.`;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function licenceOf(licence: string | null): Entity {
	const spdx = licence !== null && /^[A-Za-z0-9.+-]+$/.test(licence);
	return {
		'@id': '#licence',
		'@type': 'CreativeWork',
		name: licence ?? 'not stated',
		description:
			licence === null
				? 'The authors did not state a licence for these data; ask them.'
				: 'The licence under which the authors give these data.',
		...(spdx ? { url: `https://spdx.org/licenses/${licence}` } : {}),
	};
}

const softwareId = (version: string): string => `#detbal-${version.replaceAll(/[^\w.-]/g, '_')}`;

/** detbal in every version that made a part, this one included. */
function softwareOf({ databases, tool }: ArchiveRecord): Entity[] {
	const made = databases.flatMap(({ runs }) => runs.map(({ toolVersion }) => toolVersion));
	return [...new Set([...made, tool.version])].sort().map((version) => ({
		'@id': softwareId(version),
		'@type': 'SoftwareApplication',
		name: 'detbal',
		description: 'Measures whether language models obey detailed balance.',
		softwareVersion: version,
		license: 'MIT',
	}));
}

function actionsOf(
	database: ArchivedDatabase,
	index: number,
	models: readonly ArchivedModel[],
): Entity[] {
	const prefix = `#database-${index + 1}`;
	return [
		...database.runs.flatMap((run) => runEntities(run, { database, prefix, models })),
		...database.imports.map((one) => importEntity(one, prefix)),
	];
}

interface Around {
	readonly database: ArchivedDatabase;
	readonly prefix: string;
	readonly models: readonly ArchivedModel[];
}

function runEntities(run: ArchivedRun, { database, prefix, models }: Around): Entity[] {
	const id = `${prefix}-run-${run.id}`;
	const used = new Set(run.trees.map(({ modelFile }) => modelFile));
	const numerics = [...new Set(run.trees.map((tree) => tree.numerics))].sort();
	return [
		{
			'@id': id,
			'@type': 'CreateAction',
			name: `run ${run.id}: ${run.name}`,
			description: `${run.done} of ${run.planned} planned attempts made${run.shard === null ? '' : `, shard ${run.shard}`}`,
			startTime: run.createdAt,
			actionStatus: ref(
				`http://schema.org/${run.done < run.planned ? 'ActiveActionStatus' : 'CompletedActionStatus'}`,
			),
			instrument: ref(softwareId(run.toolVersion)),
			object: [
				ref(run.experiment),
				...models.filter(({ sha256 }) => used.has(sha256)).map((model) => ref(modelId(model))),
				...numerics.map((sha256) => ref(numericsPath(sha256))),
			],
			result: ref(database.path),
			identifier: [ref(`${id}-key`), ref(`${id}-digest`)],
		},
		propertyOf(`${id}-key`, 'detbal run key', run.key),
		propertyOf(`${id}-digest`, 'detbal run digest', run.digest),
	];
}

export function numericsPath(sha256: string): string {
	return `numerics/${sha256}.json`;
}

function propertyOf(id: string, propertyID: string, value: string): Entity {
	return { '@id': id, '@type': 'PropertyValue', propertyID, value };
}

function importEntity(one: ArchivedImport, prefix: string): Entity {
	return {
		'@id': `${prefix}-import-${one.id}`,
		'@type': 'CreativeWork',
		name: one.origin,
		description: `imported table of counts: ${one.model} · ${one.template} (${one.format})`,
		sha256: one.sha256,
		contentSize: String(one.bytes),
	};
}

/** Inside, the file; else its address on the web; else a thing that is only named. */
function modelId({ inside, path, url, sha256 }: ArchivedModel): string {
	return inside ? path : (url ?? `#model-${sha256}`);
}

function modelOf(model: ArchivedModel): Entity {
	return {
		'@id': modelId(model),
		'@type': model.url === null ? 'CreativeWork' : 'File',
		...modelFacts(model),
	};
}

function modelFacts({ labels, sha256, bytes, licence, architecture, quantisation }: ArchivedModel) {
	return {
		name: labels.join(', '),
		description: `language model, ${architecture ?? 'unknown architecture'}, ${quantisation ?? 'unknown quantisation'}`,
		encodingFormat: 'application/octet-stream',
		...(bytes === null ? {} : { contentSize: String(bytes) }),
		...(licence === null ? {} : { license: licence }),
		sha256,
	};
}

const FORMATS: Readonly<Record<string, string>> = {
	sqlite: 'application/vnd.sqlite3',
	yaml: 'application/yaml',
	cff: 'application/yaml',
	json: 'application/json',
	txt: 'text/plain',
	html: 'text/html',
	svg: 'image/svg+xml',
	png: 'image/png',
	csv: 'text/csv',
	md: 'text/markdown',
	bib: 'application/x-bibtex',
};

function fileOf(
	{ path, bytes, sha512, about }: PayloadFile,
	models: readonly ArchivedModel[],
): Entity {
	const name = path.replace(/^.*\//, '');
	const extension = name.includes('.') ? (name.split('.').at(-1) as string) : 'txt';
	const model = models.find((one) => one.inside && one.path === path);
	return {
		'@id': path,
		'@type': 'File',
		name,
		...(about === null ? {} : { description: about }),
		encodingFormat: FORMATS[extension] ?? 'application/octet-stream',
		contentSize: String(bytes),
		sha512,
		...(model === undefined ? {} : modelFacts(model)),
	};
}
