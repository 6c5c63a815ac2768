/** What the doctor asks under every setting: paths, and a thousand attempts that walk them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, LoadedModel, NextTokenLaw, Token, TokenPath } from '../engine/engine.js';
import type { Prompt, SamplingSetting } from '../experiment/experiment.js';
import { packageRoot } from '../package-root.js';
import { drawKey, sourceWords, uniform } from '../sampling/draw.js';
import { splitPrompt } from '../sampling/prompt.js';
import { type Distribution, shapeLaw, tokenAt } from '../sampling/shape.js';

/** One token of an attempt: drawn after `paths[path]` at the quantile `u`. */
interface Step {
	readonly path: number;
	readonly u: number;
	readonly token: Token;
}

export interface Trial {
	/** First the nodes that the attempts visit, then longer completions. */
	readonly paths: readonly TokenPath[];
	/** Steps of each attempt, up to `tokens` of them. */
	readonly attempts: readonly (readonly Step[])[];
	/** Most tokens of an attempt. */
	readonly tokens: number;
}

/** How large a trial may become. */
export interface TrialLimits {
	readonly attempts: number;
	readonly tokens: number;
	readonly paths: number;
	/** Bytes of the laws of all paths. */
	readonly bytes: number;
}

export const LIMITS: TrialLimits = { attempts: 1000, tokens: 6, paths: 160, bytes: 64 * 2 ** 20 };

/** Templates of this package, short, middling and long, and the word put in. */
const PROMPTS = [
	['plain', 'HOSPITAL'],
	['list', 'SURELY'],
	['chat', 'WRITING'],
] as const;
/** Lengths of further completions, taken from the longest prompt's own tokens. */
const COMPLETIONS = [2, 7, 15] as const;
/** Of each prompt so many tokens are evaluated in the second part at least. */
const REST = 4;
/** As the model gives it. */
const PLAIN: SamplingSetting = {
	...{ temperature: 1, topK: 0, topP: 1, minP: 0 },
	...{ maxTokens: 1, stop: [] },
};

/**
 * The prompts of a trial, in the model's own tokens; where its context is shorter, their ends.
 * @returns at least one, each with at least one token in `rest`
 */
export function trialPrompts(model: Pick<LoadedModel, 'tokenize' | 'facts'>): Prompt[] {
	const room = model.facts.trainContextSize - longestCompletion() - 1;
	return PROMPTS.flatMap(([name, word]) => {
		const text = template(name);
		const before = text.split('{state}')[0] as string;
		const render = (state: string) => text.replaceAll('{state}', state);
		const { head, rest } = splitPrompt(
			model as LoadedModel,
			{ before, render, special: false },
			word,
		);
		const tokens = [...head, ...rest].slice(-Math.max(1, room));
		const split = Math.max(0, tokens.length - Math.max(REST, rest.length));
		return tokens.length === 0 ? [] : [{ head: tokens.slice(0, split), rest: tokens.slice(split) }];
	});
}

/** Tokens that a slot must hold for a trial of these prompts. */
export function trialLength(prompts: readonly Prompt[], limits: TrialLimits): number {
	const longest = Math.max(...prompts.map(({ head, rest }) => head.length + rest.length));
	return longest + Math.max(longestCompletion(), limits.tokens);
}

function longestCompletion(): number {
	return Math.max(...COMPLETIONS);
}

function template(name: string): string {
	const file = join(packageRoot(), 'datasets', 'templates', `${name}.txt`);
	return readFileSync(file, 'utf8').replace(/\n$/, '');
}

interface Walker {
	readonly steps: Step[];
	readonly key: { readonly source: ReturnType<typeof sourceWords>; readonly draw: number };
	/** Where it is; null where its completion has ended. */
	path: number | null;
}

/**
 * Draws the attempts level by level with the engine's own laws, as long as the paths they visit keep
 * within the limits: another setting changes an attempt exactly if one of the laws on its way
 * gives another token at the same quantile.
 */
export async function plantTrial(
	engine: Engine,
	prompts: readonly Prompt[],
	limits: TrialLimits,
): Promise<Trial> {
	const further = furtherPaths(prompts, engine);
	const most =
		Math.min(limits.paths, Math.floor(limits.bytes / (4 * engine.facts.vocabularySize))) -
		further.length;
	const paths: TokenPath[] = prompts.map((prompt) => ({ ...prompt, completion: [] }));
	const walkers = Array.from(
		{ length: limits.attempts },
		(_, i): Walker => ({
			steps: [],
			key: { source: sourceWords(`doctor ${i % prompts.length}`), draw: i },
			path: i % prompts.length,
		}),
	);
	let level = paths.slice();
	let depth = 0;
	for (; depth < limits.tokens && level.length > 0; depth++) {
		if (depth > 0 && paths.length + level.length > most) break;
		const from = depth === 0 ? 0 : paths.length;
		if (depth > 0) paths.push(...level);
		level = step(engine, { walkers, paths, laws: await engine.laws(level), from, depth });
	}
	const attempts = walkers.map(({ steps }) => steps);
	return { paths: [...paths, ...further], attempts, tokens: depth };
}

interface Level {
	readonly walkers: readonly Walker[];
	readonly paths: readonly TokenPath[];
	/** Of paths[from] and those after it. */
	readonly laws: readonly NextTokenLaw[];
	readonly from: number;
	readonly depth: number;
}

const KEY = drawKey('detbal/doctor/1', 'tokens');

/** Moves every attempt on by one token; the paths that they come to, which get the next numbers. */
function step(engine: Engine, { walkers, paths, laws, from, depth }: Level): TokenPath[] {
	const shaped = laws.map((law) => shapeLaw(law, PLAIN));
	const next = new Map<string, number>();
	const found: TokenPath[] = [];
	for (const walker of walkers) {
		const { path, key, steps } = walker;
		if (path === null) continue;
		const u = uniform(KEY, key.source, key.draw, depth);
		const token = tokenAt(shaped[path - from] as Distribution, u) as Token;
		steps.push({ path, u, token });
		walker.path = null;
		if (engine.isEnd(token)) continue;
		const name = `${path} ${token}`;
		let index = next.get(name);
		if (index === undefined) {
			index = paths.length + found.length;
			next.set(name, index);
			const { head, rest, completion } = paths[path] as TokenPath;
			found.push({ head, rest, completion: [...completion, token] });
		}
		walker.path = index;
	}
	return found;
}

/** Longer completions than attempts take, in tokens that the longest prompt has. */
function furtherPaths(prompts: readonly Prompt[], engine: Engine): TokenPath[] {
	const all = prompts.map(({ head, rest }) => [...head, ...rest]);
	const longest = all.reduce((a, b) => (b.length > a.length ? b : a));
	const usable = longest.filter((token) => token !== engine.facts.bos);
	return prompts.flatMap((prompt) =>
		COMPLETIONS.map((length) => ({
			...prompt,
			completion: Array.from(
				{ length },
				(_, i) => (usable[i % Math.max(1, usable.length)] ?? 0) as Token,
			),
		})),
	);
}

/** How many attempts come out otherwise with these laws of the trial's paths. */
export function changedAttempts(trial: Trial, laws: readonly NextTokenLaw[]): number {
	const shaped = new Map<number, Distribution>();
	const lawAt = (path: number): Distribution => {
		const known = shaped.get(path) ?? shapeLaw(laws[path] as NextTokenLaw, PLAIN);
		shaped.set(path, known);
		return known;
	};
	return trial.attempts.filter((steps) =>
		steps.some(({ path, u, token }) => tokenAt(lawAt(path), u) !== token),
	).length;
}
