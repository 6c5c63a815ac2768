/** The page as a parser sees it: nothing hostile gets through, nothing is left out silently. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { parseHTML } from 'linkedom';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CountTable, countTable } from '../../harness/analysis/table/counts.js';
import type { Dossier } from '../../harness/dossier/dossier.js';
import { MOST_INLINE } from '../../harness/report/page/groups.js';
import { REPORT_MARK, reportPage } from '../../harness/report/page/page.js';
import type { PageSection } from '../../harness/report/page/section.js';
import { dossierOf, star, table } from './page-dossier.js';

const test = suite('report page');

function parsed(page: string) {
	return parseHTML(page).document;
}

const text = (document: ReturnType<typeof parsed>, selector: string): string =>
	document.querySelector(selector)?.textContent ?? '';

const captions = (document: ReturnType<typeof parsed>): string[] =>
	[...document.querySelectorAll('caption')].map(({ textContent }) => textContent);

test('verdicts with their size, in a matrix, in words and in the table', async () => {
	const dossier = await dossierOf({ tables: [table(5, 0), table(5, 1), star(4)] });
	const document = parsed(reportPage(dossier, []));
	const cells = [...document.querySelectorAll('.matrix .cell')];
	assert.equal(
		cells.map((cell) => cell.getAttribute('href')),
		['#kernel-1', '#kernel-2', '#kernel-3'],
	);
	for (const [i, { finding }] of dossier.groups.entries()) {
		assert.match(cells[i]?.textContent ?? '', new RegExp(finding.verdict));
		assert.ok(text(document, '.sentences').includes(finding.sentence));
		assert.ok(text(document, `#kernel-${i + 1} .sentence`).includes(finding.sentence));
	}
	assert.is(dossier.groups[1]?.finding.verdict, 'violated');
	assert.match(cells[1]?.textContent ?? '', /\d \(\d\.?\d* … \d\.?\d*\) nats/);
	assert.match(cells[2]?.textContent ?? '', /untestable.*no cycle affinity/);
	assert.is(document.querySelectorAll('[id="_groups.table"] tbody tr').length, 3);
});

test('the same dossier gives the same bytes, and the mark that an overwriting looks for', async () => {
	const wish = { tables: [table(5, 0.5)] };
	const page = reportPage(await dossierOf(wish), []);
	assert.is(reportPage(await dossierOf(wish), []), page);
	assert.ok(page.startsWith(REPORT_MARK));
	const other = reportPage({ ...(await dossierOf(wish)), date: '2026-01-01T00:00:00.000Z' }, []);
	assert.is.not(other, page);
});

test('only the one script may run, and nothing may be fetched', async () => {
	const page = reportPage(await dossierOf({ tables: [table(4, 0)] }), []);
	const document = parsed(page);
	const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';
	const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '';
	assert.ok(script.length > 1000);
	const hash = createHash('sha256').update(script).digest('base64');
	assert.is(
		policy,
		`default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
	);
	assert.is(document.querySelectorAll('script').length, 1);
	for (const place of document.querySelectorAll('[src], link, img, iframe, form')) {
		assert.is(place.getAttribute('href') ?? place.getAttribute('src'), 'data:,', place.outerHTML);
	}
	assert.not.match(page, /@import|url\(/);
});

const EVIL =
	'"><script>alert(1)</script><img src=x onerror=alert(2)>\'`\u202e\u0000\ud800</pre></template><!--';

const EVERYWHERE = {
	model: `m${EVIL}`,
	template: `t${EVIL}`,
	experiment: `e${EVIL}`,
	database: `d${EVIL}`,
	completion: `c${EVIL}`,
	prompt: `p${EVIL}`,
	yaml: `y${EVIL}`,
	notice: `n${EVIL}`,
	cpu: `u${EVIL}`,
	state: (k: number) => `${k}${EVIL}`,
};

/** The markup of every section, packed ones unpacked. */
function whole(page: string): string {
	return page.replaceAll(
		/<script type="text\/plain" class="packed">([^<]*)<\/script>/g,
		(_, base64) => gunzipSync(Buffer.from(base64, 'base64')).toString(),
	);
}

for (const [what, groups] of [
	['inline', 1],
	['packed', MOST_INLINE + 1],
] as const) {
	test(`hostile text in every place is text (${what})`, async () => {
		const tables = [
			table(4, 0.5, EVERYWHERE.state),
			...Array<CountTable>(groups - 1).fill(star(3)),
		];
		const dossier = await dossierOf({ tables, texts: EVERYWHERE });
		const evil: PageSection = {
			id: 'x',
			title: EVIL,
			paragraphs: [EVIL],
			tables: [
				{
					title: EVIL,
					columns: [{ title: EVIL, align: 'left', unit: EVIL }],
					rows: [[EVIL]],
					note: EVIL,
				},
			],
		};
		const page = whole(reportPage(dossier, [evil]));
		const document = parsed(page);
		assert.is(document.querySelectorAll('script').length, 1, 'scripts');
		assert.is(document.querySelectorAll('img, template, [onerror]').length, 0, 'injected elements');
		for (const hostile of ['\u202e', '\u0000']) assert.not.ok(page.includes(hostile));
		assert.ok(page.isWellFormed(), 'lone surrogates');
		const shown = document.body.textContent;
		for (const place of 'mtedcpynu0')
			assert.ok(shown.includes(`${place}"><script>alert(1)</script>`), place);
		for (const element of document.querySelectorAll('*')) {
			for (const { name } of [...element.attributes]) assert.not.match(name, /^on|[<>"'`]/, name);
		}
	});
}

test('a megabyte of text anywhere is cut, with its length', async () => {
	const long = 'W'.repeat(1_000_000);
	const tables = [table(4, 0, (k) => `${k}${long}`)];
	const texts = {
		model: long,
		completion: long,
		prompt: long,
		yaml: long,
		cpu: long,
		experiment: long,
	};
	const page = reportPage(await dossierOf({ tables, texts }), []);
	assert.ok(page.length < 1_000_000, `${page.length} characters`);
	const document = parsed(page);
	assert.match(text(document, '#_identity'), /first 4,000 of 1,000,000 characters/);
	assert.match(text(document, '[id="kernel-1.states"]'), /… \(1,000,001 characters\)/);
});

test('up to eight sections are inline, more are packed with the same content', async () => {
	const tables = [table(4, 0.5), ...Array<CountTable>(MOST_INLINE - 1).fill(star(3))];
	const some = reportPage(await dossierOf({ tables }), []);
	assert.is(parsed(some).querySelectorAll('.packed').length, 0);
	assert.is(parsed(some).querySelectorAll('noscript').length, 0);
	const more = reportPage(await dossierOf({ tables: [...tables, star(3)] }), []);
	const packed = [...parsed(more).querySelectorAll('details.group .packed')];
	assert.is(packed.length, MOST_INLINE + 1);
	assert.match(text(parsed(more), 'noscript'), /--figures DIR/);
	const inside = parsed(
		`<html><body>${gunzipSync(Buffer.from(packed[0]?.textContent ?? '', 'base64'))}</body></html>`,
	);
	assert.ok(inside.querySelectorAll('figure svg').length > 2);
	assert.ok(captions(inside).includes('States') && captions(inside).includes('Pairs'));
});

test('tables are cut at their caps, and say so', async () => {
	const ring = (K: number) => {
		const rows = Array.from({ length: K }, (_, f) => [
			{ source: `S${f}`, target: `S${(f + 1) % K}`, count: 3 + (f === 7 ? 50 : 0) },
			{ source: `S${(f + 1) % K}`, target: `S${f}`, count: 3 },
		]).flat();
		const attempts = Object.fromEntries(Array.from({ length: K }, (_, f) => [`S${f}`, 100]));
		return countTable({ rows, attempts });
	};
	const at = async (K: number) =>
		parsed(reportPage(await dossierOf({ tables: [ring(K)], quick: true }), []));
	const rows = (document: ReturnType<typeof parsed>, id: string) =>
		document.querySelectorAll(`[id="kernel-1.${id}"] tbody tr`).length;
	const whole = await at(200);
	assert.equal(
		[rows(whole, 'states'), rows(whole, 'pairs'), rows(whole, 'outcomes')],
		[200, 200, 200],
	);
	assert.not.match(text(whole, '[id="kernel-1.pairs"]'), /detbal export/);
	const cut = await at(301);
	assert.equal([rows(cut, 'states'), rows(cut, 'pairs'), rows(cut, 'outcomes')], [300, 200, 300]);
	assert.match(text(cut, '[id="kernel-1.states"]'), /300 of 301 states .* detbal export/);
	assert.match(text(cut, '[id="kernel-1.pairs"]'), /200 of 301 pairs .* detbal export/);
	assert.match(text(cut, '[id="kernel-1.pairs"] tbody tr'), /^S7S8533/);
});

test('what is not known is said, not shown as nought', async () => {
	const counts = countTable({
		rows: [
			{ source: 'A', target: 'B', count: 4 },
			{ source: 'B', target: 'A', count: 2 },
			{ source: 'A', target: 'C', count: 1 },
		],
		attemptsByConvention: 10,
	});
	const document = parsed(reportPage(await dossierOf({ tables: [counts], imported: true }), []));
	const states = [...document.querySelectorAll('[id="kernel-1.states"] tbody tr')].map((row) =>
		[...row.children].map(({ textContent }) => textContent),
	);
	assert.equal(
		states.map((row) => row[1]),
		['–', '–', '–'],
	);
	assert.equal(states.find(([state]) => state === 'C')?.[5], '−∞');
	assert.match(text(document, '#_verdicts'), /Imported counts cannot be repeated/);
	assert.match(text(document, '#_identity'), /c{64}/);
	assert.is(document.querySelector('[id="kernel-1.outcomes"]'), null);
	assert.is(document.querySelector('.samples'), null);
});

const repeated = (dossier: Dossier): string =>
	[...parsed(reportPage(dossier, [])).querySelectorAll('.repeat')]
		.map((p) => p.textContent)
		.join('\n');

const RERUN = {
	id: 1,
	run: 1,
	seed: null,
	identical: true,
	compared: 1000,
	different: 0,
	planned: 1000,
	laws: { compared: 70, different: 0 },
	numericsDifferences: [],
	toolVersion: '0.1.0',
	createdAt: '2025-12-11T10:00:00.000Z',
};

test('repetitions: never, identical, in part, differing; the newest counts', async () => {
	const base = await dossierOf({ tables: [table(4, 0)] });
	const withReruns = (
		...reruns: (typeof RERUN | (Omit<typeof RERUN, 'seed'> & { seed: number }))[]
	) => repeated({ ...base, runs: base.runs.map((run) => ({ ...run, reruns })) });
	const bad = {
		...RERUN,
		id: 2,
		identical: false,
		different: 3,
		numericsDifferences: ['llama: threads: 1 → 2'],
	};
	assert.match(withReruns(), /Never repeated/);
	assert.match(withReruns(RERUN), /The whole run was repeated bit for bit: all 1,000 transitions/);
	assert.not.match(withReruns(RERUN), /Never|differs/);
	assert.match(withReruns(RERUN, bad as never), /differs: 3 of 1,000 .*threads: 1 → 2/);
	assert.match(withReruns({ ...RERUN, seed: 7 }), /Seed 7 alone was repeated bit for bit/);
	assert.not.match(withReruns({ ...RERUN, seed: 7 }, { ...RERUN, id: 2 }), /Seed 7/);
	assert.match(withReruns(RERUN, { ...RERUN, id: 2, seed: 7 }), /whole run.*Seed 7/s);
});

test('twins: the same digest, another one, another shard', async () => {
	const base = await dossierOf({ tables: [table(4, 0)] });
	const run = base.runs[0]!;
	const withTwin = (change: object) =>
		repeated({
			...base,
			runs: [
				{ ...run, twins: [1] },
				{ ...run, id: 2, twins: [], ...change },
			],
		}).split('\n')[0]!;
	assert.match(withTwin({}), /run 2 of fruits.sqlite has the same digest/);
	assert.match(withTwin({ digest: '9'.repeat(64) }), /run 2 of fruits.sqlite has another digest/);
	assert.match(withTwin({ shard: '1/2' }), /Never repeated/);
});

test('an interim report says so, a finished one does not', async () => {
	const tables = [table(4, 0)];
	const interim = parsed(reportPage(await dossierOf({ tables, missing: 500 }), []));
	assert.match(text(interim, 'header .banner'), /Interim\. 500 of 1,500 planned attempts/);
	assert.match(text(interim, '#_methods'), /1,000 of 1,500 planned attempts/);
	const done = parsed(reportPage(await dossierOf({ tables, texts: {} }), []));
	assert.not.match(text(done, 'header'), /Interim/);
});

test('methods tell what was done, and cite in order', async () => {
	const tables = [table(5, 0.5), star(3)];
	const methods = text(parsed(reportPage(await dossierOf({ tables }), [])), '#_methods');
	for (const said of [
		/with seeds 1, 2; sampling at/,
		/M = 199 tables, L = [\d,]+ steps, seed 1/,
		/below 0\.1 nats/,
		/α = 0\.05 after Holm’s correction over the 1 tested kernel/,
		/temperature 1, no truncation, at most 4 tokens/,
		/19 data sets drawn/,
		/@software\{detbal,.*0\.1\.0.*2025/s,
	]) {
		assert.match(methods, said);
	}
	assert.ok(methods.indexOf('[1]') < methods.indexOf('[2]'));
	const quick = parsed(reportPage(await dossierOf({ tables, quick: true }), []));
	assert.match(text(quick, '#_methods'), /exact conditional test was left out/);
	assert.not.match(text(quick, '#_methods'), /Besag|data sets drawn/);
});

test('every link inside the page has its target, no id comes twice, headings go in steps', async () => {
	const section: PageSection = {
		id: 'comparison',
		title: 'Comparison',
		paragraphs: ['a'],
		tables: [],
	};
	const tables = [table(5, 0.5), table(4, 0), star(4)];
	const document = parsed(reportPage(await dossierOf({ tables }), [section]));
	const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
	assert.is(new Set(ids).size, ids.length);
	for (const link of document.querySelectorAll('a[href^="#"]')) {
		assert.ok(ids.includes(link.getAttribute('href')!.slice(1)), link.outerHTML);
	}
	const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) =>
		Number(tagName[1]),
	);
	assert.is(levels.filter((level) => level === 1).length, 1);
	for (const [i, level] of levels.entries()) {
		if (i > 0) assert.ok(level - levels[i - 1]! <= 1, `heading ${i} jumps to level ${level}`);
	}
});

test.run();
