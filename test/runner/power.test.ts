/** Power from pilots, experiment files and outlines. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_POWER } from '../../harness/analysis/power/power.js';
import { powerJson } from '../../harness/commands/power.js';
import { UsageError } from '../../harness/errors.js';
import { powerFigure } from '../../harness/report/power-figure.js';
import { powerCurve, powerSentences, powerTableText } from '../../harness/report/power-text.js';
import { findPower, type PowerRequest, type PowerResult } from '../../harness/runner/power.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { experimentText } from '../commands/fixture.js';
import { cellPlan, inFolder, runPlan } from '../store/fixture.js';
import { writeTransitions } from './transitions.js';

const test = suite('power');
const NOTHING = { states: null, valid: null, depth: null };

function find(changes: Partial<PowerRequest>): Promise<PowerResult> {
	return findPower({
		file: null,
		run: null,
		outline: NOTHING,
		question: DEFAULT_POWER,
		signal: new AbortController().signal,
		onKernel: () => {},
		...changes,
	});
}

async function refusal(changes: Partial<PowerRequest>): Promise<string> {
	try {
		await find(changes);
	} catch (error) {
		assert.instance(error, UsageError);
		return (error as Error).message;
	}
	return 'not refused';
}

test('a pilot says what the outline of its kernel says', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'pilot.db');
		const writer = StoreWriter.open(db);
		const potential = { A: 0, B: 0, C: 0, D: 0, E: 0 };
		const sources = Object.keys(potential);
		const star = ['A', 'B'];
		const plan = runPlan({
			cells: [
				cellPlan({ key: 'a', sources, attempts: 600, model: 'flat', label: 'flat' }),
				cellPlan({ key: 'b', sources: star, attempts: 60, model: 'pair', label: 'pair' }),
			],
		});
		const [flat, pair] = writer.planRun(plan).cells;
		writeTransitions(writer, flat!.id, { potential, attempts: 600, seed: 1 });
		writeTransitions(writer, pair!.id, { potential: { A: 0, B: 0 }, attempts: 60, seed: 1 });
		writer.close();
		const { kernels, source } = await find({ file: db });
		assert.equal([source, kernels.length], ['pilot', 2]);
		const [one, none] = kernels;
		assert.equal([one!.states, one!.attemptsPerState], [5, 600]);
		assert.ok(Math.abs(one!.valid! - 1 / 1.1) < 0.02);
		const outline = { states: 5, valid: one!.valid, depth: 0 };
		const [described] = (await find({ outline })).kernels;
		for (const [i, { attemptsPerState }] of one!.power!.needed.entries()) {
			const there = described!.power!.needed[i]!.attemptsPerState!;
			assert.ok(Math.abs(attemptsPerState! / there - 1) < 0.1, `${attemptsPerState}, ${there}`);
		}
		assert.equal(
			[none!.power, none!.powerNow, none!.reason],
			[null, [], 'no loop among the observed pairs'],
		);

		const lines = [
			...powerTableText(kernels, DEFAULT_POWER),
			...powerSentences(kernels, DEFAULT_POWER),
			...powerCurve(one!.power!),
		];
		for (const line of lines) assert.ok(line.length <= 100, line);
		assert.ok(
			lines.some((line) => /^pair · plain · T 1: no loop among the observed pairs\.$/.test(line)),
		);
		assert.ok(
			lines.some((line) =>
				/to see an rms cycle affinity of 0\.1 nats in 80 of 100 cases/.test(line),
			),
		);
		const document = JSON.parse(
			JSON.stringify(powerJson({ source, file: db, kernels, notices: [] }, DEFAULT_POWER)),
		);
		assert.equal([document.schema, document.groups.length], ['detbal/power/1', 2]);
		assert.equal(document.affinities, [0.1, 0.2, 0.5]);
		assert.is(document.groups[0].power.needed.length, 9);
		assert.is(document.groups[0].temperature, 1);
		const figure = powerFigure(kernels)!;
		assert.match(figure, /^<svg [^>]+>.*flat · plain.*<\/svg>\n$/s);
		assert.is(powerFigure([none!]), null);
	}));

test('an experiment file of a closed task is an outline with a plan', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'experiment.yaml');
		writeFileSync(file, experimentText({ attempts: 50, seeds: [1, 2] }));
		const { source, kernels, notices } = await find({ file, outline: { ...NOTHING, valid: 0.8 } });
		assert.equal([source, kernels.length], ['experiment', 4]);
		const [first] = kernels;
		assert.equal([first!.states, first!.valid, first!.attemptsPerState], [5, 0.8, 100]);
		assert.is(first!.powerNow.length, 3);
		assert.match(notices.join(), /equally likely.*--depth/);
		const crawl = join(folder, 'crawl.yaml');
		const sources = { design: 'crawl', states: ['FIG'] };
		writeFileSync(crawl, experimentText({ attempts: 500, seeds: [1], sources }));
		assert.is((await find({ file: crawl })).kernels[0]!.attemptsPerState, 100);
		const words = join(folder, 'words.yaml');
		writeFileSync(
			words,
			experimentText({
				task: { kind: 'words', letterSum: 100 },
				sources: { design: 'crawl', states: ['ATTITUDE'] },
			}),
		);
		assert.match(
			await refusal({ file: words }),
			/states of a words task are not known before a pilot/,
		);
	}));

test('what cannot be answered is refused with what to do', async () => {
	assert.match(
		await refusal({}),
		/a database of a pilot, an experiment file, or --states with --valid/,
	);
	assert.match(await refusal({ file: 'counts.json' }), /detbal import counts\.json/);
	assert.match(await refusal({ file: 'counts.CSV' }), /detbal import counts\.CSV/);
	assert.match(
		await refusal({ file: 'x.db', outline: { ...NOTHING, states: 4 } }),
		/the one or the other/,
	);
	assert.match(
		await refusal({ file: 'x.db', outline: { ...NOTHING, valid: 0.5 } }),
		/the one or the other/,
	);
	assert.match(await refusal({ file: 'x.yaml', run: 1 }), /--run names a run of a database/);
	assert.match(await refusal({ run: 1, outline: { ...NOTHING, states: 4 } }), /--run names a run/);
	const deep = { states: 5000, valid: 1, depth: 1 };
	assert.match(await refusal({ outline: deep }), /at most 1000 states/);
	assert.match(await refusal({ file: 'missing.db' }), /missing\.db/);
});

test('an outline: what is taken for granted is said; few transitions per pair are said', async () => {
	const { kernels, notices } = await find({ outline: { ...NOTHING, states: 10 } });
	assert.is(notices.length, 2);
	const question = { ...DEFAULT_POWER, affinities: [3] };
	const [sparse] = (await find({ outline: { states: 300, valid: 1, depth: 0 }, question })).kernels;
	assert.match(
		powerSentences([sparse!], question).join(' ').replaceAll(/\s+/g, ' '),
		/Numbers below 449 attempts leave fewer than 3/,
	);
	assert.not.match(powerSentences(kernels, DEFAULT_POWER).join(' '), /fewer than 3/);
	const table = powerTableText(kernels, DEFAULT_POWER);
	assert.match(table[0]!, /^rms A +for 0\.5 +for 0\.8 +for 0\.95$/);
});

test('the curve: rises, ends near 1, and every affinity has its mark', async () => {
	const [kernel] = (await find({ outline: { states: 8, valid: 1, depth: 0 } })).kernels;
	const [title, ...lines] = powerCurve(kernel!.power!);
	assert.is(title, 'power against attempts per state');
	assert.match(lines[0]!, /^1\.0 ┤.*▲.*○.*●/);
	assert.match(lines.at(-1)!, /^● rms A 0\.1 {3}○ rms A 0\.2 {3}▲ rms A 0\.5$/);
	const first = (mark: string) =>
		Math.min(
			...lines
				.slice(0, 6)
				.map((line) => line.indexOf(mark))
				.filter((i) => i >= 0),
		);
	assert.ok(first('▲') < first('○') && first('○') < first('●'));
	for (const line of lines) assert.ok(line.length <= 100);
});

test.run();
