import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
	completeDesign,
	type DesignShape,
	transitionsPerPair,
} from '../analysis/power/complete-design.js';
import { pilotDesign } from '../analysis/power/pilot.js';
import {
	type Design,
	type PowerQuestion,
	type PowerTable,
	powerAt,
	powerTable,
} from '../analysis/power/power.js';
import { DEFAULT_VERIFY } from '../analysis/verify.js';
import { UsageError } from '../errors.js';
import { loadExperiment } from '../experiment/parse.js';
import { StoreReader } from '../store/reader.js';
import { type CountedKernel, openKernels } from './kernels.js';

/** Power of one kernel, of a pilot or described. */
export interface KernelPower {
	/** null where no model is named */
	readonly model: string | null;
	readonly template: string | null;
	readonly sampling: CountedKernel['sampling'] | null;
	readonly states: number;
	/** share of attempts that reach another state; null where attempts were not recorded */
	readonly valid: number | null;
	/** made so far, or planned; null for a design without a plan */
	readonly attemptsPerState: number | null;
	/** at `attemptsPerState` attempts, or at one where that is null */
	readonly transitionsPerPair: number | null;
	readonly power: PowerTable | null;
	/** at `attemptsPerState` */
	readonly powerNow: readonly { readonly affinity: number; readonly power: number }[];
	readonly reason: string | null;
}

export interface PowerResult {
	readonly source: 'pilot' | 'experiment' | 'design';
	readonly file: string | null;
	readonly kernels: readonly KernelPower[];
	/** what was taken for granted */
	readonly notices: readonly string[];
}

export interface PowerRequest {
	/** null: the outline alone */
	readonly file: string | null;
	readonly run: number | null;
	/** what the command line says of a design; null: not said */
	readonly outline: { readonly [Key in keyof DesignShape]: DesignShape[Key] | null };
	readonly question: PowerQuestion;
	readonly signal: AbortSignal;
	/** Called before each kernel. */
	readonly onKernel: (done: number, total: number, name: string) => void;
}

/**
 * Attempts per state that the exact test needs: from a database as a pilot, an experiment file of a
 * closed task, or an outline.
 * @throws UsageError where the file or the outline cannot say
 */
export async function findPower(request: PowerRequest): Promise<PowerResult> {
	const { file, run, outline } = request;
	if (file === null) return powerOfOutline(request);
	const kind = kindOf(file);
	if (run !== null && kind === 'experiment') {
		throw new UsageError(`--run names a run of a database, and ${file} is an experiment file`);
	}
	if (
		outline.states !== null ||
		(kind === 'database' && (outline.valid ?? outline.depth) !== null)
	) {
		throw new UsageError(
			`--states, --valid and --depth describe a design, and ${file} is one already: give the one or the other`,
		);
	}
	return kind === 'experiment' ? powerOfExperiment(file, request) : powerOfPilot(file, request);
}

function kindOf(file: string): 'database' | 'experiment' {
	const ending = extname(file).toLowerCase();
	if (['.yaml', '.yml'].includes(ending)) return 'experiment';
	if (['.json', '.csv', '.tsv'].includes(ending)) {
		throw new UsageError(
			`${file} is no database: store its counts with detbal import ${file}, and give the database it names; an experiment file must end in .yaml`,
		);
	}
	return 'database';
}

async function powerOfPilot(file: string, request: PowerRequest): Promise<PowerResult> {
	const { run, question, signal, onKernel } = request;
	const reader = StoreReader.open(file);
	try {
		const { kernels, missing } = openKernels(reader, run);
		const found: KernelPower[] = [];
		for (const kernel of kernels) {
			onKernel(found.length, kernels.length, `${kernel.model} · ${kernel.template}`);
			await setImmediate();
			signal.throwIfAborted();
			found.push(powerOfKernel(kernel, question));
		}
		const notices = missing > 0 ? [`interim: ${missing} planned attempts are not made yet`] : [];
		return { source: 'pilot', file, kernels: found, notices };
	} finally {
		reader.close();
	}
}

function powerOfKernel(kernel: CountedKernel, question: PowerQuestion): KernelPower {
	const { model, template, sampling, table } = kernel;
	const { design, ...pilot } = pilotDesign(table, DEFAULT_VERIFY);
	const { valid, ...others } = table.outcomes;
	const all = Object.values(others).reduce((sum, n) => sum + n, valid);
	return {
		model,
		template,
		sampling,
		...pilot,
		valid: table.attemptsRecorded && all > 0 ? valid / all : null,
		...answer(design, question, pilot.attemptsPerState),
	};
}

function answer(design: Design | null, question: PowerQuestion, attempts: number | null) {
	const { alpha, affinities } = question;
	return {
		power: design === null ? null : powerTable(design, question),
		powerNow:
			design === null || attempts === null
				? []
				: affinities.map((affinity) => ({
						affinity,
						power: powerAt(design, { affinity, attempts, alpha }),
					})),
	};
}

function powerOfOutline({ outline, run, question }: PowerRequest): PowerResult {
	const { states, valid, depth } = outline;
	if (states === null) {
		throw new UsageError(
			'say what the power is asked of: a database of a pilot, an experiment file, or --states with --valid',
		);
	}
	if (run !== null) throw new UsageError('--run names a run of a database; give the database');
	const { shape, notices } = completed({ states, valid, depth });
	const described = { model: null, template: null, sampling: null };
	const kernel = { ...described, ...powerOfShape(shape, question, null) };
	return { source: 'design', file: null, kernels: [kernel], notices };
}

function powerOfExperiment(file: string, { outline, question }: PowerRequest): PowerResult {
	const { task, sources, attempts, seeds, models, templates, samplings } = loadExperiment(file);
	if (task.kind !== 'closed') {
		throw new UsageError(
			`${file}: the states of a ${task.kind} task are not known before a pilot: run a short one and give its database, or describe the design with --states and --valid`,
		);
	}
	const { shape, notices } = completed({ ...outline, states: task.states.length });
	const perSeed = sources.design === 'fixed' ? attempts : attempts / task.states.length;
	const found = powerOfShape(shape, question, perSeed * seeds.length);
	const kernels = models.flatMap(({ id }) =>
		templates.flatMap((template) =>
			samplings.map((sampling) => ({ model: id, template: template.id, sampling, ...found })),
		),
	);
	return { source: 'experiment', file, kernels, notices };
}

/** What was not said is taken to be the best case, and that is said. */
function completed(outline: {
	readonly states: number;
	readonly valid: number | null;
	readonly depth: number | null;
}): { shape: DesignShape; notices: string[] } {
	const { states, valid, depth } = outline;
	const notices = [
		...(valid === null
			? ['every attempt is taken to reach another state; say otherwise with --valid']
			: []),
		...(depth === null
			? ['all states are taken to be equally likely; say otherwise with --depth']
			: []),
	];
	return { shape: { states, valid: valid ?? 1, depth: depth ?? 0 }, notices };
}

function powerOfShape(
	shape: DesignShape,
	question: PowerQuestion,
	attemptsPerState: number | null,
): Omit<KernelPower, 'model' | 'template' | 'sampling'> {
	let design: Design;
	try {
		design = { ...completeDesign(shape), attemptsPerState: 1 };
	} catch (error) {
		if (error instanceof RangeError) throw new UsageError(error.message);
		throw error;
	}
	return {
		states: shape.states,
		valid: shape.valid,
		attemptsPerState,
		transitionsPerPair: (attemptsPerState ?? 1) * transitionsPerPair(shape),
		...answer(design, question, attemptsPerState),
		reason: null,
	};
}
