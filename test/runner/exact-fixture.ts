/** Databases of exact kernels written by hand, with attempts of the same settings beside them. */
import { KernelWriter } from '../../harness/store/kernel-writer.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { cellPlan, runPlan } from '../store/fixture.js';
import { writeTransitions } from './transitions.js';

export const V = { A: 0, B: 0.8, C: 1.2, D: 0.3 };
type Potential = Readonly<Record<string, number>>;

export interface ExactMember {
	readonly label?: string;
	readonly model?: string;
	readonly temperature?: number;
	readonly potential?: Potential;
	/** round the ring, nats; 0: reversible */
	readonly drive?: number;
	/** mass left out of every source */
	readonly left?: number;
	/** of the log T of each evaluation shape, nats; one shape where there is one number */
	readonly shifts?: readonly number[];
	/** sources whose rows are written; left out: all */
	readonly rows?: number;
}

/** T(g|f) as `writeTransitions` draws it, row by row; the rest to 1 is invalid. */
export function lawsOf(potential: Potential, drive = 0): number[][] {
	const states = Object.keys(potential);
	const K = states.length;
	const weights = states.map((f, i) =>
		states.map((g, k) => {
			if (i === k) return 0;
			const turn = k === (i + 1) % K ? 1 : i === (k + 1) % K ? -1 : 0;
			return Math.exp((potential[f]! - potential[g]!) / 2 + (turn * drive) / 6);
		}),
	);
	const Z = 1.1 * Math.max(...weights.map((row) => row.reduce((sum, w) => sum + w, 0)));
	return weights.map((row) => row.map((w) => w / Z));
}

/** Writes exact kernels into a database. */
export function writeExact(file: string, members: readonly ExactMember[]): void {
	const writer = KernelWriter.open(file);
	try {
		for (const member of members) writeOne(writer, member);
	} finally {
		writer.close();
	}
}

function writeOne(writer: KernelWriter, member: ExactMember): void {
	const { label = 'tiny', model = 'm', temperature = 1, potential = V, left = 0 } = member;
	const { shifts = [0], rows = Infinity } = member;
	const states = Object.keys(potential);
	const { identities, templateLabel } = cellPlan({ model, label, temperature });
	const laws = lawsOf(potential, member.drive);
	for (const [shape, shift] of shifts.entries()) {
		const numerics = cellPlan({ numerics: { width: 16 + shape, threads: 2 } }).identities.numerics;
		const { id } = writer.plan({
			name: 'scored',
			config: '{}',
			shape,
			modelLabel: label,
			templateLabel,
			identities: { ...identities, ...(shape === 0 ? {} : { numerics }) },
			kind: 'closed',
			targets: states,
			sources: states,
			epsilon: 0.001,
			mostEvaluations: 100,
			toolVersion: '0.1.0',
		});
		for (const [f, source] of states.slice(0, rows).entries()) {
			// Shifts turn by turn, so that they do not cancel in every loop.
			const log = (g: number) => Math.log(laws[f]![g]!) - (f < g ? shift : 0);
			writer.add(id, {
				source,
				entries: states.flatMap((target, g) =>
					g === f
						? []
						: [
								{
									target,
									logFound: log(g),
									logBound: left === 0 ? log(g) : Math.log(Math.exp(log(g)) + left),
								},
							],
				),
				outcomes: { invalid: 0.1, unparsable: 0, truncated: 0 },
				elsewhere: 0,
				leftOut: left,
				evaluations: 7,
				reached: true,
			});
		}
	}
}

/** Attempts of a member's setting: drawn from `potential`, which may be another one. */
export function writeSampled(
	file: string,
	members: readonly (ExactMember & { readonly attempts: number })[],
): void {
	const writer = StoreWriter.open(file);
	const cells = members.map(
		({ label = 'tiny', model = 'm', temperature = 1, attempts, potential = V }, i) =>
			cellPlan({
				key: `k${i}`,
				label,
				model,
				temperature,
				attempts,
				sources: Object.keys(potential),
			}),
	);
	for (const [i, { id }] of writer.planRun(runPlan({ cells })).cells.entries()) {
		const { attempts, potential = V, drive = 0 } = members[i]!;
		writeTransitions(writer, id, { potential, attempts, drive, seed: i + 3 });
	}
	writer.close();
}
