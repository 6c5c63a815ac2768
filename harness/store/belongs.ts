import { UsageError } from '../errors.js';
import { decidingNumerics } from '../experiment/identity.js';
import { differences } from './identity.js';
import { shardName } from './plan.js';
import type { StoreReader } from './reader.js';
import { IDENTITY_KINDS } from './records.js';
import type { StoredCell, StoredRun } from './stored.js';

/** One run as one database holds it. */
export interface Part {
	readonly reader: StoreReader;
	readonly run: StoredRun;
	readonly cells: readonly StoredCell[];
}

/**
 * Groups what belongs together: the shards of one run, runs of one design side by side.
 * @throws UsageError naming files and fields where something does not belong
 */
export function groupParts(parts: readonly Part[]): Part[][] {
	const groups = new Map<string, Part[]>();
	for (const part of parts) {
		const group = groups.get(part.run.key);
		if (group === undefined) groups.set(part.run.key, [part]);
		else group.push(part);
	}
	for (const group of groups.values()) checkShards(group);
	checkNumerics(parts);
	checkDesigns([...groups.values()]);
	return [...groups.values()];
}

/** All shards of one run, each once, begun with the same settings. */
function checkShards(group: readonly Part[]): void {
	const first = group[0] as Part;
	const { shard } = first.run;
	const seen = new Map<number, Part>();
	for (const part of group) {
		const other = part.run.shard;
		if (part === first && shard === null) continue;
		if (shard === null || other === null || shard.count !== other.count)
			throw new UsageError(
				`${part.reader.file} holds ${shardName(other)} of run ${part.run.name} and ${first.reader.file} ${shardName(shard)}: they overlap. Merge the shards of one division, or one file that is whole`,
			);
		const twin = seen.get(other.index);
		if (twin !== undefined)
			throw new UsageError(
				`${twin.reader.file} and ${part.reader.file} both hold ${shardName(other)} of run ${part.run.name}: leave one out`,
			);
		seen.set(other.index, part);
		checkSamePlan(first, part);
	}
	if (shard === null) return;
	const missing = Array.from({ length: shard.count }, (_, i) => i + 1).filter((i) => !seen.has(i));
	if (missing.length > 0)
		throw new UsageError(
			`of run ${first.run.name}, ${missing.map((i) => `shard ${i}/${shard.count}`).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing: run them (\`--shard i/${shard.count}\`), then merge all`,
		);
}

function checkSamePlan(first: Part, part: Part): void {
	const settings = differences(settingsOf(first), settingsOf(part));
	if (settings.length > 0)
		throw new UsageError(
			`${first.reader.file} and ${part.reader.file} were run from different settings (${settings.join('; ')}): run each shard of the same experiment file`,
		);
	const cells = new Map(first.cells.map((cell) => [cell.key, cell]));
	for (const cell of part.cells) {
		const other = cells.get(cell.key);
		if (other === undefined) continue;
		const differing = differences(planOf(other), planOf(cell));
		if (differing.length > 0)
			throw new UsageError(
				`cell ${cell.key} is planned differently in ${first.reader.file} and ${part.reader.file} (${differing.join('; ')})`,
			);
	}
}

/**
 * Without what each machine has of its own: paths of model files (the contents are in the
 * identities), threads and context size.
 */
function settingsOf({ run }: Part): unknown {
	const own = ['path', 'threads', 'contextSize'];
	return JSON.parse(run.config, (key, value: unknown) => (own.includes(key) ? undefined : value));
}

function planOf({ design, seed, attempts, identities }: StoredCell): unknown {
	return { kind: design, seed, attempts, ...identities, numerics: null };
}

/** Laws of one model × template must have been made under one numerics identity. */
function checkNumerics(parts: readonly Part[]): void {
	const trees = new Map<string, { readonly part: Part; readonly sha256: string }>();
	for (const part of parts)
		for (const { identities, modelLabel, templateLabel } of part.cells) {
			const tree = `${identities.model} ${identities.template}`;
			const known = trees.get(tree) ?? { part, sha256: identities.numerics };
			trees.set(tree, known);
			if (known.sha256 === identities.numerics) continue;
			const differing = differences(
				decidingNumerics(known.part.reader.identity(known.sha256)),
				decidingNumerics(part.reader.identity(identities.numerics)),
			);
			if (differing.length === 0) continue;
			throw new UsageError(
				`${known.part.reader.file} and ${part.reader.file} computed ${modelLabel} × ${templateLabel} under different numerics (${differing.join('; ')}): their bits need not agree. \`detbal compare\` sets them side by side`,
			);
		}
}

/** Runs side by side have the same models, templates, settings and task; no cell is there twice. */
function checkDesigns(groups: readonly (readonly Part[])[]): void {
	const [first, ...others] = groups;
	if (first === undefined) return;
	const owners = new Map<string, Part>();
	for (const group of groups) {
		for (const part of group)
			for (const { key } of part.cells) {
				const owner = owners.get(key) ?? part;
				owners.set(key, owner);
				if (owner.run.key !== part.run.key)
					throw new UsageError(
						`cell ${key} is in run ${owner.run.name} of ${owner.reader.file} and in run ${part.run.name} of ${part.reader.file}: its draws would be counted twice. Leave one out`,
					);
			}
	}
	for (const other of others) {
		const differing = IDENTITY_KINDS.filter(
			(kind) => kind !== 'numerics' && contents(first, kind) !== contents(other, kind),
		);
		if (differing.length > 0)
			throw new UsageError(
				`runs ${first[0]?.run.name} of ${first[0]?.reader.file} and ${other[0]?.run.name} of ${other[0]?.reader.file} are not of one design: they differ in ${differing.join(', ')}. \`detbal compare\` sets them side by side`,
			);
	}
}

function contents(group: readonly Part[], kind: (typeof IDENTITY_KINDS)[number]): string {
	const all = group.flatMap(({ cells }) => cells.map(({ identities }) => identities[kind]));
	return [...new Set(all)].sort().join(' ');
}
