/** Exact kernels in a dossier: alone, and beside attempts of the same setting. */
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyOptions } from '../../harness/analysis/verify.js';
import type { Dossier } from '../../harness/dossier/dossier.js';
import { gatherDossier } from '../../harness/dossier/gather.js';
import { exactFigures } from '../../harness/report/figures/figures.js';
import { reportPage } from '../../harness/report/page/page.js';
import { kernelDigest, storedKernels } from '../../harness/store/kernels.js';
import { lawsOf, V, writeExact, writeSampled } from '../runner/exact-fixture.js';
import { inFolder, reading } from '../store/fixture.js';

function gather(
	dbs: readonly string[],
	run: number | null = null,
	options: Partial<VerifyOptions> = {},
): Promise<Dossier> {
	return gatherDossier({
		dbs,
		run,
		options: { samples: 99, resamples: 99, replicas: 19, ...options },
		workers: 1,
		signal: new AbortController().signal,
		toolVersion: '9.9.9',
		onGroup() {},
	});
}

test('a database of exact kernels alone: a dossier, its date, identities and rows', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.sqlite');
		writeExact(file, [{ shifts: [0, 1e-4] }, { label: 'driven', model: 'd', drive: 3 }]);
		const dossier = await gather([file]);
		assert.equal([dossier.groups, dossier.runs, dossier.missing], [[], [], 0]);
		const [one, two] = dossier.exact;
		assert.equal([one?.name, two?.name], ['tiny · plain', 'driven · plain']);
		assert.equal([one?.slug, two?.slug], ['exact-tiny-plain', 'exact-driven-plain']);
		assert.equal([one?.finding.verdict, two?.finding.verdict], ['independent', 'violated']);
		assert.equal([one?.agreement, one?.group, one?.experiment], [null, null, 'scored']);
		const stored = reading(file, storedKernels);
		assert.is(
			dossier.date,
			stored
				.map(({ createdAt }) => createdAt)
				.sort()
				.at(-1),
		);
		assert.is(
			one?.digest,
			reading(file, (reader) => kernelDigest(reader, 1)),
		);
		const { identities } = dossier;
		assert.equal(one?.identity.numerics, [
			stored[0]?.identities.numerics,
			stored[1]?.identities.numerics,
		]);
		assert.equal(
			identities.numerics.map(({ content }) => content.width),
			[16, 17],
		);
		assert.equal(
			identities.models.map(({ labels }) => labels),
			[['tiny'], ['driven']],
		);
		assert.equal([identities.templates.length, identities.tasks.length], [1, 1]);
		const laws = lawsOf(V);
		for (const [f, row] of one!.rows.entries()) {
			const all = row.logT.reduce<number>((sum, x) => sum + (x === null ? 0 : Math.exp(x)), 0);
			assert.ok(Math.abs(all + row.self + row.other + row.none - 1) < 1e-12);
			assert.is(row.logT[f], null);
			for (const [g, x] of row.logT.entries()) {
				if (g !== f) assert.ok(Math.abs(Number(x) - Math.log(laws[f]![g]!)) < 1e-12);
			}
		}
		assert.not.match(JSON.stringify(dossier), folder);

		const page = reportPage(dossier, []);
		assert.is(reportPage(await gather([file]), []), page);
		assert.match(page, /id="_exact"/);
		assert.not.match(page, /id="_(verdicts|groups|overview)"/);
		assert.match(page, /2 kernels scored exactly, without sampling/);
		assert.match(page, /id="exact-driven-plain"/);
		assert.equal(
			exactFigures(one!, null).drawn.map(({ id }) => id),
			['scatter', 'potential', 'kernel'],
		);
	}));

test('beside attempts of the same setting: whether they are draws from it, both answers', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.sqlite');
		const other = { A: 1.2, B: 0, C: 0.4, D: 1 };
		writeSampled(file, [
			{ label: 'same', attempts: 200 },
			{ label: 'other', model: 'o', potential: other, attempts: 200 },
		]);
		writeExact(file, [
			{ label: 'same' },
			{ label: 'other', model: 'o' },
			{ label: 'hot', temperature: 2 },
		]);
		const dossier = await gather([file]);
		assert.equal(
			dossier.exact.map(({ group }) => group),
			[0, 1, null],
		);
		const [same, apart, none] = dossier.exact.map(({ agreement }) => agreement);
		assert.ok(Number(same?.p) > 0.05, String(same?.p));
		assert.is(apart?.p, 0.01);
		assert.is(none, null);
		const page = reportPage(dossier, []);
		for (const id of ['_verdicts', '_overview', '_groups', '_exact'])
			assert.ok(page.includes(`id="${id}"`));
		assert.match(page, /nothing speaks against their being draws from this kernel/);
		assert.match(page, /they do not look like draws from this kernel/);
		assert.match(page, /3 kernels scored exactly, without sampling/);

		assert.equal((await gather([file], 1)).exact, []);
		const quick = await gather([file], null, { resampling: false });
		assert.equal([quick.exact[0]?.group, quick.exact[0]?.agreement], [0, null]);
	}));

test('counts in one database, exact kernels in another: found together', () =>
	inFolder(async (folder) => {
		const [runs, scored] = [join(folder, 'runs.sqlite'), join(folder, 'scored.sqlite')];
		writeSampled(runs, [{ attempts: 100 }]);
		writeExact(scored, [{}]);
		const { exact, groups } = await gather([scored, runs], null, { resampling: false });
		assert.equal([groups[0]?.db, exact[0]?.db, exact[0]?.group], [1, 0, 0]);
		assert.is.not(exact[0]?.slug, groups[0]?.slug);
	}));

test.run();
