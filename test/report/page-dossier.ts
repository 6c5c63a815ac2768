/** Dossiers made of count tables, with every text as hostile as asked. */
import { subjectOf } from '../../harness/analysis/finding.js';
import { pilotDesign } from '../../harness/analysis/power/pilot.js';
import { DEFAULT_POWER, powerTable } from '../../harness/analysis/power/power.js';
import { matchedExample } from '../../harness/analysis/replica/matched.js';
import { resampleHere } from '../../harness/analysis/resample.js';
import { type CountRow, type CountTable, countTable } from '../../harness/analysis/table/counts.js';
import { DEFAULT_VERIFY, verifyGroups } from '../../harness/analysis/verify.js';
import type { Dossier, GroupRecord, RunRecord } from '../../harness/dossier/dossier.js';

/** Small numbers: what is shown is looked at here, not what is found. */
const OPTIONS = { ...DEFAULT_VERIFY, samples: 199, resamples: 19, replicas: 19 };

/** Texts of a dossier that come from outside; each place may be given another. */
export interface Texts {
	readonly model: string;
	readonly template: string;
	readonly experiment: string;
	readonly database: string;
	readonly completion: string;
	readonly prompt: string;
	readonly yaml: string;
	readonly state: (k: number) => string;
	readonly notice: string;
	readonly cpu: string;
}

export const PLAIN: Texts = {
	model: 'llama',
	template: 'plain',
	experiment: 'fruits',
	database: 'fruits.sqlite',
	completion: 'PLUM',
	prompt: 'After {state} comes',
	yaml: 'name: fruits\n',
	state: (k) => `S${k}`,
	notice: 'one notice',
	cpu: 'AVX2 = 1',
};

/** A kernel on K states in which each state is also driven to the next by `drive` nats. */
export function table(K: number, drive: number, state: Texts['state'] = PLAIN.state): CountTable {
	const rows: CountRow[] = [];
	const attempts = new Map<string, number>();
	for (let f = 0; f < K; f++) {
		let sum = 0;
		for (let g = 0; g < K; g++) {
			if (g === f) continue;
			const ahead = g === (f + 1) % K ? Math.exp(drive) : 1;
			const count = Math.round((400 / K) * ahead + 3 * ((f * 7 + g * 7) % 5));
			rows.push({ source: state(f), target: state(g), count });
			sum += count;
		}
		attempts.set(state(f), sum + 20);
	}
	return countTable({ rows, attempts });
}

/** One way from the first state to each other: nothing to test. */
export function star(K: number): CountTable {
	const rows = Array.from({ length: K - 1 }, (_, i) => ({
		source: 'S0',
		target: `S${i + 1}`,
		count: 5,
	}));
	return countTable({ rows, attempts: { S0: 5 * K } });
}

interface Wish {
	readonly tables: readonly CountTable[];
	readonly texts?: Partial<Texts>;
	readonly missing?: number;
	readonly reruns?: RunRecord['reruns'];
	/** the tables as imports, of no run */
	readonly imported?: boolean;
	readonly quick?: boolean;
}

/** A dossier of one run with a group for each table. */
export async function dossierOf(wish: Wish): Promise<Dossier> {
	const texts = { ...PLAIN, ...wish.texts };
	const imported = wish.imported === true;
	const options = { ...OPTIONS, resampling: wish.quick !== true };
	const findings = await verifyGroups(wish.tables.map(subjectOf), options, resampleHere);
	const groups = wish.tables.map((counts, i): GroupRecord => {
		const { design } = pilotDesign(counts, options);
		const last = wish.tables.length === 1 ? '' : ` ${i + 1}`;
		return {
			model: `${texts.model}${last}`,
			architecture: imported ? null : 'llama',
			template: texts.template,
			sampling: { temperature: 1 },
			seeds: imported ? [] : [1, 2],
			origin: imported ? { file: texts.database, sha256: 'c'.repeat(64), format: 'json' } : null,
			constrained: false,
			finding: findings[i]!,
			name: `${texts.model}${last} · ${texts.template}`,
			slug: `kernel-${i + 1}`,
			db: 0,
			runs: imported ? [] : [0],
			identity: imported
				? null
				: {
						model: 'a'.repeat(64),
						template: 'b'.repeat(64),
						task: 'd'.repeat(64),
						sampling: 'e'.repeat(64),
						numerics: ['f'.repeat(64)],
					},
			table: counts,
			outcomesBySource: imported
				? null
				: counts.states.map((source, f) => outcomes(counts, f, source)),
			matched: matchedExample(counts, options),
			power: design === null ? null : powerTable(design, DEFAULT_POWER),
			samples: imported ? [] : [{ outcome: 'invalid', text: texts.completion, count: 3 }],
		};
	});
	return {
		tool: { name: 'detbal', version: '0.1.0' },
		date: '2025-12-10T00:00:00.000Z',
		missing: wish.missing ?? 0,
		databases: [{ name: texts.database, bytes: 12345 }],
		runs: imported ? [] : [runOf(texts, wish)],
		groups,
		exact: [],
		options,
		identities: imported ? NO_IDENTITIES : identitiesOf(texts),
		notices: [texts.notice],
	};
}

function outcomes({ rowStart, count, self, attempts }: CountTable, f: number, source: string) {
	const valid = count.slice(rowStart[f], rowStart[f + 1]).reduce((a, b) => a + b, 0);
	const invalid = attempts[f]! - valid - self[f]!;
	return { source, valid, self: self[f]!, invalid, unparsable: 0, truncated: 0 };
}

function runOf(texts: Texts, { missing = 0, reruns = [] }: Wish): RunRecord {
	return {
		db: 0,
		id: 1,
		name: texts.experiment,
		key: '1'.repeat(64),
		digest: '2'.repeat(64),
		createdAt: '2025-12-10T00:00:00.000Z',
		toolVersion: '0.1.0',
		shard: null,
		design: ['fixed'],
		seeds: [1, 2],
		planned: 1000 + missing,
		done: 1000,
		evaluations: 70,
		experiment: texts.yaml,
		reruns,
		twins: [],
	};
}

const NO_IDENTITIES = { models: [], templates: [], tasks: [], samplings: [], numerics: [] };

function identitiesOf(texts: Texts): Dossier['identities'] {
	const setting = {
		temperature: 1,
		topK: 0,
		topP: 1,
		minP: 0,
		maxTokens: 4,
		stop: ['\n', texts.completion.slice(0, 20)],
	};
	return {
		models: [
			{
				sha256: 'a'.repeat(64),
				content: { quantisation: 'F32' },
				labels: [texts.model],
				file: { sha256: '3'.repeat(64), bytes: 1000 },
				architecture: 'llama',
				known: { id: 'llama', licence: 'MIT', uri: null },
			},
		],
		templates: [
			{
				sha256: 'b'.repeat(64),
				content: {},
				labels: [texts.template],
				text: texts.prompt,
				chat: false,
			},
		],
		tasks: [{ sha256: 'd'.repeat(64), content: { kind: 'closed', states: [texts.state(0)] } }],
		samplings: [{ sha256: 'e'.repeat(64), content: { ...setting } }],
		numerics: [
			{
				sha256: 'f'.repeat(64),
				content: { llamaCpp: 'llama.cpp 1', width: 16, cpuFeatures: texts.cpu },
			},
		],
	};
}
