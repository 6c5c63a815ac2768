/** How peaked a model's laws are where attempts go: entropy of an attempt, over attempts drawn. */

import type { NextTokenLaw, TokenPath } from '../harness/engine/engine.js';
import { openLlamaHost } from '../harness/engine/llama.js';
import type { SamplingSetting } from '../harness/experiment/experiment.js';
import { drawKey, sourceWords, uniform } from '../harness/sampling/draw.js';
import { splitPrompt } from '../harness/sampling/prompt.js';
import { shapeLaw, tokenAt } from '../harness/sampling/shape.js';
import { SOURCES, TEMPLATE, type Trial } from './attempts.js';

const WIDTH = 16;
const PLAIN: SamplingSetting = {
	temperature: 1,
	topK: 0,
	topP: 1,
	minP: 0,
	maxTokens: 8,
	stop: [],
};

/** Mean over one attempt from each of 16 sources of the entropies, in nats, of the laws it meets. */
export async function entropyOf(trial: Trial): Promise<number> {
	const host = await openLlamaHost(trial.gpuLayers > 0 ? 'auto' : 'cpu');
	const model = await host.load({ path: trial.model.path ?? '', sha256: 'bench' }, trial.gpuLayers);
	const shape = { contextSize: 448, width: WIDTH, batchSize: 512, threads: trial.threads };
	const engine = await model.open(shape);
	const text = {
		before: TEMPLATE.split('{state}')[0] as string,
		render: (state: string) => TEMPLATE.replaceAll('{state}', state),
		special: false,
	};
	const key = drawKey('bench', 'tokens');
	const words = sourceWords('bench');
	let paths: TokenPath[] = SOURCES.slice(0, WIDTH).map((source) => ({
		...splitPrompt(model, text, source),
		completion: [],
	}));
	let total = 0;
	for (let position = 0; position < trial.maxTokens; position++) {
		const laws = await engine.laws(paths);
		for (const law of laws) total += entropy(law);
		paths = paths.map(({ head, rest, completion }, row) => {
			const drawn = shapeLaw(laws[row] as NextTokenLaw, PLAIN);
			const token = tokenAt(drawn, uniform(key, words, row, position)) as number;
			return { head, rest, completion: [...completion, token] };
		});
	}
	await engine.close();
	await model.close();
	await host.close();
	return total / WIDTH;
}

function entropy({ logits, logNormalizer }: NextTokenLaw): number {
	let sum = 0;
	for (const logit of logits) {
		const logP = logit - logNormalizer;
		if (logP > -Infinity) sum -= Math.exp(logP) * logP;
	}
	return sum;
}
