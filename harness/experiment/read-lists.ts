import { resolve } from 'node:path';
import { LIMITS } from './defaults.js';
import type { ModelReference, SamplingSetting, TemplateSpec } from './experiment.js';
import { quote } from './faults.js';
import { canonicalJson } from './identity.js';
import type { Entry, PartReader } from './part-reader.js';
import { modelSchema, samplingSchema, seedSchema, templateSchema } from './schema.js';
import { misspeltPlaceholders, PLACEHOLDER } from './template.js';
import { readTextFile } from './text-file.js';

export function readSeeds(reader: PartReader): readonly number[] {
	const one = reader.at(['seed']) !== undefined;
	const many = reader.at(['seeds']) !== undefined;
	if (one === many) {
		const found = one ? 'found beside seed' : 'missing';
		reader.faults.add(
			[one ? 'seeds' : 'seed'],
			`${found}; allowed: either seed: 1 or seeds: [1, 2]`,
		);
		if (!one) return [];
	}
	if (!many) {
		const seed = reader.read(['seed'], seedSchema);
		return seed === undefined ? [] : [seed];
	}
	const seeds = reader.readList('seeds', seedSchema);
	reader.refuseRepeats(seeds, String, 'seed');
	return seeds.map(({ value }) => value);
}

/** One mapping, or a list of them; left out: one setting of defaults. */
export function readSamplings(reader: PartReader): readonly SamplingSetting[] {
	const raw = reader.at(['sampling']);
	if (raw === undefined) return [samplingSchema.parse({})];
	if (!Array.isArray(raw)) {
		const setting = reader.read<SamplingSetting>(['sampling'], samplingSchema);
		return setting === undefined ? [] : [setting];
	}
	const settings = reader.readList<SamplingSetting>('sampling', samplingSchema);
	const mark = (s: SamplingSetting) => canonicalJson({ ...s, stop: s.stop.toSorted() });
	reader.refuseRepeats(settings, mark, 'setting');
	return settings.map(({ value }) => value);
}

export function readModels(reader: PartReader): readonly ModelReference[] {
	const entries = reader.readList('models', modelSchema);
	const models = entries.map(({ path: at, value }): Entry<ModelReference> => {
		const { id, path = null, sha256 = null } = value;
		if (path !== null && /^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path))
			reader.faults.add(
				[...at, 'path'],
				`found ${quote(path)}, an address; allowed: a file on this machine (download it first, for example with detbal models pull, and give its path)`,
			);
		return {
			path: at,
			value: {
				id,
				path: path === null ? null : resolve(reader.directory, path),
				sha256: sha256 === null ? null : sha256.toLowerCase(),
			},
		};
	});
	reader.refuseRepeats(models, (m) => m.id, 'id', ['id']);
	reader.refuseRepeats(models, (m) => m.path, 'file', ['path']);
	return models.map(({ value }) => value);
}

export function readTemplates(reader: PartReader): readonly TemplateSpec[] {
	const entries = reader.readList('templates', templateSchema);
	reader.refuseRepeats(entries, (t) => t.id, 'id', ['id']);
	const templates = entries.flatMap(({ path, value }): Entry<TemplateSpec>[] => {
		const text = templateText(reader, path, value);
		return text === null ? [] : [{ path, value: { id: value.id, text, chat: value.chat } }];
	});
	reader.refuseRepeats(templates, (t) => `${t.chat} ${t.text}`, 'prompt');
	return templates.map(({ value }) => value);
}

type RawTemplate = { readonly text?: string | undefined; readonly file?: string | undefined };

function templateText(reader: PartReader, at: Entry<unknown>['path'], raw: RawTemplate) {
	if ((raw.text === undefined) === (raw.file === undefined)) {
		const found = raw.text === undefined ? 'neither text nor file' : 'both text and file';
		reader.faults.add(at, `found ${found}; allowed: one of them`);
		return null;
	}
	const key = [...at, raw.text === undefined ? 'file' : 'text'];
	let text = raw.text ?? '';
	if (raw.file !== undefined) {
		const read = readTextFile(resolve(reader.directory, raw.file), LIMITS.fileBytes);
		if ('fault' in read) {
			reader.faults.add(key, `template file ${raw.file} ${read.fault}`);
			return null;
		}
		text = withoutFileEnd(read.text);
	}
	const problem = whyUnusable(text);
	if (problem !== null) reader.faults.add(key, problem);
	return problem === null ? text : null;
}

/**
 * Line breaks as YAML reads them (\n), and without the one that editors put at the end of a file:
 * a prompt must not depend on the editor or the operating system it was written with.
 */
function withoutFileEnd(text: string): string {
	return text.replaceAll('\r\n', '\n').replace(/\n$/, '');
}

function whyUnusable(text: string): string | null {
	const misspelt = misspeltPlaceholders(text)[0];
	if (misspelt !== undefined)
		return `found ${quote(misspelt)}; did you mean ${PLACEHOLDER}? allowed: the state is written ${PLACEHOLDER}`;
	if (!text.includes(PLACEHOLDER))
		return `found no ${PLACEHOLDER}; allowed: text with ${PLACEHOLDER} where the state goes`;
	if (/[\0\p{Cs}]/u.test(text))
		return 'found a NUL character or half of a surrogate pair; allowed: text that a model can read';
	return null;
}
