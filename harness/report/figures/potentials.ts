/** Potential against potential across models and templates. */
import type { Dossier, GroupRecord } from '../../dossier/dossier.js';
import { type Drawing, type Panelled, Plot } from '../figure.js';
import { digits } from '../numbers.js';
import { around, axis, frame } from './axes.js';
import { colour } from './colours.js';
import { across, dots, down, sketch } from './pen.js';
import { type Attempted, MOST_POINTS, spread } from './report-figure.js';
import { boundedStates, byTask, pearson, type SharedState, sharedStates } from './shared-states.js';
import { shownName } from './text.js';

const TITLE = 'Potential against potential';
export const MOST_PANELS = 12;
/** Two-sided 95 % of a normal law. */
const WIDE = 1.96;

interface Against {
	readonly group: GroupRecord;
	readonly reference: GroupRecord;
	readonly states: readonly SharedState[];
}

/** Every group against one of its task, a dozen panels at most. */
export function potentialsFigure(dossier: Dossier): Attempted {
	const all = byTask(dossier).map(againstReference);
	const pairs = all.flat();
	if (pairs.length === 0) {
		return { title: TITLE, reason: 'no two groups of a task share three states with a potential' };
	}
	const each = Math.max(1, Math.floor(MOST_PANELS / all.filter((part) => part.length > 0).length));
	const shown = all.flatMap((part) => modelsInTurn(part).slice(0, each)).slice(0, MOST_PANELS);
	const chosen =
		shown.length === pairs.length
			? ''
			: `, ${shown.length} of ${pairs.length} groups, models in turn`;
	const rs = shown.map(({ group, states }) => `${shownName(group.name, 40)} ${rOf(states)}`);
	return {
		id: 'potentials',
		title: `${TITLE}: each group against the one of its task that shares states with most others${chosen}`,
		reading:
			'Each dot is a state both groups share, with 95 % error bars, potentials less their mean; on the dashed line y = x both groups give it the same potential.',
		panels: shown.map(panelOf),
		size: { width: 240, height: 220, columns: 3 },
		description: `Pearson r of the potentials: ${rs.join('; ')}.`,
	};
}

const rOf = (states: readonly SharedState[]): string => digits(pearson(states));

/** All groups of a task against the one that shares states with most of them, earlier groups first. */
function againstReference(groups: readonly GroupRecord[]): readonly Against[] {
	const bounded = groups.map(boundedStates);
	const partners = (i: number): readonly Against[] =>
		groups.flatMap((group, j) => {
			const states = i === j ? [] : sharedStates(bounded[i]!, bounded[j]!);
			return states.length === 0 ? [] : [{ group, reference: groups[i]!, states }];
		});
	let best: readonly Against[] = [];
	for (let i = 0; i < groups.length; i++) {
		const found = partners(i);
		if (found.length > best.length) best = found;
		// Nobody can share with more.
		if (best.length === groups.length - 1) break;
	}
	return best;
}

/** The first of each model, then the second of each, …: all models are seen. */
function modelsInTurn(pairs: readonly Against[]): readonly Against[] {
	const turn = new Map<string, number>();
	return pairs
		.map((pair) => {
			const { model } = pair.group;
			const at = turn.get(model) ?? 0;
			turn.set(model, at + 1);
			return { pair, at };
		})
		.sort((a, b) => a.at - b.at)
		.map(({ pair }) => pair);
}

function panelOf({ group, reference, states }: Against): Panelled {
	const shown = spread(states, MOST_POINTS);
	const name = (of: GroupRecord, pixels: number): string => shownName(of.name, 36, pixels);
	const part = shown.length === states.length ? '' : `${shown.length} of `;
	return {
		title: `${name(group, 205)}\nr ${rOf(states)}, ${part}${states.length} states`,
		drawing: scatter(shown, name(reference, 150)),
	};
}

function scatter(states: readonly SharedState[], reference: string): Drawing {
	const ends = states.flatMap(({ x, y, errorX, errorY }) => [
		x - WIDE * (errorX ?? 0),
		x + WIDE * (errorX ?? 0),
		y - WIDE * (errorY ?? 0),
		y + WIDE * (errorY ?? 0),
	]);
	const domain = around(ends);
	const [low, high] = domain;
	return {
		marginLeft: 48,
		marginBottom: 32,
		marginTop: 4,
		marginRight: 8,
		x: { ...axis(`V of ${reference}, nats`, domain), ticks: 4 },
		y: { ...axis('V, nats', domain), ticks: 4 },
		marks: [
			frame,
			Plot.line(
				[
					[low, low],
					[high, high],
				],
				{ stroke: colour('ink'), strokeDasharray: '4 3' },
			),
			sketch((pen, { x, y }) => {
				const bars = states.map((s) => {
					const [ex, ey] = [WIDE * (s.errorX ?? 0), WIDE * (s.errorY ?? 0)];
					const wide = ex > 0 ? across(x(s.x - ex), y(s.y), x(s.x + ex)) : '';
					return wide + (ey > 0 ? down(x(s.x), y(s.y + ey), y(s.y - ey)) : '');
				});
				pen.path(bars.join(''), { stroke: 'currentColor', 'stroke-opacity': '0.5' });
				const many = states.length > 100;
				pen.path(dots(states.map((s) => [x(s.x), y(s.y)] as const)), {
					stroke: colour('c1'),
					'stroke-width': many ? 3.5 : 5,
					'stroke-linecap': 'round',
				});
			}),
		],
	};
}
