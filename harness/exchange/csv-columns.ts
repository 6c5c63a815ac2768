import { quote } from '../experiment/faults.js';
import { nearest } from '../experiment/nearest.js';
import type { CsvPlace } from './csv-records.js';
import { nameProblem } from './names.js';
import type { Labels } from './tally.js';

/** Columns that say which table a row belongs to, as `detbal export` writes them. */
export const LABEL_COLUMNS = [
	'model',
	'template',
	'temperature',
	'top_k',
	'top_p',
	'min_p',
] as const;
type LabelColumn = (typeof LABEL_COLUMNS)[number];

/** The header of a CSV file, checked. */
export class Columns<Needed extends string> {
	readonly #width: number;
	readonly #needed: Readonly<Record<Needed, number>>;
	readonly #labels: readonly (readonly [name: LabelColumn, at: number])[];
	readonly #place: CsvPlace;
	#lastFields: readonly string[] | null = null;
	#lastLabels: Labels | null = null;

	/** @throws UsageError for columns that are missing, unknown or there twice */
	constructor(header: readonly string[], needed: readonly Needed[], place: CsvPlace) {
		checkHeader(header, needed, place);
		this.#place = place;
		this.#width = header.length;
		this.#needed = Object.fromEntries(needed.map((name) => [name, header.indexOf(name)])) as Record<
			Needed,
			number
		>;
		this.#labels = LABEL_COLUMNS.filter((name) => header.includes(name)).map((name) => [
			name,
			header.indexOf(name),
		]);
	}

	/** True where a column says which table a row belongs to. */
	get labelled(): boolean {
		return this.#labels.length > 0;
	}

	/** @throws UsageError where a record has not as many fields as the header */
	checkWidth(fields: readonly string[]): void {
		if (fields.length === this.#width) return;
		this.#place.column = null;
		throw this.#place.fault(
			`${fields.length} fields, the header has ${this.#width}: give each field, and put a name that holds a comma in quotes`,
		);
	}

	/** A field of the record; faults name its column from now on. */
	field(fields: readonly string[], name: Needed): string {
		this.#place.column = name;
		return fields[this.#needed[name]] as string;
	}

	/** Labels of the record: the same object for records in a row that share them. */
	labels(fields: readonly string[]): Labels {
		const last = this.#lastFields;
		if (last !== null && this.#labels.every(([, at]) => fields[at] === last[at]))
			return this.#lastLabels as Labels;
		const said = new Map(this.#labels.map(([name, at]) => [name, fields[at] as string]));
		const number = (name: LabelColumn) => this.#number(name, said.get(name) ?? '');
		const sampling = {
			temperature: number('temperature'),
			topK: number('top_k'),
			topP: number('top_p'),
			minP: number('min_p'),
		};
		const text = (name: LabelColumn) => this.#text(name, said.get(name) ?? '');
		const labels = { model: text('model'), template: text('template'), sampling };
		[this.#lastFields, this.#lastLabels] = [fields, labels];
		return labels;
	}

	#text(name: LabelColumn, written: string): string | null {
		if (written === '') return null;
		this.#place.column = name;
		const problem = nameProblem(written);
		if (problem !== null) throw this.#place.fault(problem);
		return written;
	}

	#number(name: LabelColumn, written: string): number | null {
		if (written === '') return null;
		this.#place.column = name;
		const value = /^\d+(\.\d+)?([eE][-+]?\d+)?$/.test(written) ? Number(written) : Number.NaN;
		if (Number.isFinite(value)) return value;
		throw this.#place.fault(
			`found ${quote(written, 40)}; allowed: a number of at least 0, or nothing where it is not known`,
		);
	}
}

function checkHeader(header: readonly string[], needed: readonly string[], place: CsvPlace): void {
	const known = [...needed, ...LABEL_COLUMNS];
	const list = `${needed.join(', ')} are needed; ${LABEL_COLUMNS.join(', ')} may be there`;
	for (const [i, name] of header.entries()) {
		if (header.indexOf(name) < i)
			throw place.fault(`column ${quote(name)} is there twice; keep one`);
		if (known.includes(name)) continue;
		throw place.fault(
			`${unknown(name, known)}: ${list}. A further column mostly tells rows apart: import each part as a table of its own; else remove it`,
		);
	}
	const missing = needed.find((name) => !header.includes(name));
	if (missing !== undefined) throw place.fault(`column ${missing} is missing: ${list}`);
}

function unknown(name: string, known: readonly string[]): string {
	const separator = [';', '\t', '|'].find((one) => name.split(one).length > 2);
	if (separator !== undefined)
		return `the columns are separated by ${quote(separator)}; allowed: commas`;
	if (known.includes(name.trim()))
		return `unknown column ${quote(name)} with blanks around it, which belong to names in CSV; remove them, in the rows too`;
	const meant = nearest(name, known);
	return `unknown column ${quote(name)}${meant === null ? '' : `; did you mean ${meant}?`}`;
}
