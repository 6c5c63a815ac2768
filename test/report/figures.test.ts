/** Figures: where things stand, what is cut, what is refused, and hostile names. */
import { spawnSync } from 'node:child_process';
import { gzipSync, inflateSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CountTable, countTable } from '../../harness/analysis/table/counts.js';
import type { GroupRecord } from '../../harness/dossier/dossier.js';
import { Stream } from '../../harness/numerics/stream.js';
import {
	figureFiles,
	groupFigures,
	missingFigures,
	missingOverviewFigures,
	overviewFigures,
	type ReportFigure,
	svgFile,
	svgInline,
} from '../../harness/report/figures/figures.js';
import { sceneOf } from '../../harness/report/figures/standing.js';
import { linesWithin, shownName, widthOf } from '../../harness/report/figures/text.js';
import { pngOf } from '../../harness/report/png.js';
import { powerFigure } from '../../harness/report/power-figure.js';
import { randomKernel, sampleTable, tableOf } from '../analysis/synthetic.js';
import { dossierOf, groupOf } from './figure-groups.js';

const test = suite('figures');

const random = (states: number, attempts: number, seed: number): CountTable => {
	const kernel = randomKernel(states, new Stream([seed, 1], 0), {
		depth: 1,
		spread: 0.5,
		noise: 0.3,
	});
	return sampleTable(kernel, attempts, new Stream([seed, 1], 1));
};
const GROUP = await groupOf(random(7, 400, 1));
/** A → B → C → D in a ring and back, E → A, A → F. */
const RING = {
	'A>B': 40,
	'B>A': 20,
	'B>C': 30,
	'C>B': 20,
	'C>D': 30,
	'D>C': 10,
	'D>A': 9,
	'A>D': 8,
};
const LANES = await groupOf(tableOf({ ...RING, 'E>A': 7, 'A>F': 6, 'F>F': 3 }));
const STAR = await groupOf(tableOf({ 'H>A': 9, 'A>H': 8, 'H>B': 7, 'B>H': 6, 'H>C': 5, 'C>H': 4 }));
const ALL = [
	'scatter',
	'loop-sums',
	'potential-distribution',
	'levels',
	'potential-graph',
	'kernel',
	'loops',
	'exact-test',
	'outcomes',
	'power',
];

function figure(group: GroupRecord, id: string): ReportFigure {
	const found = groupFigures(group).find((one) => one.id === id);
	assert.ok(found, `${id} is missing`);
	return found as ReportFigure;
}

const overview = (groups: readonly GroupRecord[], id: string): ReportFigure =>
	overviewFigures(dossierOf(groups)).find((one) => one.id === id) as ReportFigure;

const titles = ({ panels }: ReportFigure): string[] => panels.map(({ title }) => title);

/** Absolute places of the dots of each path of dots. */
function dotsOf(svg: string): (readonly [number, number])[][] {
	return [...svg.matchAll(/d="(m[^"]*h0)"/g)].map(([, d]) => {
		let [x, y] = [0, 0];
		return [...d!.matchAll(/m(-?[\d.]+) ?(-?[\d.]+)h0/g)].map(([, dx, dy]) => {
			x += Number(dx);
			y += Number(dy);
			return [x, y] as const;
		});
	});
}

/** Heights of texts by their content, within the drawing of the first panel. */
function heights(svg: string): Map<string, number> {
	const first = svg.split('<g transform="translate(360,')[0]!;
	const texts = [...first.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)];
	return new Map(texts.map(([, at, text]) => [text!, Number(/y="(-?[\d.]+)"/.exec(at!)?.[1])]));
}

/** Tag and texts of each document as python's expat reads them; one that it refuses ends it. */
function readByExpat(documents: readonly string[]) {
	const script = `
import json, sys
from xml.etree import ElementTree
for document in json.load(sys.stdin):
    root = ElementTree.fromstring(document.encode('utf-8', 'surrogatepass'))
    print(json.dumps([root.tag] + [''.join(e.itertext()) for e in root.iter() if e.tag.endswith('text')]))
`;
	return spawnSync('python3', ['-c', script], {
		input: JSON.stringify(documents),
		encoding: 'utf8',
		maxBuffer: 1 << 28,
	});
}

/** Width, height and RGBA rows (filters undone) of a PNG of 8 bits without interlacing. */
function pixels(png: Uint8Array): { width: number; height: number; distinct: Set<number> } {
	const bytes = Buffer.from(png);
	const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
	assert.equal([...bytes.subarray(24, 29)], [8, 6, 0, 0, 0]);
	const parts: Buffer[] = [];
	for (let at = 8; at < bytes.length; ) {
		const size = bytes.readUInt32BE(at);
		const kind = bytes.toString('latin1', at + 4, at + 8);
		if (kind === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + size));
		at += 12 + size;
	}
	const raw = inflateSync(Buffer.concat(parts));
	const stride = 4 * width;
	assert.is(raw.length, (stride + 1) * height);
	const distinct = new Set<number>();
	let above = Buffer.alloc(stride);
	for (let y = 0; y < height; y++) {
		const filter = raw[y * (stride + 1)]!;
		const row = Buffer.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
		for (let i = 0; i < stride; i++) {
			const [a, b, c] = [i < 4 ? 0 : row[i - 4]!, above[i]!, i < 4 ? 0 : above[i - 4]!];
			const p = a + b - c;
			const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
			const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
			row[i] = row[i]! + [0, a, b, (a + b) >> 1, paeth][filter]!;
		}
		for (let i = 0; i < stride; i += 4) distinct.add(row.readUInt32BE(i));
		above = row;
	}
	return { width, height, distinct };
}

test('a group that allows them has all figures, each with a sentence, and none missing', () => {
	assert.equal(
		groupFigures(GROUP).map(({ id }) => id),
		ALL,
	);
	assert.equal(missingFigures(GROUP), []);
	for (const one of [...groupFigures(GROUP), ...overviewFigures(dossierOf([GROUP]))]) {
		assert.match(one.reading, /^[A-Z][^.]*\.$/, one.id);
		assert.match(one.description, /\d.*\.$/, one.id);
		assert.ok(one.panels.length > 0, one.id);
	}
});

test('what the data do not allow is left out with a reason', () => {
	const reasons = (group: GroupRecord) =>
		missingFigures(group).map(({ title, reason }) => `${title}: ${reason}`);
	assert.equal(reasons(STAR), [
		'Forward against backward loop sums: no triangle was seen with all six counts above 0',
		'Loop affinities: no independent loop',
		'Exact test of detailed balance: no independent loop',
		'Power of the exact test: no loop was observed to measure it by',
	]);
	const none = { ...GROUP, matched: null, outcomesBySource: null, power: null };
	assert.equal(reasons(none).length, 7);
	assert.equal(reasons({ ...GROUP, outcomesBySource: null }), [
		'Outcomes by source: attempts were not recorded',
	]);
	assert.equal(groupFigures(STAR).length + missingFigures(STAR).length, ALL.length);
});

test('no transition at all: no kernel, and every figure says why', async () => {
	const empty = await groupOf(countTable({ rows: [], attempts: { A: 5, B: 5 } }));
	assert.equal(
		groupFigures(empty).map(({ id }) => id),
		['outcomes'],
	);
	for (const { reason } of missingFigures(empty)) assert.ok(reason.length > 3, reason);
	assert.equal(
		missingOverviewFigures(dossierOf([])).map(({ reason }) => reason.split(' ').length > 3),
		[true, true, true, true],
	);
	assert.equal(overviewFigures(dossierOf([])), []);
});

test('a dot where x = y lies on the dashed line, another does not; both panels have one scale', () => {
	const sight = {
		...GROUP.matched!.observed,
		scatter: [
			{ x: -1, y: -1 },
			{ x: 0.3, y: 0.3 },
			{ x: 2, y: 1 },
		],
	};
	const other = { ...sight, scatter: [{ x: 0.3, y: 0.3 }] };
	const group = { ...GROUP, matched: { observed: sight, matched: other } };
	const svg = svgFile(figure(group, 'scatter'));
	const [, x1, y1, x2, y2] = /<path d="M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)"/.exec(svg)!;
	const lineY = (x: number): number =>
		Number(y1) + ((x - Number(x1)) * (Number(y2) - Number(y1))) / (Number(x2) - Number(x1));
	const [own, drawn] = dotsOf(svg);
	const miss = own!.map(([x, y]) => Math.abs(lineY(x) - y));
	assert.ok(miss[0]! < 0.11 && miss[1]! < 0.11, String(miss));
	assert.ok(miss[2]! > 50, String(miss));
	assert.equal(drawn, [own![1]]);
	// Equal steps of x are equal steps of the drawing: 1.3 nats and 1.7 nats.
	const ratio = (own![2]![0] - own![1]![0]) / (own![1]![0] - own![0]![0]);
	assert.ok(Math.abs(ratio - 1.7 / 1.3) < 0.002, String(ratio));
});

test('statistics and their null ranges stand in the titles', () => {
	const [observed, matched] = titles(figure(GROUP, 'scatter'));
	const { correlation } = GROUP.finding.replica!.figures;
	assert.match(observed!, new RegExp(`^observed\nr ${correlation.observed!.toPrecision(3)}`));
	assert.match(
		matched!,
		/^matched null\nr [\d.−-]+ … [\d.−-]+, χ²\/ndf [\d.]+ … [\d.]+ \(95 % of 19 data sets\)$/,
	);
	const quick = { ...GROUP, finding: { ...GROUP.finding, replica: null } };
	assert.match(titles(figure(quick, 'scatter'))[1]!, /no range was drawn$/);
});

test('bars of the potential count its states', () => {
	const potential = [0, 0.1, 0.2, 1.9, 2, null, 2];
	const sight = { ...GROUP.matched!.observed, potential };
	const svg = svgFile(
		figure({ ...GROUP, matched: { observed: sight, matched: sight } }, 'potential-distribution'),
	);
	const first = svg.split('translate(360,')[0]!;
	const bars = [...first.matchAll(/<rect ([^>]+)\/>/g)].flatMap(([, at]) => {
		const height = /height="([\d.]+)"/.exec(at!)![1];
		return at!.includes('x=') ? [Number(height)] : [];
	});
	// 0 to 2 in 6 bins: three states in the first, three in the last.
	assert.is(bars.length, 2);
	assert.is(bars[0], bars[1]);
	assert.match(svg, /6 states with a potential/);
});

test('points: 120 are drawn, of 121 as many, spread over all', () => {
	const points = (n: number) => Array.from({ length: n }, (_, i) => ({ forward: i, backward: -i }));
	for (const [n, title] of [
		[120, '120 triangles'],
		[121, '120 of 121 triangles'],
	] as const) {
		const sight = { ...GROUP.matched!.observed, loops: points(n) };
		const finding = { ...GROUP.finding, replica: null };
		const one = figure(
			{ ...GROUP, finding, matched: { observed: sight, matched: sight } },
			'loop-sums',
		);
		assert.is(titles(one)[0], `observed\n${title}`);
		assert.equal(
			dotsOf(svgFile(one)).map((dots) => dots.length),
			[120, 120],
		);
	}
});

test('levels: 12 states and 25 arrows at most, the busiest', async () => {
	const count = (svg: string): number => (svg.match(/q[-\d. ]+/g) ?? []).length;
	const ring = (n: number) =>
		tableOf(
			Object.fromEntries(
				Array.from({ length: n }, (_, i) => {
					const [f, g] = [String.fromCharCode(65 + i), String.fromCharCode(65 + ((i + 1) % n))];
					return [
						[`${f}>${g}`, 20 + i],
						[`${g}>${f}`, 18 + i],
					] as [string, number][];
				}).flat(),
			),
		);
	const [twelve, thirteen] = [await groupOf(ring(12)), await groupOf(ring(13))];
	assert.match(titles(figure(twelve, 'levels'))[0]!, /^observed: 12 states, 24 of 24 transitions$/);
	assert.match(titles(figure(thirteen, 'levels'))[0]!, /^observed: 12 of 13 states, 22 of 22 /);
	assert.is(count(svgFile(figure(twelve, 'levels'))), 48);
	const dense = await groupOf(random(6, 400, 3));
	assert.match(titles(figure(dense, 'levels'))[0]!, /^observed: 6 states, 25 of 30 transitions$/);
	assert.is(count(svgFile(figure(dense, 'levels'))), 50);
	// B has the fewest attempts of the ring of 13.
	assert.not.match(svgFile(figure(thirteen, 'levels')), />B</);
	assert.match(svgFile(figure(thirteen, 'levels')), />M</);
});

test('levels stand at V, unbounded states at no number: in lanes beyond the scale', () => {
	const { standing } = sceneOf(LANES, LANES.matched!.observed);
	const lanes = standing.map(({ state, value, lane }) => [
		LANES.table.states[state],
		value === null,
		lane,
	]);
	assert.equal(lanes.slice(4), [
		['E', true, 'above'],
		['F', true, 'below'],
	]);
	assert.ok(lanes.slice(0, 4).every(([, unbounded, lane]) => !unbounded && lane === null));
	for (const id of ['levels', 'potential-graph']) {
		const y = heights(svgFile(figure(LANES, id)));
		const bounded = ['A', 'B', 'C', 'D'].map((name) => y.get(name)!);
		assert.ok(y.get('E')! < y.get('+∞')! + 6 && y.get('E')! < Math.min(...bounded), id);
		assert.ok(y.get('F')! > y.get('−∞')! - 6 && y.get('F')! > Math.max(...bounded), id);
		const scale = [...y].filter(([text]) => /^−?[\d.]+$/.test(text)).map(([, at]) => at);
		assert.ok(y.get('E')! < Math.min(...scale), id);
		assert.ok(y.get('F')! > Math.max(...scale), id);
	}
	assert.not.match(svgFile(figure(GROUP, 'levels')), />[+−]∞</);
});

test('boxes of the potential graph stand at V on one line, and none covers another', () => {
	const svg = svgFile(figure(GROUP, 'potential-graph')).split('translate(360,')[0]!;
	const boxes = [...svg.matchAll(/d="M(\d+) (\d+)h(\d+)v14h-\d+z"/g)].map(([, ...n]) =>
		n.map(Number),
	);
	assert.is(boxes.length, 7);
	const byName = heights(svg);
	const V = GROUP.matched!.observed.potential;
	const at = V.map((v, f) => [v!, byName.get(GROUP.table.states[f]!)!] as const);
	const [low, high] = [at.toSorted(([a], [b]) => a - b)[0]!, at.toSorted(([a], [b]) => b - a)[0]!];
	for (const [v, y] of at) {
		const expected = low[1] + ((v - low[0]) * (high[1] - low[1])) / (high[0] - low[0]);
		assert.ok(Math.abs(y - expected) < 0.2, `${y} ${expected}`);
	}
	for (const [i, [x, y, w]] of boxes.entries()) {
		for (const [ox, oy, ow] of boxes.slice(i + 1)) {
			assert.ok(Math.abs(y! - oy!) >= 14 || x! + w! <= ox! || ox! + ow! <= x!, `${x} ${ox}`);
		}
	}
});

test('kernel: 30 states at most, rows by potential, shares in the right shade', async () => {
	const thirty = await groupOf(random(30, 60, 4));
	const more = await groupOf(random(31, 60, 4));
	assert.match(titles(figure(thirty, 'kernel'))[0]!, /^30 states/);
	assert.match(titles(figure(more, 'kernel'))[0]!, /^30 of 31 states/);
	assert.not.match(svgFile(figure(thirty, 'kernel')), />other</);
	assert.match(svgFile(figure(more, 'kernel')), />other</);
	const y = heights(svgFile(figure(GROUP, 'kernel')));
	const rows = GROUP.finding.potential.toSorted((a, b) => y.get(a.state)! - y.get(b.state)!);
	const values = rows.map(({ value }) => value!);
	assert.equal(
		values,
		values.toSorted((a, b) => a - b),
	);
	// One cell each: 50 % of A's attempts to B, 5 % of B's to A; shades 5, 10, 20 and 50 %.
	const two = await groupOf(
		countTable({
			rows: [
				{ source: 'A', target: 'B', count: 50 },
				{ source: 'B', target: 'A', count: 5 },
			],
			attempts: { A: 100, B: 100 },
		}),
	);
	const svg = svgFile(figure(two, 'kernel'));
	const shades = [
		...svg.matchAll(
			/<path d="([^"]+)" stroke="#0072b2" stroke-opacity="([\d.]+)" stroke-width="11"/g,
		),
	];
	const cells = new Map<string, number>();
	for (const [, d, shade] of shades) {
		cells.set(shade!, (cells.get(shade!) ?? 0) + (d!.match(/m/gi) ?? []).length);
	}
	// Each shade once in the legend; B → A at 5 %, A → B and A's failures at 50 %, B's at 95 %.
	const counted = [...cells].sort(([a], [b]) => Number(a) - Number(b)).map(([, n]) => n);
	assert.is(counted[0], 2);
	assert.is(counted.reduce((a, b) => a + b) - counted.length, 4);
});

test('outcomes: 30 sources at most, shares that add up to the width', async () => {
	const made = (n: number) =>
		Array.from({ length: n }, (_, i) => ({
			source: `s${i}`,
			...{ valid: 1 + i, self: 0, invalid: 1 + i, unparsable: 0, truncated: 0 },
		}));
	const title = (n: number) =>
		titles(figure({ ...GROUP, outcomesBySource: made(n) }, 'outcomes'))[0];
	assert.match(title(30)!, /^30 sources/);
	assert.match(title(31)!, /^30 of 31 sources/);
	const svg = svgFile(figure({ ...GROUP, outcomesBySource: made(31) }, 'outcomes'));
	assert.not.match(svg, />s0</);
	assert.match(svg, />s30</);
	const one = svgFile(figure({ ...GROUP, outcomesBySource: made(1) }, 'outcomes'));
	const bars = [...one.matchAll(/d="M([\d.]+) [\d.]+h([\d.]+)" stroke="#\w+" stroke-width="10"/g)];
	assert.is(bars.length, 2);
	assert.is(bars[0]![2], bars[1]![2]);
});

test('loops: the interval of the worst one is drawn where its numbers are', () => {
	const svg = svgFile(figure(GROUP, 'loops'));
	const { loops } = GROUP.finding.worstLoops;
	assert.is(dotsOf(svg).length, loops.length);
	const bars = [
		...svg.matchAll(/d="M([\d.]+) ([\d.]+)h([\d.]+)" stroke="#0072b2" stroke-width="1.5"/g),
	];
	assert.is(bars.length, loops.length);
	for (const [i, [, from, , wide]] of bars.entries()) {
		const middle = Number(from) + Number(wide) / 2;
		assert.ok(Math.abs(dotsOf(svg)[i]![0]![0] - middle) < 0.2, `${i}`);
	}
	const ratio = Number(bars[0]![3]) / Number(bars[1]![3]);
	assert.ok(Math.abs(ratio - loops[0]!.standardError / loops[1]!.standardError) < 0.01);
});

test('exact test: the observed value on the scale, and off it', () => {
	const law = { from: 0, to: 10, counts: [1, 5, 3, 1] };
	const at = (statistic: number): GroupRecord => {
		const exactTest = { ...GROUP.finding.exactTest, statistic, law };
		return { ...GROUP, finding: { ...GROUP.finding, exactTest } };
	};
	const [within, beyond] = [30, 31].map((x) => svgFile(figure(at(x), 'exact-test')));
	assert.match(within!, />observed 30</);
	assert.match(beyond!, />observed 31, off the scale</);
	const none = { ...GROUP.finding.exactTest, law: null };
	const kept = missingFigures({ ...GROUP, finding: { ...GROUP.finding, exactTest: none } });
	assert.equal(kept, [
		{ title: 'Exact test of detailed balance', reason: 'its statistic was not kept' },
	]);
});

test('overview: panels of 40 groups, 400 in all; models, templates; one sign for each verdict', async () => {
	const many = (n: number): GroupRecord[] =>
		Array.from({ length: n }, (_, i) => ({ ...STAR, model: `m${i}`, name: `m${i} · t` }));
	const panels = (n: number) => titles(overview(many(n), 'affinity'));
	assert.equal(panels(40), ['40 groups; tolerance 0.1 nats']);
	assert.equal(panels(41), [
		'41 groups, 1 to 21; tolerance 0.1 nats',
		'41 groups, 22 to 41; tolerance 0.1 nats',
	]);
	assert.match(panels(400)[0]!, /^400 groups, 1 to 40;/);
	assert.match(panels(401)[0]!, /^400 of 401 groups/);
	const matrix = (n: number) => titles(overview(many(n), 'verdicts'))[0];
	assert.is(matrix(60), '60 models, 1 template');
	assert.is(matrix(61), '60 of 61 models, 1 template');
	const templates = (n: number) =>
		overview(
			Array.from({ length: n }, (_, i) => ({ ...STAR, template: `t${i}` })),
			'verdicts',
		);
	assert.is(titles(templates(16))[0], '1 model, 16 templates');
	assert.is(titles(templates(17))[0], '1 model, 16 of 17 templates');
	// Crosses, one in the legend.
	const crosses = (svg: string) => (svg.match(/m-4-4l8 8m0-8l-8 8/g) ?? []).length;
	assert.is(crosses(svgFile(overview(many(3), 'verdicts'))), 4);
	const cell = (n: number) => svgFile(overview(new Array<GroupRecord>(n).fill(STAR), 'verdicts'));
	assert.is(crosses(cell(4)), 5);
	assert.not.match(cell(4), />\+\d</);
	assert.is(crosses(cell(5)), 4);
	assert.match(cell(5), />\+2</);
});

test('potentials: a dozen panels against one reference, r of a group with itself is 1', () => {
	const twins = (n: number) => Array.from({ length: n }, (_, i) => ({ ...GROUP, name: `g${i}` }));
	const shown = (n: number) => overview(twins(n), 'potentials');
	assert.is(shown(13).panels.length, 12);
	assert.not.match(shown(13).title, /\d+ of \d+/);
	assert.match(shown(14).title, /, 12 of 13 groups, models in turn$/);
	assert.equal(titles(shown(2)), ['g1\nr 1, 7 states']);
	assert.match(overview(twins(40), 'correlations').panels[0]!.title, /^40 groups$/);
	assert.match(overview(twins(41), 'correlations').panels[0]!.title, /^40 of 41 groups$/);
	// Every dot on the line.
	const svg = svgFile(shown(2));
	for (const [x, y] of dotsOf(svg)[0]!)
		assert.ok(Math.abs(x - 48 + (y - 4) - 184) < 0.25, `${x} ${y}`);
	const opposite = {
		...GROUP.finding,
		potential: GROUP.finding.potential.map((one) => ({ ...one, value: -one.value! })),
	};
	const both = [GROUP, { ...GROUP, name: 'opposite', finding: opposite }];
	assert.equal(titles(overview(both, 'potentials')), ['opposite\nr -1, 7 states']);
});

test('groups that share two states are not compared; three are enough', async () => {
	const named = (names: string) =>
		groupOf(
			tableOf(
				Object.fromEntries(
					[...names].map((f, i) => [`${f}>${names[(i + 1) % names.length]}`, 9 + i]),
				),
			),
		);
	const [a, b, c] = [await named('ABCD'), await named('CDXY'), await named('BCDX')];
	const titlesOf = (groups: GroupRecord[]) =>
		missingOverviewFigures(dossierOf(groups)).map(({ title }) => title);
	assert.equal(titlesOf([a!, b!]), ['Potential against potential', 'Correlation of potentials']);
	assert.equal(titlesOf([a!, c!]), []);
	const apart = (task: string, group: GroupRecord): GroupRecord => ({
		...group,
		identity: { model: '', template: '', task, sampling: '', numerics: [] },
	});
	assert.is(titlesOf([apart('1', a!), apart('2', c!)]).length, 2);
});

const HOSTILE = [
	'<script>alert(1)</script>',
	`"'&]]><!--`,
	Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)).join(''),
	'\u202edlrow\u2066\u200f',
	'\ud800lone\udfff',
	'\ufffe\uffff\u0085',
	'漢字かな交じり文の名前はとても長い',
	'x'.repeat(1 << 20),
	'a\nb\tc',
];

async function hostileGroup(): Promise<GroupRecord> {
	const kernel = randomKernel(HOSTILE.length, new Stream([5, 1], 0), {
		depth: 1,
		spread: 0.5,
		noise: 0,
	});
	const { states, rowStart, target, count, self, attempts } = sampleTable(
		kernel,
		200,
		new Stream([5, 1], 1),
	);
	const rows = states.flatMap((_, f) =>
		Array.from(target.subarray(rowStart[f], rowStart[f + 1]), (g, i) => ({
			source: HOSTILE[f]!,
			target: HOSTILE[g]!,
			count: count[rowStart[f]! + i]!,
		})),
	);
	assert.is(self[0], 0);
	const made = Object.fromEntries(HOSTILE.map((name, f) => [name, attempts[f]!]));
	return groupOf(countTable({ rows, attempts: made }), {
		model: HOSTILE[0]!,
		template: HOSTILE[7]!,
	});
}

test('hostile names: well-formed for another parser, short, and shown as text', async () => {
	const group = await hostileGroup();
	const dossier = dossierOf([group, { ...group, name: HOSTILE[3]!, model: HOSTILE[2]! }]);
	const figures = [...groupFigures(group), ...overviewFigures(dossier)];
	assert.is(figures.length, ALL.length + 4);
	const files = figures.map(svgFile);
	const inline = figures.map(svgInline);
	for (const text of [...files, ...inline]) {
		assert.ok(text.length < 80_000, `${text.length}`);
		assert.not.match(text, /<script|<!--|[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufffe\uffff]/);
		assert.ok(text.isWellFormed());
	}
	const { stdout, stderr, status } = readByExpat([...files, ...inline]);
	assert.is(status, 0, stderr);
	const read: string[][] = stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	assert.is(read.length, files.length + inline.length);
	assert.is(read[0]![0], '{http://www.w3.org/2000/svg}svg');
	const kernel = read[ALL.indexOf('kernel')]!;
	for (const shown of ['<script>alert(1…', `"'&]]><!--`, '␦dlrow␦␦', '�lone�', '␦␦␦', 'a␦b␦c']) {
		const found = kernel.some((text) => text === shown || text.startsWith(shown.slice(0, 10)));
		assert.ok(found, `${shown} in ${JSON.stringify(kernel)}`);
	}
	assert.is(readByExpat(['<svg>\u0001</svg>']).status, 1);
});

test('in the page: no ids, styles or classes that meet, colours by name, one image a panel', () => {
	for (const one of [...groupFigures(GROUP), ...overviewFigures(dossierOf([GROUP, LANES]))]) {
		const markup = svgInline(one);
		assert.match(markup, /^<div class="panels"><svg role="img" aria-label="[^"]+" viewBox=/);
		assert.not.match(markup, /\sid=|<style|style=|url\(|href/i);
		assert.equal([...new Set(markup.match(/class="[^"]*"/g))], ['class="panels"']);
		assert.is((markup.match(/<svg /g) ?? []).length, one.panels.length);
		const colours = markup.match(/(?:fill|stroke)="[^"]*"/g) ?? [];
		for (const colour of colours) {
			assert.match(colour, /"(none|currentColor|var\(--(ink|paper|grid|c[1-6]),#[0-9a-f]{6}\))"/);
		}
		for (const [, d] of markup.matchAll(/ (?:d|x|y|transform)="([^"]*)"/g)) {
			assert.not.match(d!, /\.\d\d/, one.id);
		}
		const sizes = markup.matchAll(/font-size="([\d.]+)"/g);
		for (const [, size] of sizes) assert.ok(Number(size) >= 10);
		assert.ok(one.size.width <= 368);
	}
	const file = svgFile(figure(GROUP, 'scatter'));
	assert.match(file, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>\n$/s);
	assert.not.match(file, /var\(|currentColor/);
	assert.match(file, /<rect width="\d+" height="\d+" fill="#ffffff"\/>/);
});

test('the same dossier gives the same bytes, drawn in whatever order', () => {
	const draw = () => groupFigures(GROUP).map((one) => svgFile(one) + svgInline(one));
	const first = draw();
	overviewFigures(dossierOf([LANES, GROUP])).map(svgFile);
	assert.equal(draw(), first);
	const [one] = groupFigures(GROUP);
	assert.is(svgFile(one!), svgFile(one!));
});

test('all figures of 30 states: 60 KB at most, 12 KB compressed', async () => {
	const group = await groupOf(random(30, 2000, 6));
	assert.is(groupFigures(group).length, ALL.length);
	const all = groupFigures(group).map(svgInline).join('');
	assert.ok(Buffer.byteLength(all) <= 60_000, `${Buffer.byteLength(all)}`);
	const packed = gzipSync(all, { level: 9 }).length;
	assert.ok(packed <= 12_000, `${packed}`);
});

test('PNG: a picture that is not blank, twice the size, the same bytes twice', async () => {
	const svg = svgFile(figure(GROUP, 'scatter'));
	const png = await pngOf(svg);
	assert.equal([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
	const { width, height, distinct } = pixels(png);
	const [, w, h] = /width="(\d+)" height="(\d+)"/.exec(svg)!;
	assert.equal([width, height], [2 * Number(w), 2 * Number(h)]);
	assert.ok(distinct.size > 50, `${distinct.size}`);
	assert.ok(distinct.has(0xffffffff));
	assert.equal(await pngOf(svg), png);
	const blank = svg.replace(/<text.*<\/text>|<path[^>]*>/gs, '');
	assert.ok(pixels(await pngOf(blank)).distinct.size < 3);
	let refusal: unknown;
	await pngOf('<svg').catch((error) => {
		refusal = error;
	});
	assert.ok(refusal);
});

test('files: overview and groups, each as SVG and PNG, by slug', async () => {
	const dossier = dossierOf([{ ...STAR, slug: 'm-star' }]);
	const files = new Map<string, Uint8Array>();
	for await (const { path, bytes } of figureFiles(dossier)) files.set(path, bytes);
	assert.equal(
		[...files.keys()].filter((path) => path.endsWith('.svg')),
		[
			'overview/affinity.svg',
			'overview/verdicts.svg',
			...[
				'scatter',
				'potential-distribution',
				'levels',
				'potential-graph',
				'kernel',
				'outcomes',
			].map((id) => `groups/m-star/${id}.svg`),
		],
	);
	assert.is(files.size, 16);
	const svg = new TextDecoder().decode(files.get('groups/m-star/kernel.svg'));
	assert.is(svg, svgFile(figure(STAR, 'kernel')));
	assert.equal(files.get('groups/m-star/kernel.png'), await pngOf(svg));
});

test('the power figure of the command shows a curve for each affinity', () => {
	const shown = {
		...{ model: 'm', template: 't', sampling: null, states: 7, attemptsPerState: 1 },
		...{ transitionsPerPair: 1, power: GROUP.power, powerNow: [], reason: null },
	};
	const svg = powerFigure([shown])!;
	assert.is((svg.match(/rms A [\d.]+ nats</g) ?? []).length, 3);
	const curves = [...svg.matchAll(/<path d="(M[^"]*C[^"]*|M[^"]*(?:L[^"]*){10,})"/g)];
	assert.is(curves.length, 3);
	assert.is(powerFigure([{ ...shown, power: null }]), null);
});

test('labels: cut after 16 characters, or where they are too wide; lines where they are full', () => {
	assert.is(shownName('ABCDEFGHIJKLMNOP'), 'ABCDEFGHIJKLMNOP');
	assert.is(shownName('ABCDEFGHIJKLMNOPQ'), 'ABCDEFGHIJKLMNO…');
	assert.is(shownName('x'.repeat(1 << 20)), `${'x'.repeat(15)}…`);
	assert.is(shownName('😀'.repeat(16)), '😀'.repeat(16));
	const wide = widthOf('WWW');
	assert.is(shownName('WWW', 16, wide), 'WWW');
	assert.is(shownName('WWW', 16, wide - 0.1), 'WW…');
	assert.is(shownName('WWW', 16, widthOf('WW…') - 0.1), 'W…');
	const type = { size: 10, bold: false };
	assert.equal(linesWithin('one two', widthOf('one two'), type), ['one two']);
	assert.equal(linesWithin('one two', widthOf('one two') - 0.1, type), ['one', 'two']);
	assert.equal(linesWithin('one\ntwo', 500, type), ['one', 'two']);
});

test.run();
