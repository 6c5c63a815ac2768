/** Kernels scored from the models' own laws: their verdicts, one table, and a section of each. */
import type { Dossier, ExactRecord } from '../../dossier/dossier.js';
import { count, digits } from '../numbers.js';
import { oneDigit, scoredNumbers } from '../scored-text.js';
import { agreementSentence, exactBody } from './exact-body.js';
import { MOST_INLINE, noscript, pack } from './groups.js';
import { html, type Markup, name, trusted } from './html.js';
import { type Cell, column, keyed, tableMarkup } from './table.js';
import { exactChip, exactEffect, exactMeaning, SHOWN_EXACT } from './verdict-words.js';

/** Up to so many kernels, sampled and exact, stand open. */
const MOST_OPEN = 3;

const { left, right } = column;

/** The section of exact kernels; nothing where there are none. */
export function exactSection(dossier: Dossier): Markup | null {
	const { exact, groups } = dossier;
	if (exact.length === 0) return null;
	const packed = exact.length > MOST_INLINE;
	const open = exact.length + groups.length <= MOST_OPEN;
	// One bar of tools is enough: it is for all sections of kernels.
	const tools = html`<div class="group-tools" data-packed="${packed ? 'yes' : 'no'}"></div>
`;
	return html`<section id="_exact" aria-labelledby="_exact.title">
<h2 id="_exact.title">Exact kernels</h2>
<p class="prose">${count(exact.length, 'kernel was', 'kernels were')} scored, not sampled: every probability T(g|f) is a sum over completions of what the model’s own laws give. So there is no sampling noise, and no p-value. What ± and limits say is numerical: mass that was not followed to its end, and the bits that change with the evaluation shape.</p>
${legend(dossier)}
${agreement(dossier)}
${exactTable(dossier)}
${groups.length === 0 ? tools : null}
${packed ? noscript : null}
${exact.map((one) => details(one, dossier, { packed, open }))}</section>
`;
}

function legend({ exact, options }: Dossier): Markup {
	const cards = SHOWN_EXACT.map((verdict) => {
		const n = exact.filter(({ finding }) => finding.verdict === verdict).length;
		return html`<li class="${n === 0 ? 'none' : 'some'}"><span class="count">${n}</span> ${exactChip(verdict)} <span class="meaning">${exactMeaning(verdict, options.tolerances)}</span></li>
`;
	});
	return html`<ul class="legend">
${cards}</ul>
`;
}

/** Where attempts were made of the same settings: are they draws from the exact kernels? */
function agreement({ exact }: Dossier): Markup | null {
	const both = exact.filter((one) => one.group !== null);
	if (both.length === 0) return null;
	const tested = testsOf(exact);
	const least = Math.min(...tested);
	const told =
		tested.length === 0
			? 'None could be tested against them.'
			: `Goodness of fit of the attempts: the smallest of ${count(tested.length, 'p-value', 'p-values')} is ${digits(least)}${tested.length === 1 ? '' : `, ${digits(Math.min(1, least * tested.length))} after Bonferroni`}.`;
	return html`<p>${count(both.length, 'of them was', 'of them were')} sampled, too. ${told} Each section shows both.</p>
`;
}

/** p-values of the attempts against the kernels. */
function testsOf(exact: readonly ExactRecord[]): number[] {
	return exact.flatMap(({ agreement: found }) => {
		return found === null || found.p === null ? [] : [found.p];
	});
}

function exactTable({ exact, databases, groups }: Dossier): Markup {
	const several = databases.length > 1;
	const rows = exact.map((one): Cell[] => {
		const { finding: f, sampling, leftOut } = one;
		const [, , rms = '', largest = '', share = '', entropy = ''] = scoredNumbers({
			temperature: sampling.temperature,
			finding: f,
			leftOut,
		});
		const p = one.agreement?.p ?? null;
		return [
			html`<a href="#${one.slug}">${name(one.model)}</a>`,
			name(one.template),
			...(several ? [name(databases[one.db]?.name ?? '')] : []),
			sampling.temperature,
			keyed(exactChip(f.verdict), SHOWN_EXACT.indexOf(f.verdict)),
			f.states,
			keyed(rms, f.affinity.rms),
			keyed(largest, f.affinity.largest[0]?.affinity ?? null),
			keyed(share, f.gradientShare),
			keyed(entropy, f.entropyProduction ?? (f.entropy.oneWayPairs > 0 ? Infinity : null)),
			number(f.dependence.mutualInformation),
			keyed(oneDigit(leftOut), leftOut),
			one.evaluations,
			...(groups.length > 0 ? [number(p)] : []),
		];
	});
	return tableMarkup({
		id: '_exact.table',
		title: 'All exact kernels',
		columns: [
			left('model'),
			left('template'),
			...(several ? [left('database')] : []),
			right('T'),
			left('verdict'),
			right('states'),
			right('rms affinity', 'nats'),
			right('largest', 'nats'),
			right('gradient share'),
			right('entropy production', 'nats'),
			right('I(f;g)', 'nats'),
			right('left out'),
			right('evaluations'),
			...(groups.length > 0 ? [right('p, sampled')] : []),
		],
		rows,
		note: `rms affinity: over all loops, every loop alike, ± what numerics leave open (?: no other evaluation shape was tried). Largest: of a loop. Gradient share: of the log-ratios, what a potential explains. Left out: largest mass of a source that was not followed. T: temperature.${groups.length > 0 ? ' p, sampled: goodness of fit of the attempts of the same setting; small where they are no draws from this kernel.' : ''}`,
	});
}

const number = (value: number | null): Cell =>
	value === null ? null : keyed(digits(value), value);

function details(
	one: ExactRecord,
	{ groups, exact, options }: Dossier,
	{ packed, open }: { readonly packed: boolean; readonly open: boolean },
): Markup {
	const { slug, finding, missing, unreached } = one;
	const group = groups[one.group ?? -1] ?? null;
	const body = exactBody(one, group);
	const among = { tested: testsOf(exact).length, alpha: options.tolerances.alpha };
	return html`<details class="group" id="${slug}"${open ? trusted(' open') : null}>
<summary><h3>${name(one.name)} <small>exact</small></h3> ${exactChip(finding.verdict)} <span class="effect">${exactEffect(finding)}</span></summary>
<p class="sentence"><strong>${finding.verdict}.</strong> ${finding.sentence}</p>
${agreementSentence(one, group, among)}
${missing === 0 ? null : html`<p class="banner" role="note">Interim: ${count(missing, 'source is', 'sources are')} not scored yet.</p>`}
${unreached === 0 ? null : html`<p class="note">${count(unreached, 'source', 'sources')} used up the evaluations allowed before what is left out was small enough.</p>`}
${packed ? pack(body) : html`<div class="body">${body}</div>`}
</details>
`;
}
