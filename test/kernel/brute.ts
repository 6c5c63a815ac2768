/** Every completion there is, one by one: what an exact kernel must say. */
import type { Token } from '../../harness/engine/engine.js';
import type { SamplingSetting } from '../../harness/experiment/experiment.js';
import type { Task } from '../../harness/experiment/tasks/task.js';
import { classify } from '../../harness/sampling/classify.js';
import { candidates } from '../../harness/sampling/shape.js';
import { endingOf } from '../../harness/sampling/stop.js';
import { type Toy, toyLogits, toyTokenizer } from './toy.js';

export interface Truth {
	/** log mass by state, nats */
	readonly states: ReadonlyMap<string, number>;
	/** mass */
	readonly outcomes: Record<'invalid' | 'unparsable' | 'truncated', number>;
}

export interface Question {
	readonly toy: Toy;
	readonly seed: number;
	readonly task: Task;
	readonly setting: SamplingSetting;
	readonly source: string;
}

export function enumerate({ toy, seed, task, setting, source }: Question): Truth {
	const tokenizer = toyTokenizer(toy);
	const states = new Map<string, number>();
	const outcomes = { invalid: 0, unparsable: 0, truncated: 0 };
	const visit = (path: readonly Token[], log: number): void => {
		const ending = endingOf(tokenizer, path, setting);
		if (ending === null) {
			const law = shaped(toyLogits(toy, seed, path), setting);
			for (const [token, logShare] of law) visit([...path, token], log + logShare);
			return;
		}
		const { outcome, target } = classify(task, source, ending);
		if (target !== null) states.set(target, logSum([states.get(target) ?? -Infinity, log]));
		else outcomes[outcome as keyof typeof outcomes] += Math.exp(log);
	};
	visit([], 0);
	return { states, outcomes };
}

/** log-probabilities of the tokens that a setting leaves, however small. */
function shaped(logits: Float32Array, setting: SamplingSetting): (readonly [Token, number])[] {
	const max = Math.max(...logits);
	if (setting.temperature === 0) return [[logits.indexOf(max), 0]];
	const tokens = [...candidates(logits, max, setting)];
	const logs = tokens.map((token) => (logits[token] as number) / setting.temperature);
	const all = logSum(logs);
	return tokens.map((token, i) => [token, (logs[i] as number) - all]);
}

function logSum(logs: readonly number[]): number {
	const max = Math.max(...logs);
	if (max === -Infinity) return max;
	return max + Math.log(logs.reduce((sum, x) => sum + Math.exp(x - max), 0));
}
