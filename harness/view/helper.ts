import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessError } from '../errors.js';

/** To the helper. */
export interface HelperRequest {
	readonly id: number;
	readonly method: string;
	readonly input: unknown;
}

/** From the helper. */
export interface HelperReply {
	readonly id: number;
	readonly result?: unknown;
	/** what it took, the start of the process and the loading of the module left out */
	readonly milliseconds?: number;
	readonly fault?: string;
}

export interface Answer<Result> {
	readonly result: Result;
	readonly milliseconds: number;
}

interface Waiting {
	readonly resolve: (answer: Answer<unknown>) => void;
	readonly reject: (error: Error) => void;
}

/**
 * A process that answers questions with the functions of a module. A process and no thread: what
 * happens to the file under SQLite's feet (cut off, replaced, on a disk that is gone) can end that
 * process and not the server; it has locks of its own; and it can give way to a run.
 * It is started when it is first asked, and again after it died.
 */
export class Helper {
	readonly #module: URL;
	#child: ChildProcess | null = null;
	#waiting = new Map<number, Waiting>();
	#asked = 0;
	#ended = false;

	/** @param module whose exported functions take one value and give one, both as JSON can hold them */
	constructor(module: URL) {
		this.#module = module;
	}

	/**
	 * What `method` of the module makes of `input`, and how long it took.
	 * @returns rejects with HarnessError for what it throws, if the process dies, and after `end`
	 */
	ask<Result>(method: string, input: unknown): Promise<Answer<Result>> {
		if (this.#ended) return Promise.reject(new HarnessError('the view is being closed'));
		this.#child ??= this.#start();
		const child = this.#child;
		const id = this.#asked++;
		return new Promise<Answer<Result>>((resolve, reject) => {
			this.#waiting.set(id, { resolve: (one) => resolve(one as Answer<Result>), reject });
			const request: HelperRequest = { id, method, input };
			// A failure to send shows as the end of the process, too.
			child.send(request, () => undefined);
		});
	}

	/** Ends the process, whatever it is doing: it only reads. Resolves when it is gone. */
	async end(): Promise<void> {
		this.#ended = true;
		await this.rest();
	}

	/** As `end`, but the next question starts another process. */
	async rest(): Promise<void> {
		const child = this.#child;
		if (child === null) return;
		const gone = new Promise((resolve) => child.once('close', resolve));
		child.kill('SIGKILL');
		await gone;
	}

	#start(): ChildProcess {
		const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
		const script = fileURLToPath(new URL(`./helper-child.${extension}`, import.meta.url));
		// The folder, so that names in execArgv (--import tsx) are found wherever the user is.
		const child = spawn(process.execPath, [...process.execArgv, script, this.#module.href], {
			cwd: dirname(script),
			stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
		});
		let said = '';
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			said = (said + text).slice(-2000);
		});
		child.on('message', ({ id, result, milliseconds = 0, fault }: HelperReply) => {
			const waiting = this.#waiting.get(id);
			this.#waiting.delete(id);
			if (fault === undefined) waiting?.resolve({ result, milliseconds });
			else waiting?.reject(new HarnessError(fault));
		});
		const onEnd = (how: string): void => {
			if (this.#child !== child) return;
			this.#child = null;
			const waiting = [...this.#waiting.values()];
			this.#waiting = new Map();
			for (const { reject } of waiting) {
				reject(new HarnessError(`the process that reads the database ended: ${how}`));
			}
		};
		child.on('error', ({ message }) => onEnd(message));
		child.on('close', (code, signal) => {
			onEnd(`${signal ?? `exit code ${code}`} ${said.trim()}`.trim());
		});
		return child;
	}
}
