/** What an archive says to a person: README.txt and CITATION.cff. */
import type { ArchivedModel } from './models.js';
import type { ArchiveRecord } from './record.js';

/** Someone must be named (Citation File Format 1.2.0); nobody is made up. */
const NOBODY = 'Authors not stated';

export function citationCff({ name, date, authors, licence, databases }: ArchiveRecord): string {
	const runs = databases.flatMap((database) => database.runs);
	const people = authors.length > 0 ? authors : [NOBODY];
	return [
		'cff-version: 1.2.0',
		'message: If you use these data, please cite them, and detbal (software/CITATION.cff).',
		'type: dataset',
		`title: ${quoted(titleOf({ name }))}`,
		`date-released: ${date.slice(0, 10)}`,
		...(licence !== null && /^[A-Za-z0-9.+-]+$/.test(licence) ? [`license: ${licence}`] : []),
		'authors:',
		...people.map((person) => `  - name: ${quoted(person)}`),
		...(runs.length > 0 ? ['identifiers:'] : []),
		...runs.flatMap(({ digest, name: run }) => [
			'  - type: other',
			`    value: ${quoted(`detbal digest ${digest}`)}`,
			`    description: ${quoted(`transitions of run ${run}`)}`,
		]),
		'',
	].join('\n');
}

export function titleOf({ name }: Pick<ArchiveRecord, 'name'>): string {
	return `${name}: transitions between states by language models, recorded with detbal`;
}

/** JSON strings are YAML strings; what YAML does not print is escaped. */
function quoted(text: string): string {
	return JSON.stringify(text).replaceAll(
		/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
		(c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

export function readmeTxt(record: ArchiveRecord, models: readonly ArchivedModel[]): string {
	const { name, tool, databases } = record;
	const absent = models.filter(({ inside }) => !inside);
	const fetched = absent.some(({ url }) => url !== null);
	const first = databases[0]?.path ?? 'databases/NAME.sqlite';
	return `${titleOf(record)}

This folder is a BagIt bag (RFC 8493). What it holds is in data/, which is an RO-Crate: start with
data/ro-crate-metadata.json, which says what every file is. It was made by detbal ${tool.version}.

  data/databases     every attempt of every run, in SQLite
  data/experiments   the experiments as files that detbal runs, with their prompts and words
  data/archive.json  keys and digests of the runs
  data/models.json   the models: sha256, size, licence, where they are from
  data/numerics      what evaluated the models: versions, processor, shapes
  data/software      versions of detbal's packages, its licence, how to cite it
${[...databases]
	.flatMap(({ path, runs, imports }) => [
		`\n${path}`,
		...runs.map(
			(run) =>
				`  run ${run.id}, ${run.done} of ${run.planned} attempts\n    key    ${run.key}\n    digest ${run.digest}`,
		),
		...(imports.length > 0 ? [`  ${imports.length} imported tables of counts`] : []),
	])
	.join('\n')}

To verify it without detbal, in this folder:

  sha512sum -c${fetched ? ' --ignore-missing' : ''} manifest-sha512.txt
  sha512sum -c tagmanifest-sha512.txt
  sqlite3 data/${first} "PRAGMA integrity_check; PRAGMA foreign_key_check"

To verify all of it, digests and keys too, and to repeat the runs:

  npx detbal archive verify ${name}.zip
  npx detbal archive rerun ${name}.zip

${modelsText(absent)}A manifest shows damage, not who made it: compare the checksum of the zip file, or the digests above,
with those that its authors published.
`;
}

function modelsText(absent: readonly ArchivedModel[]): string {
	if (absent.length === 0) return 'The models are inside, in data/models.\n\n';
	const lines = absent.map(({ sha256, id, path, url }) =>
		id !== null && url === null
			? `  ${sha256}  comes with detbal as ${id}`
			: `  ${sha256}  ${url ?? 'not published: ask the authors'}\n    (belongs at data/${path})`,
	);
	return `The models are not inside. Their files have these sha256:\n\n${lines.join('\n')}\n\n`;
}
