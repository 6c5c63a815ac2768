/**
 * One point of bench/growth.ts in a process of its own: the attempts are drawn and stored, what they
 * took is printed as one line of JSON. Usage: node --import tsx bench/growth-point.ts JSON
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, Token } from '../harness/engine/engine.js';
import { openLlamaHost } from '../harness/engine/llama.js';
import type { Experiment, Prompt } from '../harness/experiment/experiment.js';
import { parseExperiment } from '../harness/experiment/parse.js';
import { makeTask } from '../harness/experiment/tasks/task.js';
import { execute, KEPT_LAW_BYTES } from '../harness/runner/execute.js';
import { findModelFile } from '../harness/runner/model-files.js';
import { prepareModel } from '../harness/runner/prepare.js';
import { StoreLedger } from '../harness/runner/store-ledger.js';
import { LawMemory } from '../harness/sampling/law-memory.js';
import { splitPrompt } from '../harness/sampling/prompt.js';
import { identify } from '../harness/store/identity.js';
import type { RunPlan } from '../harness/store/records.js';
import { StoreWriter } from '../harness/store/writer.js';
import { hashOf, openGrowthEngine } from './growth-engine.js';

/** What is asked of a child. */
export interface GrowthPoint {
	readonly design: 'fixed' | 'crawl';
	/** In all. */
	readonly attempts: number;
	readonly sources: number;
	readonly maxTokens: number;
	/** Laws of bench/growth-engine.ts, or a model: its id in the manifest, or the path of a file. */
	readonly laws:
		| { readonly vocabulary: number; readonly exponent: number }
		| { readonly id: string; readonly path: string | null };
	/** Bytes of laws that are kept; null: as many as a run keeps. */
	readonly limit: number | null;
}

export interface GrowthMeasured {
	/** From the first law asked for to the last attempt committed, by the clock and of processor time. */
	readonly seconds: number;
	readonly cpu: number;
	readonly evaluations: number;
	readonly nodes: number;
	/** Heaviest that the kept trees were, bytes; laws that were let go. */
	readonly tree: number;
	readonly dropped: number;
	/** Resident memory before the first law, and at its peak, bytes. */
	readonly before: number;
	readonly peak: number;
}

const TEMPLATE = 'A name is {state}. Another name:';

interface Opened {
	readonly engine: Engine;
	readonly prompt: (state: string) => Prompt;
	close(): Promise<void>;
}

async function measure(point: GrowthPoint, db: string): Promise<GrowthMeasured> {
	const states = Array.from({ length: point.sources }, (_, i) => nameOf(i));
	const experiment = experimentOf(point, states);
	const { engine, prompt, close } = await open(point, experiment);
	const writer = StoreWriter.open(db);
	const memory = new LawMemory(point.limit ?? KEPT_LAW_BYTES);
	const seen = new Set<number>();
	try {
		const [cell] = writer.planRun(planOf(point, experiment)).cells;
		if (!cell) throw new Error('a run without a cell');
		const ledger = new StoreLedger(writer, new Map([[cell.id, experiment.attempts]]));
		const before = process.memoryUsage.rss();
		const start = performance.now();
		const used = process.cpuUsage();
		const evaluations = await execute(
			{
				engine,
				task: makeTask(experiment.task),
				design: experiment.sources,
				settings: experiment.samplings,
				trees: [
					{
						tree: cell.tree,
						cells: [{ cell: cell.id, key: 'growth', setting: 0, steps: experiment.attempts }],
						sources: states,
						prompt,
					},
				],
			},
			{
				ledger: {
					missing: (id, source) => ledger.missing(id, source),
					done: (id) => ledger.done(id),
					attempts: (source, ending, result, attempts) =>
						ledger.attempts(source, ending, result, attempts),
					law(tree, source, path, law) {
						seen.add(nodeKey(states.indexOf(source), path));
						ledger.law(tree, source, path, law);
					},
				},
				memory,
				signal: new AbortController().signal,
				afterRound: () => ledger.commitNowAndThen(),
			},
		);
		writer.flush();
		const seconds = (performance.now() - start) / 1000;
		const { user, system } = process.cpuUsage(used);
		return {
			seconds,
			cpu: (user + system) / 1e6,
			evaluations,
			nodes: seen.size,
			tree: memory.peak,
			dropped: memory.dropped,
			before,
			peak: peakMemory(),
		};
	} finally {
		writer.close();
		await close();
	}
}

/** Of this process alone: Linux counts into maxRSS what its parent held when it was made. */
function peakMemory(): number {
	try {
		const [, kilobytes] =
			/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
		if (kilobytes !== undefined) return Number(kilobytes) * 1024;
	} catch {
		// Not Linux.
	}
	return process.resourceUsage().maxRSS * 1024;
}

/** States of letters, so that every vocabulary can spell them. */
function nameOf(index: number): string {
	const letters = [index, Math.floor(index / 26), Math.floor(index / 676)];
	return letters.map((n) => String.fromCharCode(65 + (n % 26))).join('');
}

/** 53 bits that stand for a node: a set of numbers disturbs the memory that is measured least. */
function nodeKey(source: number, path: readonly Token[]): number {
	const tokens = [source, ...path];
	return hashOf(tokens, 3) * 2 ** 21 + (hashOf(tokens, 4) & 0x1fffff);
}

function experimentOf(point: GrowthPoint, states: readonly string[]): Experiment {
	const { design, attempts, sources, laws, maxTokens } = point;
	return parseExperiment(
		JSON.stringify({
			name: 'growth',
			seed: 1,
			task: { kind: 'closed', states, read: 'first-word' },
			sources: { design, states },
			attempts: design === 'fixed' ? attempts / sources : attempts,
			models: [
				'id' in laws
					? { id: laws.id, ...(laws.path === null ? {} : { path: laws.path }) }
					: { id: 'llama-reversible' },
			],
			templates: [{ id: 'plain', text: TEMPLATE }],
			sampling: { maxTokens, stop: ['\n'] },
			// Threads that wait for each other on a busy machine would count as processor time.
			engine: { threads: 1 },
		}),
		{ file: 'growth', directory: '.' },
	);
}

async function open({ laws }: GrowthPoint, experiment: Experiment): Promise<Opened> {
	if (!('id' in laws)) {
		const engine = openGrowthEngine({ ...laws, states: experiment.sources.states });
		const text = {
			before: TEMPLATE.slice(0, TEMPLATE.indexOf('{')),
			render: (state: string) => TEMPLATE.replace('{state}', state),
			special: false,
		};
		return {
			engine,
			prompt: (state) => splitPrompt(engine, text, state),
			close: () => engine.close(),
		};
	}
	const host = await openLlamaHost('cpu');
	const [reference] = experiment.models;
	if (!reference) throw new Error('an experiment without a model');
	const model = await prepareModel(host, await findModelFile(reference), experiment, null);
	const [prompt] = model.prompts;
	if (!prompt) throw new Error('a model without a prompt');
	return {
		engine: model.engine,
		prompt,
		async close() {
			await model.close();
			await host.close();
		},
	};
}

function planOf({ design }: GrowthPoint, experiment: Experiment): RunPlan {
	const part = identify({ bench: 'growth' });
	const identities = {
		model: part,
		template: part,
		task: part,
		sampling: part,
		design: part,
		numerics: part,
	};
	const cell = {
		key: 'growth',
		modelLabel: 'growth',
		templateLabel: 'plain',
		identities,
		design,
		seed: 1,
		attempts: experiment.attempts,
		sources: design === 'fixed' ? experiment.sources.states : [],
	};
	return {
		key: 'growth',
		name: 'growth',
		config: '{}',
		shard: null,
		toolVersion: '0',
		cells: [cell],
	};
}

const folder = mkdtempSync(join(tmpdir(), 'detbal-bench-'));
try {
	const point = JSON.parse(process.argv[2] as string) as GrowthPoint;
	console.log(JSON.stringify(await measure(point, join(folder, 'growth.sqlite'))));
} finally {
	rmSync(folder, { recursive: true, force: true });
}
