/** The laws that two runs recorded at the same nodes. */
import type { StoreReader } from '../store/reader.js';
import type { StoredCell, StoredLaw } from '../store/stored.js';

export interface LawChanges {
	/** nodes with a law in both */
	readonly compared: number;
	/** of those, not the same bits */
	readonly different: number;
	/** largest change of log p of a token that stands among the most probable in both, nats; null: none is */
	readonly largestShift: number | null;
}

/** Compares the laws of each tree once, whatever number of cells shares it. */
export function compareLaws(
	a: StoreReader,
	b: StoreReader,
	pairs: readonly (readonly [StoredCell, StoredCell])[],
): LawChanges {
	const trees = new Map(pairs.map(([one, other]) => [`${one.tree} ${other.tree}`, [one, other]]));
	let [compared, different] = [0, 0];
	let largestShift: number | null = null;
	for (const [one, other] of trees.values() as Iterable<readonly [StoredCell, StoredCell]>) {
		for (const source of a.lawSources(one.tree)) {
			const known = new Map([...b.laws(other.tree, source)].map((law) => [pathOf(law), law]));
			for (const law of a.laws(one.tree, source)) {
				const twin = known.get(pathOf(law));
				if (twin === undefined) continue;
				compared += 1;
				if (Buffer.compare(law.checksum, twin.checksum) !== 0) different += 1;
				for (const shift of shifts(law, twin)) largestShift = Math.max(largestShift ?? 0, shift);
			}
		}
	}
	return { compared, different, largestShift };
}

const pathOf = ({ path }: StoredLaw): string => path.join(' ');

function shifts(law: StoredLaw, twin: StoredLaw): number[] {
	const others = new Map(twin.top.map(({ token, logProbability }) => [token, logProbability]));
	return law.top.flatMap(({ token, logProbability }) => {
		const other = others.get(token);
		return other === undefined ? [] : [Math.abs(logProbability - other)];
	});
}
