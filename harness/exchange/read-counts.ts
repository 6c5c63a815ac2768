import { quote } from '../experiment/faults.js';
import { nearest } from '../experiment/nearest.js';
import type { JsonStream } from './json-stream.js';
import { COUNT_ALLOWED, NAME_MOST, nameProblem, readWhole } from './names.js';
import type { Pulse } from './place.js';
import { type Labels, Tally, UNSTATED } from './tally.js';

/** Characters of one descriptive field that are kept as a note. */
export const NOTE_MOST = 20_000;
/** Descriptive fields that are kept. */
const NOTES_MOST = 100;

const FIELDS = [
	'model',
	'template',
	'temperature',
	'attempts_total',
	'attempts',
	'counts',
] as const;
/** Fields without which other numbers would come out: one of them misspelt is no note. */
const NUMBERS = ['attempts_total', 'attempts', 'counts'];
type Field = (typeof FIELDS)[number];

export interface CountTableFile {
	readonly labels: Labels;
	readonly tally: Tally;
	/** Further fields as JSON text by name. */
	readonly notes: ReadonlyMap<string, string>;
	/** Further fields too long to be kept. */
	readonly tooLong: readonly string[];
}

/**
 * Reads a count table: `{ "model"?, "template"?, "temperature"?, "attempts_total"?,
 * "attempts"?: { state: n }, "counts": [ { "source", "target", "count" } ] }`. Further fields at the
 * top describe the table and are kept as notes; rows have these three fields and no other.
 * @throws UsageError naming line and key of what is no count table
 */
export async function readCounts(json: JsonStream, pulse: Pulse): Promise<CountTableFile> {
	const said: { -readonly [K in 'model' | 'template']?: string } & { temperature?: number } = {};
	const tally = new Tally();
	const notes = new Map<string, string>();
	const tooLong: string[] = [];
	const seen = new Set<Field>();
	for (let key = json.enterObject(); key !== null; key = json.nextKey()) {
		const field = FIELDS.find((known) => known === key);
		if (field === undefined) {
			keepNote({ json, notes, tooLong }, key);
			continue;
		}
		if (seen.has(field)) throw json.fault('this key is there twice; keep one');
		seen.add(field);
		if (field !== 'counts' && json.absent()) continue;
		if (field === 'counts') await readRows(json, tally, pulse);
		else if (field === 'attempts') await readAttempts(json, tally, pulse);
		else if (field === 'attempts_total') tally.attemptsTotal = readCount(json);
		else if (field === 'temperature') said.temperature = readTemperature(json);
		else said[field] = readLabel(json);
	}
	json.end();
	if (!seen.has('counts'))
		throw json.fault(
			'counts is missing: a count table has "counts": [ { "source", "target", "count" } ]',
		);
	const { model = null, template = null, temperature = null } = said;
	const labels = { model, template, sampling: { ...UNSTATED, temperature } };
	return { labels, tally, notes, tooLong };
}

async function readRows(json: JsonStream, tally: Tally, pulse: Pulse): Promise<void> {
	for (let more = json.enterArray(); more; more = json.nextItem()) {
		if (json.fresh) await json.turn(pulse);
		readRow(json, tally);
	}
}

function readRow(json: JsonStream, tally: Tally): void {
	const row = { source: -1, target: -1, count: -1 };
	for (let key = json.enterObject(); key !== null; key = json.nextKey()) {
		if (key !== 'source' && key !== 'target' && key !== 'count') throw unknownField(json, key);
		if (row[key] >= 0) throw json.fault('this key is there twice; keep one');
		row[key] = key === 'count' ? readCount(json) : tally.state(json.text(), json);
	}
	for (const field of ['source', 'target', 'count'] as const)
		if (row[field] < 0)
			throw json.fault(`${field} is missing; a row is { "source": …, "target": …, "count": … }`);
	tally.count(row, json);
}

function unknownField(json: JsonStream, key: string) {
	const meant = nearest(key, ['source', 'target', 'count']);
	return json.fault(
		`unknown field; ${meant === null ? '' : `did you mean ${meant}? `}a row has source, target and count and no other: if it tells rows apart, import each part as a table of its own; else remove it`,
	);
}

function readCount(json: JsonStream): number {
	const read = readWhole(json.number(COUNT_ALLOWED));
	if ('problem' in read) throw json.fault(read.problem);
	return read.value;
}

/** An object of state → attempts. */
async function readAttempts(json: JsonStream, tally: Tally, pulse: Pulse): Promise<void> {
	if (json.peek() === 'other')
		throw json.fault(
			'allowed: an object { state: attempts }; for the number of all write attempts_total',
		);
	tally.attempts = new Map();
	for (let key = json.enterObject(); key !== null; key = json.nextKey()) {
		if (json.fresh) await json.turn(pulse);
		const state = tally.state(key, json);
		if (tally.attempts.has(state)) throw json.fault('this state is there twice; keep one');
		tally.attempts.set(state, readCount(json));
	}
}

function readLabel(json: JsonStream): string {
	const label = json.text();
	const problem = nameProblem(label);
	if (problem !== null) throw json.fault(problem);
	return label;
}

function readTemperature(json: JsonStream): number {
	const written = json.number('a temperature of at least 0');
	const value = Number(written);
	if (value >= 0 && Number.isFinite(value)) return value;
	throw json.fault(`found ${quote(written, 40)}; allowed: a temperature of at least 0`);
}

interface NoteKeeper {
	readonly json: JsonStream;
	readonly notes: Map<string, string>;
	readonly tooLong: string[];
}

/** @throws UsageError for a field that looks like a misspelt one of ours */
function keepNote({ json, notes, tooLong }: NoteKeeper, key: string): void {
	const meant = nearest(key, NUMBERS);
	if (meant !== null)
		throw json.fault(`unknown field; did you mean ${meant}? Give a note another name`);
	if (notes.has(key)) throw json.fault('this key is there twice; keep one');
	const raw = json.raw(NOTE_MOST);
	if (raw !== null && key.length < NAME_MOST && notes.size < NOTES_MOST) notes.set(key, raw);
	else if (tooLong.length < NOTES_MOST) tooLong.push(key);
}
