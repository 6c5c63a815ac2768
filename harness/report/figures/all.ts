/** All figures of the report. */
import type { Dossier, ExactRecord, GroupRecord } from '../../dossier/dossier.js';
import { correlationFigure } from './correlations.js';
import { exactKernelFigure } from './exact-kernel.js';
import { exactPotentialFigure } from './exact-potential.js';
import { exactScatterFigure } from './exact-scatter.js';
import { exactTestFigure } from './exact-test.js';
import { forestFigure } from './forest.js';
import { graphFigure } from './graph.js';
import { potentialHistogram } from './histogram.js';
import { kernelFigure } from './kernel.js';
import { levelFigure } from './levels.js';
import { loopsFigure } from './loops.js';
import { outcomesFigure } from './outcomes.js';
import { potentialsFigure } from './potentials.js';
import { powerCurve } from './power-curve.js';
import {
	type Attempted,
	isFigure,
	type MissingFigure,
	type ReportFigure,
} from './report-figure.js';
import { sampledFigure } from './sampled.js';
import { loopSumsFigure, scatterFigure } from './scatter.js';
import { verdictFigure } from './verdicts.js';

/** The paper's figures first, each beside its matched null; then ours. */
const OF_GROUP: readonly ((group: GroupRecord) => Attempted)[] = [
	scatterFigure,
	loopSumsFigure,
	potentialHistogram,
	levelFigure,
	graphFigure,
	kernelFigure,
	loopsFigure,
	exactTestFigure,
	outcomesFigure,
	powerCurve,
];

const OVERVIEW: readonly ((dossier: Dossier) => Attempted)[] = [
	forestFigure,
	verdictFigure,
	potentialsFigure,
	correlationFigure,
];

/** The figures of one exact kernel, and why others cannot be drawn. @param group what was sampled of it */
export function exactFigures(
	exact: ExactRecord,
	group: GroupRecord | null,
): { readonly drawn: readonly ReportFigure[]; readonly missing: readonly MissingFigure[] } {
	const all = [
		exactScatterFigure(exact),
		exactPotentialFigure(exact),
		exactKernelFigure(exact),
		...(group === null ? [] : [sampledFigure(exact, group)]),
	];
	return { drawn: all.filter(isFigure), missing: all.filter(isMissing) };
}

/** The figures of one group that its data allow. */
export function groupFigures(group: GroupRecord): readonly ReportFigure[] {
	return OF_GROUP.map((figure) => figure(group)).filter(isFigure);
}

/** The figures of one group that its data do not allow, and why. */
export function missingFigures(group: GroupRecord): readonly MissingFigure[] {
	return OF_GROUP.map((figure) => figure(group)).filter(isMissing);
}

/** The figures over all groups that the data allow. */
export function overviewFigures(dossier: Dossier): readonly ReportFigure[] {
	return OVERVIEW.map((figure) => figure(dossier)).filter(isFigure);
}

/** The figures over all groups that the data do not allow, and why. */
export function missingOverviewFigures(dossier: Dossier): readonly MissingFigure[] {
	return OVERVIEW.map((figure) => figure(dossier)).filter(isMissing);
}

const isMissing = (one: Attempted): one is MissingFigure => !isFigure(one);
