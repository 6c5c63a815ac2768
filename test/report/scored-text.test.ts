import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ScoredFinding } from '../../harness/analysis/scored/finding.js';
import {
	SCORED_LEGEND,
	type ShownScored,
	scoredLines,
	scoredPotentialTable,
	scoredSentences,
	scoredTable,
} from '../../harness/report/scored-text.js';
import { displayWidth } from '../../harness/report/width.js';
import { analyse, ring, scored, scoredLogs } from '../analysis/scored/kernels.js';

const shown = (finding: ScoredFinding, part: Partial<ShownScored> = {}): ShownScored => ({
	model: 'tiny-llama-q8_0',
	template: 'plain',
	temperature: 1,
	finding,
	leftOut: 0,
	evaluations: 1234,
	...part,
});
const logs = (forward: number, backward: number) =>
	ring(3, forward, backward).map((row) => row.map(Math.log));
const DRIVEN = analyse(scored(ring(3, 0.4, 0.2)));
const OPEN = analyse(
	scoredLogs(logs(0.4, 0.2), () => 1e-4),
	scoredLogs(
		logs(0.4, 0.2).map((row) => row.map((x) => x + 1e-3)),
		() => 1e-4,
	),
);
const ONE_WAY = analyse(scored(ring(3, 0.4, 0)));
const TRANSIENT = analyse(
	scored([...ring(3, 0.3, 0.3).map((row) => [...row, 0]), [0.2, 0.2, 0.2, 0]]),
);
const STAR = analyse(
	scored([
		[0, 0.2, 0.2],
		[0.1, 0, 0],
		[0.1, 0, 0],
	]),
);
const ALL = [DRIVEN, OPEN, ONE_WAY, TRANSIENT, STAR].map((finding) => shown(finding));

test('the table: a row per kernel, every number where it stands', () => {
	const [titles, , ...rows] = scoredTable(ALL);
	assert.is(
		titles?.replace(/ +/g, ' '),
		'model template T K rms A max A grad σ I(f;g) left verdict',
	);
	const cells = rows.map((row) => row.split(/ {2,}/));
	assert.equal(cells[0], [
		'tiny-llama-q8_0',
		'plain',
		'1',
		'3',
		'2.08 ± 0?',
		'2.08',
		'0',
		'0.139',
		'0.0566',
		'0',
		'violated',
	]);
	assert.is(cells[1]![4], '2.08 ± 3e-4');
	assert.equal(cells[2]!.slice(4, 8), ['–', '–', '–', '∞']);
	assert.equal([cells[3]!.at(-1), cells[4]!.at(-1)], ['independent', 'untestable']);
	assert.is(
		scoredTable([shown(DRIVEN, { temperature: null, leftOut: 2.1e-5 })])[2]!.split(/ {2,}/)[9],
		'3e-5',
	);
});

test('100 columns at most: names are cut, the verdict never; nothing drives the terminal', () => {
	const long = shown(OPEN, { model: 'm'.repeat(90), template: '\u001b[31mt', leftOut: 1.5e-5 });
	for (const lines of [
		scoredTable([...ALL, long]),
		SCORED_LEGEND,
		scoredSentences([...ALL, long]),
	]) {
		for (const line of lines) assert.ok(displayWidth(line) <= 100, line);
		assert.not.ok(lines.join('\n').includes('\u001b'));
	}
	const last = scoredTable([...ALL, long]).at(-1)!;
	assert.match(last, /^m+… +␦\[31mt .* violated$/);
	for (const kernel of [...ALL, long]) {
		for (const line of scoredLines(kernel)) assert.ok(displayWidth(line) <= 100, line);
	}
});

test('sentences name the kernel, the word and what was found', () => {
	assert.match(
		scoredSentences([ALL[0]!]).join(' '),
		/^tiny-llama-q8_0 · plain: violated\. Detailed balance violated by 2\.08 nats/,
	);
});

test('the lines: what was measured, and what was not', () => {
	const text = (kernel: ShownScored) =>
		scoredLines(kernel)
			.map((line) => line.trim())
			.join(' ');
	const open = text(ALL[1]!);
	assert.match(open, /1,234 evaluations/);
	assert.match(open, /2 evaluation shapes: log T differs by at most 0\.001 nats/);
	assert.match(open, /mass left out moves it by at most 3\.0e-4, jitter 0/);
	assert.match(open, /s0000 → s0001 → s0002 → s0000: A 2\.08 \(2\.08 … 2\.08\)/);
	const driven = text(shown(DRIVEN, { evaluations: null }));
	assert.not.match(driven, /evaluations/);
	assert.match(driven, /one evaluation shape: jitter not measured/);
	assert.match(driven, /over 1 loop \(1 triangle, 0 longer; 1 independent\)/);
	assert.match(text(ALL[2]!), /3 on a loop and impossible one way/);
	assert.match(text(ALL[2]!), /infinite: .*two-way pairs alone 0/);
	assert.match(text(ALL[3]!), /no flow/);
	assert.match(text(ALL[3]!), /on 3 of 4 states/);
	assert.match(text(ALL[4]!), /no loop of pairs found both ways/);
});

test('the potential: values with what is open, infinities with their sign, and π', () => {
	const rows = scoredPotentialTable(ALL[3]!);
	assert.match(rows[2]!, /^s0000 +0\.000 +± 0\? +0\.333$/);
	assert.match(rows[5]!, /^s0003 +\+∞ +0 +leads to the reference component/);
	assert.match(scoredPotentialTable(ALL[2]!)[2]!, /^s0000 +– +0\.333 +joined by one-way/);
	assert.match(scoredPotentialTable(ALL[1]!)[2]!, /± 0 /);
});

test.run();
