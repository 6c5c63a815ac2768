import type { BradleyTerryFit, Comparisons } from '../../numerics/bradley-terry.js';
import { groundedLaplacian } from '../../numerics/graph-laplacian.js';
import { symmetricInverse } from '../../numerics/linear-algebra.js';
import type { Components } from '../table/components.js';
import type { CountTable } from '../table/counts.js';
import { relateToReference } from '../table/reference.js';
import type { FittedPart, ReversibleFit } from './reversible-fit.js';

export interface StatePotential {
	readonly state: string;
	/** V in nats above the lowest state of its component; null if it has none */
	readonly value: number | null;
	/** of the difference to the lowest state of the component, in nats */
	readonly standardError: number | null;
	/** relative to the reference component of the states it is connected with */
	readonly unbounded: '+inf' | '-inf' | null;
	/** number of its strongly connected component */
	readonly component: number;
	/** why value or standardError is null */
	readonly reason: string | null;
}

/** Standard errors are computed up to this many states in a component. */
const LARGEST_INVERSE = 400;

/**
 * Maximum likelihood potential of a reversible kernel, one gauge per strongly connected component:
 * given the pair totals, P(f → g | pair) = 1 / (1 + exp(−(V_f − V_g + log(C_f / C_g)))).
 *
 * A component of two or more states has finite values. A state alone is +∞ if it leads to the
 * reference component (the largest of those it is connected with), −∞ if it is reached from it.
 *
 * @param table K states with C_f attempts each (all attempts: the true-attempt normalisation)
 * @param components of the same table
 * @param reversible the fit to the same table
 * @returns one record per state, in the table's order
 * Source: Trendelkamp-Schroer, Wu, Paul, Noé, J. Chem. Phys. 143, 174101 (2015), eq. 20 (the same
 *   maximum as the fixed point x_fg = (C_fg + C_gf) / (C_f / x_f + C_g / x_g), V = −log x_f).
 *
 * @example counts A→B 66, B→A 3879, equal attempts
 *   // A 0; B log(3879 / 66) = 4.07367…, standard error √(1/66 + 1/3879) = 0.12413…
 */
export function statePotentials(
	table: CountTable,
	components: Components,
	reversible: ReversibleFit,
): StatePotential[] {
	const relation = relateToReference(table, components);
	const result: StatePotential[] = table.states.map((state, f) => ({
		state,
		component: components.of[f]!,
		value: null,
		standardError: null,
		...relation[f]!,
	}));
	for (const [i, members] of components.members.entries()) {
		const part = reversible.parts[i];
		if (!part) continue;
		const { value, error, reason } = componentPotential(table, members, part);
		for (const [k, f] of members.entries()) {
			result[f] = {
				...result[f]!,
				value: value[k]!,
				standardError: error === null ? null : error[k]!,
				unbounded: null,
				reason,
			};
		}
	}
	return result;
}

interface ComponentFit {
	readonly value: Float64Array;
	readonly error: Float64Array | null;
	readonly reason: string | null;
}

function componentPotential(
	table: CountTable,
	members: Int32Array,
	{ data, fit }: FittedPart,
): ComponentFit {
	const raw = fit.theta.map((theta, k) => theta - Math.log(table.attempts[members[k]!]!));
	let lowest = 0;
	for (let k = 1; k < raw.length; k++) if (raw[k]! < raw[lowest]!) lowest = k;
	const value = raw.map((v) => v - raw[lowest]!);
	if (members.length > LARGEST_INVERSE) {
		const reason = `no standard error: computed up to ${LARGEST_INVERSE} states in a component, this one has ${members.length}`;
		return { value, error: null, reason };
	}
	const trials = table.attemptsRecorded ? Array.from(members, (f) => table.attempts[f]!) : null;
	return { value, error: standardErrors(data, fit, { lowest, trials }), reason: null };
}

/**
 * √ of Var (V_f − V_lowest) = [L⁻¹]_ff − 1/C_f − 1/C_lowest, L the information without the lowest state.
 * The terms taken off are what fixed attempts C_f cannot add; by convention they are not known, and
 * nothing is taken off. Two states: 1/C_fg − 1/C_f + 1/C_gf − 1/C_g.
 */
function standardErrors(
	part: Comparisons,
	fit: BradleyTerryFit,
	{ lowest, trials }: { readonly lowest: number; readonly trials: readonly number[] | null },
): Float64Array {
	const n = part.nodes - 1;
	// Scaled to a unit diagonal, so that informations of very different size invert well.
	const matrix = groundedLaplacian(part, fit.information, lowest);
	const scale = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(matrix[i * n + i]!));
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < n; j++) matrix[i * n + j]! *= scale[i]! * scale[j]!;
	}
	const inverse = symmetricInverse(matrix, n);
	return Float64Array.from({ length: n + 1 }, (_, k) => {
		if (k === lowest) return 0;
		const i = k < lowest ? k : k - 1;
		const free = scale[i]! * scale[i]! * inverse[i * n + i]!;
		if (trials === null) return Math.sqrt(free);
		return Math.sqrt(Math.max(0, free - 1 / trials[k]! - 1 / trials[lowest]!));
	});
}
