/** An exact transition kernel as a heat map, states in the order of their potential. */
import type { ExactRecord } from '../../dossier/dossier.js';
import { digits } from '../numbers.js';
import { type Extra, HEAD, heatMap, MOST_STATES, ROW, type Row } from './kernel.js';
import { type Attempted, PANEL_WIDTH, partOf } from './report-figure.js';
import { inOrder } from './standing.js';

const TITLE = 'Exact transition kernel, ordered by potential';

/** T(g|f) by shade; of many states those of the largest stationary probability. */
export function exactKernelFigure({ rows, finding }: ExactRecord): Attempted {
	if (finding.pairs === 0) return { title: TITLE, reason: 'no transition was found' };
	const { potential } = finding;
	const often = [...rows.keys()].sort(
		(f, g) => (potential[g]?.stationary ?? 0) - (potential[f]?.stationary ?? 0) || f - g,
	);
	const order = inOrder(potential, often.slice(0, MOST_STATES));
	const hidden = order.length < rows.length || finding.targetsOnly > 0;
	const extras: Extra[] = hidden ? ['self', 'other', 'none'] : ['self', 'none'];
	const shown = order.map((f) => rowOf(rows, f, { order, extras }));
	const largest = Math.max(...shown.flatMap(({ cells }) => cells.map((x) => x ?? 0)));
	const part = partOf(order.length, rows.length, 'states');
	return {
		id: 'kernel',
		title: TITLE,
		reading: `Each row is the law of what comes back from one state, in %: the stronger the colour, the more probable; rows and columns go from the lowest potential to the highest, and the columns set apart are the state itself, ${hidden ? 'states not shown, ' : ''}and all that is no state or was left out.`,
		panels: [{ title: `${part}, probability from each`, drawing: heatMap(shown, extras) }],
		size: { width: PANEL_WIDTH, height: HEAD + ROW * shown.length + 50, columns: 1 },
		description: `${part}; the largest entry is ${digits(100 * largest)} %.`,
	};
}

function rowOf(
	rows: ExactRecord['rows'],
	f: number,
	{ order, extras }: { readonly order: readonly number[]; readonly extras: readonly Extra[] },
): Row {
	const { source, logT, self, other, none } = rows[f]!;
	const probability = (g: number): number => {
		const log = logT[g] ?? null;
		return log === null ? 0 : Math.exp(log);
	};
	const among = new Set(order);
	const hidden = logT.reduce<number>((sum, _, g) => sum + (among.has(g) ? 0 : probability(g)), 0);
	const outside = { self, other: other + hidden, none };
	return {
		name: source,
		cells: [
			...order.map((g) => (g === f ? null : seen(probability(g)))),
			...extras.map((extra) => seen(outside[extra])),
		],
	};
}

/** Less than this, of 1, is rounding or as good as none: a scale of shades has to end somewhere. */
const LEAST = 1e-6;
const seen = (probability: number): number => (probability < LEAST ? 0 : probability);
