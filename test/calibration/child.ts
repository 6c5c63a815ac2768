/** Makes every n-th data set of a batch and prints one JSON line for each. */
import { BATCHES, TRIALS } from './trials.js';

const [batchText, firstText, stepText] = process.argv.slice(2);
const batch = BATCHES[Number(batchText)]!;
for (let index = Number(firstText); index < batch.sets; index += Number(stepText)) {
	const outcome = await TRIALS[batch.part]!(batch, index);
	console.log(JSON.stringify({ index, ...outcome }));
}
