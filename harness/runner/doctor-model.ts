/** One model under every setting that can be changed within this process. */
import type {
	ContextSettings,
	Engine,
	LoadedModel,
	NextTokenLaw,
	NumericsIdentity,
	Token,
	TokenPath,
} from '../engine/engine.js';
import { HarnessError } from '../errors.js';
import { DEFAULTS } from '../experiment/defaults.js';
import { type BaseSettings, type Knob, knobsOf } from './doctor-knobs.js';
import { type DoctorRow, row, untried } from './doctor-rows.js';
import {
	plantTrial,
	type Trial,
	type TrialLimits,
	trialLength,
	trialPrompts,
} from './doctor-trial.js';

/** Contexts are as long as a multiple of this. */
const CONTEXT_STEP = 256;

export interface ExamineOptions {
	/** Threads worth trying. */
	readonly cores: number;
	/** Others want the cores too. */
	readonly busy: boolean;
	readonly limits: TrialLimits;
	readonly signal: AbortSignal;
	/** Told before each setting. */
	readonly onStep: (name: string) => void;
}

/** What was asked of a model and what it answered under the base settings. */
export interface Examined {
	readonly base: BaseSettings;
	readonly numerics: NumericsIdentity;
	readonly trial: Trial;
	readonly laws: readonly NextTokenLaw[];
	readonly rows: readonly DoctorRow[];
}

/**
 * Asks each path twice under the settings that runs have by default, then with one setting changed
 * at a time.
 * @throws HarnessError where no context can be opened under the base settings
 */
export async function examineModel(model: LoadedModel, options: ExamineOptions): Promise<Examined> {
	const prompts = trialPrompts(model);
	const { trainContextSize } = model.facts;
	const need = Math.ceil(trialLength(prompts, options.limits) / CONTEXT_STEP) * CONTEXT_STEP;
	const { width, batchSize } = DEFAULTS.engine;
	const asked = { contextSize: Math.min(need, trainContextSize), width, batchSize };
	options.onStep('asked twice');
	const engine = await model.open({ ...asked, threads: 'auto' });
	try {
		const { numerics } = engine.identity;
		const base = { ...asked, threads: Number(numerics.threads) };
		const trial = await plantTrial(engine, prompts, options.limits);
		const laws = await engine.laws(trial.paths);
		const held = { trial, base: laws };
		const rows = [
			row({ knob: 'asked twice', from: '', to: '' }, held, await engine.laws(trial.paths)),
			...(await sameContext(engine, held, options)),
		];
		await engine.close();
		const room = { cores: options.cores, busy: options.busy, trainContextSize };
		for (const knob of knobsOf(base, room))
			rows.push(await turned(model, { knob, base, held, options }));
		return { base, numerics, trial, laws, rows };
	} finally {
		await engine.close();
	}
}

interface Held {
	readonly trial: Trial;
	readonly base: readonly NextTokenLaw[];
}

/** Rows that a context must not need: who stands beside a path, and what its cells held before. */
async function sameContext(
	engine: Engine,
	held: Held,
	{ onStep, signal }: ExamineOptions,
): Promise<DoctorRow[]> {
	signal.throwIfAborted();
	onStep('slot and neighbours');
	const { paths } = held.trial;
	const beside = await besideOthers(engine, paths);
	onStep('reused cells');
	await engine.laws(Array.from({ length: engine.width }, (_, i) => longPath(engine, paths, i)));
	const after = await engine.laws(paths);
	return [
		row({ knob: 'slot and neighbours', from: '', to: '' }, held, beside),
		row({ knob: 'reused cells', from: '', to: '' }, held, after),
	];
}

/** Laws of the paths asked in the other direction, with very short and very long ones between them. */
async function besideOthers(engine: Engine, paths: readonly TokenPath[]): Promise<NextTokenLaw[]> {
	const order: { readonly path: TokenPath; readonly index: number | null }[] = [];
	for (let index = paths.length - 1; index >= 0; index--) {
		order.push({ path: paths[index] as TokenPath, index });
		if (index % 16 === 0) order.push({ path: longPath(engine, paths, index), index: null });
		else if (index % 5 === 0) order.push({ path: shortPath(paths, index), index: null });
	}
	const found = await engine.laws(order.map(({ path }) => path));
	const laws = new Array<NextTokenLaw>(paths.length);
	for (const [i, { index }] of order.entries())
		if (index !== null) laws[index] = found[i] as NextTokenLaw;
	return laws;
}

/** A path that fills a slot, with other tokens than its neighbours'. */
function longPath(engine: Engine, paths: readonly TokenPath[], turn: number): TokenPath {
	const tokens = tokensOf(paths);
	const rest = Array.from(
		{ length: engine.contextSize - 2 },
		(_, i) => tokens[(i + 7 * turn) % tokens.length] as Token,
	);
	return { head: [], rest, completion: rest.slice(0, 2) };
}

function shortPath(paths: readonly TokenPath[], turn: number): TokenPath {
	const tokens = tokensOf(paths);
	return { head: [], rest: [tokens[turn % tokens.length] as Token], completion: [] };
}

function tokensOf(paths: readonly TokenPath[]): Token[] {
	return paths.slice(0, 3).flatMap(({ head, rest }) => [...head, ...rest]);
}

interface Turn {
	readonly knob: Knob;
	readonly base: BaseSettings;
	readonly held: Held;
	readonly options: ExamineOptions;
}

async function turned(model: LoadedModel, { knob, base, held, options }: Turn): Promise<DoctorRow> {
	options.signal.throwIfAborted();
	options.onStep(`${knob.knob} ${knob.to}`.trim());
	if (knob.change === null) return untried(knob, knob.why ?? '');
	const settings: ContextSettings = { ...base, ...knob.change };
	let engine: Engine;
	try {
		engine = await model.open(settings);
	} catch (error) {
		if (error instanceof HarnessError) return untried(knob, error.message);
		throw error;
	}
	try {
		return row(knob, held, await engine.laws(held.trial.paths));
	} finally {
		await engine.close();
	}
}
