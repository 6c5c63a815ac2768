/**
 * Runs in a process of its own: loads an unknown model, opens a small context and evaluates one
 * path, so that a crash of native code ends this process and not the run.
 * Argument: { path, gpu, gpuLayers } as JSON; exit code 0 if the model answers, 3 with a plain
 * sentence on stderr if it is refused.
 */
import { openLlamaHost } from './llama.js';
import { REFUSED } from './probe.js';

const request = JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof probe>[0];

async function probe({
	path,
	gpu,
	gpuLayers,
}: {
	path: string;
	gpu: Parameters<typeof openLlamaHost>[0];
	gpuLayers: number | 'auto';
}): Promise<void> {
	const host = await openLlamaHost(gpu);
	const model = await host.load({ path, sha256: '' }, gpuLayers);
	const contextSize = Math.min(64, model.facts.trainContextSize);
	const engine = await model.open({ contextSize, width: 2, batchSize: 64, threads: 1 });
	const rest = [model.facts.bos ?? 0];
	await engine.laws([{ head: [], rest, completion: [] }]);
	await engine.laws([{ head: [], rest, completion: [0] }]);
}

try {
	await probe(request);
	process.exit(0);
} catch (error) {
	process.stderr.write(`\n${REFUSED}${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(3);
}
