/** Shares the draws of resampling panels out over worker threads. */
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Panel, Resample } from '../analysis/resample.js';
import { HarnessError } from '../errors.js';
import type { PanelReply, PanelRequest } from './panel-worker.js';

export interface PanelPoolOptions {
	/** worker threads, an integer ≥ 1; null: as many as the machine runs at once */
	readonly workers: number | null;
	readonly signal: AbortSignal;
	/** called as draws of the running panel are done */
	readonly onProgress?: (done: number, count: number) => void;
	/** module whose PANELS the workers know; left out: harness/analysis/panels */
	readonly panels?: URL;
}

export interface PanelPool {
	/** The rows of a panel: the same bits for any number of workers. Calls are served one by one. */
	readonly resample: Resample;
	/** Ends the workers; to be called when no more panels follow. */
	close(): Promise<void>;
}

/**
 * Work done within this time stays in this thread. To start a worker was measured to take 40 ms of
 * a processor, 250 ms from TypeScript sources, and twice that on a busy machine.
 */
const HERE_MS = 100;
/** Ranges handed to each worker: more of them share out better, fewer cost less. */
const RANGES_PER_WORKER = 8;
const SOURCES = import.meta.url.endsWith('.ts');
const WORKER = SOURCES ? './panel-worker-sources.mjs' : './panel-worker.js';
const PANELS_MODULE = `../analysis/panels.${SOURCES ? 'ts' : 'js'}`;

/**
 * Opens a pool; a worker is started only when a panel takes longer than a tenth of a second.
 *
 * @param options see `PanelPoolOptions`
 * @returns the pool; `resample` rejects with what a panel throws, with the signal's reason once it is
 *   aborted, with HarnessError if a worker dies, and with Error if a panel is not in PANELS, gives
 *   rows of a wrong length, or the pool is closed
 * @throws RangeError if `workers` is neither null nor a positive integer
 *
 * @example const pool = openPanelPool({ workers: null, signal }); await pool.resample(panel, input, 999)
 */
export function openPanelPool(options: PanelPoolOptions): PanelPool {
	const { workers, signal, onProgress = () => {} } = options;
	if (workers !== null && (!Number.isInteger(workers) || workers < 1)) {
		throw new RangeError(`workers must be null or a positive integer, got ${workers}`);
	}
	const panels = options.panels ?? new URL(PANELS_MODULE, import.meta.url);
	const crew = new Crew(workers ?? availableParallelism(), panels, signal);
	let turn: Promise<unknown> = Promise.resolve();

	async function draw<Input>(panel: Panel<Input>, input: Input, count: number) {
		const { PANELS } = (await import(panels.href)) as { PANELS: readonly Panel<never>[] };
		if (!PANELS.some(({ name }) => name === panel.name)) {
			throw new Error(`panel ${panel.name} is not in PANELS; add it to ${panels.pathname}`);
		}
		const rows = new Rows(panel, count, (done) => onProgress(done, count));
		await drawHere(panel, input, rows, crew.check);
		if (rows.left > 0) await crew.draw({ name: panel.name, input }, rows);
		return rows.values;
	}
	return {
		resample(panel, input, count) {
			const drawn = turn.then(() => {
				crew.check();
				return draw(panel, input, count);
			});
			turn = drawn.catch(() => {});
			return drawn;
		},
		close: () => crew.close(),
	};
}

/** Draws in growing ranges until all are done or the time is up. */
async function drawHere<Input>(
	panel: Panel<Input>,
	input: Input,
	rows: Rows,
	check: () => void,
): Promise<void> {
	const start = performance.now();
	for (let size = 1; rows.left > 0 && performance.now() - start < HERE_MS; size *= 2) {
		const { from, to } = rows.take(size);
		rows.put(from, to, panel.draw(input, from, to));
		await setImmediate();
		check();
	}
}

/** The rows of one run of a panel: which draws are handed out, which have come back. */
class Rows {
	readonly values: Float64Array;
	readonly #panel: { readonly name: string; readonly width: number };
	readonly #count: number;
	readonly #onDone: (done: number) => void;
	#taken = 0;
	#done = 0;

	constructor(
		panel: { readonly name: string; readonly width: number },
		count: number,
		onDone: (done: number) => void,
	) {
		this.#panel = panel;
		this.#count = count;
		this.#onDone = onDone;
		this.values = new Float64Array(count * panel.width);
	}

	/** draws not handed out yet */
	get left(): number {
		return this.#count - this.#taken;
	}

	take(size: number): { readonly from: number; readonly to: number } {
		const from = this.#taken;
		this.#taken = Math.min(this.#count, from + size);
		return { from, to: this.#taken };
	}

	put(from: number, to: number, rows: Float64Array): void {
		const { name, width } = this.#panel;
		if (rows.length !== (to - from) * width) {
			throw new Error(
				`panel ${name} gave ${rows.length} numbers for draws ${from} to ${to - 1}, not ${(to - from) * width}`,
			);
		}
		this.values.set(rows, from * width);
		this.#done += to - from;
		this.#onDone(this.#done);
	}
}

/** The worker threads; they are kept between panels and all ended at the first failure. */
class Crew {
	readonly #most: number;
	readonly #panels: URL;
	readonly #signal: AbortSignal;
	readonly #abort = () => void this.#end();
	#workers: Worker[] = [];
	#closed = false;

	constructor(most: number, panels: URL, signal: AbortSignal) {
		this.#most = most;
		this.#panels = panels;
		this.#signal = signal;
		signal.addEventListener('abort', this.#abort);
	}

	/** @throws the signal's reason if it is aborted, Error if the pool is closed */
	readonly check = (): void => {
		this.#signal.throwIfAborted();
		if (this.#closed) throw new Error('the panel pool is closed');
	};

	async draw(task: NonNullable<PanelRequest['task']>, rows: Rows): Promise<void> {
		const wanted = Math.min(this.#most, rows.left);
		const size = Math.ceil(rows.left / (wanted * RANGES_PER_WORKER));
		while (this.#workers.length < wanted) this.#workers.push(this.#start());
		try {
			await Promise.all(
				this.#workers.slice(0, wanted).map((worker) => this.#drive(worker, task, { rows, size })),
			);
		} catch (error) {
			await this.#end();
			throw error;
		}
	}

	async close(): Promise<void> {
		this.#closed = true;
		this.#signal.removeEventListener('abort', this.#abort);
		await this.#end();
	}

	#start(): Worker {
		const worker = new Worker(new URL(WORKER, import.meta.url), {
			workerData: this.#panels.href,
			// This process's own options may name its entry, such as --input-type.
			execArgv: [],
		});
		worker.unref();
		// One that dies between two panels is replaced when it is wanted again.
		worker.on('error', () => {});
		worker.on('exit', () => {
			this.#workers = this.#workers.filter((other) => other !== worker);
		});
		return worker;
	}

	async #end(): Promise<void> {
		const workers = this.#workers;
		this.#workers = [];
		await Promise.all(workers.map((worker) => worker.terminate()));
	}

	/** Hands ranges to one worker until none is left; the process waits for it that long. */
	async #drive(
		worker: Worker,
		task: NonNullable<PanelRequest['task']>,
		{ rows, size }: { readonly rows: Rows; readonly size: number },
	): Promise<void> {
		worker.ref();
		for (let first = true; rows.left > 0; first = false) {
			const { from, to } = rows.take(size);
			const reply = await this.#ask(worker, { task: first ? task : null, from, to });
			rows.put(from, to, reply);
		}
		worker.unref();
	}

	#ask(worker: Worker, request: PanelRequest): Promise<Float64Array> {
		return new Promise((resolve, reject) => {
			const settle = (act: () => void): void => {
				worker.off('message', onMessage).off('error', onError).off('exit', onExit);
				act();
			};
			const onMessage = (reply: PanelReply): void =>
				settle(() => ('rows' in reply ? resolve(reply.rows) : reject(reply.error)));
			const onError = (error: Error): void => settle(() => reject(this.#death(error.message)));
			const onExit = (code: number): void =>
				settle(() => reject(this.#death(`it ended with exit code ${code}`)));
			worker.on('message', onMessage).on('error', onError).on('exit', onExit);
			worker.postMessage(request);
		});
	}

	#death(why: string): Error {
		if (this.#signal.aborted) return this.#signal.reason as Error;
		if (this.#closed) return new Error('the panel pool is closed');
		return new HarnessError(`a worker thread died while resampling: ${why}`);
	}
}
