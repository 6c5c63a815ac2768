import { existsSync } from 'node:fs';
import { inspectModel, type ModelInspection } from '../engine/gguf/inspect.js';
import { UsageError } from '../errors.js';
import { type CatalogModel, catalogDirectory, expectedSha256 } from '../models/catalog.js';
import { offlineByEnvironment } from '../models/hub.js';
import {
	buildModels,
	findModel,
	type ManifestModel,
	type ModelCheck,
	modelPath,
	modelsDirectory,
	readManifest,
	verifyModels,
} from '../models/manifest.js';
import { type Pulled, pullModel } from '../models/pull.js';
import { group, type Progress } from '../report/progress.js';
import { shortPath } from '../report/short-path.js';
import { type Column, textTable } from '../report/table.js';
import { safeLine } from '../safe-text.js';
import { type Arguments, EXIT, flag, needed, several } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const names = several(args, 'names');
	const actions: Readonly<Record<string, (names: readonly string[], io: Io) => Promise<number>>> = {
		list,
		inspect,
		build,
		verify,
		pull: (wanted) => pull(wanted, flag(args, 'offline'), io),
	};
	const action = actions[needed(args, 'action')];
	if (!action) throw new UsageError('models: say list, inspect, build, verify or pull');
	return action(names, io);
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

function chosen(names: readonly string[]): readonly ManifestModel[] {
	return names.length === 0 ? readManifest() : names.map(findModel);
}

/** The checksum of the manifest, or the one recorded when the model was pulled. */
function knownSha256(model: ManifestModel): string | null {
	return model.kind === 'catalog' ? (expectedSha256(model)?.sha256 ?? null) : model.sha256;
}

function whereabouts(model: ManifestModel): string {
	if (existsSync(modelPath(model))) return 'here';
	return { calibration: 'not built', embedded: 'missing', catalog: 'not pulled' }[model.kind];
}

/** What is known of a model's kernel: what it is, or what it was taught. */
function kernelOf(model: ManifestModel): string {
	if (model.kind === 'calibration') return model.kernel;
	return model.kind === 'embedded' ? model.law : '';
}

async function list(names: readonly string[], io: Io): Promise<number> {
	const models = chosen(names);
	if (io.json) {
		const shown = models.map((model) => ({
			...model,
			path: modelPath(model),
			here: existsSync(modelPath(model)),
			...(model.kind === 'catalog' ? { recordedSha256: knownSha256(model) } : {}),
		}));
		io.out(JSON.stringify({ schema: 'detbal/models/1', models: shown }));
		return EXIT.done;
	}
	const rows = models.map((model) => [
		model.id,
		model.kind,
		model.architecture,
		kernelOf(model),
		model.bytes === null ? '' : megabytes(model.bytes),
		model.licence.replace('LicenseRef-', ''),
		whereabouts(model),
	]);
	const columns = [
		left('id'),
		left('kind'),
		left('architecture'),
		left('kernel'),
		right('size'),
		left('licence'),
		left('file'),
	];
	for (const line of textTable(columns, rows)) io.out(line);
	io.say(`files: ${shortPath(modelsDirectory())}; pulled: ${shortPath(catalogDirectory())}`);
	return EXIT.done;
}

/** Ids of the manifest, or GGUF files. */
async function inspect(names: readonly string[], io: Io): Promise<number> {
	if (names.length === 0) throw new UsageError('models inspect: name a model or a GGUF file');
	const inspections: ModelInspection[] = [];
	for (const name of names) {
		const known = readManifest().find(({ id }) => id === name);
		const path = known ? modelPath(known) : name;
		if (known?.kind === 'catalog' && !existsSync(path))
			throw new UsageError(`model "${name}" was not pulled. Run: detbal models pull ${name}`);
		inspections.push(await inspectModel(path));
	}
	if (io.json) {
		io.out(JSON.stringify({ schema: 'detbal/models/1', models: inspections }));
		return EXIT.done;
	}
	for (const inspection of inspections) {
		const manifest = readManifest().find((model) => knownSha256(model) === inspection.sha256);
		for (const [field, value] of Object.entries(inspection)) {
			io.out(
				`${field.padEnd(16)}${typeof value === 'number' ? group(value) : safeLine(String(value ?? '–'))}`,
			);
		}
		io.out(
			`${'manifest'.padEnd(16)}${manifest ? `is ${manifest.id}, byte for byte` : 'not in it'}`,
		);
	}
	return EXIT.done;
}

async function build(names: readonly string[], io: Io): Promise<number> {
	const built = await buildModels({
		...(names.length > 0 ? { ids: names } : {}),
		onModel: ({ model, written }) => io.say(`${written ? 'built' : 'there '} ${model.id}`),
	});
	if (io.json) {
		const models = built.map(({ model, path, written }) => ({ ...model, path, written }));
		io.out(JSON.stringify({ schema: 'detbal/models/1', models }));
	} else {
		const written = built.filter((one) => one.written).length;
		io.out(
			`${built.length} models in ${shortPath(modelsDirectory())}, ${written} of them built now`,
		);
	}
	return EXIT.done;
}

const MEND: Readonly<Record<ManifestModel['kind'], string>> = {
	calibration: 'mend with: detbal models build',
	embedded: 'mend by installing detbal again',
	catalog: 'mend with: detbal models pull ID, after removing the file',
};

async function verify(names: readonly string[], io: Io): Promise<number> {
	const wanted = new Set(chosen(names).map(({ id }) => id));
	const checks = (await verifyModels())
		.filter(({ model }) => wanted.has(model.id))
		.map((check) => ({ ...check, state: shownState(check) }));
	const wrong = checks.filter(({ state }) => state !== 'ok' && state !== 'not pulled');
	if (io.json) {
		const models = checks.map(({ model, ...check }) => ({ ...model, ...check }));
		io.out(JSON.stringify({ schema: 'detbal/models/1', models }));
	} else {
		const rows = checks.map(({ model, state, expected, found }) => [
			model.id,
			state,
			expected?.slice(0, 16) ?? '',
			found?.slice(0, 16) ?? '',
		]);
		const columns = [left('id'), left('state'), left('expected'), left('found')];
		for (const line of textTable(columns, rows)) io.out(line);
		for (const kind of new Set(wrong.map(({ model }) => model.kind))) io.say(MEND[kind]);
	}
	return wrong.length === 0 ? EXIT.done : EXIT.error;
}

/** A model of the catalogue that was never asked for is no fault. */
function shownState({ model, state }: ModelCheck): ModelCheck['state'] | 'not pulled' {
	return model.kind === 'catalog' && state === 'missing' ? 'not pulled' : state;
}

async function pull(names: readonly string[], offline: boolean, io: Io): Promise<number> {
	if (names.length === 0)
		throw new UsageError('models pull: name a model; detbal models list shows them');
	const results: Pulled[] = [];
	for (const model of names.map(pullable)) {
		let bar: Progress | null = null;
		try {
			const result = await pullModel(model, {
				offline: offline || offlineByEnvironment(),
				signal: io.signal,
				say: io.say,
				onStart: (bytes) => {
					io.say(`${model.id}: ${group(bytes)} bytes, licence ${model.licence}`);
					const shown = io.progress(model.id, bytes);
					bar = shown;
					return (done) => shown.update(done, `${megabytes(done)} of ${megabytes(bytes)}`);
				},
			});
			results.push(result);
		} finally {
			(bar as Progress | null)?.stop();
		}
		if (!io.json) tellPulled(results.at(-1) as Pulled, io);
	}
	if (io.json) {
		const pulled = results.map(({ model, ...rest }) => ({ ...model, ...rest }));
		io.out(JSON.stringify({ schema: 'detbal/models/1', models: pulled }));
	}
	return EXIT.done;
}

function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(1)} MB`;
}

function pullable(name: string): CatalogModel {
	const model = findModel(name);
	if (model.kind === 'catalog') return model;
	throw new UsageError(`model "${name}" is of kind "${model.kind}": there is nothing to pull`);
}

function tellPulled({ model, path, sha256, commit, fetched }: Pulled, io: Io): void {
	io.out(`${model.id} ${fetched ? 'pulled to' : 'is there already,'} ${shortPath(path)}`);
	io.out(`sha256      ${sha256} (${model.sha256 === null ? 'recorded' : 'as the manifest says'})`);
	if (commit !== null) io.out(`commit      ${commit}`);
}
