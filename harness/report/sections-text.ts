/** Plain sections for a terminal and for Markdown. */
import { safeLine } from '../safe-text.js';
import { digits } from './numbers.js';
import type { PageSection, PageTable } from './page/section.js';
import { group } from './progress.js';
import { fittedTable, wrapped } from './table.js';

const WIDTH = 100;
/** Characters of one cell in Markdown. */
const LONGEST = 300;

/** Sections as lines of at most 100 columns, a blank line between them. */
export function sectionsText(sections: readonly PageSection[]): string[] {
	return sections.flatMap(({ title, paragraphs, tables }) => [
		'',
		...wrapped(cut(title), WIDTH),
		...paragraphs.flatMap((text) => wrapped(cut(text), WIDTH)),
		...tables.flatMap((table) => [
			'',
			...(tables.length > 1 ? [`${cut(table.title)}:`] : []),
			...fittedTable(table.columns, cellsOf(table), WIDTH),
			...(table.note === undefined ? [] : ['', ...wrapped(cut(table.note), WIDTH)]),
		]),
	]);
}

const cut = (text: string): string => safeLine(text.slice(0, 4000));

const cellsOf = ({ rows }: PageTable): string[][] => rows.map((row) => row.map(shown));

function shown(value: string | number | null): string {
	if (typeof value !== 'number') return value ?? digits(null);
	return Number.isInteger(value) && Math.abs(value) >= 1000 ? group(value) : digits(value);
}

/** Sections as a Markdown document (tables of GitHub Flavored Markdown). */
export function sectionsMarkdown(sections: readonly PageSection[], title: string): string[] {
	return [
		`# ${markdownText(title)}`,
		...sections.flatMap((section) => [
			'',
			`## ${markdownText(section.title)}`,
			...section.paragraphs.flatMap((text) => ['', markdownText(text)]),
			...section.tables.flatMap(markdownTable),
		]),
	];
}

function markdownTable(table: PageTable): string[] {
	const { columns, title, note } = table;
	const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
	return [
		'',
		`**${markdownText(title)}**`,
		'',
		line(columns.map((column) => markdownText(column.title))),
		line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
		...cellsOf(table).map((row) => line(row.map(markdownText))),
		...(note === undefined ? [] : ['', markdownText(note)]),
	];
}

/**
 * Text that Markdown shows as it is: nothing in it marks up, breaks a table or a line, or is HTML.
 * @example markdownText('a|b\n<i>') // 'a\\|b␦&lt;i&gt;'
 */
export function markdownText(text: string): string {
	const line = safeLine(text.length > LONGEST * 10 ? `${text.slice(0, LONGEST * 10)}…` : text);
	return line
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replace(/[\\`*_{}[\]|~$#]/g, '\\$&')
		.replace(/^(\s*)([-+=]|\d+[.)])/, '$1\\$2');
}
