import type { Engine, EvaluationShape } from '../engine/engine.js';
import { HarnessError } from '../errors.js';
import type { Experiment, Prompt, SamplingSetting } from '../experiment/experiment.js';
import { orderedTask } from '../experiment/identity.js';
import { makeTask, type Task } from '../experiment/tasks/task.js';
import { type RowOptions, rowUnit } from '../kernel/expand.js';
import { Outlook } from '../kernel/outlook.js';
import { Spellings } from '../kernel/spellings.js';
import { Vocabulary } from '../kernel/vocabulary.js';
import { drive } from '../sampling/drive.js';
import type { Unit } from '../sampling/fixed.js';
import { identify } from '../store/identity.js';
import type { KernelWriter } from '../store/kernel-writer.js';
import type { KernelPlan } from '../store/kernels.js';
import type { CachedEngines } from './cached-engines.js';
import type { StateSet } from './exact-plan.js';
import type { ModelFile } from './model-files.js';
import type { PreparedModel } from './prepare.js';
import { configOf, modelIdentity, samplingIdentity, templateIdentity } from './run-plan.js';

export type { RowOptions };

type Shape = EvaluationShape & { readonly width?: number };

/**
 * Evaluation shapes beside the one of runs, in which kernels are scored again: what differs between them is
 * numerical jitter. Together they change what was measured to change bits: how the prompt is cut, the kind of
 * attention, the decode width.
 */
export const OTHER_SHAPES: readonly Shape[] = [
	{ promptSplit: 'whole', flashAttention: true },
	{ promptSplit: 'tokens', width: 8 },
];

export interface ExactWatch {
	say(line: string): void;
	/** Once, before the first row. */
	planned(rows: number, done: number): void;
	progress(rows: number, evaluations: number, model: string): void;
}

export interface ScoringJob extends RowOptions {
	readonly experiment: Experiment;
	readonly set: StateSet;
	readonly files: readonly ModelFile[];
	readonly otherShapes: number;
	readonly toolVersion: string;
	readonly signal: AbortSignal;
	readonly watch: ExactWatch;
	readonly db: string;
	readonly writer: KernelWriter;
	readonly cache: CachedEngines;
}

/** One kernel in one shape, and what is missing of it. */
interface KernelJob {
	readonly id: number;
	readonly prompt: (source: string) => Prompt;
	readonly setting: SamplingSetting;
	readonly missing: readonly string[];
}

/** Scores the kernels of a job, model by model. */
export class ExactScoring {
	readonly #job: ScoringJob;
	readonly #task: Task;
	readonly #config: string;
	readonly #kernels: number[] = [];
	/** Rows there, made by this call or before; laws asked for by this call. */
	#done = 0;
	#rows = 0;
	#laws = 0;

	constructor(job: ScoringJob) {
		this.#job = job;
		this.#task = makeTask(job.experiment.task);
		this.#config = configOf(job.experiment, job.files);
		const { templates, samplings } = job.experiment;
		const perModel = templates.length * samplings.length * (1 + job.otherShapes);
		job.watch.planned(job.files.length * perModel * job.set.sources.length, 0);
	}

	tally() {
		const { served } = this.#job.cache;
		return { kernels: this.#kernels, rows: this.#rows, evaluations: this.#laws - served, served };
	}

	/** All kernels of one model, in all shapes. @throws HarnessError where it is stopped; rows done stay */
	async score(model: PreparedModel): Promise<void> {
		const vocabulary = this.#job.set.targets === null ? null : new Vocabulary(model.engine);
		await this.#shape(model, { shape: 0, engine: model.engine, vocabulary });
		for (const [i, shape] of OTHER_SHAPES.slice(0, this.#job.otherShapes).entries()) {
			const engine = await model.reshaped(shape);
			try {
				const cached = this.#job.cache.around(engine, model.file.id);
				await this.#shape(model, { shape: i + 1, engine: cached, vocabulary });
			} finally {
				await engine.close();
			}
		}
	}

	async #shape(model: PreparedModel, shaped: Shaped): Promise<void> {
		const { signal, watch, db } = this.#job;
		const jobs = this.#plan(model, shaped);
		const before = this.#laws;
		try {
			this.#laws =
				before +
				(await drive(shaped.engine, this.#units(jobs, shaped), {
					signal,
					// One source at a time: those that take turns on the slots would evaluate their prompts again and again.
					rows: 1,
					afterRound: (laws) => {
						const made = before + laws - this.#job.cache.served;
						watch.progress(this.#done, made, model.file.id);
					},
				}));
		} catch (error) {
			if (!signal.aborted) throw error;
			throw new HarnessError(
				`interrupted: ${this.#done} rows are safe in ${db}. The same command goes on from there.`,
			);
		}
	}

	#plan({ file, prompts }: PreparedModel, { shape, engine }: Shaped): KernelJob[] {
		const { experiment, set, writer } = this.#job;
		const { templates, samplings, task } = experiment;
		return templates.flatMap((template, t) =>
			samplings.map((setting): KernelJob => {
				const plan: KernelPlan = {
					name: experiment.name,
					config: this.#config,
					shape,
					modelLabel: file.id,
					templateLabel: template.id,
					identities: {
						model: modelIdentity(file),
						template: templateIdentity(template),
						task: identify(orderedTask(task)),
						sampling: samplingIdentity(setting),
						numerics: identify(engine.identity.numerics),
					},
					kind: set.targets === null ? 'open' : 'closed',
					targets: set.targets ?? [],
					sources: set.sources,
					epsilon: this.#job.epsilon,
					mostEvaluations: this.#job.mostEvaluations,
					toolVersion: this.#job.toolVersion,
				};
				const { id, done } = writer.plan(plan);
				if (shape === 0) this.#kernels.push(id);
				this.#done += done.size;
				const prompt = prompts[t] as KernelJob['prompt'];
				return { id, prompt, setting, missing: set.sources.filter((source) => !done.has(source)) };
			}),
		);
	}

	*#units(jobs: readonly KernelJob[], { engine, vocabulary }: Shaped): Generator<Unit> {
		const { set, writer } = this.#job;
		for (const { id, prompt, setting, missing } of jobs) {
			const closed =
				set.targets === null || vocabulary === null
					? null
					: {
							outlook: new Outlook(this.#task.prospects(set.targets), setting.stop),
							vocabulary,
							spellings: new Spellings(engine, set.targets),
						};
			const subject = { tokenizer: engine, task: this.#task, setting, closed };
			for (const source of missing) {
				yield rowUnit({ ...subject, source, prompt: prompt(source) }, this.#job, (row) => {
					writer.add(id, row);
					this.#done += 1;
					this.#rows += 1;
				});
			}
		}
	}
}

/** An engine in one of the shapes. */
interface Shaped {
	readonly shape: number;
	readonly engine: Engine;
	/** null for an open set */
	readonly vocabulary: Vocabulary | null;
}
