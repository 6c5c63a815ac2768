import {
	type Document,
	isAlias,
	isMap,
	isNode,
	isScalar,
	isSeq,
	LineCounter,
	type Node,
	type Pair,
	type ParsedNode,
	parseDocument,
	stringify,
	type YAMLMap,
} from 'yaml';
import { UsageError } from '../errors.js';
import { LIMITS } from './defaults.js';
import type { Path } from './faults.js';

/** A YAML file read as one mapping, with the line of everything in it. */
export interface YamlSource {
	readonly value: Readonly<Record<string, unknown>>;
	/** Line (from 1) of the deepest part of `path` that exists. */
	lineOf(path: Path): number;
	/** Keys written twice in one mapping. */
	readonly repeated: readonly { readonly path: Path; readonly line: number }[];
}

/** @throws UsageError where the text is not one YAML mapping */
export function readYaml(text: string, file: string): YamlSource {
	const counter = new LineCounter();
	// Repeated keys are looked for below: the library's own search is quadratic in their number.
	const document = parseDocument(text, {
		lineCounter: counter,
		uniqueKeys: false,
		prettyErrors: false,
	});
	const line = (offset: number) => counter.linePos(offset).line;
	const broken = [...document.errors, ...document.warnings].slice(0, LIMITS.faults);
	if (broken.length > 0)
		throw new UsageError(
			broken.map((e) => `${file}:${line(e.pos[0])}: not valid YAML: ${e.message}`).join('\n'),
		);
	const top = document.contents;
	if (top === null || (isScalar(top) && top.value === null))
		throw new UsageError(`${file}:1: the file is empty; detbal init writes an experiment file`);
	if (!isMap(top))
		throw new UsageError(
			`${file}:${line(top.range[0])}: found a ${isSeq(top) ? 'list' : 'single value'} at the top; allowed: a mapping (name: …, seed: …, task: …)`,
		);
	const repeated = inspectKeys(top, file, line);
	return {
		value: toValue(document, file),
		lineOf: (path) => line(offsetOf(document, path)),
		repeated,
	};
}

function toValue(document: Document.Parsed, file: string): Record<string, unknown> {
	try {
		return document.toJS({ maxAliasCount: LIMITS.aliases }) as Record<string, unknown>;
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new UsageError(
			`${file}:1: ${why}; allowed: at most ${LIMITS.aliases} aliases (*name), each after its anchor (&name)`,
		);
	}
}

/** Finds repeated keys; refuses keys that are not plain words, which no mapping of ours has. */
function inspectKeys(top: ParsedNode, file: string, line: (offset: number) => number) {
	const repeated: { path: Path; line: number }[] = [];
	const walk = (node: unknown, path: Path): void => {
		if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item, [...path, i]);
		if (!isMap(node)) return;
		const seen = new Set<string>();
		for (const { key, value } of node.items) {
			const at = line(isNode(key) ? (key.range?.[0] ?? 0) : 0);
			if (!isScalar(key))
				throw new UsageError(`${file}:${at}: found a list or mapping as a key; allowed: a word`);
			const name = String(key.value);
			if (seen.has(name)) repeated.push({ path: [...path, name], line: at });
			seen.add(name);
			walk(value, [...path, name]);
		}
	};
	walk(top, []);
	return repeated;
}

function offsetOf(document: Document.Parsed, path: Path): number {
	let node: unknown = document.contents;
	let offset = document.contents?.range?.[0] ?? 0;
	for (const step of path) {
		if (isAlias(node)) node = node.resolve(document);
		if (isMap(node)) {
			const pair = pairsOf(node).get(String(step));
			if (pair === undefined) break;
			offset = start(pair.key) ?? offset;
			node = pair.value;
		} else if (isSeq(node) && typeof step === 'number') {
			node = node.items[step];
			offset = start(node) ?? offset;
		} else break;
	}
	return offset;
}

/** Pairs by key, kept: a mapping with a hundred thousand unknown keys is asked as often. */
const indexed = new WeakMap<YAMLMap, Map<string, Pair>>();

function pairsOf(map: YAMLMap): Map<string, Pair> {
	let pairs = indexed.get(map);
	if (pairs === undefined) {
		pairs = new Map(
			map.items.map((pair) => [String(isScalar(pair.key) ? pair.key.value : ''), pair]),
		);
		indexed.set(map, pairs);
	}
	return pairs;
}

function start(node: unknown): number | undefined {
	return isNode(node) ? (node as Node).range?.[0] : undefined;
}

/** A plain value as YAML text that `readYaml` reads to the same value; long texts stay on one line. */
export function writeYaml(value: object): string {
	return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
