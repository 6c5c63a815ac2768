/**
 * Known transition kernels on K = 8 states. Each is a table of logits
 *
 *   ℓ(f, g) = q(g) + S(f, g) + drive(f, g),   T(g|f) = exp ℓ(f, g) / Z(f),
 *
 * with symmetric S and antisymmetric drive, plus one answer that is no state (`OTHER`, about 3 %).
 * Without drive, π(f) ∝ q(f)·Z(f) balances every pair, so V(f) = −log q(f) − log Z(f) exactly.
 * All logits are multiples of 2⁻¹⁰: no machine's rounding can change a model made of them.
 */

export type KernelName = 'reversible' | 'driven' | 'independent' | 'star';
export const KERNEL_NAMES: readonly KernelName[] = ['reversible', 'driven', 'independent', 'star'];

/** Words of different lengths, none inside another, that templates are unlikely to contain. */
export const STATES: readonly string[] = [
	'FIG',
	'PLUM',
	'LEMON',
	'CHERRY',
	'APRICOT',
	'TAMARIND',
	'CRANBERRY',
	'GRAPEFRUIT',
];
/** The answer that is not a state: an invalid outcome. */
export const OTHER = 'STONE';
export const K = STATES.length;

/** Index of the star's hub; every other state is a leaf. */
export const HUB = 0;
/** Logit of a transition that never happens; the smallest possible one is above −4. */
export const IMPOSSIBLE = -24;
/** Nats that the log-ratio l(f, g) gains when g lies one to three steps ahead of f on the ring. */
export const DRIVE = 0.5;

interface Recipe {
	/** q(g) in units of 2⁻¹⁰. */
	readonly popularity: readonly number[];
	/** S(f, g) = S(g, f). */
	readonly coupling: (f: number, g: number) => number;
	/** Nats added to l(f, g) along the ring. */
	readonly drive: number;
	/** Logit of OTHER for each source. */
	readonly other: readonly number[];
}

const POPULARITY = [360, 200, 40, -210, -330, -190, -20, 150];
const OTHER_LOGITS = [0.25, -0.125, 0.125, 0, -0.25, -0.375, 0.125, 0.25];
/** Element d is S at distance d on the ring of states; element 0 is S(f, f). */
const byDistance = (table: readonly number[]) => (f: number, g: number) =>
	table[Math.min(ahead(f, g), ahead(g, f))] as number;

const RECIPES: Readonly<Record<KernelName, Recipe>> = {
	reversible: {
		popularity: POPULARITY,
		coupling: byDistance([0, 2.125, 0.75, 0.25, 0.25]),
		drive: 0,
		other: OTHER_LOGITS.map((x) => x - 0.125),
	},
	driven: {
		popularity: POPULARITY,
		coupling: byDistance([0, 0.75, 0.375, 0.125, 0]),
		drive: DRIVE,
		other: OTHER_LOGITS.map((x) => x - 1.125),
	},
	independent: {
		popularity: POPULARITY,
		coupling: () => 0,
		drive: 0,
		other: OTHER_LOGITS.map(() => -1.375),
	},
	star: {
		popularity: POPULARITY,
		coupling: (f, g) => {
			if (f === g) return f === HUB ? 0 : 0.5;
			return f === HUB || g === HUB ? 0.75 : IMPOSSIBLE;
		},
		drive: 0,
		other: OTHER_LOGITS.map((x, f) => x - (f === HUB ? 0.75 : 1.75)),
	},
};

/** Steps from f forward to g on the ring of states. */
function ahead(f: number, g: number): number {
	return (g - f + K) % K;
}

/** +1 where g lies 1 … K/2 − 1 steps ahead of f, −1 where behind, 0 for itself and the antipode. */
export function orientation(f: number, g: number): number {
	const steps = ahead(f, g);
	if (steps === 0 || 2 * steps === K) return 0;
	return 2 * steps < K ? 1 : -1;
}

/** The K logits of the states, then that of OTHER; multiples of 2⁻¹⁰. */
export function kernelLogits(kernel: KernelName, f: number): number[] {
	const { popularity, coupling, drive, other } = RECIPES[kernel];
	const states = popularity.map(
		(q, g) => q / 1024 + coupling(f, g) + (drive / 2) * orientation(f, g),
	);
	return [...states, other[f] as number];
}

/** log T(·|f) in nats: K states, then OTHER. */
export function logKernel(kernel: KernelName, f: number): number[] {
	const logits = kernelLogits(kernel, f);
	const logZ = logSum(logits);
	return logits.map((x) => x - logZ);
}

function logSum(logits: readonly number[]): number {
	const max = Math.max(...logits);
	return max + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - max), 0));
}

export interface KnownKernel {
	readonly states: readonly string[];
	readonly other: string;
	/** log[f][g] = log T(g|f), nats; column K is OTHER. */
	readonly log: readonly (readonly number[])[];
}

export function knownLogKernel(kernel: KernelName): KnownKernel {
	return { states: STATES, other: OTHER, log: STATES.map((_, f) => logKernel(kernel, f)) };
}

/** V(f) = −log q(f) − log Z(f) in nats, least 0; null for `driven`, which has none. */
export function exactPotential(kernel: KernelName): number[] | null {
	const { popularity, drive } = RECIPES[kernel];
	if (drive !== 0) return null;
	const raw = popularity.map((q, f) => -q / 1024 - logSum(kernelLogits(kernel, f)));
	const least = Math.min(...raw);
	return raw.map((v) => v - least);
}

/** A(f → g → h → f) in nats: q, S and Z cancel, the drive remains. 0 for the undriven kernels. */
export function triangleAffinity(
	kernel: KernelName,
	[f, g, h]: readonly [number, number, number],
): number {
	return RECIPES[kernel].drive * (orientation(f, g) + orientation(g, h) + orientation(h, f));
}
