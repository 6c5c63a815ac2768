import { UsageError } from '../errors.js';
import { OUTCOMES, type Outcome } from '../outcome.js';
import { type Page, ReadConnection } from './connection.js';
import { StoreDatabase } from './database.js';
import { toShard } from './plan.js';
import type { Design, IdentityKind } from './records.js';
import type {
	DrawRange,
	Hole,
	PairCount,
	StoredAttempt,
	StoredCell,
	StoredLaw,
	StoredRun,
} from './stored.js';
import { decodeTokens, encodeTokens } from './tokens.js';

export type * from './stored.js';

type AttemptRow = readonly [
	source: string,
	draw: number,
	step: number | null,
	outcome: number,
	target: string | null,
	tokens: Uint8Array,
	text: string,
];

const ATTEMPT_COLUMNS = `source.text, attempts.draw, attempts.step, attempts.outcome, target.text,
		completions.tokens, completions.text`;
const ATTEMPT_JOINS = `CROSS JOIN states AS source ON source.id = attempts.source_id
	LEFT JOIN states AS target ON target.id = attempts.target_id
	JOIN completions ON completions.id = attempts.completion_id`;

/** Everything that is asked of a database without changing it. */
export class StoreReader extends ReadConnection {
	/** @throws UsageError, HarnessError naming the file and what to do */
	static open(file: string): StoreReader {
		return new StoreReader(StoreDatabase.forReading(file));
	}

	/** On the connection of a writer, within its transactions. The database is closed by its owner. */
	static within(database: StoreDatabase): StoreReader {
		return new StoreReader(database);
	}

	/** In the order they were planned. */
	runs(): StoredRun[] {
		type Row = Omit<StoredRun, 'shard'> & Record<'shardIndex' | 'shardCount', number | null>;
		return this.records<Row>(
			`SELECT id, key, name, config, created_at AS createdAt, shard_index AS shardIndex,
				shard_count AS shardCount, tool_version AS toolVersion
			FROM runs ORDER BY id`,
			[],
		).map(({ shardIndex, shardCount, ...run }) => ({
			...run,
			shard: toShard(shardIndex, shardCount),
		}));
	}

	/** In the order they were planned. */
	cells(run: number): StoredCell[] {
		return this.records<Omit<StoredCell, 'identities'> & Record<IdentityKind | 'kind', string>>(
			`SELECT cells.id, cells.run_id AS run, tree_id AS tree, key, model_label AS modelLabel,
					template_label AS templateLabel, design AS kind, seed, attempts,
					model_sha256 AS model, template_sha256 AS template, numerics_sha256 AS numerics,
					sampling_sha256 AS sampling, task_sha256 AS task, design_sha256 AS design
				FROM cells JOIN trees ON trees.id = cells.tree_id WHERE cells.run_id = ? ORDER BY cells.id`,
			[run],
		).map(({ model, template, numerics, sampling, task, design, kind, ...cell }) => ({
			...cell,
			design: kind as Design,
			identities: { model, template, task, sampling, design, numerics },
		}));
	}

	/** Content of an identity. @throws UsageError where the database has none of this sha256 */
	identity(sha256: string): unknown {
		const [row] = this.rows<readonly [string]>('SELECT content FROM identities WHERE sha256 = ?', [
			sha256,
		]);
		if (row === undefined) throw new UsageError(`${this.file} holds no identity ${sha256}`);
		return JSON.parse(row[0]);
	}

	/** Sources planned for a cell of fixed design, in order of their UTF-8 bytes. */
	plannedSources(cell: number): string[] {
		return this.rows<readonly [string]>(
			`SELECT states.text FROM plan JOIN states ON states.id = plan.source_id
			WHERE plan.cell_id = ? ORDER BY states.text`,
			[cell],
		).map(([text]) => text);
	}

	/** Sources with attempts, in order of their UTF-8 bytes. */
	sources(cell: number): { readonly id: number; readonly text: string }[] {
		// Steps from source to source through the primary key, instead of over every attempt.
		return this.rows<readonly [number, string]>(
			`WITH RECURSIVE source (id) AS (
				SELECT min(source_id) FROM attempts WHERE cell_id = ?
				UNION ALL
				SELECT (SELECT min(source_id) FROM attempts WHERE cell_id = ? AND source_id > source.id)
				FROM source WHERE source.id IS NOT NULL
			)
			SELECT states.id, states.text FROM source JOIN states ON states.id = source.id
			ORDER BY states.text`,
			[cell, cell],
		).map(([id, text]) => ({ id, text }));
	}

	/** Draws made of a source, as ranges in ascending order: the gaps are what is missing. */
	draws(cell: number, source: string): DrawRange[] {
		const ranges: { from: number; to: number }[] = [];
		const rows = this.pages<readonly [draw: number]>(
			`SELECT draw FROM attempts WHERE cell_id = ?
				AND source_id = (SELECT id FROM states WHERE text = ?) AND draw > ? ORDER BY draw`,
			{ fixed: [cell, source], key: ([draw]) => draw },
		);
		for (const [draw] of rows) {
			const last = ranges.at(-1);
			if (last !== undefined && last.to === draw) last.to = draw + 1;
			else ranges.push({ from: draw, to: draw + 1 });
		}
		return ranges;
	}

	/** One attempt, or null where it was not made. */
	attempt(
		cell: number,
		{ source, draw }: { readonly source: string; readonly draw: number },
	): StoredAttempt | null {
		const [row] = this.rows<AttemptRow>(
			`SELECT ${ATTEMPT_COLUMNS} FROM attempts ${ATTEMPT_JOINS}
			WHERE attempts.cell_id = ? AND attempts.draw = ?
				AND attempts.source_id = (SELECT id FROM states WHERE text = ?)`,
			[cell, draw, source],
		);
		return row === undefined ? null : toAttempt(row);
	}

	/** Attempts of a cell by source (UTF-8 bytes), then draw; a chunk at a time in memory. */
	*attempts(cell: number): Generator<StoredAttempt> {
		for (const { id } of this.sources(cell))
			yield* this.#attempts(
				`SELECT ${ATTEMPT_COLUMNS} FROM attempts ${ATTEMPT_JOINS}
				WHERE attempts.cell_id = ? AND attempts.source_id = ? AND attempts.draw > ?
				ORDER BY attempts.draw`,
				{ fixed: [cell, id], key: ([, draw]) => draw },
			);
	}

	/** Attempts of a crawl or a chain in the order of their steps. */
	attemptsByStep(cell: number): Generator<StoredAttempt> {
		return this.#attempts(
			`SELECT ${ATTEMPT_COLUMNS} FROM attempts ${ATTEMPT_JOINS}
			WHERE attempts.cell_id = ? AND attempts.step > ? ORDER BY attempts.step`,
			{ fixed: [cell], key: ([, , step]) => step as number },
		);
	}

	*#attempts(sql: string, page: Page<AttemptRow>): Generator<StoredAttempt> {
		for (const row of this.pages(sql, page)) yield toAttempt(row);
	}

	/** C_fg over the cells given: valid and self outcomes, by source and target (UTF-8 bytes). */
	counts(cells: readonly number[]): PairCount[] {
		return this.rows<readonly [string, string, number]>(
			`SELECT source.text, target.text, pair.count
			FROM (
				SELECT source_id, target_id, count(*) AS count FROM attempts
				WHERE cell_id IN (SELECT value FROM json_each(?)) AND target_id IS NOT NULL
				GROUP BY source_id, target_id
			) AS pair
			JOIN states AS source ON source.id = pair.source_id
			JOIN states AS target ON target.id = pair.target_id
			ORDER BY source.text, target.text`,
			[JSON.stringify(cells)],
		).map(([source, target, count]) => ({ source, target, count }));
	}

	/** C_f over the cells given: all attempts from each source, whatever came out. */
	attemptsPerSource(cells: readonly number[]): { source: string; attempts: number }[] {
		return this.rows<readonly [string, number]>(
			`SELECT states.text, tally.attempts
			FROM (
				SELECT source_id, count(*) AS attempts FROM attempts
				WHERE cell_id IN (SELECT value FROM json_each(?)) GROUP BY source_id
			) AS tally
			JOIN states ON states.id = tally.source_id ORDER BY states.text`,
			[JSON.stringify(cells)],
		).map(([source, attempts]) => ({ source, attempts }));
	}

	/** How many attempts of the cells given had each outcome. */
	outcomes(cells: readonly number[]): Record<Outcome, number> {
		const totals = { valid: 0, self: 0, invalid: 0, unparsable: 0, truncated: 0 };
		const rows = this.rows<readonly [Outcome, number]>(
			`SELECT outcomes.name, tally.count
			FROM (
				SELECT outcome, count(*) AS count FROM attempts
				WHERE cell_id IN (SELECT value FROM json_each(?)) GROUP BY outcome
			) AS tally JOIN outcomes ON outcomes.id = tally.outcome`,
			[JSON.stringify(cells)],
		);
		for (const [name, count] of rows) totals[name] = count;
		return totals;
	}

	/** Attempts of a run planned in this database, and done. */
	progress(run: number): { readonly planned: number; readonly done: number } {
		const [row] = this.rows<readonly [number, number]>(
			'SELECT coalesce(sum(planned), 0), coalesce(sum(done), 0) FROM progress WHERE run_id = ?',
			[run],
		);
		const [planned, done] = row as readonly [number, number];
		return { planned, done };
	}

	/** Where a run has fewer attempts than planned in this database; empty for a finished run. */
	holes(run: number): Hole[] {
		return this.rows<readonly [string, string | null, number, number]>(
			`WITH need (cell_id, source_id, planned, done) AS (
				SELECT cell_id, source_id, attempts,
					(SELECT count(*) FROM attempts AS made WHERE made.cell_id = plan.cell_id
						AND made.source_id = plan.source_id AND made.draw < plan.attempts)
				FROM plan
				UNION ALL
				SELECT id, NULL, attempts, (SELECT count(*) FROM attempts WHERE cell_id = cells.id)
				FROM cells WHERE design <> 'fixed'
			)
			SELECT cells.key, states.text, need.planned, need.done
			FROM need JOIN cells ON cells.id = need.cell_id
			LEFT JOIN states ON states.id = need.source_id
			WHERE cells.run_id = ? AND need.done < need.planned
			ORDER BY cells.id, states.text`,
			[run],
		).map(([cell, source, planned, done]) => ({ cell, source, planned, done }));
	}

	/** Sources with stored laws, in order of their UTF-8 bytes. */
	lawSources(tree: number): string[] {
		return this.rows<readonly [string]>(
			`SELECT text FROM states
			WHERE EXISTS (SELECT 1 FROM laws WHERE tree_id = ? AND source_id = states.id)
			ORDER BY text`,
			[tree],
		).map(([text]) => text);
	}

	/** The law stored at one node, or null. */
	law(
		tree: number,
		{ source, path }: { source: string; path: readonly number[] },
	): StoredLaw | null {
		const [row] = this.rows<LawRow>(`${LAWS} AND path = ?`, [tree, source, encodeTokens(path)]);
		return row === undefined ? null : toLaw(row);
	}

	/** All laws stored for a source, in the order of their encoded paths. */
	*laws(tree: number, source: string): Generator<StoredLaw> {
		for (const row of this.rows<LawRow>(`${LAWS} ORDER BY path`, [tree, source])) yield toLaw(row);
	}
}

function toAttempt(row: AttemptRow): StoredAttempt {
	const [source, draw, step, outcome, target, tokens, text] = row;
	const name = OUTCOMES[outcome] as Outcome;
	return { source, draw, step, outcome: name, target, tokens: decodeTokens(tokens), text };
}

type LawRow = readonly [path: Uint8Array, checksum: Uint8Array, logNormalizer: number, top: string];

const LAWS = `SELECT path, checksum, log_normalizer, top FROM laws
	WHERE tree_id = ? AND source_id = (SELECT id FROM states WHERE text = ?)`;

function toLaw([path, checksum, logNormalizer, top]: LawRow): StoredLaw {
	const pairs = JSON.parse(top) as [number, number][];
	return {
		path: decodeTokens(path),
		checksum,
		logNormalizer,
		top: pairs.map(([token, logProbability]) => ({ token, logProbability })),
	};
}
