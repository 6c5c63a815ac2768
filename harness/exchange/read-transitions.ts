import type { JsonStream } from './json-stream.js';
import type { Pulse } from './place.js';
import type { Tally } from './tally.js';

/** Fields besides the ones read that are named to the reader; there may be any number. */
const NAMED = 100;

/**
 * Reads the transition list of arXiv 2512.10047: every source expression led to the target once.
 * Further fields describe an event (a score, a time) and are left aside.
 * @returns the names of the fields left aside
 * @throws UsageError naming line and key of what is no transition list
 */
export async function readTransitions(
	json: JsonStream,
	tally: Tally,
	pulse: Pulse,
): Promise<ReadonlySet<string>> {
	const aside = new Set<string>();
	for (let more = json.enterArray(); more; more = json.nextItem()) {
		if (json.fresh) await json.turn(pulse);
		await readTarget({ json, tally, pulse, aside });
	}
	json.end();
	return aside;
}

interface Reading {
	readonly json: JsonStream;
	readonly tally: Tally;
	readonly pulse: Pulse;
	readonly aside: Set<string>;
}

async function readTarget(reading: Reading): Promise<void> {
	const { json, tally } = reading;
	const seen = { target: null as number | null, sources: false };
	/** Sources that come before their target. */
	const waiting: number[] = [];
	for (let key = json.enterObject(); key !== null; key = json.nextKey()) {
		if (key === 'target_expression') {
			if (seen.target !== null) throw json.fault('this key is there twice; keep one');
			seen.target = tally.state(json.text(), json);
		} else if (key === 'source_expressions') {
			if (seen.sources) throw json.fault('this key is there twice; keep one');
			seen.sources = true;
			const { target } = seen;
			await readSources(reading, (source) => {
				if (target === null) waiting.push(source);
				else tally.transition(source, target);
			});
		} else leaveAside(reading, key);
	}
	if (seen.target === null || !seen.sources)
		throw json.fault(
			`${seen.target === null ? 'target_expression' : 'source_expressions'} is missing; a transition is { "target_expression": …, "source_expressions": [ { "expression": … } ] }`,
		);
	for (const source of waiting) tally.transition(source, seen.target);
}

async function readSources(reading: Reading, add: (source: number) => void): Promise<void> {
	const { json, tally, pulse } = reading;
	for (let more = json.enterArray(); more; more = json.nextItem()) {
		if (json.fresh) await json.turn(pulse);
		let source: number | null = null;
		for (let key = json.enterObject(); key !== null; key = json.nextKey()) {
			if (key !== 'expression') leaveAside(reading, key);
			else if (source !== null) throw json.fault('this key is there twice; keep one');
			else source = tally.state(json.text(), json);
		}
		if (source === null) throw json.fault('expression is missing; a source is { "expression": … }');
		add(source);
	}
}

function leaveAside({ json, aside }: Reading, key: string): void {
	if (aside.size < NAMED) aside.add(key);
	json.skip();
}
