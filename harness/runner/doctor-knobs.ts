/** The settings of a context that the doctor changes, one at a time. */
import type { ContextSettings } from '../engine/engine.js';
import type { RowName } from './doctor-rows.js';

export interface BaseSettings extends ContextSettings {
	readonly threads: number;
}

export interface Knob extends RowName {
	/** What is set otherwise; null where there is nothing else to set, and `why` says so. */
	readonly change: Partial<ContextSettings> | null;
	readonly why?: string;
}

/** Decode widths tried besides the base's. */
const WIDTHS = [1, 4, 32];
/** Cuts the longest prompt of a trial into several batches. */
const SMALL_BATCH = 32;

/** Threads beyond the cores that are free wait for each other, up to 40 times as long. */
const BUSY = 'others keep the cores busy: try again when they have ended';

export const KNOBS = {
	threads: 'threads',
	contextSize: 'context size',
	width: 'decode width',
} as const;

/**
 * @param base settings that all others are compared with
 * @param room threads that are worth trying and whether others want the cores too, and the longest
 *   context the model takes
 */
export function knobsOf(
	base: BaseSettings,
	room: {
		readonly cores: number;
		readonly busy: boolean;
		readonly trainContextSize: number;
	},
): Knob[] {
	return [
		...threads(base, room),
		...WIDTHS.filter((width) => width !== base.width).map((width) =>
			knob(KNOBS.width, base.width, width, { width }),
		),
		knob('prompt', 'head|rest', 'whole', { promptSplit: 'whole' }),
		knob('prompt', 'head|rest', 'tokens', { promptSplit: 'tokens' }),
		knob('batch size', base.batchSize, SMALL_BATCH, { batchSize: SMALL_BATCH }),
		contextSize(base, room.trainContextSize),
		knob('flash attention', 'off', 'on', { flashAttention: true }),
		knob('keys and values', 'F16', 'F32', { kvKeyType: 'F32', kvValueType: 'F32' }),
		knob('keys', 'F16', 'Q8_0', { kvKeyType: 'Q8_0' }),
	];
}

function knob(
	name: string,
	from: string | number,
	to: string | number,
	change: Partial<ContextSettings>,
): Knob {
	return { knob: name, from: String(from), to: String(to), change };
}

function threads(
	{ threads: from }: BaseSettings,
	{ cores, busy }: { readonly cores: number; readonly busy: boolean },
): Knob[] {
	const others = [...new Set([1, 2, cores])].filter((n) => n !== from && n <= cores);
	if (others.length === 0)
		return [{ ...untold(KNOBS.threads, from), why: 'there is one core to use' }];
	return others.map((to) =>
		busy && to > from
			? { ...untold(KNOBS.threads, from), to: String(to), why: BUSY }
			: knob(KNOBS.threads, from, to, { threads: to }),
	);
}

const untold = (name: string, from: number): Knob => ({
	...{ knob: name, from: String(from), to: '', change: null },
});

function contextSize({ contextSize: from }: BaseSettings, longest: number): Knob {
	const to = Math.min(2 * from, longest);
	if (to > from) return knob(KNOBS.contextSize, from, to, { contextSize: to });
	return { ...untold(KNOBS.contextSize, from), why: 'the model takes no longer one' };
}
