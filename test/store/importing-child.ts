/** Imports a table, says when it is halfway, and then waits in the middle of its transaction. */
import { storeImports } from '../../harness/store/import-writer.js';

const [file] = process.argv.slice(2) as [string];
const states = Array.from({ length: 50_000 }, (_, i) => `state ${i}`);
let turns = 0;
await storeImports(
	file,
	[
		{
			model: 'killed',
			template: 't',
			sampling: { temperature: null, topK: null, topP: null, minP: null },
			origin: 'killed.json',
			sha256: 'd'.repeat(64),
			bytes: 1,
			format: 'counts',
			attemptsTotal: null,
			attemptsOrigin: null,
			attemptsSha256: null,
			notes: '{}',
			toolVersion: '0.1.0',
			states,
			pairs: states.map((_, i) => [i, (i + 1) % states.length, 1] as const),
			attempts: null,
		},
	],
	async () => {
		if (++turns < 3) return;
		console.log('half of it');
		await new Promise((resolve) => setTimeout(resolve, 60_000));
	},
);
