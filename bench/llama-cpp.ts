/**
 * llama.cpp's own programs, built from the source that node-llama-cpp brings as a git bundle. Kept
 * between runs in the system's folder for temporary files, under the name of the release; that takes
 * git, cmake and a C++ compiler, and on two cores some ten minutes once.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface LlamaCppTools {
	readonly batchedBench: string;
	readonly server: string;
}

/** Layers to put on a GPU, as DETBAL_BENCH_GPU_LAYERS says; 0: none. */
export const GPU_LAYERS = Number(process.env.DETBAL_BENCH_GPU_LAYERS ?? 0);

/**
 * As the package's own binaries are built (Release, no OpenMP), but for this very processor and linked
 * statically. What is left out (curl, UI, tests) evaluates nothing.
 */
const OPTIONS = [
	'-DCMAKE_BUILD_TYPE=Release',
	'-DBUILD_SHARED_LIBS=OFF',
	'-DGGML_NATIVE=ON',
	'-DGGML_OPENMP=OFF',
	'-DGGML_CCACHE=OFF',
	'-DLLAMA_CURL=OFF',
	'-DLLAMA_OPENSSL=OFF',
	'-DLLAMA_BUILD_TESTS=OFF',
	'-DLLAMA_BUILD_EXAMPLES=OFF',
	'-DLLAMA_BUILD_UI=OFF',
	'-DLLAMA_USE_PREBUILT_UI=OFF',
	...(GPU_LAYERS > 0 ? ['-DGGML_CUDA=ON'] : []),
];

/** Where the programs and the benchmark's model are kept. */
export function llamaCppFolder(): string {
	const name = `detbal-llama.cpp-${release()}${GPU_LAYERS > 0 ? '-cuda' : ''}`;
	return join(tmpdir(), name);
}

/** Builds what is not there yet. @throws Error with the log's place where a step fails */
export function llamaCppTools(): LlamaCppTools {
	const folder = llamaCppFolder();
	const bin = join(folder, 'build', 'bin');
	const tools = {
		batchedBench: join(bin, 'llama-batched-bench'),
		server: join(bin, 'llama-server'),
	};
	if (existsSync(tools.batchedBench) && existsSync(tools.server)) return tools;
	mkdirSync(folder, { recursive: true });
	const source = join(folder, 'source');
	if (!existsSync(source)) step('clone', 'git', ['clone', '--quiet', bundle(), source]);
	const build = join(folder, 'build');
	step('configure', 'cmake', ['-S', source, '-B', build, ...OPTIONS]);
	const targets = ['llama-batched-bench', 'llama-server'];
	step('build', 'cmake', ['--build', build, '--target', ...targets, '--parallel', '2']);
	return tools;
}

function step(name: string, command: string, args: readonly string[]): void {
	const log = join(llamaCppFolder(), `${name}.log`);
	process.stderr.write(`${command} ${args[0]} … (${log})\n`);
	const out = openSync(log, 'w');
	const { status } = spawnSync(command, args, { stdio: ['ignore', out, out] });
	if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed; see ${log}`);
}

function packageFolder(): string {
	const entry = createRequire(import.meta.url).resolve('node-llama-cpp');
	return join(dirname(dirname(entry)), 'llama');
}

function bundle(): string {
	return join(packageFolder(), 'gitRelease.bundle');
}

function release(): string {
	const info = readFileSync(join(packageFolder(), 'llama.cpp.info.json'), 'utf8');
	return (JSON.parse(info) as { tag: string }).tag;
}

/** One round of llama-batched-bench: tokens a second of prompts and of decodes. */
export interface NativeRates {
	readonly prompt: number;
	readonly decode: number;
}

export interface NativeShape {
	readonly model: string;
	readonly prompt: number;
	readonly generated: number;
	readonly width: number;
	readonly batchSize: number;
	readonly threads: number;
}

/** Every sequence a prompt of its own; one output a prompt, one a row of each decode. */
export function nativeRates(tools: LlamaCppTools, shape: NativeShape): NativeRates {
	const { prompt, generated, width, batchSize, threads } = shape;
	const values = {
		'-m': shape.model,
		'-c': width * (Math.ceil((prompt + generated) / 256) * 256),
		'-b': batchSize,
		'-ub': batchSize,
		'-npp': prompt,
		'-ntg': generated,
		'-npl': width,
		'-t': threads,
		'-tb': threads,
		'-fa': 'off',
		'-ctk': 'f16',
		'-ctv': 'f16',
		'-ngl': GPU_LAYERS,
		'--output-format': 'jsonl',
	};
	const args = Object.entries(values).flatMap(([key, value]) => [key, String(value)]);
	const out = execFileSync(tools.batchedBench, args, {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	const line = out.split('\n').find((text) => text.startsWith('{'));
	if (!line) throw new Error(`llama-batched-bench printed no result: ${out.slice(0, 400)}`);
	const result = JSON.parse(line) as { speed_pp: number; speed_tg: number };
	return { prompt: result.speed_pp, decode: result.speed_tg };
}
