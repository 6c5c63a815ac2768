/** The cells of a run, and which of them are meant. */
import { UsageError } from '../errors.js';
import type { SamplingSetting } from '../experiment/experiment.js';
import { quote } from '../experiment/faults.js';
import { type CellProgress, cellProgress } from '../store/browse.js';
import type { StoredCell, StoreReader } from '../store/reader.js';

/** Which cells; null: any. */
export interface CellFilter {
	readonly model: string | null;
	readonly template: string | null;
	readonly temperature: number | null;
	readonly seed: number | null;
	/** its number: tells apart what nothing else does, such as two values of top-p */
	readonly cell: number | null;
}

export interface ShownCell extends Omit<CellProgress, 'cell'> {
	readonly id: number;
	readonly model: string;
	readonly template: string;
	readonly sampling: SamplingSetting;
	readonly design: StoredCell['design'];
	readonly seed: number;
	/** as planned: per source (fixed), in all (crawl, chain) */
	readonly attempts: number;
	/** sha256 of each */
	readonly identities: StoredCell['identities'];
}

/** Every cell of a run, and how far it is. */
export function cellsOf(reader: StoreReader, run: number): ShownCell[] {
	const progress = new Map(cellProgress(reader, run).map((one) => [one.cell, one]));
	return reader.cells(run).map((cell) => {
		const { planned, done } = progress.get(cell.id) as CellProgress;
		return {
			id: cell.id,
			model: cell.modelLabel,
			template: cell.templateLabel,
			sampling: reader.identity(cell.identities.sampling) as SamplingSetting,
			design: cell.design,
			seed: cell.seed,
			attempts: cell.attempts,
			planned,
			done,
			identities: cell.identities,
		};
	});
}

const DIFFER: Readonly<Record<keyof CellFilter, (cell: ShownCell) => string | number>> = {
	model: ({ model }) => model,
	template: ({ template }) => template,
	temperature: ({ sampling }) => sampling.temperature,
	seed: ({ seed }) => seed,
	cell: ({ id }) => id,
};
const DIFFERENCES = Object.keys(DIFFER) as (keyof CellFilter)[];

/** @throws UsageError where a filter lets no cell through, with what there is */
export function filtered(cells: readonly ShownCell[], filter: CellFilter): ShownCell[] {
	return DIFFERENCES.reduce<ShownCell[]>(
		(left, name) => {
			const wanted = filter[name];
			const kept = left.filter((cell) => wanted === null || DIFFER[name](cell) === wanted);
			if (kept.length > 0 || left.length === 0) return kept;
			throw new UsageError(
				`--${name}: no cell has ${quote(String(wanted))}; found: ${listed(left, name)}`,
			);
		},
		[...cells],
	);
}

/** @throws UsageError where there are several, with what tells them apart */
export function oneCell(cells: readonly ShownCell[]): ShownCell {
	const [cell] = cells;
	if (cell !== undefined && cells.length === 1) return cell;
	if (cell === undefined) throw new UsageError('the run has no cell');
	const apart = DIFFERENCES.filter(
		(name) => name !== 'cell' && new Set(cells.map(DIFFER[name])).size > 1,
	);
	const say = (apart.length > 0 ? apart : (['cell'] as const)).map(
		(name) => `--${name} (${listed(cells, name)})`,
	);
	throw new UsageError(`${cells.length} cells have such draws: say which with ${say.join(', ')}`);
}

function listed(cells: readonly ShownCell[], name: keyof CellFilter): string {
	const values = [...new Set(cells.map(DIFFER[name]))].map(String);
	const more = values.length > 8 ? ` and ${values.length - 8} more` : '';
	return `${values.slice(0, 8).join(', ')}${more}`;
}
