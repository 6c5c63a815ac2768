import { findLoops, type LoopOptions } from '../loops/loops.js';
import { fitReversible } from '../potential/reversible-fit.js';
import { findComponents } from '../table/components.js';
import type { CountTable } from '../table/counts.js';
import { exactTestSquares } from './loop-squares.js';
import type { Design } from './power.js';

export interface Pilot {
	readonly states: number;
	/** mean over the states that attempts were made from; a convention where none were recorded */
	readonly attemptsPerState: number;
	/** mean over the pairs that a loop can use; null without any */
	readonly transitionsPerPair: number | null;
	/** null with a reason */
	readonly design: Design | null;
	readonly reason: string | null;
}

/**
 * What a table says about how many attempts more of its kind would need: its reversible fit stands
 * in for the kernel, and the loops seen for those there will be. Pairs not seen yet are not foreseen.
 *
 * @param table counts of one kernel
 * @param options caps on loops, see `findLoops`
 * @returns see `Pilot`; no design where there is no loop
 *
 * @example a star: design null, reason 'no loop among the observed pairs'
 */
export function pilotDesign(table: CountTable, options: LoopOptions): Pilot {
	const components = findComponents(table);
	const made = table.attempts.filter((n) => n > 0);
	const attemptsPerState = made.reduce((sum, n) => sum + n, 0) / made.length;
	const { up, down } = components.inner;
	const transitions = up.reduce((sum, n, i) => sum + n + down[i]!, 0);
	const found = {
		states: table.states.length,
		attemptsPerState,
		transitionsPerPair: up.length === 0 ? null : transitions / up.length,
	};
	const loops = findLoops(components, options);
	const squares = exactTestSquares(loops, fitReversible(table, components).up);
	return squares === null
		? { ...found, design: null, reason: 'no loop among the observed pairs' }
		: { ...found, design: { ...squares, attemptsPerState }, reason: null };
}
