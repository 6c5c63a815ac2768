/** Drawn elements as XML, as short as they can be without changing what is seen. */
import { COLOURS, type ColourName } from './colours.js';
import { safe } from './text.js';

/** fixed: colours as they are, for a file; themed: custom properties that the page defines. */
export type Theme = 'fixed' | 'themed';

/** What is read of a node of the drawing library's document. */
export interface DrawnNode {
	readonly nodeType: number;
	/** undefined for text; in the case it is written in */
	readonly localName?: string;
	readonly textContent: string;
	readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
	readonly childNodes: Iterable<DrawnNode>;
}

const ELEMENT = 1;
const TEXT = 3;
/** Of no use within an image that has one description: names of parts, styles, classes. */
const DROPPED = /^(aria-.*|class|xmlns.*|font-variant|font-family|id)$/;

/**
 * A drawn node as XML 1.0 with numbers to one decimal.
 *
 * @param node an element or text; others give nothing
 * @param theme how colours are written
 */
export function markup(node: DrawnNode, theme: Theme): string {
	if (node.nodeType === TEXT) return escaped(node.textContent);
	const tag = node.localName;
	if (node.nodeType !== ELEMENT || tag === undefined || tag === 'style') return '';
	const attributes = attributesOf(node, theme);
	if (tag === 'text') moveText(attributes);
	const children = [...node.childNodes];
	const lines = tag === 'g' ? linesOf(children) : null;
	if (lines !== null) return `<path d="${lines}"${written(attributes)}/>`;
	const body = children.map((child) => markup(child, theme)).join('');
	if (tag === 'g' && (body === '' || attributes.size === 0)) return body;
	if (tag === 'text' && body === '') return '';
	return body === ''
		? `<${tag}${written(attributes)}/>`
		: `<${tag}${written(attributes)}>${body}</${tag}>`;
}

function attributesOf(node: DrawnNode, theme: Theme): Map<string, string> {
	const attributes = Array.from(node.attributes ?? [])
		.filter(({ name }) => !DROPPED.test(name))
		.map(({ name, value }) => [name, coloured(rounded(name, value), theme)] as const);
	return new Map(attributes.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const written = (attributes: ReadonlyMap<string, string>): string =>
	[...attributes].map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');

const MOVED = /^translate\((-?[\d.]+),(-?[\d.]+)\)$/;
const EM = 10;

/** Text that is moved to a place and by a part of its size stands at that place, which is shorter. */
function moveText(attributes: Map<string, string>): void {
	const moved = MOVED.exec(attributes.get('transform') ?? '');
	const by = /^(-?[\d.]+)em$/.exec(attributes.get('y') ?? '0em');
	if (by !== null && attributes.has('y')) attributes.set('y', short(EM * Number(by[1])));
	if (moved === null || by === null || attributes.has('x')) return;
	attributes.delete('transform');
	attributes.set('x', moved[1]!);
	attributes.set('y', short(Number(moved[2]) + EM * Number(by[1])));
}

/** A group of nothing but plain lines as one path. */
function linesOf(children: readonly DrawnNode[]): string | null {
	if (children.length === 0) return null;
	let d = '';
	for (const { localName, attributes } of children) {
		const at = new Map(Array.from(attributes ?? [], ({ name, value }) => [name, Number(value)]));
		if (localName !== 'line' || at.size !== 4) return null;
		const [x1, y1, x2, y2] = ['x1', 'y1', 'x2', 'y2'].map((name) => short(at.get(name) ?? 0));
		d +=
			x1 === x2
				? `M${x1} ${y1}V${y2}`
				: y1 === y2
					? `M${x1} ${y1}H${x2}`
					: `M${x1} ${y1}L${x2} ${y2}`;
	}
	return d;
}

const NUMERIC = /^(d|transform|points|[xy][12]?|[cd][xy]|r|width|height)$/;

function rounded(name: string, value: string): string {
	if (!NUMERIC.test(name) || value.endsWith('em')) return value;
	return value.replaceAll(/-?\d*\.\d+(?:e-?\d+)?/g, (number) => short(Number(number)));
}

/** To one decimal, without a zero that says nothing. */
export function short(x: number): string {
	const tenths = Math.round(10 * x) / 10;
	return String(tenths === 0 ? 0 : tenths);
}

function coloured(value: string, theme: Theme): string {
	if (theme === 'fixed' && value === 'currentColor') return COLOURS.ink;
	return value.replaceAll(/var\(--([a-z0-9]+)\)/g, (whole, name: string) => {
		if (!(name in COLOURS)) return whole;
		const fallback = COLOURS[name as ColourName];
		return theme === 'fixed' ? fallback : `var(--${name},${fallback})`;
	});
}

/** Text for XML, in an element or an attribute. */
export function escaped(text: string): string {
	return safe(text)
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');
}

type TextPlace =
	| { readonly x: number; readonly y: number; readonly size: number; readonly bold: boolean }
	| { readonly element: 'title' | 'desc' };

/** A line of text, or a name of the whole figure. */
export function textMarkup(text: string, place: TextPlace): string {
	if ('element' in place) return `<${place.element}>${escaped(text)}</${place.element}>`;
	const weight = place.bold ? ' font-weight="700"' : '';
	return `<text x="${place.x}" y="${place.y}" font-size="${place.size}"${weight}>${escaped(text)}</text>`;
}
