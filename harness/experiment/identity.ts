import { createHash } from 'node:crypto';
import type { SamplingSetting, SourceDesign, TaskSpec, TemplateSpec } from './experiment.js';
import { quote } from './faults.js';

/**
 * One text for one value: keys sorted by code unit, no white space, numbers as JavaScript writes
 * them (−0 is 0).
 * @throws TypeError for anything JSON cannot hold exactly: undefined, non-finite numbers, bigint,
 *   functions, symbols, objects that are not plain, circles
 */
export function canonicalJson(value: unknown): string {
	return write(value, []);
}

function write(value: unknown, inside: readonly unknown[]): string {
	if (value === null || typeof value === 'boolean' || typeof value === 'string')
		return JSON.stringify(value);
	if (typeof value === 'number') {
		if (!Number.isFinite(value)) throw new TypeError(`canonical JSON has no ${value}`);
		return JSON.stringify(value);
	}
	if (typeof value !== 'object') throw new TypeError(`canonical JSON has no ${typeof value}`);
	if (inside.includes(value)) throw new TypeError('canonical JSON has no circles');
	const within = [...inside, value];
	// Array.from, and not map, so that a hole is refused like any undefined.
	if (Array.isArray(value)) return `[${Array.from(value, (x) => write(x, within)).join(',')}]`;
	const prototype = Object.getPrototypeOf(value);
	if (prototype !== Object.prototype && prototype !== null)
		throw new TypeError(`canonical JSON has no ${value.constructor?.name ?? 'such object'}`);
	const pairs = Object.keys(value)
		.sort()
		.map((key) => {
			const item = (value as Record<string, unknown>)[key];
			if (item === undefined) throw new TypeError(`canonical JSON has no undefined: ${quote(key)}`);
			return `${JSON.stringify(key)}:${write(item, within)}`;
		});
	return `{${pairs.join(',')}}`;
}

/** sha256 as lower-case hex; text is taken as UTF-8. */
export function sha256Hex(data: string | Uint8Array): string {
	return createHash('sha256').update(data).digest('hex');
}

/** Everything that decides what the draws of a cell are, besides the numerics of the engine. */
export interface CellIdentity {
	readonly task: TaskSpec;
	readonly template: TemplateSpec;
	readonly sampling: SamplingSetting;
	readonly sources: SourceDesign;
	readonly modelSha256: string;
	readonly seed: number;
}

/**
 * Content address of a cell. Labels, the number of attempts, engine settings and, for fixed
 * sources, the list of sources are left out: a run can be extended, relabelled or given more
 * sources without any draw changing. Crawls and chains depend on their start states, in order.
 */
export function cellKey(cell: CellIdentity): string {
	const { task, template, sampling, sources, modelSha256, seed } = cell;
	const content = canonicalJson({
		task: taskDigest(task),
		template: { text: template.text, chat: template.chat },
		sampling: { ...sampling, stop: sampling.stop.toSorted() },
		sources:
			sources.design === 'fixed'
				? { design: sources.design }
				: { design: sources.design, states: sources.states },
		modelSha256,
		seed,
	});
	return sha256Hex(`detbal/cell/1\n${content}`);
}

/**
 * Names a run by its cells: the same for all its shards and on every machine, whatever the number
 * of attempts and, for fixed sources, their list, so that a run can be resumed and extended.
 */
export function runKey(cells: readonly { readonly key: string }[]): string {
	return sha256Hex(`detbal/run/1\n${canonicalJson(cells.map(({ key }) => key).sort())}`);
}

/** Measured to change no bit of a law, and chosen by each machine for itself. */
const INERT_NUMERICS: readonly string[] = ['threads', 'contextSize'];

/** What of a numerics identity decides whether two of them give the same bits. */
export function decidingNumerics(numerics: unknown): Record<string, unknown> {
	const fields = Object.entries(Object(numerics));
	return Object.fromEntries(fields.filter(([field]) => !INERT_NUMERICS.includes(field)));
}

/** The order in which states are listed means nothing. */
export function orderedTask(task: TaskSpec): TaskSpec {
	return task.kind === 'closed' ? { ...task, states: task.states.toSorted() } : task;
}

/** A task can hold megabytes of words and stands in every cell of a plan: digested once per value. */
const digests = new WeakMap<TaskSpec, string>();

function taskDigest(task: TaskSpec): string {
	const known = digests.get(task);
	if (known !== undefined) return known;
	const digest = sha256Hex(canonicalJson(orderedTask(task)));
	digests.set(task, digest);
	return digest;
}
