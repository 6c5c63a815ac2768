/** The statistics of one kernel as tables: quantity, value, interval, remark. */
import type { GroupVerdict } from '../../analysis/verify.js';
import type { GroupRecord } from '../../dossier/dossier.js';
import { OUTCOMES } from '../../outcome.js';
import { count, digits, percent } from '../numbers.js';
import { group } from '../progress.js';
import { html, type Markup } from './html.js';
import { type Cell, column, keyed, tableMarkup } from './table.js';

const { left, right } = column;

interface Interval {
	readonly lower: number;
	readonly upper: number;
}

/** Tables of everything that was found, the finding first. */
export function numberTables(one: GroupRecord): Markup {
	return html`${statistics(one)}${tests(one)}${counts(one)}${replica(one)}${actions(one)}`;
}

const range = (interval: Interval | null | undefined): string | null =>
	interval === null || interval === undefined
		? null
		: `${digits(interval.lower)} … ${digits(interval.upper)}`;

const number = (value: number | null | undefined): Cell =>
	value === null || value === undefined ? null : keyed(digits(value), value);

function statistics({ slug, finding: f }: GroupRecord): Markup {
	const { affinity: a, flow, entropy: e, dependence: d, split } = f;
	const share = (name: string, part: typeof flow.gradient): Cell[] => [
		name,
		number(part?.value),
		range(part?.interval95),
		'',
		part === null ? (flow.reason ?? '') : (flow.note ?? ''),
	];
	const rows: Cell[][] = [
		['rms cycle affinity', number(a.rms), range(a.interval95), 'nats', affinityRemark(a)],
		[
			'upper 95 % bound of it',
			number(a.upper95),
			null,
			'nats',
			'one-sided; the verdict looks at this',
		],
		share('gradient share of the flow', flow.gradient),
		share('curl share', flow.curl),
		share('harmonic share', flow.harmonic),
		[
			'entropy production',
			number(e.value),
			range(e.interval95),
			'nats per attempt',
			entropyRemark(e),
		],
		[
			'mutual information I(f;g)',
			number(d.mutualInformation),
			range(d.interval95),
			'nats per transition',
			d.reason ?? d.caution ?? `at most ${digits(d.upper95)} (95 %)`,
		],
		['log T: target part', number(split.target), null, 'nats per transition', split.reason ?? ''],
		['log T: symmetric part', number(split.symmetric), null, 'nats per transition', ''],
		[
			'log T: antisymmetric part',
			number(split.antisymmetric),
			null,
			'nats per transition',
			'0 is detailed balance',
		],
	];
	return tableMarkup({
		fixed: true,
		id: `${slug}.statistics`,
		title: 'Effect sizes',
		columns: [
			left('quantity'),
			right('value'),
			right('95 % interval'),
			left('unit'),
			left('remark'),
		],
		rows,
	});
}

function affinityRemark(a: GroupVerdict['affinity']): string {
	if (a.rms === null) return a.reason ?? '';
	const parts = [
		`over ${count(a.loops, 'loop', 'loops')}`,
		a.oneWayLoops > 0 ? `${group(a.oneWayLoops)} of them with a pair seen one way` : '',
		a.loopsLeftOut > 0 ? `${group(a.loopsLeftOut)} over pairs seen once left out` : '',
	];
	return parts.filter((part) => part !== '').join('; ');
}

function entropyRemark(e: GroupVerdict['entropy']): string {
	if (e.value === null) return e.reason ?? '';
	const parts = [
		`bias ${digits(e.bias)} removed`,
		e.oneWayPairs > 0
			? `${count(e.oneWayPairs, 'pair', 'pairs')} seen one way (${percent(e.oneWayShare)} of the transitions): plug-in infinite, two-way pairs alone ${digits(e.plugInTwoWay)}`
			: `plug-in ${digits(e.plugIn)}`,
		e.note ?? '',
	];
	return parts.filter((part) => part !== '').join('; ');
}

function tests({ slug, finding: f }: GroupRecord): Markup {
	const { exactTest: t, dependence: d, assumptions: a } = f;
	const made = `${group(t.samples)} tables, ${group(t.steps)} steps each, ${percent(t.acceptance)} of the moves accepted. ${t.mixing.sentence}`;
	const rows: Cell[][] = [
		[
			'detailed balance (exact conditional test)',
			number(t.p),
			t.p === null ? (t.reason ?? '') : made,
		],
		['… after Holm over all groups', number(f.adjustedP), ''],
		[
			'the answer does not depend on the input',
			number(d.p),
			d.p === null ? (d.reason ?? '') : d.method,
		],
		['one kernel for all seeds', number(a.seeds.p), a.seeds.reason ?? ''],
		['one kernel for both halves of the run', number(a.time.p), a.time.reason ?? ''],
		['no memory beyond the last state', number(a.order.p), a.order.reason ?? ''],
	];
	return tableMarkup({
		fixed: true,
		id: `${slug}.tests`,
		title: 'Tests',
		columns: [left('hypothesis'), right('p'), left('remark')],
		rows,
		note: a.warnings.length === 0 ? undefined : a.warnings.join(' '),
	});
}

function counts({ slug, finding: f }: GroupRecord): Markup {
	const all = OUTCOMES.reduce((sum, o) => sum + f.outcomes[o], 0);
	const share = (n: number): string => (all === 0 ? '' : percent(n / all));
	const { components: sizes } = f;
	const listed =
		sizes.length <= 5
			? sizes.join(', ')
			: `${sizes.slice(0, 5).join(', ')} and ${sizes.length - 5} more`;
	const rows: Cell[][] = [
		['attempts', f.attempts ?? all, f.attempts === null ? 'not recorded per source' : ''],
		...OUTCOMES.map((o): Cell[] => [o, f.outcomes[o], share(f.outcomes[o])]),
		[
			'states',
			f.states,
			sizes.length === 0
				? 'no two of them joined both ways'
				: `strongly connected components of ${listed} states`,
		],
		[
			'pairs',
			f.pairs,
			`${group(f.twoWayPairs)} seen both ways, ${group(f.pairs - f.twoWayPairs)} one way`,
		],
		[
			'independent loops',
			f.independentLoops,
			`looked at: ${group(f.loops.triangles)} triangles, ${group(f.loops.longer)} longer${f.loops.note === null ? '' : ` (${f.loops.note})`}`,
		],
	];
	return tableMarkup({
		fixed: true,
		id: `${slug}.data`,
		title: 'Data',
		columns: [left('what'), right('number'), left('remark')],
		rows,
	});
}

const REPLICA = [
	['scatterPairs', 'scatter: pairs'],
	['correlation', 'scatter: r'],
	['scatterChiSquare', 'scatter: χ²/ndf'],
	['loopsAbove0', 'loops, counts > 0: number'],
	['loopChiSquareAbove0', 'loops, counts > 0: χ²/ndf'],
	['loopsAbove1', 'loops, counts > 1: number'],
	['loopChiSquareAbove1', 'loops, counts > 1: χ²/ndf'],
	['actionExponential', 'least action, K = exp(−x/2)'],
	['actionLogistic', 'least action, K = log(1 + exp(−x))'],
	['boundedStates', 'states with a potential'],
	['unboundedStates', 'states with an unbounded potential'],
	['potential50', 'potential: median, nats'],
	['potentialLargest', 'potential: largest, nats'],
] as const;

/** The paper's figures, each beside what detailed balance alone would give. */
function replica({ slug, finding: { replica: r } }: GroupRecord): Markup | null {
	if (r === null) return null;
	const rows = REPLICA.map(([key, label]): Cell[] => {
		const { observed, null: law, reason } = r.figures[key];
		return [
			label,
			number(observed),
			number(law?.median),
			law === null ? null : `${digits(law.lower)} … ${digits(law.upper)}`,
			number(law?.p),
			reason ?? '',
		];
	});
	return tableMarkup({
		fixed: true,
		id: `${slug}.replica`,
		title: 'The paper’s figures beside their matched null',
		columns: [
			left('figure'),
			right('observed'),
			right('null: median'),
			right('null: 95 %'),
			right('p'),
			left('remark'),
		],
		rows,
		note: `Null: ${group(r.samples)} data sets drawn from the fitted reversible kernel with the same attempts, analysed in the same way. ${r.notes.join('. ')}`.trim(),
	});
}

function actions({ slug, finding: f }: GroupRecord): Markup {
	const actionOf = (normalisation: string, kernel: string): Cell =>
		number(
			f.leastAction.find((l) => l.normalisation === normalisation && l.kernel === kernel)?.value,
		);
	const rows = f.normalisations.map((n): Cell[] => {
		const values = (n.potential ?? []).flatMap(({ value }) => (value === null ? [] : [value]));
		const remark = [
			n.leftOut.states > 0 ? `${count(n.leftOut.states, 'state', 'states')} left out` : '',
			n.clipped > 0 ? `${count(n.clipped, 'entry', 'entries')} cut to 1` : '',
			n.reason ?? '',
		];
		const { denominator: d } = n;
		return [
			n.normalisation,
			n.rule,
			d === null
				? null
				: d.least === d.most
					? digits(d.least)
					: `${digits(d.least)} … ${digits(d.most)}`,
			number(values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b))),
			actionOf(n.normalisation, 'exponential'),
			actionOf(n.normalisation, 'logistic'),
			remark.filter((part) => part !== '').join('; '),
		];
	});
	return tableMarkup({
		fixed: true,
		id: `${slug}.normalisations`,
		title: 'Normalisations and least action',
		columns: [
			left('normalisation'),
			left('T(g|f)'),
			right('denominator'),
			right('largest V', 'nats'),
			right('S, exp(−x/2)'),
			right('S, log(1 + exp(−x))'),
			left('remark'),
		],
		rows,
		note: 'The least action does not see irreversibility: that it has a minimum says nothing about detailed balance.',
	});
}
