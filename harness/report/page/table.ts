import { DASH, digits } from '../numbers.js';
import { group } from '../progress.js';
import { html, type Markup, type Part } from './html.js';
import type { PageColumn, PageTable } from './section.js';

/** What a cell shows, and the number it is sorted by where that is not what it shows. */
export interface Keyed {
	readonly show: Part;
	/** null sorts last */
	readonly key: number | null;
}

export type Cell = Markup | string | number | null | Keyed;

export interface ShownTable {
	/** of the element; unlike every other of the page */
	readonly id: string;
	readonly title: string;
	readonly columns: readonly PageColumn[];
	/** the first cell names the row */
	readonly rows: readonly (readonly Cell[])[];
	readonly note?: string | undefined;
	/** rows in a fixed order, which nobody sorts or filters */
	readonly fixed?: boolean;
}

/** A cell sorted by another number than the one it shows. */
export function keyed(show: Part, key: number | null): Keyed {
	return { show, key };
}

/** Longer tables scroll in their box, too: what follows them stays near. */
const MOST_OPEN = 40;

/** A table in a box of its own that scrolls sideways; page.js makes it sortable and filterable. */
export function tableMarkup({ id, title, columns, rows, note, fixed }: ShownTable): Markup {
	const body = rows.map(
		(row) => html`<tr>${row.map((cell, i) => cellMarkup(cell, i, columns))}</tr>
`,
	);
	return html`<div class="${fixed === true ? 'table fixed' : 'table'}" id="${id}">
<div class="${rows.length > MOST_OPEN ? 'scroll tall' : 'scroll'}" role="region" aria-label="${title}" tabindex="0">
<table>
<caption>${title}</caption>
<thead><tr>${columns.map(headMarkup)}</tr></thead>
<tbody>
${body}</tbody>
</table>
</div>
${note === undefined ? null : html`<p class="note">${note}</p>`}
</div>
`;
}

/** A table that somebody else gives. */
export function pageTableMarkup(id: string, { title, columns, rows, note }: PageTable): Markup {
	return tableMarkup({ id, title, columns, rows, note });
}

const left = (title: string): PageColumn => ({ title, align: 'left' });
const right = (title: string, unit?: string): PageColumn =>
	unit === undefined ? { title, align: 'right' } : { title, align: 'right', unit };
export const column = { left, right };

function headMarkup({ title, align, unit }: PageColumn): Markup {
	const shown = unit === undefined ? html`${title}` : html`${title} <small>${unit}</small>`;
	return align === 'right'
		? html`<th scope="col" class="n">${shown}</th>`
		: html`<th scope="col">${shown}</th>`;
}

function cellMarkup(cell: Cell, at: number, columns: readonly PageColumn[]): Markup {
	const { show, key } = isKeyed(cell) ? cell : { show: cell, key: undefined };
	const sort = key === undefined ? null : html` data-key="${key === null ? '' : String(key)}"`;
	const shown = shownPart(show);
	if (at === 0) return html`<th scope="row"${sort}>${shown}</th>`;
	return columns[at]?.align === 'right'
		? html`<td class="n"${sort}>${shown}</td>`
		: html`<td${sort}>${shown}</td>`;
}

function isKeyed(cell: Cell): cell is Keyed {
	return cell !== null && typeof cell === 'object' && 'key' in cell;
}

function shownPart(part: Part): Part {
	if (part === null) return DASH;
	if (typeof part === 'number') return shownNumber(part);
	return part;
}

/** Whole numbers in full, others to three digits. */
export function shownNumber(value: number): string {
	if (Number.isNaN(value)) return DASH;
	if (!Number.isFinite(value)) return value > 0 ? '+∞' : '−∞';
	return Number.isSafeInteger(value) ? group(value) : digits(value);
}
