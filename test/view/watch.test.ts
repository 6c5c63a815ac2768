/** What the live view shows while the database changes under it. */
import { copyFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StoreWriter } from '../../harness/store/writer.js';
import type { Snapshot } from '../../harness/view/snapshot.js';
import { listing } from '../commands/fixture.js';
import {
	attempts,
	cellPlan,
	inFolder,
	runPlan,
	STATES,
	sha256Of,
	startWriting,
	writeRun,
} from '../store/fixture.js';
import { Events, eventually, fetched, withView } from './fixture.js';

const test = suite('view watch');

const judgedAll = ({ groups }: Snapshot) =>
	groups.length > 0 && groups.every(({ judged }) => judged !== null);

test('a commit of a writer is an event: progress, then verdicts, then no longer interim', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		const writer = StoreWriter.open(file);
		const cells = [cellPlan({ attempts: 400 })];
		const cell = writer.planRun(runPlan({ cells })).cells[0]?.id as number;
		await withView(file, async (view) => {
			const events = await Events.open(view);
			const before = await events.until(({ groups }) => groups.length === 1);
			assert.equal([before.planned, before.done, before.missing], [1600, 0, 1600]);
			assert.equal([before.interim, before.writing], [true, true]);
			assert.is(before.writer?.pid, process.pid);
			assert.is(before.groups[0]?.judged, null);

			writer.append(attempts(cell, { to: 100 }));
			writer.flush();
			const during = await events.until(({ done }) => done === 400);
			assert.equal([during.interim, during.missing], [true, 1200]);
			assert.equal(during.groups[0]?.cells[0]?.done, 400);
			const first = await events.until((snapshot) => snapshot.groups[0]?.judged?.attempts === 400);
			const bound = first.groups[0]?.judged?.upper95 as number;
			assert.ok(bound > 0);
			assert.ok(first.judgements >= 1);

			writer.append(attempts(cell, { from: 100, to: 400 }));
			writer.flush();
			writer.close();
			const after = await events.until(
				(snapshot) => !snapshot.writing && snapshot.groups[0]?.judged?.attempts === 1600,
			);
			assert.equal([after.interim, after.missing, after.secondsLeft], [false, 0, null]);
			assert.is(after.writer, null);
			assert.ok((after.groups[0]?.judged?.upper95 as number) < bound, 'the bound shrank');
			events.close();
		});
	}));

test('the events of a writer in another process, which is not held up', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		const child = startWriting(file, 'run');
		await child.line();
		process.kill(child.pid, 'SIGSTOP');
		await withView(file, async (view) => {
			const events = await Events.open(view);
			const one = await events.until(({ done }) => done > 0);
			assert.equal([one.planned, one.interim, one.writing], [16_000, true, true]);
			assert.is(one.writer?.pid, child.pid);
			process.kill(child.pid, 'SIGCONT');
			const all = await events.until(({ interim }) => !interim);
			assert.is(all.done, 16_000);
			await events.until(({ writing }) => !writing);
			events.close();
		});
		while ((await child.line()) !== 'finished');
		await child.ended;
	}));

test('attempts after a missing draw are not judged: they were chosen by their outcome', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		const writer = StoreWriter.open(file);
		const cells = [cellPlan({ attempts: 100 })];
		const cell = writer.planRun(runPlan({ cells })).cells[0]?.id as number;
		const [a, b, c, d] = STATES;
		writer.append(attempts(cell, { sources: [a, b], to: 100 }));
		// Of the third source only those of one outcome, as a walk of the tree leaves them half-way.
		const third = attempts(cell, { sources: [c], to: 100 });
		const [missing] = third.filter(({ outcome }) => outcome !== 'valid').map(({ draw }) => draw);
		writer.append(third.filter(({ outcome }) => outcome === 'valid'));
		writer.append(attempts(cell, { sources: [d], from: 50, to: 100 }));
		writer.flush();
		await withView(file, async (view) => {
			const { done, groups } = await eventually(view, judgedAll);
			const valid = third.filter(({ outcome }) => outcome === 'valid').length;
			assert.ok(valid > 10 && (missing as number) < 5);
			assert.is(done, 250 + valid);
			assert.is(groups[0]?.judged?.attempts, 200 + (missing as number));
		});
		writer.close();
	}));

test('the database and its folder are left as they were, byte for byte', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		writeRun(file);
		const before = [sha256Of(file), ...listing(folder)];
		await withView(file, async (view) => {
			await eventually(view, judgedAll);
			for (const path of ['/', '/data.json', '/report']) await fetched(view, path);
			assert.equal([sha256Of(file), ...listing(folder)], before);
		});
		assert.equal([sha256Of(file), ...listing(folder)], before);
	}));

test('deleted, spoilt and put back: said on the page, and over when it is over', () =>
	inFolder(async (folder) => {
		const [file, kept] = [join(folder, 'run.sqlite'), join(folder, 'kept.sqlite')];
		writeRun(file);
		copyFileSync(file, kept);
		await withView(file, async (view) => {
			const fine = await eventually(view, judgedAll);
			rmSync(file);
			const gone = await eventually(view, ({ problem }) => problem !== null);
			assert.match(gone.problem as string, /run\.sqlite does not exist/);
			assert.equal(gone.groups, fine.groups, 'what was known stays');
			const { status, body } = await fetched(view, '/report');
			assert.is(status, 503);
			assert.match(body, /does not exist/);

			writeFileSync(file, 'not a database'.repeat(100));
			const spoilt = await eventually(view, ({ problem }) => /not a SQLite/.test(problem ?? ''));
			assert.is(spoilt.done, fine.done);

			renameSync(kept, file);
			const back = await eventually(view, ({ problem }) => problem === null);
			assert.equal(back.groups, fine.groups);
			assert.is((await fetched(view, '/report')).status, 200);
		});
	}));

test('another database in the same place: its groups, without the verdicts of the first', () =>
	inFolder(async (folder) => {
		const [file, other] = [join(folder, 'run.sqlite'), join(folder, 'other.sqlite')];
		writeRun(file);
		await withView(file, async (view) => {
			const first = await eventually(view, judgedAll);
			const writer = StoreWriter.open(other);
			writer.planRun(runPlan({ cells: [cellPlan({ label: 'another', attempts: 7 })] }));
			writer.close();
			renameSync(other, file);
			const second = await eventually(view, ({ groups }) => groups[0]?.model === 'another');
			assert.equal([second.planned, second.done], [28, 0]);
			assert.is(second.groups[0]?.judged, null);
			assert.is.not(second.groups[0]?.id, first.groups[0]?.id);
		});
	}));

test('while another program holds the database locked the page is served all the same', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		writeRun(file);
		await withView(file, async (view) => {
			await eventually(view, judgedAll);
			const db = new SQLite(file);
			db.exec('BEGIN EXCLUSIVE');
			// As a commit would leave it, so that the file is looked at again.
			utimesSync(file, new Date(), new Date());
			assert.is((await fetched(view, '/')).status, 200);
			assert.is((await fetched(view, '/data.json')).status, 200);
			const { problem } = await eventually(view, (snapshot) => snapshot.problem !== null);
			assert.match(problem as string, /locked by another program/);
			db.exec('COMMIT');
			db.close();
			await eventually(view, (snapshot) => snapshot.problem === null);
		});
	}));

test('the report is made of what there is: kept while that stays, made anew when it changed', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		const writer = StoreWriter.open(file);
		const cell = writer.planRun(runPlan()).cells[0]?.id as number;
		writer.append(attempts(cell, { to: 5 }));
		writer.flush();
		await withView(file, async (view) => {
			await eventually(view, ({ done }) => done === 20);
			assert.match((await fetched(view, '/report')).body, /20$/);
			writer.append(attempts(cell, { from: 5, to: 20 }));
			writer.close();
			await eventually(view, ({ done }) => done === 80);
			const many = await Promise.all([1, 2, 3].map(() => fetched(view, '/report')));
			for (const { status, body } of many) {
				assert.is(status, 200);
				assert.match(body, /80$/);
			}
		});
	}));

test('hostile labels come as harmless text, and never as part of the page', () =>
	inFolder(async (folder) => {
		const file = join(folder, '<img src=x onerror=alert(1)>.sqlite');
		const label = `</script><script>alert(1)</script>\u202e\u0000\n"'${'x'.repeat(1e6)}`;
		writeRun(file, runPlan({ cells: [cellPlan({ label })] }));
		await withView(file, async (view) => {
			const { groups, db } = await eventually(view, judgedAll);
			const [{ model = '' } = {}] = groups;
			assert.ok(model.startsWith('</script><script>alert(1)</script>␦␦␦'), model);
			assert.ok(model.isWellFormed() && model.length < 200, String(model.length));
			assert.is(db, '<img src=x onerror=alert(1)>.sqlite');
			const page = await fetched(view, '/');
			assert.not.match(page.body, /alert\(|<img/);
			const data = await fetched(view, '/data.json');
			assert.not.match(data.body, /\n/, 'one line: an event can hold it');
		});
	}));

test.run();
