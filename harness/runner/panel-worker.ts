/**
 * A worker thread that draws: it finds panels by name in the module it was started with, keeps the
 * input it was last given, and answers each range with its rows.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Panel } from '../analysis/resample.js';

/** Draws `from` … `to` − 1; the task is sent with the first range and kept for the next ones. */
export interface PanelRequest {
	readonly task: { readonly name: string; readonly input: unknown } | null;
	readonly from: number;
	readonly to: number;
}

export type PanelReply = { readonly rows: Float64Array } | { readonly error: Error };

const { PANELS } = (await import(String(workerData))) as {
	readonly PANELS: readonly Panel<unknown>[];
};
let panel: Panel<unknown> | undefined;
let input: unknown;

parentPort?.on('message', ({ task, from, to }: PanelRequest) => {
	parentPort?.postMessage(answer(task, from, to));
});

function answer(task: PanelRequest['task'], from: number, to: number): PanelReply {
	try {
		if (task !== null) {
			panel = PANELS.find(({ name }) => name === task.name);
			input = task.input;
		}
		if (panel === undefined) throw new Error('no panel of this name');
		return { rows: panel.draw(input, from, to) };
	} catch (error) {
		return { error: error instanceof Error ? error : new Error(String(error)) };
	}
}
