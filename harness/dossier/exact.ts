/** Exact kernels as a report shows them. */
import { DEFAULT_SCORED } from '../analysis/scored/finding.js';
import { squarePart } from '../analysis/scored/kernel.js';
import type { VerifyOptions } from '../analysis/verify.js';
import { sameSetting } from '../runner/exact-agreement.js';
import { analyseExact, type ExactFinding } from '../runner/exact-finding.js';
import type { ExactKernel } from '../runner/exact-read.js';
import type { CountedKernel } from '../runner/kernels.js';
import { storedKernels } from '../store/kernels.js';
import type { StoreReader } from '../store/reader.js';
import type { ExactRecord } from './dossier.js';
import type { IdentityShelf } from './identities.js';

/** An exact kernel and where it is from. */
export interface Scored {
	/** position among the databases */
	readonly db: number;
	readonly kernel: ExactKernel;
}

interface Context {
	readonly name: string;
	readonly slug: string;
	/** of its database */
	readonly reader: StoreReader;
	readonly shelf: IdentityShelf;
	/** kernels that were sampled, in the order of the groups, with the position of their database */
	readonly sampled: readonly { readonly db: number; readonly kernel: CountedKernel }[];
	readonly options: VerifyOptions;
}

/** Everything a report shows of one exact kernel. */
export function recordExact({ db, kernel }: Scored, context: Context): ExactRecord {
	const { name, slug, reader, shelf, sampled, options } = context;
	const group = twinOf({ db, kernel }, sampled);
	const twin = group === null ? undefined : sampled[group]?.kernel;
	const { tolerances, seed, resampling, resamples } = options;
	const [found] = analyseExact([kernel], {
		...DEFAULT_SCORED,
		tolerances,
		sampled: twin === undefined ? [] : [twin],
		seed,
		samples: resampling ? resamples : 0,
	}) as [ExactFinding];
	const { key, createdAt, toolVersion } = kernel.stored;
	const shapes = storedKernels(reader).filter((one) => one.key === key);
	const { name: experiment, id: _, ...finding } = found;
	return {
		...finding,
		name,
		slug,
		db,
		experiment,
		createdAt,
		toolVersion,
		identity: shelf.addKernel(reader, shapes),
		rows: squareRows(kernel),
		group,
	};
}

/** The group of the same model file, template, task and setting; of the same database where there is one. */
function twinOf({ db, kernel }: Scored, sampled: Context['sampled']): number | null {
	const twins = sampled.flatMap((one, i) => (sameSetting(kernel, one.kernel) ? [i] : []));
	return twins.find((i) => sampled[i]?.db === db) ?? twins[0] ?? null;
}

function squareRows({ subject: { base } }: ExactKernel): ExactRecord['rows'] {
	const { states, sources, logFound } = base;
	const { found } = squarePart(base);
	const m = sources.length;
	const sum = (from: number, to: number): number => {
		let all = 0;
		for (let at = from; at < to; at++) all += Math.exp(logFound[at]!);
		return all;
	};
	return sources.map((f, i) => {
		const logT = Array.from(found.subarray(i * m, (i + 1) * m));
		const start = i * states.length;
		const self = Math.exp(logFound[start + f]!);
		const inside = logT.reduce((all, x) => all + Math.exp(x), 0);
		const all = sum(start, start + states.length);
		return {
			source: states[f]!,
			logT: logT.map((x) => (x === -Infinity ? null : x)),
			self,
			other: Math.max(0, all - inside - self),
			none: Math.max(0, 1 - all),
		};
	});
}
