/** Exact kernels in a database: what they are, and reading them. */
import { createHash } from 'node:crypto';
import { canonicalJson, sha256Hex } from '../experiment/identity.js';
import { type ReadConnection, schemaVersion } from './connection.js';
import type { Identity } from './identity.js';
import { KERNELS_VERSION } from './schema.js';

/** What of an exact kernel is addressed by its content. */
export const KERNEL_IDENTITIES = ['model', 'template', 'task', 'sampling', 'numerics'] as const;
type KernelIdentity = (typeof KERNEL_IDENTITIES)[number];

/** What an exact kernel is of, in one evaluation shape. */
export interface KernelPlan {
	readonly name: string;
	/** JSON of the resolved experiment. */
	readonly config: string;
	/** 0: evaluated as runs are; 1, 2 …: other evaluation shapes. */
	readonly shape: number;
	readonly modelLabel: string;
	readonly templateLabel: string;
	readonly identities: Readonly<Record<KernelIdentity, Identity>>;
	readonly kind: 'closed' | 'open';
	/** Closed set: its states. Open set: none. */
	readonly targets: readonly string[];
	readonly sources: readonly string[];
	readonly epsilon: number;
	readonly mostEvaluations: number;
	readonly toolVersion: string;
}

export interface KernelEntryRecord {
	readonly target: string;
	/** nats ≤ 0; −∞: no mass */
	readonly logFound: number;
	/** ≥ logFound */
	readonly logBound: number;
}

export interface KernelRowRecord {
	readonly source: string;
	readonly entries: readonly KernelEntryRecord[];
	readonly outcomes: {
		readonly invalid: number;
		readonly unparsable: number;
		readonly truncated: number;
	} | null;
	readonly elsewhere: number;
	readonly leftOut: number;
	readonly evaluations: number;
	readonly reached: boolean;
}

export interface StoredKernel extends Omit<KernelPlan, 'identities' | 'targets' | 'sources'> {
	readonly id: number;
	readonly key: string;
	/** Rows that belong to it when it is whole. */
	readonly sources: number;
	/** sha256 of each; contents by `StoreReader.identity`. */
	readonly identities: Readonly<Record<KernelIdentity, string>>;
	readonly createdAt: string;
}

/** Names what is scored, whatever the evaluation shape and machine. */
export function kernelKey(plan: KernelPlan): string {
	const { identities, kind, targets, sources, epsilon, mostEvaluations } = plan;
	const { model, template, task, sampling } = identities;
	const content = canonicalJson({
		model: model.sha256,
		template: template.sha256,
		task: task.sha256,
		sampling: sampling.sha256,
		kind,
		targets: targets.toSorted(),
		sources: sources.toSorted(),
		epsilon,
		mostEvaluations,
	});
	return sha256Hex(`detbal/kernel/1\n${content}`);
}

/** In the order they were planned; none where the database is older than exact kernels. */
export function storedKernels(connection: ReadConnection): StoredKernel[] {
	if (schemaVersion(connection) < KERNELS_VERSION) return [];
	return connection
		.rows<KernelRowOf>(
			`SELECT id, key, shape, name, config, model_label, template_label, model_sha256, template_sha256,
				task_sha256, sampling_sha256, numerics_sha256, kind, epsilon, most_evaluations, sources,
				created_at, tool_version
			FROM kernels ORDER BY id`,
			[],
		)
		.map(([id, key, shape, name, config, modelLabel, templateLabel, ...rest]) => {
			const [model, template, task, sampling, numerics, kind, epsilon, ...last] = rest;
			const [mostEvaluations, sources, createdAt, toolVersion] = last;
			const identities = { model, template, task, sampling, numerics };
			return {
				...{ id, key, shape, name, config, modelLabel, templateLabel, identities, kind, epsilon },
				...{ mostEvaluations, sources, createdAt, toolVersion },
			};
		});
}

type KernelRowOf = readonly [
	id: number,
	key: string,
	shape: number,
	name: string,
	config: string,
	modelLabel: string,
	templateLabel: string,
	model: string,
	template: string,
	task: string,
	sampling: string,
	numerics: string,
	kind: 'closed' | 'open',
	epsilon: number,
	mostEvaluations: number,
	sources: number,
	createdAt: string,
	toolVersion: string,
];

/** Sources whose rows are there, in order of their UTF-8 bytes. */
export function rowSources(connection: ReadConnection, kernel: number): string[] {
	return connection
		.rows<readonly [string]>(
			`SELECT states.text FROM kernel_rows JOIN states ON states.id = kernel_rows.source_id
			WHERE kernel_id = ? ORDER BY states.text`,
			[kernel],
		)
		.map(([text]) => text);
}

/** The rows that are there, by source, their entries by target (UTF-8 bytes). */
export function* kernelRows(
	connection: ReadConnection,
	kernel: number,
): Generator<KernelRowRecord> {
	type Row = readonly [
		id: number,
		source: string,
		invalid: number | null,
		unparsable: number | null,
		truncated: number | null,
		elsewhere: number,
		leftOut: number,
		evaluations: number,
		reached: number,
	];
	const rows = connection.rows<Row>(
		`SELECT source_id, states.text, invalid, unparsable, truncated, elsewhere, left_out, evaluations,
			reached
		FROM kernel_rows JOIN states ON states.id = kernel_rows.source_id
		WHERE kernel_id = ? ORDER BY states.text`,
		[kernel],
	);
	for (const [id, source, invalid, unparsable, truncated, elsewhere, leftOut, ...rest] of rows) {
		const [evaluations, reached] = rest;
		yield {
			source,
			entries: entriesOf(connection, kernel, id),
			outcomes:
				invalid === null || unparsable === null || truncated === null
					? null
					: { invalid, unparsable, truncated },
			elsewhere,
			leftOut,
			evaluations,
			reached: reached === 1,
		};
	}
}

function entriesOf(
	connection: ReadConnection,
	kernel: number,
	source: number,
): KernelEntryRecord[] {
	return connection
		.rows<readonly [string, number | null, number | null]>(
			`SELECT states.text, log_found, log_bound
			FROM kernel_entries JOIN states ON states.id = kernel_entries.target_id
			WHERE kernel_id = ? AND source_id = ? ORDER BY states.text`,
			[kernel, source],
		)
		.map(([target, found, bound]) => ({
			target,
			logFound: found ?? -Infinity,
			logBound: bound ?? -Infinity,
		}));
}

/**
 * sha256 over the rows of a kernel: for each source and target, in order of their UTF-8 bytes, the two
 * texts (each ended by a zero byte), then log_found and log_bound as IEEE 754 doubles, least significant
 * byte first, −∞ for no mass. Two people compare one line.
 */
export function kernelDigest(connection: ReadConnection, kernel: number): string {
	const hash = createHash('sha256').update('detbal/kernel-digest/1\0');
	const numbers = Buffer.alloc(16);
	for (const { source, entries } of kernelRows(connection, kernel)) {
		for (const { target, logFound, logBound } of entries) {
			numbers.writeDoubleLE(logFound, 0);
			numbers.writeDoubleLE(logBound, 8);
			hash.update(`${source}\0${target}\0`, 'utf8').update(numbers);
		}
	}
	return hash.digest('hex');
}
