/** Pulls the model in its argument (JSON) and says whether it fetched it, and its sha256. */
import { pullModel } from '../../harness/models/pull.js';

const model = JSON.parse(process.argv[2] ?? '') as Parameters<typeof pullModel>[0];
const { fetched, sha256 } = await pullModel(model, {
	offline: false,
	signal: new AbortController().signal,
	say: (text) => void process.stderr.write(`${text}\n`),
});
process.stdout.write(`${fetched} ${sha256}\n`);
