import { isAbsolute, resolve } from 'node:path';
import { LIMITS } from './defaults.js';
import type { SamplingSetting, SourceDesign, TaskSpec } from './experiment.js';
import { mismatch, type Path, quote } from './faults.js';
import { nearest } from './nearest.js';
import type { PartReader } from './part-reader.js';
import { sourcesSchema, taskSchema } from './schema.js';
import { makeTask } from './tasks/task.js';
import { readTextFile } from './text-file.js';
import { readWordList } from './word-list.js';

type Sources = { readonly design: SourceDesign['design']; readonly states?: string[] | undefined };

/** Reads `task` and `sources`, which need each other. */
export function readTask(
	reader: PartReader,
	samplings: readonly SamplingSetting[],
): { readonly task?: TaskSpec | undefined; readonly sources?: SourceDesign | undefined } {
	refuseRepeatedTexts(reader, ['task', 'states']);
	refuseRepeatedTexts(reader, ['sources', 'states']);
	const task = readTaskSpec(reader);
	const listed = reader.at(['sources']) !== undefined;
	const raw = listed ? reader.read<Sources>(['sources'], sourcesSchema) : sourcesSchema.parse({});
	if (task === undefined) return {};
	if (task.kind === 'closed') refuseUnreadable(reader, task.states, samplings);
	if (raw === undefined) return { task };
	return { task, sources: completeSources(reader, task, raw) };
}

function readTaskSpec(reader: PartReader): TaskSpec | undefined {
	const raw = reader.read(['task'], taskSchema);
	if (raw === undefined) return undefined;
	if (raw.kind === 'words') {
		if (raw.list === undefined) return { kind: 'words', letterSum: raw.letterSum, words: null };
		const words = readList(reader, raw.list, raw.letterSum);
		return words && { kind: 'words', letterSum: raw.letterSum, words };
	}
	const blank = raw.states.findIndex((state) => /\s/.test(state));
	if (raw.read === 'first-word' && blank >= 0) {
		reader.faults.add(
			['task', 'states', blank],
			`found ${quote(raw.states[blank] ?? '')} with read: first-word; allowed: states without blanks (or read: whole)`,
		);
	}
	return { kind: 'closed', states: raw.states, read: raw.read };
}

function readList(reader: PartReader, list: string, sum: number): string[] | undefined {
	const read = readTextFile(resolve(reader.directory, list), LIMITS.wordListBytes);
	if ('fault' in read) {
		reader.faults.add(['task', 'list'], `word list ${list} ${read.fault}`);
		return undefined;
	}
	// Named as a reader of the messages finds it: relative to the experiment file unless absolute.
	const file = isAbsolute(list) ? list : list.replace(/^\.\//, '');
	const { words, sound } = readWordList(read.text, sum, { file, faults: reader.faults });
	if (words.length === 0 && sound)
		reader.faults.add(
			['task', 'list'],
			`word list ${list} has no word with letter sum ${sum}; give a list that has, or another letterSum`,
		);
	return words.length > 0 && sound ? words : undefined;
}

function completeSources(
	reader: PartReader,
	spec: TaskSpec,
	{ design, states }: Sources,
): SourceDesign | undefined {
	const path: Path = ['sources', 'states'];
	if (states === undefined) {
		if (spec.kind === 'closed') return { design, states: spec.states };
		if (spec.words !== null && design === 'fixed') {
			if (spec.words.length <= LIMITS.states) return { design, states: spec.words };
			reader.faults.add(
				path,
				`missing, and the word list gives ${spec.words.length} sources; allowed: a list of at most ${LIMITS.states}`,
			);
			return undefined;
		}
		reader.faults.add(
			path,
			`missing; allowed: a list of words to begin with (only a closed task, or design: fixed with a word list, can do without)`,
		);
		return undefined;
	}
	const task = makeTask(spec);
	for (const [i, state] of states.entries()) {
		if (task.isState(state)) continue;
		const reading = task.read(state);
		const meant =
			'state' in reading
				? reading.state
				: spec.kind === 'closed' && spec.states.length <= 1_000
					? nearest(state, spec.states)
					: null;
		const why = 'reason' in reading ? ` (${reading.reason})` : '';
		const help = meant === null ? why : ` (did you mean ${quote(meant)}?)`;
		reader.faults.add([...path, i], mismatch(state, `a state of the task${help}`));
	}
	return { design, states };
}

/** A state inside which a generation would stop can never come out. */
function refuseUnreadable(
	reader: PartReader,
	states: readonly string[],
	samplings: readonly SamplingSetting[],
): void {
	const stops = [...new Set(samplings.flatMap((s) => s.stop))];
	for (const [i, state] of states.entries()) {
		const stop = stops.find((text) => state.includes(text));
		if (stop !== undefined)
			reader.faults.add(
				['task', 'states', i],
				`found ${quote(state)}, which holds the stop text ${quote(stop)} and could never be read; allowed: states without it (change sampling.stop or the state)`,
			);
	}
}

/** Also finds states that differ only by the blanks around them, beside the fault for the blanks. */
function refuseRepeatedTexts(reader: PartReader, path: Path): void {
	const list = reader.at(path);
	if (!Array.isArray(list)) return;
	const first = new Map<string, number>();
	for (const [i, text] of list.entries()) {
		if (typeof text !== 'string') continue;
		const earlier = first.get(text.trim());
		if (earlier === undefined) first.set(text.trim(), i);
		else
			reader.faults.add(
				[...path, i],
				`found ${quote(text)}, the same state as [${earlier}]${list[earlier] === text ? '' : ' but for blanks around it'}; allowed: each state once`,
			);
	}
}
