import type { NextTokenLaw, Token } from '../engine/engine.js';
import type { SamplingSetting } from '../experiment/experiment.js';
import { candidates } from './shape.js';

/** The law that a setting draws from: tokens that survive truncation, in id order. */
export interface LogLaw {
	readonly tokens: ArrayLike<Token>;
	/** log-probability of each, nats ≤ 0; their masses sum to 1 */
	readonly logProbabilities: Float64Array;
}

/**
 * A next-token law under temperature and truncation, as `shapeLaw` draws from, but with probabilities
 * however small.
 *
 * @example logits [0, log 3], temperature 1 // log 0.25, log 0.75
 */
export function logLaw({ logits }: NextTokenLaw, setting: SamplingSetting): LogLaw {
	let max = -Infinity;
	for (const x of logits) if (x > max) max = x;
	if (setting.temperature === 0) {
		return { tokens: [logits.indexOf(max)], logProbabilities: new Float64Array(1) };
	}
	const tokens = candidates(logits, max, setting);
	const logs = Float64Array.from(
		tokens,
		(token) => ((logits[token] as number) - max) / setting.temperature,
	);
	let total = 0;
	for (const x of logs) total += Math.exp(x);
	const normalizer = Math.log(total);
	for (let i = 0; i < logs.length; i++) logs[i] = (logs[i] as number) - normalizer;
	return { tokens, logProbabilities: logs };
}
