import { UsageError } from '../errors.js';
import { JsonStream } from './json-stream.js';
import type { Pulse } from './place.js';
import { TextSource } from './text-source.js';

/** Formats that can be read, each with what it is recognised by. */
export const FORMATS = {
	transitions:
		'a JSON list whose first item has target_expression or source_expressions: [ { "target_expression": …, "source_expressions": [ { "expression": … } ] } ]',
	successors: 'a JSON object whose every value is a list of texts: { "WORD": [ "SUCCESSOR", … ] }',
	counts:
		'a JSON object with a list of objects under "counts": { "counts": [ { "source": …, "target": …, "count": … } ] }',
	csv: 'a first line that names the columns source, target and count',
} as const;
export type Format = keyof typeof FORMATS;

/**
 * Recognises a format by its content; the name of the file says nothing.
 * @throws UsageError naming every format where it is none of them, or as reading does
 */
export async function recognise(file: string, pulse: Pulse): Promise<Format> {
	const source = TextSource.open(file);
	try {
		const json = new JsonStream(source);
		const first = json.peek();
		if (first === 'end')
			throw new UsageError(`${file} holds only blanks: there is nothing to import`);
		const format =
			first === 'list'
				? ofList(json)
				: first === 'object'
					? await ofObject(json, pulse)
					: ofFirstLine(file);
		if (format === null) throw unrecognised(file);
		return format;
	} finally {
		source.close();
	}
}

function ofList(json: JsonStream): Format | null {
	// An empty list is an empty transition list, which its reader says.
	if (!json.enterArray()) return 'transitions';
	if (json.peek() !== 'object') return null;
	for (let key = json.enterObject(); key !== null; key = json.nextKey()) {
		if (key === 'target_expression' || key === 'source_expressions') return 'transitions';
		json.skip();
	}
	return null;
}

/** A count table may have lists of texts among its notes, a successor map the word "counts". */
async function ofObject(json: JsonStream, pulse: Pulse): Promise<Format | null> {
	let lists = true;
	let counts = false;
	for (let key = json.enterObject(); key !== null; key = json.nextKey()) {
		if (json.peek() !== 'list') {
			lists = false;
			if (key === 'counts') return 'counts';
			json.skip();
			continue;
		}
		let more = json.enterArray();
		if (key === 'counts') {
			if (more && json.peek() === 'object') return 'counts';
			counts = !more;
		}
		if (more && json.peek() !== 'text') lists = false;
		for (; more; more = json.nextItem()) {
			if (json.fresh) await json.turn(pulse);
			json.skip();
		}
	}
	if (counts && !lists) return 'counts';
	return lists ? 'successors' : null;
}

/** Columns that are nearly right are for the reader of CSV to name. */
function ofFirstLine(file: string): Format | null {
	const source = TextSource.open(file);
	try {
		const line = /^[^\r\n]*/.exec((source.next()?.text ?? '').trimStart())?.[0] ?? '';
		const named = ['source', 'target', 'count'].filter((name) => line.toLowerCase().includes(name));
		return named.length >= 2 ? 'csv' : null;
	} finally {
		source.close();
	}
}

function unrecognised(file: string): UsageError {
	const list = Object.entries(FORMATS).map(([name, by]) => `\n  ${name}: ${by}`);
	return new UsageError(
		`${file}: the format is not recognised. The formats and what each is recognised by:${list.join('')}\nForce one with --format`,
	);
}
