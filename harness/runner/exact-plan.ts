/** What `detbal kernel` will score, and what it will cost. */
import type { Tokenizer } from '../engine/engine.js';
import { UsageError } from '../errors.js';
import type { Experiment, SamplingSetting, TaskSpec } from '../experiment/experiment.js';
import { quote } from '../experiment/faults.js';
import { makeTask } from '../experiment/tasks/task.js';
import { reachedStates } from '../store/reached.js';
import { StoreReader } from '../store/reader.js';

/** Which states an exact kernel is over. */
export interface StateSet {
	/** Closed set; null: open, whatever completions say. */
	readonly targets: readonly string[] | null;
	readonly sources: readonly string[];
}

export type SetChoice =
	| { readonly kind: 'sources' | 'task' | 'open' }
	| { readonly kind: 'reached'; readonly db: string };

/**
 * The states to score: sources of the experiment among themselves, from them to all states of the task,
 * all states that a database's runs reached among themselves, or an open set.
 * @throws UsageError where the task lists no states, or the database holds none of the task
 */
export function chooseStates({ task, sources }: Experiment, choice: SetChoice): StateSet {
	switch (choice.kind) {
		case 'open':
			return { targets: null, sources: sources.states };
		case 'task':
			return { targets: listed(task), sources: sources.states };
		case 'sources':
			// A closed task's list is what completions are read as: all of it belongs to the kernel.
			return {
				targets: task.kind === 'closed' ? task.states : sources.states,
				sources: sources.states,
			};
		case 'reached': {
			const states = statesIn(task, choice.db);
			return { targets: states, sources: states };
		}
	}
}

function listed(task: TaskSpec): readonly string[] {
	if (task.kind === 'closed') return task.states;
	if (task.words !== null) return task.words;
	throw new UsageError(
		'--states task: task.list is missing, so any string of letters may be a state; name a list, or use --open',
	);
}

function statesIn(spec: TaskSpec, db: string): string[] {
	const task = makeTask(spec);
	const reader = StoreReader.open(db);
	try {
		const states = reachedStates(reader).filter((state) => task.isState(state));
		if (states.length > 0) return states;
		throw new UsageError(
			`--states ${db}: no run in it reached a state of this task; name a database of its runs`,
		);
	} finally {
		reader.close();
	}
}

/** Laws to expect, in all shapes; `most` where the open set may need any number up to it. */
export interface ExactCost {
	readonly evaluations: number;
	readonly atMost: boolean;
	/** transitions to store */
	readonly entries: number;
}

/** Measured on the embedded models: beginnings that are followed for one that a target begins with. */
const FOLLOWED = 3;

/**
 * What a set will cost, before anything is evaluated: the different beginnings of its targets, as the
 * model's own tokenizer spells them, are asked for each source, and other spellings with them.
 */
export function exactCost(
	tokenizer: Pick<Tokenizer, 'tokenize'>,
	{ targets, sources }: StateSet,
	{ kernels, mostEvaluations }: { readonly kernels: number; readonly mostEvaluations: number },
): ExactCost {
	const rows = sources.length * kernels;
	if (targets === null)
		return { evaluations: rows * mostEvaluations, atMost: true, entries: rows * sources.length };
	const beginnings = new Set<string>();
	for (const target of targets) {
		const tokens = tokenizer.tokenize(target, false);
		for (let end = 0; end <= tokens.length; end++) beginnings.add(tokens.slice(0, end).join());
	}
	const perRow = Math.min(mostEvaluations, FOLLOWED * beginnings.size);
	return { evaluations: rows * perRow, atMost: false, entries: rows * targets.length };
}

/**
 * Refuses what cannot give a kernel with a model.
 * @returns lines to say about what can hardly be reached
 * @throws UsageError for a target that no tokens of the model spell, or where no completion can end
 */
export function checkSet(
	{ id, engine }: { readonly id: string; readonly engine: Tokenizer },
	{ targets }: StateSet,
	{ task, settings }: { readonly task: TaskSpec; readonly settings: readonly SamplingSetting[] },
): string[] {
	const { read } = makeTask(task);
	for (const { stop } of settings) {
		if (stop.length > 0 || hasEnd(engine)) continue;
		throw new UsageError(
			`model ${id} has no token that ends a completion, and sampling.stop is empty: every ` +
				'completion would be truncated. Name a stop string.',
		);
	}
	const shortest = Math.min(...settings.map(({ maxTokens }) => maxTokens));
	const long: string[] = [];
	for (const target of targets ?? []) {
		const tokens = engine.tokenize(target, false);
		const reading = read(engine.detokenize(tokens));
		if (!('state' in reading) || reading.state !== target) {
			throw new UsageError(
				`model ${id} cannot spell the state ${quote(target)}: its tokens come back as ` +
					`${quote(engine.detokenize(tokens))}. Leave it out, or choose another model.`,
			);
		}
		if (tokens.length + 1 > shortest) long.push(target);
	}
	if (long.length === 0) return [];
	return [
		`model ${id}: ${long.length} states (${quote(long[0] as string)}, …) take ${shortest} or more tokens ` +
			`with the one that ends them; sampling.maxTokens is ${shortest}, so they are hardly reached`,
	];
}

function hasEnd(engine: Tokenizer): boolean {
	const { vocabularySize } = engine.facts;
	for (let token = 0; token < vocabularySize; token++) if (engine.isEnd(token)) return true;
	return false;
}
