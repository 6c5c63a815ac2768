/** All kernels: one table, and a section of each, packed where there are many. */
import type { Dossier, GroupRecord } from '../../dossier/dossier.js';
import { gzipped } from '../gzip.js';
import { DASH, digits } from '../numbers.js';
import { groupBody } from './group.js';
import { html, type Markup, name, trusted } from './html.js';
import { type Cell, column, keyed, tableMarkup } from './table.js';
import { effect, SHOWN_VERDICTS, verdictChip } from './verdict-words.js';

/** Above it the insides of the sections are packed: a page of a hundred must open as fast as one. */
export const MOST_INLINE = 8;
/** Up to so many sections stand open. */
const MOST_OPEN = 3;

const { left, right } = column;

/** The table of all kernels, with links to their sections. */
export function groupTable({ groups, databases }: Dossier): Markup {
	const several = databases.length > 1;
	const rows = groups.map(({ finding: f, ...one }): Cell[] => {
		const all = Object.values(f.outcomes).reduce((a, b) => a + b, 0);
		const { interval95 } = f.affinity;
		return [
			html`<a href="#${one.slug}">${name(one.model)}</a>`,
			name(one.template),
			...(several ? [name(databases[one.db]?.name ?? '')] : []),
			one.sampling.temperature,
			keyed(verdictChip(f.verdict), SHOWN_VERDICTS.indexOf(f.verdict)),
			number(f.affinity.rms),
			keyed(
				interval95 === null ? DASH : `${digits(interval95.lower)} … ${digits(interval95.upper)}`,
				interval95?.lower ?? null,
			),
			number(f.affinity.upper95),
			number(f.exactTest.p),
			number(f.adjustedP),
			f.attempts ?? all,
			all === 0 ? null : keyed((100 * (f.outcomes.valid / all)).toFixed(1), f.outcomes.valid / all),
			f.states,
			f.pairs,
			f.independentLoops,
			number(f.gradientShare),
			number(f.entropyProduction),
			number(f.dependence.mutualInformation),
			f.furtherAttempts ?? null,
		];
	});
	return tableMarkup({
		id: '_groups.table',
		title: 'All kernels',
		columns: [
			left('model'),
			left('template'),
			...(several ? [left('database')] : []),
			right('T'),
			left('verdict'),
			right('rms affinity', 'nats'),
			right('95 % interval', 'nats'),
			right('upper bound', 'nats'),
			right('p'),
			right('p, Holm'),
			right('attempts'),
			right('valid', '%'),
			right('states'),
			right('pairs'),
			right('independent loops'),
			right('gradient share'),
			right('entropy production', 'nats'),
			right('I(f;g)', 'nats'),
			right('attempts to settle'),
		],
		rows,
		note: 'p: exact conditional test of detailed balance, then after Holm over all kernels. Upper bound: one-sided 95 %, which the verdict looks at. I(f;g): mutual information of input and output, the diagonal left out. T: temperature.',
	});
}

const number = (value: number | null): Cell =>
	value === null ? null : keyed(digits(value), value);

/** One section per kernel, to open. */
export function groupSections({ groups }: Dossier): Markup {
	const packed = groups.length > MOST_INLINE;
	return html`<div class="group-tools" data-packed="${packed ? 'yes' : 'no'}"></div>
${packed ? noscript : null}
${groups.map((one) => groupDetails(one, { packed, open: groups.length <= MOST_OPEN }))}`;
}

export const noscript = html`<noscript><p class="banner">The sections below are packed, and unpacking them needs JavaScript. The tables above do not. <code>detbal report DB --figures DIR</code> writes every figure as a file.</p></noscript>
`;

function groupDetails(
	group: GroupRecord,
	{ packed, open }: { readonly packed: boolean; readonly open: boolean },
): Markup {
	const { slug, finding } = group;
	const body = groupBody(group);
	return html`<details class="group" id="${slug}"${open ? trusted(' open') : null}>
<summary><h3>${name(group.name)}</h3> ${verdictChip(finding.verdict)} <span class="effect">${effect(finding)}</span></summary>
<p class="sentence"><strong>${finding.verdict}.</strong> ${finding.sentence}</p>
${packed ? pack(body) : html`<div class="body">${body}</div>`}
</details>
`;
}

/** A section's inside, to be unpacked when it is opened. The browser does not execute a script of this type; its text is base64 of gzip. */
export function pack(body: Markup): Markup {
	const base64 = Buffer.from(gzipped(body.toString())).toString('base64');
	return html`<div class="body"><script type="text/plain" class="packed">${base64}</script></div>`;
}
