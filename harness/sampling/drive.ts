import type { Engine, NextTokenLaw, TokenPath } from '../engine/engine.js';
import type { RowShare, Unit } from './fixed.js';

export interface DriveOptions {
	/** Called after every round of laws; a rejection stops the run. */
	readonly afterRound: (evaluations: number) => Promise<void> | void;
	/** Stops between rounds. */
	readonly signal: AbortSignal;
	/** Told how many rows each unit may fill, where no unit waits any more. */
	readonly share?: RowShare;
	/** New units are begun while fewer rows than these are asked for; left out: the engine's width. */
	readonly rows?: number;
}

interface Active {
	readonly unit: Unit;
	paths: readonly TokenPath[];
}

/**
 * Runs units side by side so that the engine's rows are full. Which units share a round can not
 * change what they are told.
 * @returns how many laws were evaluated
 */
export async function drive(
	engine: Engine,
	units: Iterable<Unit>,
	{ afterRound, signal, share, rows = engine.width }: DriveOptions,
): Promise<number> {
	const waiting = units[Symbol.iterator]();
	let active: Active[] = [];
	let evaluations = 0;
	for (;;) {
		signal.throwIfAborted();
		active = fill(active, waiting, rows);
		if (active.length === 0) return evaluations;
		if (share) share.rows = Math.max(1, Math.floor(engine.width / active.length));
		const laws = await engine.laws(active.flatMap(({ paths }) => paths));
		evaluations += laws.length;
		active = handOut(active, laws);
		await afterRound(evaluations);
	}
}

function fill(active: Active[], waiting: Iterator<Unit>, width: number): Active[] {
	let asked = active.reduce((sum, { paths }) => sum + paths.length, 0);
	while (asked < width) {
		const { value: unit, done } = waiting.next();
		if (done) break;
		const first = unit.next();
		if (first.done) continue;
		active.push({ unit, paths: first.value });
		asked += first.value.length;
	}
	return active;
}

function handOut(active: readonly Active[], laws: readonly NextTokenLaw[]): Active[] {
	const going: Active[] = [];
	let at = 0;
	for (const { unit, paths } of active) {
		const next = unit.next(laws.slice(at, at + paths.length));
		at += paths.length;
		if (!next.done) going.push({ unit, paths: next.value });
	}
	return going;
}
