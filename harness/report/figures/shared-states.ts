/** Potentials of two groups on the states they share. */
import type { StatePotential } from '../../analysis/potential/potential.js';
import type { Dossier, GroupRecord } from '../../dossier/dossier.js';

/** Fewer shared states say nothing of a correlation. */
export const FEWEST_SHARED = 3;

/** A state of both groups, each potential less its mean over the shared states, nats. */
export interface SharedState {
	readonly state: string;
	readonly x: number;
	readonly y: number;
	/** standard errors, null where not known */
	readonly errorX: number | null;
	readonly errorY: number | null;
}

/** Groups that were given the same task, in the order in which tasks come first; imports are one. */
export function byTask({ groups }: Dossier): readonly (readonly GroupRecord[])[] {
	const tasks = new Map<string, GroupRecord[]>();
	for (const group of groups) {
		const task = group.identity?.task ?? '';
		tasks.set(task, [...(tasks.get(task) ?? []), group]);
	}
	return [...tasks.values()];
}

interface Bounded extends StatePotential {
	readonly value: number;
}

/** Potentials by state, of the largest component: others have a zero of their own. */
export function boundedStates({ finding }: GroupRecord): ReadonlyMap<string, Bounded> {
	const sizes = new Map<number, number>();
	for (const { component } of finding.potential) {
		sizes.set(component, (sizes.get(component) ?? 0) + 1);
	}
	const most = Math.max(0, ...sizes.values());
	const largest = [...sizes].find(([, size]) => size === most)?.[0];
	return new Map(
		finding.potential.flatMap((one) =>
			one.value === null || one.component !== largest
				? []
				: [[one.state, { ...one, value: one.value }] as const],
		),
	);
}

/** Both potentials on the shared states; empty if they share fewer than `FEWEST_SHARED`. */
export function sharedStates(
	x: ReadonlyMap<string, Bounded>,
	y: ReadonlyMap<string, Bounded>,
): readonly SharedState[] {
	const both = [...x.values()].filter(({ state }) => y.has(state));
	if (both.length < FEWEST_SHARED) return [];
	const mean = (of: (state: Bounded) => number): number =>
		both.reduce((sum, state) => sum + of(state), 0) / both.length;
	const [meanX, meanY] = [mean((s) => s.value), mean((s) => y.get(s.state)!.value)];
	return both.map((own) => {
		const other = y.get(own.state)!;
		return {
			state: own.state,
			x: own.value - meanX,
			y: other.value - meanY,
			errorX: own.standardError,
			errorY: other.standardError,
		};
	});
}

/** Pearson's r; null where one potential is the same for all states. */
export function pearson(states: readonly SharedState[]): number | null {
	let [xx, yy, xy] = [0, 0, 0];
	for (const { x, y } of states) {
		xx += x * x;
		yy += y * y;
		xy += x * y;
	}
	return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : null;
}
