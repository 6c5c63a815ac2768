/** How fast attempts are stored and digested, on a real file. Run: node --import tsx bench/store.ts */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OUTCOMES } from '../harness/outcome.js';
import { runDigest } from '../harness/store/digest.js';
import { identify } from '../harness/store/identity.js';
import { StoreReader } from '../harness/store/reader.js';
import type { AttemptRecord, RunPlan } from '../harness/store/records.js';
import { BATCH, StoreWriter } from '../harness/store/writer.js';

const ATTEMPTS = 1_000_000;
const SOURCES = 20;
const COMPLETIONS = 200;

const states = Array.from({ length: SOURCES }, (_, i) => `STATE ${i}`);
const completions = Array.from({ length: COMPLETIONS }, (_, i) => ({
	tokens: [i, i + 1, i + 2, 13],
	text: ` WORD ${i}\n`,
}));

export async function benchStore(): Promise<string[]> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-bench-'));
	try {
		const file = join(folder, 'bench.db');
		const written = rate(() => write(file));
		const reader = StoreReader.open(file);
		const digested = rate(() => runDigest(reader, 1));
		const counted = rate(() => reader.counts([1]));
		reader.close();
		const line = (label: string, value: number, note: string) =>
			`${label.padEnd(28)}${Math.round(value)} attempts/s${note}`;
		return [
			`attempts                    ${ATTEMPTS}`,
			line('written and committed', written, ' (goal: 200000)'),
			line('digested', digested, ''),
			line('counted', counted, ''),
			`size                        ${(statSync(file).size / ATTEMPTS).toFixed(1)} bytes per attempt`,
		];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function write(file: string): void {
	const writer = StoreWriter.open(file);
	const [cell] = writer.planRun(plan()).cells;
	for (let from = 0; from < ATTEMPTS; from += BATCH)
		writer.append(batch(cell?.id as number, from, Math.min(from + BATCH, ATTEMPTS)));
	writer.close();
}

/** Attempts from … to − 1, source after source in turn, as when sources run side by side. */
function batch(cell: number, from: number, to: number): AttemptRecord[] {
	const attempts: AttemptRecord[] = [];
	for (let i = from; i < to; i++) {
		const word = (i * 7919) % COMPLETIONS;
		const source = states[i % SOURCES] as string;
		const other = states[(i + 1 + (word % (SOURCES - 1))) % SOURCES] as string;
		const outcome = OUTCOMES[word % OUTCOMES.length] as AttemptRecord['outcome'];
		const target = outcome === 'valid' ? other : outcome === 'self' ? source : null;
		const draw = Math.floor(i / SOURCES);
		const { tokens, text } = completions[word] as (typeof completions)[number];
		attempts.push({ cell, source, draw, step: null, outcome, target, tokens, text });
	}
	return attempts;
}

function plan(): RunPlan {
	const identities = {
		model: identify({ sha256: 'bench' }),
		template: identify({ text: '{state}' }),
		task: identify({ kind: 'closed', states }),
		sampling: identify({ temperature: 1 }),
		design: identify({ design: 'fixed' }),
		numerics: identify({ width: 16 }),
	};
	const cell = {
		key: 'bench',
		modelLabel: 'bench',
		templateLabel: 'plain',
		identities,
		design: 'fixed',
		seed: 1,
		attempts: ATTEMPTS / SOURCES,
		sources: states,
	} as const;
	return {
		key: 'bench',
		name: 'bench',
		config: '{}',
		shard: null,
		toolVersion: '0',
		cells: [cell],
	};
}

/** Attempts per second. */
function rate(work: () => void): number {
	const start = performance.now();
	work();
	return ATTEMPTS / ((performance.now() - start) / 1000);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await benchStore();
