/**
 * Runs in a process of its own: evaluates paths and writes their logits to files, for the process
 * that asked. Argument: the folder with errand.json; exit code 0 if answer.json was written there,
 * 3 with a plain sentence on stderr if it cannot be done.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useVariant } from './build-variants.js';
import type { Answer, Errand } from './laws-elsewhere.js';
import { lawsFile, REFUSED } from './laws-elsewhere.js';

const folder = process.argv[2] as string;
const errand = JSON.parse(readFileSync(join(folder, 'errand.json'), 'utf8')) as Errand;

async function carryOut(): Promise<Answer> {
	if (errand.variant !== null) {
		const scratch = join(folder, 'bins');
		mkdirSync(scratch);
		useVariant(errand.variant, scratch);
	}
	// Only now: what it loads depends on the variant.
	const { openLlamaHost } = await import('./llama.js');
	const host = await openLlamaHost(errand.gpu);
	if (errand.onlyWithGpu && host.backend === 'cpu') return { backend: 'cpu', numerics: null };
	const numerics: Answer['numerics'] = [];
	for (const [i, job] of errand.jobs.entries()) {
		const model = await host.load(job.file, errand.gpu === 'cpu' ? 0 : 'auto');
		const engine = await model.open(job.settings);
		const laws = await engine.laws(job.paths);
		numerics.push(engine.identity.numerics);
		writeFileSync(lawsFile(folder, i), Buffer.concat(laws.map(({ logits }) => bytesOf(logits))));
		await engine.close();
		await model.close();
	}
	return { backend: host.backend, numerics };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
	return new Uint8Array(buffer, byteOffset, byteLength);
}

try {
	writeFileSync(join(folder, 'answer.json'), JSON.stringify(await carryOut()));
	process.exit(0);
} catch (error) {
	process.stderr.write(`\n${REFUSED}${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(3);
}
