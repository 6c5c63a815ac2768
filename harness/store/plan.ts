import { HarnessError, UsageError } from '../errors.js';
import { canonicalJson, decidingNumerics } from '../experiment/identity.js';
import type { Shard } from '../experiment/shard.js';
import { checkRunPlan } from './check.js';
import type { StoreDatabase } from './database.js';
import { differences, type Identity } from './identity.js';
import type { Interner } from './intern.js';
import type { CellHandle, CellPlan, IdentityKind, RunHandle, RunPlan } from './records.js';

interface StoredRun {
	readonly id: number;
	readonly config: string;
	readonly shard_index: number | null;
	readonly shard_count: number | null;
}

interface StoredCell {
	readonly id: number;
	readonly tree_id: number;
	readonly attempts: number;
	readonly design: string;
	readonly seed: number;
	readonly numerics_sha256: string;
}

/** Writes a plan, or brings it together with the one that is there. One plan, one transaction. */
export class Planner {
	readonly #database: StoreDatabase;
	readonly #interner: Interner;
	#extended = false;

	constructor(database: StoreDatabase, interner: Interner) {
		this.#database = database;
		this.#interner = interner;
	}

	/**
	 * @throws TypeError, RangeError for a plan that is not one
	 * @throws UsageError where the stored run of this key cannot become the one planned
	 */
	plan(plan: RunPlan): RunHandle {
		checkRunPlan(plan);
		this.#extended = false;
		const stored = this.#storedRun(plan.key);
		if (stored !== undefined) this.#checkSameRun(plan, stored);
		const id = stored?.id ?? this.#addRun(plan);
		const cells = plan.cells.map((cell) => this.#planCell(id, cell));
		const existed = stored !== undefined;
		if (existed && this.#extended)
			this.#run('UPDATE runs SET config = ? WHERE id = ?', plan.config, id);
		return { id, existed, extended: existed && this.#extended, cells };
	}

	#storedRun(key: string): StoredRun | undefined {
		return this.#database
			.prepare<StoredRun>('SELECT id, config, shard_index, shard_count FROM runs WHERE key = ?')
			.get([key]);
	}

	#checkSameRun(plan: RunPlan, stored: StoredRun): void {
		const shard = toShard(stored.shard_index, stored.shard_count);
		if (shardName(shard) !== shardName(plan.shard))
			throw new UsageError(
				`${this.#database.file} holds ${shardName(shard)} of this run, not ${shardName(plan.shard)}: give each shard its own file, then \`detbal merge\` them`,
			);
		const planned = new Set(plan.cells.map(({ key }) => key));
		const dropped = this.#database
			.prepare<{ key: string }>('SELECT key FROM cells WHERE run_id = ? ORDER BY id')
			.all([stored.id])
			.filter(({ key }) => !planned.has(key));
		if (dropped.length > 0)
			throw new UsageError(
				`${this.#database.file} holds this run with ${dropped.length} more cells (${dropped[0]?.key}, …): a run can grow, not shrink; use a new file`,
			);
	}

	#addRun({ key, name, config, shard, toolVersion }: RunPlan): number {
		const [index, count] = shard === null ? [null, null] : [shard.index, shard.count];
		const now = new Date().toISOString();
		const row = this.#database
			.prepareRaw<readonly [number]>(
				`INSERT INTO runs (key, name, config, created_at, shard_index, shard_count, tool_version)
				VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			)
			.get([key, name, config, now, index, count, toolVersion]);
		return (row as readonly [number])[0];
	}

	#planCell(run: number, cell: CellPlan): CellHandle {
		const stored = this.#storedCell(run, cell.key);
		if (stored === undefined) this.#checkNowhereElse(run, cell);
		else this.#checkSameCell(cell, stored);
		const tree = stored?.tree_id ?? this.#tree(run, cell);
		const id = stored?.id ?? this.#addCell({ run, tree, cell });
		if (stored !== undefined && stored.attempts < cell.attempts) {
			this.#extended = true;
			this.#run('UPDATE cells SET attempts = ? WHERE id = ?', cell.attempts, id);
			this.#run('UPDATE plan SET attempts = ? WHERE cell_id = ?', cell.attempts, id);
		}
		if (cell.design === 'fixed') this.#planSources(id, cell);
		return { id, tree, key: cell.key };
	}

	#storedCell(run: number, key: string): StoredCell | undefined {
		return this.#database
			.prepare<StoredCell>(
				`SELECT cells.id, tree_id, attempts, design, seed, numerics_sha256
				FROM cells JOIN trees ON trees.id = cells.tree_id
				WHERE cells.run_id = ? AND cells.key = ?`,
			)
			.get([run, key]);
	}

	#checkSameCell(cell: CellPlan, stored: StoredCell): void {
		const where = `${this.#database.file}, cell ${cell.key}`;
		this.#checkNumerics(where, cell, stored.numerics_sha256);
		if (stored.design !== cell.design || stored.seed !== cell.seed)
			throw new HarnessError(
				`${where}: it is a ${stored.design} cell of seed ${stored.seed}, not a ${cell.design} one of seed ${cell.seed}: use a new file`,
			);
		if (stored.attempts > cell.attempts)
			throw new UsageError(
				`${where}: ${stored.attempts} attempts are planned already and cannot be lowered to ${cell.attempts}: ask for as many or more, or use a new file`,
			);
	}

	/** The draws of a cell are the same in every run: a second copy would be counted twice. */
	#checkNowhereElse(run: number, { key, modelLabel, templateLabel, seed }: CellPlan): void {
		const other = this.#database
			.prepare<{ id: number; name: string }>(
				`SELECT runs.id, runs.name FROM cells JOIN runs ON runs.id = cells.run_id
				WHERE cells.key = ? AND runs.id <> ?`,
			)
			.get([key, run]);
		if (other !== undefined)
			throw new UsageError(
				`${this.#database.file}: run ${other.id} (${other.name}) holds ${modelLabel} × ${templateLabel} with seed ${seed} already, and the same draws would be counted twice: leave that seed out, or use a new file`,
			);
	}

	#checkNumerics(where: string, cell: CellPlan, stored: string): void {
		if (stored === cell.identities.numerics.sha256) return;
		if (this.#difference(stored, cell.identities.numerics) === '') return;
		throw new UsageError(
			`${where}: the run was begun under other numerics, its bits could not be repeated (${this.#difference(stored, cell.identities.numerics)}): use the same settings and machine, or a new file`,
		);
	}

	#difference(stored: string, planned: Identity): string {
		const row = this.#database
			.prepare<{ content: string }>('SELECT content FROM identities WHERE sha256 = ?')
			.get([stored]);
		const was = decidingNumerics(JSON.parse(row?.content ?? '{}'));
		return differences(was, decidingNumerics(planned.content)).join('; ');
	}

	#tree(run: number, cell: CellPlan): number {
		const [model, template, numerics] = (['model', 'template', 'numerics'] as const).map((kind) =>
			this.#identity(kind, cell),
		) as [string, string, string];
		const stored = this.#database
			.prepare<{ id: number; numerics_sha256: string }>(
				`SELECT id, numerics_sha256 FROM trees
				WHERE run_id = ? AND model_sha256 = ? AND template_sha256 = ?`,
			)
			.get([run, model, template]);
		if (stored !== undefined) {
			this.#checkNumerics(`${this.#database.file}, cell ${cell.key}`, cell, stored.numerics_sha256);
			return stored.id;
		}
		const row = this.#database
			.prepareRaw<readonly [number]>(
				`INSERT INTO trees (run_id, model_sha256, template_sha256, numerics_sha256)
				VALUES (?, ?, ?, ?) RETURNING id`,
			)
			.get([run, model, template, numerics]);
		return (row as readonly [number])[0];
	}

	#addCell({ run, tree, cell }: { run: number; tree: number; cell: CellPlan }): number {
		this.#extended = true;
		const row = this.#database
			.prepareRaw<readonly [number]>(
				`INSERT INTO cells (run_id, tree_id, key, model_label, template_label, sampling_sha256,
					task_sha256, design_sha256, design, seed, attempts)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			)
			.get([
				run,
				tree,
				cell.key,
				cell.modelLabel,
				cell.templateLabel,
				this.#identity('sampling', cell),
				this.#identity('task', cell),
				this.#identity('design', cell),
				cell.design,
				cell.seed,
				cell.attempts,
			]);
		return (row as readonly [number])[0];
	}

	/** A key says nothing of the sources of a fixed design: more of them are an extension. */
	#planSources(id: number, cell: CellPlan): void {
		const planned = new Set(cell.sources);
		const dropped = this.#database
			.prepare<{ text: string }>(
				`SELECT states.text FROM plan JOIN states ON states.id = plan.source_id
				WHERE plan.cell_id = ? ORDER BY states.text`,
			)
			.all([id])
			.filter(({ text }) => !planned.has(text));
		if (dropped.length > 0)
			throw new UsageError(
				`${this.#database.file}, cell ${cell.key}: ${dropped.length} sources planned already (${JSON.stringify(dropped[0]?.text)}, …) are not in the new plan: a run can grow, not shrink; use a new file`,
			);
		const add = this.#database.prepare(
			'INSERT INTO plan (cell_id, source_id, attempts) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
		);
		for (const source of cell.sources)
			if (add.run([id, this.#interner.state(source), cell.attempts]) > 0) this.#extended = true;
		this.#run(
			'UPDATE cells SET design_sha256 = ? WHERE id = ?',
			this.#identity('design', cell),
			id,
		);
	}

	#identity(kind: IdentityKind, { identities }: CellPlan): string {
		const { sha256, content } = identities[kind];
		this.#run(
			'INSERT INTO identities (sha256, kind, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
			sha256,
			kind,
			canonicalJson(content),
		);
		return sha256;
	}

	#run(sql: string, ...parameters: (string | number)[]): void {
		this.#database.prepare(sql).run(parameters);
	}
}

export function toShard(index: number | null, count: number | null): Shard | null {
	return index === null || count === null ? null : { index, count };
}

export function shardName(shard: Shard | null): string {
	return shard === null ? 'the whole' : `shard ${shard.index}/${shard.count}`;
}
