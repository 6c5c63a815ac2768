import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyOptions } from '../../harness/analysis/verify.js';
import type { Dossier } from '../../harness/dossier/dossier.js';
import { gatherDossier } from '../../harness/dossier/gather.js';
import { UsageError } from '../../harness/errors.js';
import { reportPage } from '../../harness/report/page/page.js';
import { runDigest } from '../../harness/store/digest.js';
import { identify } from '../../harness/store/identity.js';
import { recordRerun } from '../../harness/store/reruns.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { attempts, cellPlan, inFolder, reading, runPlan, writeRun } from '../store/fixture.js';

function gather(
	dbs: readonly string[],
	run: number | null = null,
	options: Partial<VerifyOptions> = {},
): Promise<Dossier> {
	return gatherDossier({
		dbs,
		run,
		options: { samples: 99, resamples: 19, replicas: 19, ...options },
		workers: 1,
		signal: new AbortController().signal,
		toolVersion: '9.9.9',
		onGroup() {},
	});
}

async function refusal(work: Promise<unknown>): Promise<string> {
	try {
		await work;
	} catch (error) {
		assert.ok(error instanceof UsageError, String(error));
		return error.message;
	}
	return assert.unreachable('nothing was refused') as never;
}

test('what a database holds is in its dossier, and nothing of where it lies', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file, runPlan({ cells: [cellPlan({ seed: 5 }), cellPlan({ seed: 3 })] }));
		const rerun = {
			run: 1,
			seed: null,
			identical: true,
			compared: 160,
			different: 0,
			planned: 160,
			laws: { compared: 8, different: 0 },
			numericsDifferences: [],
			toolVersion: '0',
		};
		recordRerun(file, rerun);
		const dossier = await gather([file]);
		assert.is(dossier.missing, 0);
		assert.is(dossier.databases[0]?.name, 'a.sqlite');
		const [run] = dossier.runs;
		assert.is(
			run?.digest,
			reading(file, (reader) => runDigest(reader, 1)),
		);
		assert.equal(run?.seeds, [3, 5]);
		assert.equal([run?.planned, run?.done, run?.evaluations], [160, 160, 8]);
		assert.is(run?.reruns[0]?.identical, true);
		assert.equal(run?.twins, []);
		assert.is(run?.experiment, '{"attempts":20}');
		assert.is(dossier.date, run?.createdAt);
		const [group, ...others] = dossier.groups;
		assert.equal(others, []);
		assert.is(group?.name, 'tiny · plain');
		assert.is(group?.slug, 'tiny-plain');
		assert.equal(group?.runs, [0]);
		assert.is(
			group?.table.attempts.reduce((a, b) => a + b),
			160,
		);
		assert.is(dossier.identities.models[0]?.sha256, group?.identity?.model);
		assert.equal(dossier.identities.templates[0]?.text, '{state}');
		const sources = group?.outcomesBySource ?? [];
		assert.equal(
			sources.map(({ source }) => source),
			['A', 'B', 'D', 'Ç'],
		);
		for (const outcome of ['valid', 'self', 'invalid', 'unparsable', 'truncated'] as const) {
			const sum = sources.reduce((all, row) => all + row[outcome], 0);
			assert.is(sum, group?.finding.outcomes[outcome]);
		}
		assert.ok((group?.samples.length ?? 0) > 4);
		assert.not.match(JSON.stringify(dossier), folder);
	}));

test('the same database in another folder gives the same dossier', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file);
		mkdirSync(join(folder, 'b'));
		const copy = join(folder, 'b', 'a.sqlite');
		copyFileSync(file, copy);
		assert.is(JSON.stringify(await gather([copy])), JSON.stringify(await gather([file])));
	}));

test('two databases of one experiment: names apart, twins found, Holm over both', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file);
		mkdirSync(join(folder, 'b'));
		const copy = join(folder, 'b', 'a.sqlite');
		copyFileSync(file, copy);
		const { groups, runs, databases } = await gather([file, copy]);
		assert.equal(
			databases.map(({ name }) => name),
			['a.sqlite', 'a.sqlite (2)'],
		);
		assert.is(new Set(groups.map(({ name }) => name)).size, 2);
		assert.is(new Set(groups.map(({ slug }) => slug)).size, 2);
		assert.equal(
			runs.map(({ twins }) => twins),
			[[1], [0]],
		);
		const other = join(folder, 'c.sqlite');
		writeRun(other, runPlan({ key: 'another', name: 'another' }));
		const apart = await gather([file, other]);
		assert.equal(
			apart.runs.map(({ twins }) => twins),
			[[], []],
		);
		const p = groups[0]?.finding.exactTest.p ?? null;
		assert.is.not(p, null);
		assert.is(groups[0]?.finding.adjustedP, Math.min(1, 2 * Number(p)));
	}));

test('the date is SOURCE_DATE_EPOCH where it is a number', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file);
		const before = process.env.SOURCE_DATE_EPOCH;
		try {
			process.env.SOURCE_DATE_EPOCH = '86400';
			assert.is((await gather([file])).date, '1970-01-02T00:00:00.000Z');
			process.env.SOURCE_DATE_EPOCH = 'soon';
			const { date, runs } = await gather([file]);
			assert.is(date, runs[0]?.createdAt);
		} finally {
			if (before === undefined) delete process.env.SOURCE_DATE_EPOCH;
			else process.env.SOURCE_DATE_EPOCH = before;
		}
	}));

test('a quick look and an unfinished source are said before any number', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.sqlite');
		const writer = StoreWriter.open(file);
		writer.planRun(runPlan({ cells: [cellPlan({ attempts: 40 })] }));
		writer.append([
			...attempts(1, { sources: ['A', 'B'], to: 40 }),
			...attempts(1, { sources: ['Ç'], from: 4, to: 11 }),
		]);
		writer.close();
		const whole = join(folder, 'b.sqlite');
		writeRun(whole);
		assert.equal((await gather([whole])).notices, []);
		const { notices, missing, groups } = await gather([file]);
		assert.is(missing, 4 * 40 - 87);
		assert.is(notices.length, 1);
		assert.match(String(notices[0]), /^7 attempts are left out/);
		const [group] = groups;
		assert.is(group?.finding.attempts, 80);
		const counted = group?.outcomesBySource ?? [];
		const all = counted.reduce((sum, { source: _, ...row }) => {
			return sum + Object.values(row).reduce((a, b) => a + b, 0);
		}, 0);
		assert.is(all, 80);
		const quick = await gather([file], null, { resampling: false });
		assert.match(String(quick.notices[0]), /quick look/);
		assert.is(quick.notices.length, 2);
	}));

test('identities of another form than ours are shown as they are', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.sqlite');
		const plan = cellPlan();
		const odd = {
			task: identify({ kind: [5] }),
			sampling: identify({ temperature: 1, stop: 'no list' }),
			numerics: identify({ devices: null }),
			template: identify({ text: 7 }),
			model: identify({ sha256: null }),
		};
		writeRun(file, runPlan({ cells: [{ ...plan, identities: { ...plan.identities, ...odd } }] }));
		const page = reportPage(await gather([file]), []);
		assert.match(page, /a setting of another form/);
	}));

test('what cannot be gathered is named', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file);
		assert.match(await refusal(gather([])), /name at least one/);
		assert.match(await refusal(gather([file, file])), /named twice/);
		assert.match(await refusal(gather([file], 7)), /no run 7/);
		assert.match(await refusal(gather([join(folder, 'none')])), /does not exist/);
	}));

test.run();
