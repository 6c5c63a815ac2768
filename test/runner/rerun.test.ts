/** A repetition finds what was altered in a database, and says where. */
import { copyFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rerunText } from '../../harness/commands/rerun.js';
import type { RerunResult } from '../../harness/runner/rerun.js';
import { detbal, experiment, inPlace, json, newFolder } from '../commands/fixture.js';
import { newDatabase, raw, repeat, run } from './fixture.js';

const test = suite('rerun');
const place = inPlace(test);
let whole = '';

/** 2 models × 2 templates × 2 seeds; cells 1 to 8 in that order; 5 sources × 30. */
const ATTEMPTS = 1200;

test.before(async () => {
	whole = newDatabase(place);
	await run(whole, experiment(place.folder, { attempts: 30 }));
});

interface Attempt {
	readonly cell: number;
	readonly source: string;
	readonly draw: number;
}

/** Gives an attempt the completion, outcome and target of another that came out otherwise. */
function alter(db: string, { cell, source, draw }: Attempt): { from: string; to: string } {
	return raw(db, (sqlite) => {
		const where = `cell_id = ${cell} AND draw = ${draw}
			AND source_id = (SELECT id FROM states WHERE text = '${source}')`;
		const textOf = () =>
			sqlite
				.prepare(
					`SELECT text FROM completions WHERE id = (SELECT completion_id FROM attempts WHERE ${where})`,
				)
				.pluck()
				.get() as string;
		const from = textOf();
		const { changes } = sqlite
			.prepare(
				`UPDATE attempts SET (outcome, target_id, completion_id) = (
					SELECT outcome, target_id, completion_id FROM attempts AS other
					WHERE other.cell_id = ${cell} AND other.completion_id <> attempts.completion_id
						AND other.source_id = attempts.source_id AND other.outcome = 0
					LIMIT 1
				) WHERE ${where}`,
			)
			.run();
		assert.is(changes, 1);
		return { from, to: textOf() };
	});
}

/** A copy of the run, altered. */
function altered(...attempts: readonly Attempt[]) {
	const db = newDatabase(place);
	copyFileSync(whole, db);
	return { db, changes: attempts.map((attempt) => alter(db, attempt)) };
}

/** What a result says of its first divergence, in the terms of `alter`. */
function placeOf({ firstDivergence: d }: RerunResult) {
	return d && [d.model, d.template, d.seed, d.source, d.draw];
}

test('one altered attempt: cell, source, draw and token are named, with both laws', async () => {
	const { db, changes } = altered({ cell: 6, source: 'PLUM', draw: 17 });
	const result = await repeat(db);
	assert.equal([result.identical, result.compared, result.different], [false, ATTEMPTS, 1]);
	assert.equal(placeOf(result), ['gpt2-reversible', 'plain', 2, 'PLUM', 17]);
	const { recorded, repeated, token, recordedLaw, repeatedLaw, step, temperature } =
		result.firstDivergence as NonNullable<RerunResult['firstDivergence']>;
	assert.equal([step, temperature], [null, 1]);
	assert.equal([recorded?.text, repeated.text], [changes[0]?.to, changes[0]?.from]);
	assert.is.not(recorded?.tokens[token], repeated.tokens[token]);
	assert.equal(recorded?.tokens.slice(0, token), repeated.tokens.slice(0, token));
	// Nothing is wrong with the laws: the same one on both sides.
	assert.equal(result.laws.different, 0);
	assert.equal(Buffer.from(recordedLaw?.checksum ?? []), Buffer.from(repeatedLaw.checksum));
	assert.equal(recordedLaw?.top, repeatedLaw.top);
	const shown = rerunText(result).join('\n');
	assert.match(shown, /not reproduced, 1 of 1,200 transitions differ/);
	assert.match(shown, /model gpt2-reversible · template plain · temperature 1 · seed 2/);
	assert.match(shown, /source "PLUM" · draw 17 · token 0/);
});

test('several: the first in the order of the plan, whatever the order of work', async () => {
	const order: readonly Attempt[] = [
		{ cell: 2, source: 'CHERRY', draw: 29 },
		{ cell: 2, source: 'FIG', draw: 3 },
		{ cell: 2, source: 'FIG', draw: 4 },
		{ cell: 3, source: 'APRICOT', draw: 0 },
		{ cell: 7, source: 'APRICOT', draw: 0 },
	];
	const { db } = altered(...order.toReversed());
	const result = await repeat(db);
	assert.is(result.different, 5);
	assert.equal(placeOf(result), ['llama-driven', 'plain', 2, 'CHERRY', 29]);
	// Of one seed only, what another seed's cells hold does not count.
	const one = await repeat(db, { seed: 1 });
	assert.equal([one.different, one.compared], [2, ATTEMPTS / 2]);
	assert.equal(placeOf(one), ['llama-driven', 'twice', 1, 'APRICOT', 0]);
});

test('an altered target alone is found', async () => {
	const db = newDatabase(place);
	copyFileSync(whole, db);
	raw(db, (sqlite) =>
		sqlite.exec(`UPDATE attempts SET outcome = 2, target_id = NULL WHERE cell_id = 1 AND source_id = 1
			AND draw = (SELECT min(draw) FROM attempts WHERE cell_id = 1 AND source_id = 1 AND outcome = 0)`),
	);
	const result = await repeat(db);
	assert.is(result.different, 1);
	const { recorded, repeated, token } = result.firstDivergence as NonNullable<
		RerunResult['firstDivergence']
	>;
	assert.equal([recorded?.outcome, recorded?.target], ['invalid', null]);
	assert.is(repeated.outcome, 'valid');
	assert.equal(recorded?.tokens, repeated.tokens);
	assert.is(token, repeated.tokens.length);
});

test('an altered text of a completion is found, though its tokens are what they were', async () => {
	const db = newDatabase(place);
	copyFileSync(whole, db);
	raw(db, (sqlite) =>
		sqlite.prepare("UPDATE completions SET text = text || 'x' WHERE id = 1").run(),
	);
	const result = await repeat(db);
	assert.is(result.identical, false);
	assert.match(result.firstDivergence?.recorded?.text ?? '', /x$/);
});

test('attempts that are missing are told of', async () => {
	const db = newDatabase(place);
	copyFileSync(whole, db);
	raw(db, (sqlite) => sqlite.prepare('DELETE FROM attempts WHERE draw >= 20').run());
	const result = await repeat(db);
	assert.is(result.identical, true);
	assert.equal([result.compared, result.planned], [(ATTEMPTS * 20) / 30, ATTEMPTS]);
	assert.match(
		rerunText(result).join('\n'),
		/not finished: 800 of 1,200 planned attempts are made/,
	);
});

test('an altered law: the transitions are identical, and the laws say that one is not', async () => {
	const db = newDatabase(place);
	copyFileSync(whole, db);
	raw(db, (sqlite) =>
		sqlite.exec(`UPDATE laws SET checksum = zeroblob(16) WHERE tree_id = 2 AND source_id = 3
			AND path = x''`),
	);
	const result = await repeat(db);
	assert.equal([result.identical, result.different, result.laws.different], [true, 0, 1]);
	assert.is(result.firstDivergence, null);
	const { compared } = result.laws;
	const shown = rerunText(result).join('\n');
	assert.match(shown, /identical, all 1,200 transitions matched bit for bit/);
	assert.match(
		shown,
		new RegExp(`laws: ${compared - 1} of ${compared} recorded next-token laws are the same bits`),
	);
});

test('another width, other threads: what differs of the numerics is said', async () => {
	const wide = await repeat(whole, { width: 4, seed: 1 });
	assert.is(wide.numericsDifferences.length, 2);
	assert.equal(wide.numericsDifferences, [
		'llama-driven: width: 8 → 4',
		'gpt2-reversible: width: 8 → 4',
	]);
	assert.match(rerunText(wide).join('\n'), /recorded → here:\n {2}llama-driven: width: 8 → 4/);
	const threads = await repeat(whole, { threads: 2, seed: 1 });
	assert.ok(threads.numericsDifferences.includes('llama-driven: threads: 1 → 2'));
	assert.is(threads.identical, true);
	assert.match(
		rerunText(await repeat(whole, { seed: 1 })).join('\n'),
		/numerics identity: the same/,
	);
});

test('a crawl altered at one step: repeated, that step is named; resumed, it is refused', async () => {
	const changes = { sources: { design: 'crawl', states: ['FIG', 'PLUM'] } };
	const db = newDatabase(place);
	await run(db, experiment(place.folder, { ...changes, attempts: 40 }));
	const at = raw(db, (sqlite) =>
		sqlite
			.prepare(
				`SELECT states.text AS source, draw, step FROM attempts
				JOIN states ON states.id = source_id WHERE cell_id = 1 AND outcome = 0 AND step >= 1
					AND target_id NOT IN (SELECT target_id FROM attempts AS earlier
						WHERE earlier.cell_id = 1 AND earlier.step < attempts.step AND target_id IS NOT NULL)
					AND target_id > 2
				ORDER BY step LIMIT 1`,
			)
			.get(),
	) as { source: string; draw: number; step: number };
	// A state that became known there did not: later steps have other sources.
	raw(db, (sqlite) =>
		sqlite.exec(
			`UPDATE attempts SET outcome = 2, target_id = NULL WHERE cell_id = 1 AND step = ${at.step}`,
		),
	);
	const result = await repeat(db);
	assert.is(result.identical, false);
	const first = result.firstDivergence;
	assert.equal([first?.source, first?.draw, first?.step], [at.source, at.draw, at.step]);
	const more = experiment(place.folder, { ...changes, attempts: 50 });
	const message = await run(db, more, { resume: true }).then(
		() => 'accepted',
		(error: Error) => `${error.name}: ${error.message}`,
	);
	assert.match(message, /^HarnessError: step \d+ is recorded from .*the record was altered/);
});

test('the command: exit code 4 and the same in JSON', async () => {
	const { db, changes } = altered({ cell: 1, source: 'LEMON', draw: 2 });
	const result = await detbal(newFolder(place), 'rerun', db, '--seed', '1', '--json');
	assert.is(result.code, 4, result.stderr);
	const document = json(result);
	assert.equal(
		[document.schema, document.identical, document.compared, document.different],
		['detbal/rerun/1', false, ATTEMPTS / 2, 1],
	);
	const first = document.firstDivergence as Record<string, Record<string, unknown>>;
	assert.equal(
		[first.model, first.template, first.seed, first.source, first.draw, first.recorded?.text],
		['llama-driven', 'plain', 1, 'LEMON', 2, changes[0]?.to],
	);
	assert.match(String(first.recordedLaw?.checksum), /^[0-9a-f]{32}$/);
	assert.is(first.recordedLaw?.checksum, first.repeatedLaw?.checksum);
	assert.is((first.repeatedLaw?.top as unknown[] | undefined)?.length, 8);
});

test.run();
