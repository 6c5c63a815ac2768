/** The files of an archive that are made of what its databases say and of the program itself. */
import { storedImports } from '../store/imports.js';
import type { StoreReader } from '../store/reader.js';
import { numericsPath } from './crate.js';
import { datasetsUsed, licenceText, WORDS_LICENCE } from './datasets.js';
import { experimentFiles, recordedExperiment } from './experiments.js';
import type { ArchivedModel } from './models.js';
import type { Payload } from './payload.js';
import { type ArchiveRecord, experimentFolder } from './record.js';
import { softwareFiles, versionsOf } from './software.js';
import { citationCff } from './texts.js';

/** Copies of the databases, and what each is called in the archive. */
export interface Copies {
	readonly names: readonly string[];
	readonly readers: readonly StoreReader[];
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

/** What the databases say, as files that can be read without them. */
export function addRecorded(
	payload: Payload,
	{ names, readers }: Copies,
	{ record, models }: { record: ArchiveRecord; models: readonly ArchivedModel[] },
): void {
	payload.addText('archive.json', json(record), 'Keys and digests of the runs.');
	payload.addText(
		'models.json',
		json({ schema: 'detbal/models/1', models }),
		'The models: sha256, size, licence, where they are from.',
	);
	payload.addText('CITATION.cff', citationCff(record), 'How to cite these data.');
	for (const [i, reader] of readers.entries())
		for (const run of reader.runs()) {
			const folder = experimentFolder(`databases/${names[i]}`, run.id);
			for (const { name, text, about } of experimentFiles(recordedExperiment(run), pathOf(models)))
				payload.addText(`${folder}/${name}`, text, about);
		}
	for (const [sha256, content] of numericsOf(readers))
		payload.addText(
			numericsPath(sha256),
			json(content),
			'Numerics identity: all that can change a bit of what a model answers.',
		);
}

/** Seen from the folder of an experiment; a model that comes with detbal is found by its id. */
function pathOf(models: readonly ArchivedModel[]): (sha256: string) => string | null {
	return (sha256) => {
		const model = models.find((one) => one.sha256 === sha256);
		if (model === undefined) return null;
		const found = model.id !== null && model.labels.includes(model.id);
		return found && !model.inside ? null : `../../${model.path}`;
	};
}

function numericsOf(readers: readonly StoreReader[]): Map<string, Record<string, unknown>> {
	const found = new Map<string, Record<string, unknown>>();
	for (const reader of readers)
		for (const { id } of reader.runs())
			for (const { identities } of reader.cells(id))
				if (!found.has(identities.numerics))
					found.set(
						identities.numerics,
						reader.identity(identities.numerics) as Record<string, unknown>,
					);
	return found;
}

export function addSoftware(payload: Payload, { readers }: Copies): void {
	const versions = versionsOf([...numericsOf(readers).values()]);
	payload.addText('software/versions.json', json(versions), 'Versions of detbal and its packages.');
	for (const { name, bytes, about } of softwareFiles())
		payload.addText(`software/${name}`, bytes, about);
	const datasets = datasetsUsed(
		readers.flatMap((reader) => reader.runs().map((run) => recordedExperiment(run).experiment)),
		readers.flatMap(storedImports),
	);
	payload.addText(
		'datasets.json',
		json({ schema: 'detbal/datasets/1', datasets }),
		'Data sets of detbal that these data were made from: source and licence of each.',
	);
	const licence = datasets.some(({ file }) => file.startsWith('words/'))
		? licenceText(WORDS_LICENCE)
		: null;
	if (licence !== null)
		payload.addText('licences/WORDNET-LICENSE', licence, 'The licence of WordNet.');
}
