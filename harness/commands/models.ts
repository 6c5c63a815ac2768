import { inspectModel, type ModelInspection } from '../engine/gguf/inspect.js';
import { UsageError } from '../errors.js';
import {
	buildModels,
	findModel,
	type ManifestModel,
	modelPath,
	modelsDirectory,
	readManifest,
	verifyModels,
} from '../models/manifest.js';
import { group } from '../report/progress.js';
import { shortPath } from '../report/short-path.js';
import { type Column, textTable } from '../report/table.js';
import { type Arguments, EXIT, needed, several } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const names = several(args, 'names');
	const actions: Readonly<Record<string, (names: readonly string[], io: Io) => Promise<number>>> = {
		list,
		inspect,
		build,
		verify,
	};
	const action = actions[needed(args, 'action')];
	if (!action) throw new UsageError('models: say list, inspect, build or verify');
	return action(names, io);
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

function chosen(names: readonly string[]): readonly ManifestModel[] {
	return names.length === 0 ? readManifest() : names.map(findModel);
}

async function list(names: readonly string[], io: Io): Promise<number> {
	const models = chosen(names);
	if (io.json) {
		const shown = models.map((model) => ({ ...model, path: modelPath(model) }));
		io.out(JSON.stringify({ schema: 'detbal/models/1', models: shown }));
		return EXIT.done;
	}
	const rows = models.map(({ id, kind, architecture, kernel, bytes, sha256 }) => [
		id,
		kind,
		architecture,
		kernel ?? '',
		group(bytes),
		sha256.slice(0, 12),
	]);
	const columns = [
		left('id'),
		left('kind'),
		left('architecture'),
		left('kernel'),
		right('bytes'),
		left('sha256'),
	];
	for (const line of textTable(columns, rows)) io.out(line);
	io.say(`files: ${shortPath(modelsDirectory())}`);
	return EXIT.done;
}

/** Ids of the manifest, or GGUF files. */
async function inspect(names: readonly string[], io: Io): Promise<number> {
	if (names.length === 0) throw new UsageError('models inspect: name a model or a GGUF file');
	const inspections: ModelInspection[] = [];
	for (const name of names) {
		const known = readManifest().find(({ id }) => id === name);
		inspections.push(await inspectModel(known ? modelPath(known) : name));
	}
	if (io.json) {
		io.out(JSON.stringify({ schema: 'detbal/models/1', models: inspections }));
		return EXIT.done;
	}
	for (const inspection of inspections) {
		const manifest = readManifest().find(({ sha256 }) => sha256 === inspection.sha256);
		for (const [field, value] of Object.entries(inspection)) {
			io.out(
				`${field.padEnd(16)}${typeof value === 'number' ? group(value) : String(value ?? '–')}`,
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

async function verify(names: readonly string[], io: Io): Promise<number> {
	const wanted = new Set(chosen(names).map(({ id }) => id));
	const checks = (await verifyModels()).filter(({ model }) => wanted.has(model.id));
	if (io.json) {
		const models = checks.map(({ model, ...check }) => ({ ...model, ...check }));
		io.out(JSON.stringify({ schema: 'detbal/models/1', models }));
	} else {
		const rows = checks.map(({ model, state, found }) => [
			model.id,
			state,
			model.sha256.slice(0, 16),
			found?.slice(0, 16) ?? '',
		]);
		const columns = [left('id'), left('state'), left('manifest'), left('found')];
		for (const line of textTable(columns, rows)) io.out(line);
		if (checks.some(({ state }) => state !== 'ok')) io.say('mend with: detbal models build');
	}
	return checks.every(({ state }) => state === 'ok') ? EXIT.done : EXIT.error;
}
