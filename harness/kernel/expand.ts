import type { NextTokenLaw, Token, Tokenizer, TokenPath } from '../engine/engine.js';
import type { Prompt, SamplingSetting } from '../experiment/experiment.js';
import type { Task } from '../experiment/tasks/task.js';
import { classify } from '../sampling/classify.js';
import type { Unit } from '../sampling/fixed.js';
import { logLaw } from '../sampling/log-law.js';
import { endingOf } from '../sampling/stop.js';
import { type Beginning, Frontier, massOf } from './frontier.js';
import type { Outlook } from './outlook.js';
import { ranked } from './ranked.js';
import { type KernelRow, kernelEntry, logSum, totalMass } from './row.js';
import type { Spellings } from './spellings.js';
import type { Vocabulary } from './vocabulary.js';

/** What a row is scored from. */
export interface RowSubject {
	readonly tokenizer: Tokenizer;
	readonly task: Task;
	readonly setting: SamplingSetting;
	readonly source: string;
	readonly prompt: Prompt;
	/** Closed set: what completions may become, and the texts of all tokens. null: open set. */
	readonly closed: ClosedSet | null;
}

export interface ClosedSet {
	readonly outlook: Outlook;
	readonly vocabulary: Vocabulary;
	readonly spellings: Spellings;
}

export interface RowOptions {
	/**
	 * Open set: mass that may be left out. Closed set: the same for each target, as a share of the mass
	 * found for it. 0 < epsilon < 1.
	 */
	readonly epsilon: number;
	/** Laws that may be asked for. */
	readonly mostEvaluations: number;
}

/**
 * Laws asked for at once, by the number of targets: never by the decode width, on which what is followed must
 * not depend. Few keep a source on few slots of the engine; many targets have many beginnings open at once.
 */
const ROUND = { least: 4, most: 64, targets: 16 };
/** Also at least one for so many beginnings held: to look through all of them costs as much as some laws. */
const HELD_PER_LAW = 64;
/** Tokens of one law that become entries of their own at once. */
const FAN = 64;
/** Entries held at most: bounds memory. */
const MOST_ENTRIES = 200_000;
/** How far the masses of a row may add up to something other than 1. */
const SOUND = 1e-6;

/**
 * Scores the row of one source, the likeliest beginnings of completions first: what follows each of them
 * is read off its law, in full, so that every mass is either assigned to an outcome or known to be left
 * out. Deterministic: the same laws give the same row.
 *
 * Closed set: only beginnings that may still become a state of the set are followed: first the tokenizer's own
 * spelling of each target, so that none is left without a number however rare it is, then those that
 * keep a target's share of unassigned mass highest, until it is small for every target; shared
 * beginnings are asked once for all targets. Open set: the heaviest first, until their sum is small.
 *
 * @param done called with the finished row
 * @throws Error where the masses do not add up to 1: a fault of ours
 */
export function* rowUnit(
	subject: RowSubject,
	options: RowOptions,
	done: (row: KernelRow) => void,
): Unit {
	const row = new RowTally(subject);
	const targets = subject.closed?.outlook.states.length ?? 0;
	const atOnce = Math.min(ROUND.most, Math.max(ROUND.least, Math.ceil(targets / ROUND.targets)));
	for (;;) {
		const left = options.mostEvaluations - row.evaluations;
		const many = Math.max(atOnce, Math.floor(row.held / HELD_PER_LAW));
		const round = row.next(Math.min(many, left), options.epsilon);
		if (round.length === 0) break;
		const laws: readonly NextTokenLaw[] = yield round.map(({ path }): TokenPath => {
			const { head, rest } = subject.prompt;
			return { head, rest, completion: path };
		});
		for (const [i, entry] of round.entries()) row.follow(entry, laws[i] as NextTokenLaw);
	}
	done(row.finish(options.epsilon));
}

const NONE: ReadonlySet<Token> = new Set();

type Rejected = 'invalid' | 'unparsable' | 'truncated';

class RowTally {
	evaluations = 0;
	readonly #subject: RowSubject;
	readonly #frontier: Frontier;
	/** Log mass found by state. */
	readonly #found = new Map<string, number>();
	readonly #outcomes: Record<Rejected, number> = { invalid: 0, unparsable: 0, truncated: 0 };
	#elsewhere = 0;

	constructor(subject: RowSubject) {
		this.#subject = subject;
		const { closed } = subject;
		this.#frontier = new Frontier(closed?.outlook.states.length ?? 0, MOST_ENTRIES);
		const prospects = closed === null ? null : closed.outlook.of('');
		this.#hold({ path: [], logMass: 0, rank: 0, prospects });
	}

	/** Beginnings that are not followed yet. */
	get held(): number {
		return this.#frontier.size;
	}

	/** What to follow next, at most so much; nothing where what is left out is small enough. */
	next(count: number, epsilon: number): Beginning[] {
		const { closed } = this.#subject;
		if (closed === null) {
			if (this.#frontier.mass() <= epsilon) return [];
			return this.#frontier.take(count, ({ mass }) => mass);
		}
		const open = this.#open(epsilon);
		const least = new Map<Beginning['prospects'], number>();
		// The largest part that a beginning has in what some open target lacks.
		return this.#frontier.take(count, ({ path, rank, mass, prospects }) => {
			if (rank === 0 && closed.spellings.holds(path)) return Infinity;
			const known = least.get(prospects) ?? leastLacking(prospects, open);
			least.set(prospects, known);
			return mass / known;
		});
	}

	/** Mass left out of each target of a closed set that is not small enough yet; 0 of the others. */
	#open(epsilon: number): Float64Array {
		const states = this.#subject.closed?.outlook.states ?? [];
		const left = this.#frontier.massOfStates();
		return left.map((mass, i) => {
			const found = Math.exp(this.#logFound(states[i] as string));
			return mass > epsilon * found ? mass : 0;
		});
	}

	/** Divides the mass of a beginning among what follows it. */
	follow(entry: Beginning, law: NextTokenLaw): void {
		this.evaluations += 1;
		const { tokenizer, closed, setting } = this.#subject;
		const text = tokenizer.detokenize(entry.path);
		const wanted = closed?.vocabulary.leading({ empty: entry.path.length === 0, text }, (t) =>
			closed.outlook.isOpen(t),
		);
		const first = closed?.spellings.after(entry.path) ?? NONE;
		const wish = { wanted: wanted ?? null, first };
		const next = ranked(logLaw(law, setting), wish, [entry.rank, entry.rank + FAN]);
		// The beginning of which this is the rest had its unwanted part counted already.
		const whole = entry.rank === 0 ? entry.logMass : null;
		const base = whole ?? entry.logMass - logSum([...next.logProbabilities, next.logRest]);
		if (whole !== null) this.#elsewhere += Math.exp(whole) * next.unwanted;
		for (const [i, token] of next.tokens.entries())
			this.#extend([...entry.path, token], base + (next.logProbabilities[i] as number));
		if (next.logRest > -Infinity) {
			const { path, prospects } = entry;
			const logMass = base + next.logRest;
			this.#hold({ path, logMass, rank: entry.rank + FAN, prospects });
		}
	}

	#extend(path: readonly Token[], logMass: number): void {
		const { tokenizer, task, setting, source, closed } = this.#subject;
		const ending = endingOf(tokenizer, path, setting);
		if (ending !== null) {
			const { outcome, target } = classify(task, source, ending);
			if (target !== null) this.#reach(target, logMass);
			else this.#outcomes[outcome as Rejected] += Math.exp(logMass);
			return;
		}
		const prospects = closed === null ? null : closed.outlook.of(tokenizer.detokenize(path));
		if (prospects?.length === 0) this.#elsewhere += Math.exp(logMass);
		else this.#hold({ path, logMass, rank: 0, prospects });
	}

	#hold(entry: Omit<Beginning, 'mass'>): void {
		this.#frontier.push({ ...entry, mass: massOf(entry.logMass) });
	}

	#reach(state: string, logMass: number): void {
		this.#found.set(state, logSum([this.#logFound(state), logMass]));
	}

	#logFound(state: string): number {
		return this.#found.get(state) ?? -Infinity;
	}

	finish(epsilon: number): KernelRow {
		const { closed, source } = this.#subject;
		const leftOut = this.#frontier.mass();
		const { invalid, unparsable, truncated } = this.#outcomes;
		const row: KernelRow = {
			source,
			entries: closed === null ? this.#openEntries(leftOut) : this.#closedEntries(closed.outlook),
			outcomes: closed === null ? { invalid, unparsable, truncated } : null,
			elsewhere: closed === null ? 0 : this.#outsideSet(closed.outlook),
			leftOut,
			evaluations: this.evaluations,
			reached: closed === null ? leftOut <= epsilon : this.#open(epsilon).every((x) => x === 0),
		};
		const total = totalMass(row);
		if (Math.abs(total - 1) <= SOUND) return row;
		throw new Error(`the completions of ${JSON.stringify(source)} have a mass of ${total}`);
	}

	#openEntries(leftOut: number): KernelRow['entries'] {
		return [...this.#found]
			.map(([target, logFound]) => kernelEntry(target, logFound, leftOut))
			.sort(byTarget);
	}

	#closedEntries({ states }: Outlook): KernelRow['entries'] {
		const left = this.#frontier.massOfStates();
		return states
			.map((target, i) => kernelEntry(target, this.#logFound(target), left[i] as number))
			.sort(byTarget);
	}

	/** Completions of a closed set that were followed to an end without reaching it belong there too. */
	#outsideSet({ states }: Outlook): number {
		const set = new Set(states);
		let others = 0;
		for (const [state, logMass] of this.#found) if (!set.has(state)) others += Math.exp(logMass);
		const { invalid, unparsable, truncated } = this.#outcomes;
		return this.#elsewhere + others + invalid + unparsable + truncated;
	}
}

/** The least that an open target lacks among some states; ∞ where none is open. */
function leastLacking(prospects: Beginning['prospects'], open: Float64Array): number {
	let least = Infinity;
	for (const { from, to } of prospects ?? []) {
		for (let state = from; state < to; state++) {
			const lacking = open[state] as number;
			if (lacking > 0 && lacking < least) least = lacking;
		}
	}
	return least;
}

function byTarget(a: { readonly target: string }, b: { readonly target: string }): number {
	return a.target < b.target ? -1 : a.target > b.target ? 1 : 0;
}
