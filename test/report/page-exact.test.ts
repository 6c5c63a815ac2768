/** The section of exact kernels as a parser sees it. */
import { gunzipSync } from 'node:zlib';
import { parseHTML } from 'linkedom';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dossier, ExactRecord } from '../../harness/dossier/dossier.js';
import { exactFigures, svgFile } from '../../harness/report/figures/figures.js';
import { MOST_INLINE } from '../../harness/report/page/groups.js';
import { reportPage } from '../../harness/report/page/page.js';
import { ring } from '../analysis/scored/kernels.js';
import { dossierOf, star, table } from './page-dossier.js';
import { exactRecord } from './page-exact.js';

const test = suite('report page: exact kernels');

const parsed = (page: string) => parseHTML(page).document;
const text = (document: ReturnType<typeof parsed>, selector: string): string =>
	document.querySelector(selector)?.textContent ?? '';

const DRIVEN = exactRecord(ring(3, 0.4, 0.2));
const SAMPLED = await dossierOf({ tables: [table(4, 0.5)], quick: true });
const alone = (exact: readonly ExactRecord[]): Dossier => ({
	...SAMPLED,
	runs: [],
	groups: [],
	exact,
});

test('without exact kernels nothing of them is on the page', () => {
	const page = reportPage(SAMPLED, []);
	assert.not.match(page, /_exact|[Ee]xact kernel/);
	assert.match(page, /<h2 id="_identity.title">Identity of the runs</);
});

test('alone: verdict, table, section, identity, methods, and no word of sampling', () => {
	const still = exactRecord(ring(4, 0.3, 0.3), { slug: 'exact-2', name: 'still · plain' });
	const page = reportPage(alone([DRIVEN, still]), []);
	assert.is(reportPage(alone([DRIVEN, still]), []), page);
	const document = parsed(page);
	assert.is(text(document, 'h1'), 'fruits');
	assert.equal(
		[...document.querySelectorAll('nav a')].map((link) => link.textContent),
		['Exact kernels', 'Identity', 'Methods'],
	);
	assert.match(text(document, 'header'), /2 kernels scored exactly, without sampling\./);
	const counts = [...document.querySelectorAll('#_exact .legend li')].map(
		(card) =>
			`${card.querySelector('.count')?.textContent} ${card.querySelector('.chip')?.textContent}`,
	);
	assert.equal(counts, [
		'1 ✓ balanced',
		'0 ≈ independent',
		'1 ✗ violated',
		'0 … undecided',
		'0 ∅ untestable',
	]);
	assert.is(document.querySelectorAll('[id="_exact.table"] tbody tr').length, 2);
	assert.match(text(document, '[id="_exact.table"] tbody tr'), /violated3.*2\.08 ± 0/);
	assert.match(
		text(document, '#exact-1 .sentence'),
		/violated\. Detailed balance violated by 2\.08/,
	);
	assert.ok(document.querySelector('#exact-1')?.hasAttribute('open'));
	assert.match(text(document, '[id="exact-1.loops"]'), /S0 → S1 → S2/);
	assert.match(text(document, '[id="exact-1.states"]'), /0\.333/);
	assert.match(text(document, '[id="_identity.exact"]'), /4{64}/);
	assert.match(text(document, '#_methods'), /2 kernels were scored exactly.*without any p-value/);
	assert.not.match(text(document, '#_methods'), /Besag|Holm|exact conditional test/);
	const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
	assert.is(new Set(ids).size, ids.length);
	for (const link of document.querySelectorAll('a[href^="#"]')) {
		assert.ok(ids.includes(link.getAttribute('href')!.slice(1)), link.outerHTML);
	}
	const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) =>
		Number(tagName[1]),
	);
	for (const [i, level] of levels.entries()) {
		if (i > 0) assert.ok(level - levels[i - 1]! <= 1, `heading ${i} jumps to level ${level}`);
	}
});

test('what numerics leave open, what is missing, and one shape are said', () => {
	const { finding } = exactRecord(ring(3, 0.4, 0.2), { left: 0.05 });
	const one = { ...DRIVEN, finding, leftOut: 0.05, missing: 2, unreached: 1 };
	const section = text(parsed(reportPage(alone([one]), [])), '#_exact');
	assert.match(section, /2 sources are not scored yet/);
	assert.match(section, /1 source used up the evaluations/);
	assert.match(section, /0\.05/);
	assert.match(section, /2\.08 ± \d/);
	assert.not.match(text(parsed(reportPage(alone([DRIVEN]), [])), '#_exact'), /not scored yet/);
});

test('beside a sampled kernel: a link to it, the test after Bonferroni, the figure of both', () => {
	const fit = { p: 0.03, statistic: 20, degreesOfFreedom: 9, attempts: 400, impossible: 0 };
	const at = (agreement: ExactRecord['agreement'], ...more: ExactRecord[]) =>
		text(
			parsed(reportPage({ ...SAMPLED, exact: [{ ...DRIVEN, agreement, group: 0 }, ...more] }, [])),
			'#exact-1',
		);
	assert.match(
		at(fit),
		/they do not look like draws from this kernel \(goodness of fit p 0\.03, G² 20/,
	);
	const other = { ...DRIVEN, slug: 'exact-2', agreement: { ...fit, p: 0.9 }, group: 0 };
	assert.match(at(fit, other), /nothing speaks against .*p 0\.03, 0\.06 after Bonferroni/);
	assert.match(
		at({ ...fit, impossible: 4 }),
		/4 attempts ended where this kernel has no probability/,
	);
	assert.match(at({ p: null, reason: 'mass was left out' }), /was not tested: mass was left out/);
	const document = parsed(reportPage({ ...SAMPLED, exact: [{ ...DRIVEN, group: 0 }] }, []));
	assert.ok(document.querySelector('#exact-1 a[href="#kernel-1"]'));
	assert.match(text(document, '#exact-1 .figures'), /Sampled against exact/);
	assert.equal(
		[...document.querySelectorAll('nav a')].map((link) => link.textContent),
		['Verdicts', 'Overview', 'Kernels', 'Exact kernels', 'Identity', 'Methods'],
	);
});

const EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u0000\ud800';

test('hostile text is text, packed or not', () => {
	const evil = exactRecord(ring(3, 0.4, 0.2), {
		model: `m${EVIL}`,
		template: `t${EVIL}`,
		name: `n${EVIL}`,
		experiment: `e${EVIL}`,
		state: (k) => `${k}${EVIL}`,
	});
	for (const n of [1, MOST_INLINE + 1]) {
		const exact = Array.from({ length: n }, (_, i) => ({ ...evil, slug: `exact-${i + 1}` }));
		const raw = reportPage(alone(exact), []);
		assert.is(parsed(raw).querySelectorAll('.packed').length, n === 1 ? 0 : n);
		assert.is(parsed(raw).querySelectorAll('noscript').length, n === 1 ? 0 : 1);
		const page = raw.replaceAll(
			/<script type="text\/plain" class="packed">([^<]*)<\/script>/g,
			(_, base64) => gunzipSync(Buffer.from(base64, 'base64')).toString(),
		);
		const document = parsed(page);
		assert.is(document.querySelectorAll('script').length, 1);
		assert.is(document.querySelectorAll('img, [onerror]').length, 0);
		for (const hostile of ['\u202e', '\u0000']) assert.not.ok(page.includes(hostile));
		assert.ok(page.isWellFormed());
		for (const place of 'mtne0')
			assert.ok(document.body.textContent.includes(`${place}"><script>alert(1)</script>`), place);
	}
});

test('figures: a reversible kernel lies on the line, a driven one does not', () => {
	const figures = (one: ExactRecord) =>
		Object.fromEntries(exactFigures(one, null).drawn.map((figure) => [figure.id, figure]));
	const V = [0, 0.4, 1.1, 0.2];
	const reversible = exactRecord(
		V.map((vf, f) => V.map((vg, g) => (f === g ? 0 : 0.1 * Math.exp((vf - vg) / 2)))),
	);
	const miss = (one: ExactRecord): number => {
		const svg = svgFile(figures(one).scatter!);
		const [, x1, y1, x2, y2] = /<path d="M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)"/
			.exec(svg)!
			.map(Number);
		let [x, y, most] = [0, 0, 0];
		const path = /d="(m[^"]*h0)"/.exec(svg)![1]!;
		for (const [, dx, dy] of path.matchAll(/m(-?[\d.]+) ?(-?[\d.]+)h0/g)) {
			x += Number(dx);
			y += Number(dy);
			const line = y1! + ((x - x1!) * (y2! - y1!)) / (x2! - x1!);
			most = Math.max(most, Math.abs(line - y));
		}
		return most;
	};
	assert.ok(miss(reversible) < 0.2, String(miss(reversible)));
	assert.ok(miss(DRIVEN) > 20, String(miss(DRIVEN)));
	for (const { reading, description } of Object.values(figures(reversible))) {
		assert.match(reading, /^[A-Z][^.]*\.$/);
		assert.match(description, /\d.*\.$/);
	}
	// Rows of the kernel from the lowest potential to the highest.
	const kernel = svgFile(figures(reversible).kernel!);
	const order = [...kernel.matchAll(/>(S\d)</g)].map(([, name]) => name);
	assert.equal(order, ['S0', 'S3', 'S1', 'S2']);
	const potential = svgFile(figures(reversible).potential!);
	assert.equal(
		[...potential.matchAll(/>(S\d)</g)].map(([, name]) => name),
		['S0', 'S3', 'S1', 'S2'],
	);
});

test('figures of many states are cut and say so; of none there is a reason', async () => {
	const many = exactRecord(ring(41, 0.3, 0.2));
	const titles = exactFigures(many, null).drawn.map(({ panels }) => panels[0]!.title);
	assert.match(titles[0]!, /^41 pairs/);
	assert.match(titles[1]!, /^40 of 41 states/);
	assert.match(titles[2]!, /^30 of 41 states/);
	const nothing = exactRecord([
		[0, 0],
		[0, 0],
	]);
	const { drawn, missing } = exactFigures(nothing, SAMPLED.groups[0]!);
	assert.equal([drawn.length, missing.length], [0, 4]);
	for (const { reason } of missing) assert.ok(reason.length > 5);
	const one = exactRecord(ring(4, 0.3, 0.2));
	const sampled = exactFigures(one, SAMPLED.groups[0]!).drawn.at(-1)!;
	assert.is(sampled.id, 'sampled');
	// Only neighbours have a probability, and all pairs were drawn.
	assert.match(sampled.panels[0]!.title, /^8 transitions, \d+ drawn that have no probability\n/);
	const unrecorded = await dossierOf({ tables: [star(3)], quick: true });
	const group = { ...unrecorded.groups[0]!, table: { ...star(3), attemptsRecorded: false } };
	assert.match(exactFigures(one, group).missing.at(-1)!.reason, /not recorded/);
});

test.run();
