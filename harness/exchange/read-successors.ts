import type { JsonStream } from './json-stream.js';
import type { Pulse } from './place.js';
import type { Tally } from './tally.js';

/**
 * Reads the successor map of arXiv 2512.10047: each word with what came after it, as often as it
 * came. A word with no successor is a state without a transition.
 * @throws UsageError naming line and key of what is no successor map
 */
export async function readSuccessors(json: JsonStream, tally: Tally, pulse: Pulse): Promise<void> {
	/** Line of each word. */
	const lines = new Map<number, number>();
	for (let key = json.enterObject(); key !== null; key = json.nextKey()) {
		const source = tally.state(key, json);
		const line = lines.get(source);
		if (line !== undefined)
			throw json.fault(`this word is there twice, first in line ${line}: join the two lists`);
		lines.set(source, json.line);
		for (let more = json.enterArray(); more; more = json.nextItem()) {
			if (json.fresh) await json.turn(pulse);
			tally.transition(source, tally.state(json.text(), json));
		}
	}
	json.end();
}
