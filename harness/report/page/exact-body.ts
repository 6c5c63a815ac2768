/** Everything of one exact kernel: figures, numbers, loops, states, what it is of. */
import type { Uncertain } from '../../analysis/scored/kernel.js';
import type { ExactRecord, GroupRecord } from '../../dossier/dossier.js';
import { exactFigures } from '../figures/figures.js';
import { loopName } from '../finding-text.js';
import { count, digits } from '../numbers.js';
import { group as grouped } from '../progress.js';
import { oneDigit } from '../scored-text.js';
import { figureGrid, missingList } from './figure-grid.js';
import { html, type Markup, name } from './html.js';
import { type Cell, column, keyed, tableMarkup } from './table.js';

/** Rows shown at most; the rest is counted. */
export const MOST_EXACT_STATES = 300;

const { left, right } = column;

/** The inside of a section. @param group what was sampled of the same setting */
export function exactBody(one: ExactRecord, group: GroupRecord | null): Markup {
	const { drawn, missing } = exactFigures(one, group);
	return html`<h4>Figures</h4>
${figureGrid(drawn)}
${missingList(missing)}
<h4>Numbers</h4>
${statistics(one)}
${data(one)}
<h4>Tables</h4>
${loops(one)}
${states(one)}
`;
}

/**
 * Whether the attempts of the same setting are draws from the kernel.
 *
 * @param one the kernel
 * @param group what was sampled of the same setting
 * @param among kernels that were so tested, and the level of all of them together
 */
export function agreementSentence(
	{ agreement: found }: ExactRecord,
	group: GroupRecord | null,
	{ tested, alpha }: { readonly tested: number; readonly alpha: number },
): Markup | null {
	if (group === null) return null;
	const link = html`<a href="#${group.slug}">${name(group.name)}</a>`;
	if (found === null)
		return html`<p>Sampled, too: ${link}. Whether the attempts are draws from this kernel was not tested.</p>`;
	if (found.p === null)
		return html`<p>Sampled, too: ${link}. Whether the attempts are draws from this kernel was not tested${'reason' in found ? `: ${found.reason}` : ''}.</p>`;
	const { p, attempts, degreesOfFreedom, statistic, impossible } = found;
	const adjusted = Math.min(1, p * tested);
	const said =
		adjusted > alpha
			? 'nothing speaks against their being draws from this kernel'
			: 'they do not look like draws from this kernel';
	const none =
		impossible === 0
			? ''
			: ` ${count(impossible, 'attempt', 'attempts')} ended where this kernel has no probability.`;
	return html`<p>Sampled, too: ${link}, ${grouped(attempts)} attempts: ${said} (goodness of fit p ${digits(p)}${tested === 1 ? '' : `, ${digits(adjusted)} after Bonferroni`}${statistic === null ? '' : `, G² ${digits(statistic)} on ${degreesOfFreedom}`}).${none}</p>`;
}

const number = (value: number | null | undefined): Cell =>
	value === null || value === undefined ? null : keyed(digits(value), value);

/** What both leave open together; ?: no other shape was tried. */
function open(jitter: number | null, leftOut: number | null): string {
	if (leftOut === null) return '?';
	return `± ${oneDigit((jitter ?? 0) + leftOut)}${jitter === null ? '?' : ''}`;
}

const openOf = (one: Uncertain | null): string | null =>
	one === null ? null : open(one.jitter, one.leftOut);

const limits = (range: { readonly lower: number | null; readonly upper: number | null }): string =>
	`${digits(range.lower)} … ${range.upper === null ? '∞' : digits(range.upper)}`;

function statistics({ slug, finding: f }: ExactRecord): Markup {
	const { affinity: a, flow, entropy: e, dependence: d } = f;
	const t = a.typical;
	const rows: Cell[][] = [
		[
			'rms cycle affinity, every loop alike',
			number(a.rms),
			a.rms === null ? null : limits(a),
			'nats',
			a.reason ?? a.note ?? `over ${count(a.loops, 'loop', 'loops')}`,
		],
		[
			'… its jitter over evaluation shapes',
			number(a.jitter),
			null,
			'nats',
			a.jitter === null
				? 'no other shape was tried'
				: 'what an rms of nothing but numerics is like',
		],
		[
			'… as a sampled run weighs loops',
			number(t?.rms),
			t === null ? null : limits(t),
			'nats',
			'what very many attempts would find',
		],
		[
			'gradient share, every pair alike',
			number(flow.gradient?.value),
			openOf(flow.gradient),
			'',
			flow.reason ?? `over ${count(flow.pairs, 'pair', 'pairs')} found both ways`,
		],
		['… as a sampled run weighs pairs', number(flow.typical?.value), openOf(flow.typical), '', ''],
		[
			'entropy production',
			number(e.value),
			e.value === null ? null : openOf(e.twoWay),
			'nats per step',
			e.reason ?? `in the stationary state of ${count(e.states, 'state', 'states')}`,
		],
		...(e.value === null && e.twoWay !== null
			? [
					[
						'… of the two-way pairs alone',
						number(e.twoWay.value),
						openOf(e.twoWay),
						'nats per step',
						`${count(e.oneWayPairs, 'pair', 'pairs')} found one way only`,
					] satisfies Cell[],
				]
			: []),
		[
			'mutual information I(f;g)',
			number(d.mutualInformation),
			d.upper === null ? null : `at most ${digits(d.upper)}`,
			'nats per transition',
			d.reason ?? '',
		],
	];
	return tableMarkup({
		fixed: true,
		id: `${slug}.statistics`,
		title: 'Effect sizes',
		columns: [
			left('quantity'),
			right('value'),
			right('numerics leave open'),
			left('unit'),
			left('remark'),
		],
		rows,
		note: 'Limits of affinities and of the mutual information are rigorous within what was scored; ± is the change over evaluation shapes and with every transition at its bound, an indication.',
	});
}

function data(one: ExactRecord): Markup {
	const { slug, finding: f, kind, epsilon, leftOut, evaluations, digest, createdAt } = one;
	const rows: Cell[][] = [
		[
			'states',
			f.states,
			`${kind === 'closed' ? 'a closed set' : 'an open set: whatever completions say'}${f.targetsOnly > 0 ? `; ${grouped(f.targetsOnly)} more as targets only` : ''}`,
		],
		[
			'pairs',
			f.pairs,
			[
				`${grouped(f.twoWayPairs)} found both ways`,
				f.oneWayPairs > 0 ? `${grouped(f.oneWayPairs)} on a loop and impossible one way` : '',
				f.openPairs > 0 ? `${grouped(f.openPairs)} found one way, the other left out` : '',
				f.unfoundPairs > 0 ? `${grouped(f.unfoundPairs)} more may be in what was left out` : '',
			]
				.filter((part) => part !== '')
				.join('; '),
		],
		['independent loops', f.independentLoops, ''],
		[
			'mass left out, largest of a source',
			keyed(oneDigit(leftOut), leftOut),
			`allowed: ${digits(epsilon)}; log T is open by at most ${digits(f.logLeftOut)} nats`,
		],
		[
			'evaluation shapes',
			f.shapes,
			f.shapes === 1
				? 'jitter was not measured'
				: `log T differs by at most ${digits(f.logJitter)} nats`,
		],
		['model evaluations', evaluations, 'of the first shape'],
		['digest of the rows', null, html`<code>${digest}</code>`],
		['scored on', null, createdAt.slice(0, 10)],
	];
	return tableMarkup({
		fixed: true,
		id: `${slug}.data`,
		title: 'What was scored',
		columns: [left('what'), right('number'), left('remark')],
		rows,
	});
}

function loops({ slug, finding: { affinity: a } }: ExactRecord): Markup | null {
	if (a.largest.length === 0) return null;
	return tableMarkup({
		id: `${slug}.loops`,
		title: 'Largest loops',
		columns: [left('loop'), right('states'), right('affinity', 'nats'), right('limits', 'nats')],
		rows: a.largest.map((loop): Cell[] => [
			loopName(loop.states),
			loop.states.length,
			keyed(digits(loop.affinity), loop.affinity),
			limits(loop),
		]),
		note: `The ${a.largest.length} largest of ${grouped(a.loops)}, each the way round in which its affinity is positive.`,
	});
}

function states({ slug, finding: { potential }, rows }: ExactRecord): Markup {
	const order = [...potential.keys()].sort(
		(f, g) => (potential[g]?.stationary ?? 0) - (potential[f]?.stationary ?? 0) || f - g,
	);
	const shown = order.slice(0, MOST_EXACT_STATES);
	const cells = shown.map((f): Cell[] => {
		const p = potential[f]!;
		const row = rows[f];
		return [
			name(p.state),
			p.value === null
				? keyed(INFINITE[p.unbounded ?? ''] ?? null, null)
				: keyed(p.value.toFixed(3), p.value),
			p.value === null ? null : open(p.jitter, p.leftOut),
			number(p.stationary),
			number(row?.self),
			number(row?.other),
			number(row?.none),
			p.component,
			name(p.reason ?? ''),
		];
	});
	const cut =
		shown.length < order.length
			? `${shown.length} of ${grouped(order.length)} states are shown, those of the largest stationary probability; detbal verify --json has all. `
			: '';
	return tableMarkup({
		id: `${slug}.states`,
		title: 'States of the exact kernel',
		columns: [
			left('state'),
			right('V', 'nats'),
			right('±', 'nats'),
			right('π'),
			right('self'),
			right('other states'),
			right('no state'),
			right('component'),
			left('remark'),
		],
		rows: cells,
		note: `${cut}V: potential above the lowest state it is joined with. π: stationary probability. Self, other states, no state: what else the law of the state gives; what was left out is with no state.`,
	});
}

const INFINITE: Readonly<Record<string, string>> = { '+inf': '+∞', '-inf': '−∞' };
