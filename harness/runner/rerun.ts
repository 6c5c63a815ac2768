import type { NumericsIdentity } from '../engine/engine.js';
import { openLlamaHost } from '../engine/llama.js';
import { probeModel } from '../engine/probe.js';
import { UsageError } from '../errors.js';
import type { Experiment } from '../experiment/experiment.js';
import { makeTask } from '../experiment/tasks/task.js';
import { type StoredCell, type StoredRun, StoreReader } from '../store/reader.js';
import { type CellJob, execute, type TreeJob } from './execute.js';
import { type LawSummary, summarise } from './law-summary.js';
import { findModelFile, type ModelFile, recordedModelPath } from './model-files.js';
import { type Pinned, type PreparedModel, prepareModel } from './prepare.js';
import { type Divergence, RerunLedger } from './rerun-ledger.js';
import { pinnedNumerics, type RunWatch } from './run.js';
import { samplingIdentity, templateIdentity } from './run-plan.js';

export interface RerunRequest {
	readonly db: string;
	/** Number of the run; null: the only one. */
	readonly run: number | null;
	/** Repeat the cells of this seed only. */
	readonly seed: number | null;
	/** Folder to look for model files in first. */
	readonly models: string | null;
	/** Deliberate changes of the recorded numerics. */
	readonly threads: number | null;
	readonly width: number | null;
	readonly signal: AbortSignal;
	readonly watch: RunWatch;
}

export interface FirstDivergence extends Omit<Divergence, 'cell'> {
	readonly model: string;
	readonly template: string;
	readonly seed: number;
	readonly temperature: number;
	/** The laws at the node where the paths part; null where none was recorded. */
	readonly recordedLaw: LawSummary | null;
	readonly repeatedLaw: LawSummary;
}

export interface RerunResult {
	readonly identical: boolean;
	readonly compared: number;
	/** Attempts that the repeated cells plan; more than compared where the run is not finished. */
	readonly planned: number;
	readonly different: number;
	readonly firstDivergence: FirstDivergence | null;
	readonly laws: { readonly compared: number; readonly different: number };
	/** `model: field: recorded → here` for everything in the numerics identities that differs. */
	readonly numericsDifferences: readonly string[];
	readonly run: { readonly id: number; readonly name: string };
}

interface Recorded {
	readonly run: StoredRun;
	readonly experiment: Experiment;
	readonly models: readonly { id: string; sha256: string; path: string }[];
	readonly cells: readonly StoredCell[];
}

/**
 * Repeats a run from its record alone and compares every transition and every law.
 * @throws UsageError, HarnessError where the record or the models do not allow it
 */
export async function rerun(request: RerunRequest): Promise<RerunResult> {
	const reader = StoreReader.open(request.db);
	try {
		const recorded = readRecord(reader, request);
		const ledger = new RerunLedger(
			reader,
			recorded.cells.map(({ id }) => id),
		);
		const total = recorded.cells.reduce((sum, { id }) => sum + attemptsOf(reader, id), 0);
		request.watch.planned(total, 0);
		return await repeat(reader, recorded, ledger, request);
	} finally {
		reader.close();
	}
}

function attemptsOf(reader: StoreReader, cell: number): number {
	return reader.attemptsPerSource([cell]).reduce((sum, { attempts }) => sum + attempts, 0);
}

function readRecord(reader: StoreReader, { run, seed, db }: RerunRequest): Recorded {
	const runs = reader.runs();
	const found = run === null && runs.length === 1 ? runs[0] : runs.find(({ id }) => id === run);
	if (!found) {
		const list = runs.map(({ id, name }) => `${id} (${name})`).join(', ');
		throw new UsageError(`${db}: say which run to repeat with --run; it holds ${list || 'none'}`);
	}
	const config = JSON.parse(found.config) as Pick<Recorded, 'experiment' | 'models'>;
	const all = reader.cells(found.id);
	const cells = all.filter((cell) => seed === null || cell.seed === seed);
	if (cells.length === 0) {
		const seeds = [...new Set(all.map((cell) => cell.seed))].join(', ');
		throw new UsageError(
			seed === null
				? `${db}: run ${found.id} has no cells (an empty shard); there is nothing to repeat`
				: `${db}: run ${found.id} has no seed ${seed}; it has ${seeds}`,
		);
	}
	return { run: found, ...config, cells };
}

async function repeat(
	reader: StoreReader,
	recorded: Recorded,
	ledger: RerunLedger,
	request: RerunRequest,
): Promise<RerunResult> {
	const { run, models, cells, experiment } = recorded;
	const pins = pinnedNumerics(reader, run.id);
	const host = await openLlamaHost(experiment.engine.gpu);
	const differences: string[] = [];
	let first: FirstDivergence | null = null;
	let evaluations = 0;
	try {
		for (const found of models) {
			const own = cells.filter((cell) => modelOf(reader, cell) === found.sha256);
			const pinned = pins.get(found.sha256);
			if (own.length === 0 || !pinned) continue;
			const settings = settingsHere(experiment, pinned, request);
			const file = await obtainModelFile(found, request, settings);
			const model = await prepareModel(host, file, settings, pinned);
			try {
				differences.push(...numericsDifferences(reader, own, model, found.id));
				const before = { first: ledger.first, evaluations };
				evaluations += await execute(modelJob(reader, settings, model, own), {
					ledger,
					signal: request.signal,
					afterRound: (count) =>
						request.watch.progress(ledger.compared, before.evaluations + count, found.id),
				});
				if (ledger.first !== null && ledger.first !== before.first) {
					first = await describe(reader, ledger.first, model, settings);
				}
			} finally {
				await model.close();
			}
		}
	} finally {
		await host.close();
	}
	return {
		identical: ledger.different === 0,
		compared: ledger.compared,
		planned: cells.reduce((sum, cell) => sum + plannedOf(reader, cell), 0),
		different: ledger.different,
		firstDivergence: first,
		laws: { compared: ledger.laws, different: ledger.lawsDifferent },
		numericsDifferences: differences,
		run: { id: run.id, name: run.name },
	};
}

/** The recorded experiment under the recorded numerics, but for what is deliberately changed. */
function settingsHere(experiment: Experiment, pinned: Pinned, request: RerunRequest): Experiment {
	const { engine } = experiment;
	return {
		...experiment,
		engine: {
			...engine,
			width: request.width ?? engine.width,
			threads: request.threads ?? pinned.threads,
			contextSize: 'auto',
		},
	};
}

function plannedOf(reader: StoreReader, { id, design, attempts }: StoredCell): number {
	return design === 'fixed' ? attempts * reader.plannedSources(id).length : attempts;
}

function modelOf(reader: StoreReader, cell: StoredCell): string {
	return (reader.identity(cell.identities.model) as { sha256: string }).sha256;
}

async function obtainModelFile(
	recorded: { id: string; sha256: string; path: string },
	request: RerunRequest,
	experiment: Experiment,
): Promise<ModelFile> {
	const path = await recordedModelPath(recorded, request.models);
	const file = await findModelFile({ id: recorded.id, path, sha256: recorded.sha256 });
	if (!file.trusted) {
		await probeModel(file.path, experiment.engine.gpu, experiment.engine.gpuLayers);
	}
	return file;
}

function numericsDifferences(
	reader: StoreReader,
	cells: readonly StoredCell[],
	model: PreparedModel,
	id: string,
): string[] {
	const here = model.engine.identity.numerics;
	const stored = reader.identity((cells[0] as StoredCell).identities.numerics) as NumericsIdentity;
	return [...new Set([...Object.keys(stored), ...Object.keys(here)])]
		.filter((field) => stored[field] !== here[field])
		.map((field) => `${id}: ${field}: ${stored[field]} → ${here[field]}`);
}

function modelJob(
	reader: StoreReader,
	experiment: Experiment,
	model: PreparedModel,
	cells: readonly StoredCell[],
) {
	const trees = new Map<number, TreeJob & { readonly cells: CellJob[] }>();
	for (const cell of cells) {
		const prompt = promptOf(experiment, model, cell);
		const tree = trees.get(cell.tree) ?? {
			tree: cell.tree,
			cells: [],
			sources: reader.plannedSources(cell.id),
			prompt,
		};
		tree.cells.push({
			cell: cell.id,
			key: cell.key,
			setting: settingOf(experiment, cell),
			steps: attemptsOf(reader, cell.id),
		});
		trees.set(cell.tree, tree);
	}
	return {
		engine: model.engine,
		task: makeTask(experiment.task),
		design: experiment.sources,
		settings: experiment.samplings,
		trees: [...trees.values()],
	};
}

function settingOf(experiment: Experiment, { id, identities }: StoredCell): number {
	const index = experiment.samplings.findIndex(
		(s) => samplingIdentity(s).sha256 === identities.sampling,
	);
	if (index < 0) throw new Error(`sampling of cell ${id} is not in the recorded experiment`);
	return index;
}

function promptOf(experiment: Experiment, model: PreparedModel, cell: StoredCell) {
	const index = experiment.templates.findIndex(
		(template) => templateIdentity(template).sha256 === cell.identities.template,
	);
	const prompt = model.prompts[index];
	if (!prompt) throw new Error(`template ${cell.templateLabel} is not in the recorded experiment`);
	return prompt;
}

async function describe(
	reader: StoreReader,
	divergence: Divergence,
	model: PreparedModel,
	experiment: Experiment,
): Promise<FirstDivergence> {
	const { cell: id, source, token, repeated } = divergence;
	const cell = cellById(reader, id);
	const path = repeated.tokens.slice(0, token);
	const prompt = promptOf(experiment, model, cell);
	const [law] = await model.engine.laws([{ ...prompt(source), completion: path }]);
	if (!law) throw new Error('a law was asked for and not given');
	const { temperature } = reader.identity(cell.identities.sampling) as { temperature: number };
	const { cell: _, ...rest } = divergence;
	return {
		...rest,
		model: cell.modelLabel,
		template: cell.templateLabel,
		seed: cell.seed,
		temperature,
		recordedLaw: reader.law(cell.tree, { source, path }),
		repeatedLaw: summarise(law),
	};
}

function cellById(reader: StoreReader, id: number): StoredCell {
	for (const run of reader.runs()) {
		const cell = reader.cells(run.id).find((c) => c.id === id);
		if (cell) return cell;
	}
	throw new Error(`no cell ${id}`);
}
