/** Everything of one kernel. */
import type { GroupRecord } from '../../dossier/dossier.js';
import { groupFigures, missingFigures } from '../figures/figures.js';
import { figureGrid, missingList } from './figure-grid.js';
import { numberTables } from './group-numbers.js';
import { loopTable, outcomeTable, pairTable, stateTable } from './group-tables.js';
import { box, html, type Markup, name } from './html.js';

/** Characters of a completion shown. */
const COMPLETION = 600;

/** The inside of a group's section: figures, numbers, tables, completions. */
export function groupBody(group: GroupRecord): Markup {
	const { slug } = group;
	return html`<h4>Figures</h4>
${figureGrid(groupFigures(group))}
${missingList(missingFigures(group))}
<h4>Numbers</h4>
${numberTables(group)}
<h4>Tables</h4>
${stateTable(group)}
${pairTable(group)}
${loopTable(group)}
${outcomeTable(group)}
${samples(group, `${slug}.completions`)}
${origin(group)}
`;
}

function samples({ samples: shown }: GroupRecord, id: string): Markup | null {
	if (shown.length === 0) return null;
	const items = shown.map(
		({ outcome, text, count }) => html`<li>
<p><strong>${outcome}</strong>, ${count.toLocaleString('en-US')} times</p>
${box(text, COMPLETION)}
</li>
`,
	);
	return html`<h4>What the model wrote</h4>
<p class="note">The most frequent completions of each outcome, as they came back. Characters that would not show are written ␦.</p>
<ul class="samples" id="${id}">
${items}</ul>
`;
}

function origin({ origin: from }: GroupRecord): Markup | null {
	if (from === null) return null;
	return html`<p class="note">Imported from ${name(from.file)} (${name(from.format)}, sha256 <code>${from.sha256}</code>).</p>
`;
}
