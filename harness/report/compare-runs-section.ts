import type { ShownRunGroup, ShownRuns, ShownTransition } from './compare-shown.js';
import { count, DASH, digits } from './numbers.js';
import type { PageColumn, PageSection, PageTable } from './page/section.js';
import { group } from './progress.js';
import { shortPath } from './short-path.js';

const left = (title: string): PageColumn => ({ title, align: 'left' });
const right = (title: string): PageColumn => ({ title, align: 'right' });

/** Two runs of one configuration: the same bits, or where they part and whether it matters. */
export function runsSection(runs: ShownRuns, i: number): PageSection {
	return {
		id: `compare-runs-${i + 1}`,
		title: `Run ${runs.runs.map(({ run, name, db }) => `${run} (${name}) of ${shortPath(db)}`).join(' and run ')}`,
		paragraphs: runsParagraphs(runs),
		tables: [
			...identityTable(runs),
			...divergenceTable(runs),
			...(runs.groups.length === 0 ? [] : [groupTable(runs.groups)]),
		],
	};
}

function runsParagraphs(runs: ShownRuns): string[] {
	const { compared, different, completions, outcomes, laws } = runs;
	const [a, b] = runs.runs;
	if (runs.identical) {
		return [
			`Identical: all ${group(compared)} attempts are the same, bit for bit (digest ${a.digest}).`,
		];
	}
	const paragraphs = [
		different === 0
			? `All ${group(compared)} attempts that both made are the same, bit for bit.`
			: `Not identical: of ${group(compared)} attempts that both made, ${group(different)} differ; ${group(completions)} came to another completion and ${group(outcomes)} (a share of ${digits(outcomes / compared)}) to another outcome.`,
		`Digests ${a.digest} and ${b.digest}.`,
	];
	const alone = [runs.onlyFirst, runs.onlySecond];
	if (alone[0]! + alone[1]! > 0) {
		paragraphs.push(`Made by one run alone: ${alone.map(group).join(' and ')} attempts.`);
	}
	const [onlyA, onlyB] = runs.cellsLeftOut;
	if (onlyA + onlyB > 0) {
		paragraphs.push(
			`Cells (model × template × sampling × seed) of one run alone: ${onlyA} and ${onlyB}; they are not compared.`,
		);
	}
	if (laws.compared > 0) {
		const shift =
			laws.largestShift === null
				? ''
				: `; the largest change of a log-probability recorded in both is ${digits(laws.largestShift)} nats`;
		paragraphs.push(
			`Laws: ${group(laws.compared - laws.different)} of ${group(laws.compared)} recorded in both are the same bits${shift}.`,
		);
	}
	return [...paragraphs, whetherItMatters(runs)];
}

function whetherItMatters({ groups, matters, different }: ShownRuns): string {
	const tested = groups.filter(({ rejected }) => rejected !== null);
	const rejected = groups.filter((one) => one.rejected === true).length;
	const turned = groups.filter(({ sameVerdict }) => sameVerdict === false).length;
	if (matters) {
		return `It matters: one kernel for both runs is rejected for ${rejected} of ${count(tested.length, 'group', 'groups')}, and ${count(turned, 'verdict is', 'verdicts are')} another.`;
	}
	if (different === 0)
		return 'What both made is the same; they differ only in what one of them has not made.';
	const shared = groups.flatMap(({ outcomesChanged }) =>
		outcomesChanged ? [outcomesChanged.upper] : [],
	);
	const most =
		shared.length === 0
			? ''
			: `, and their laws of outcomes are at most ${digits(Math.max(...shared))} apart (total variation, 95 %)`;
	return `Nothing shows that it matters: no kernel is rejected to be the same (the test is conservative, since both used the same random numbers), every verdict is the same${most}.`;
}

function identityTable({ identityDifferences }: ShownRuns): PageTable[] {
	if (identityDifferences.length === 0) return [];
	return [
		{
			title: 'What differs in the identities',
			columns: [
				left('part'),
				left('field'),
				left('first'),
				left('second'),
				left('models'),
				left('can change bits'),
			],
			rows: identityDifferences.map(({ part, field, first, second, models, deciding }) => [
				part,
				field,
				first ?? '(absent)',
				second ?? '(absent)',
				models.join(', ') || DASH,
				deciding ? 'yes' : 'no',
			]),
		},
	];
}

function divergenceTable({ firstDivergence: d, runs }: ShownRuns): PageTable[] {
	if (d === null) return [];
	const show = ({ outcome, target, text, tokens }: ShownTransition) => [
		outcome,
		target,
		JSON.stringify(text),
		tokens.join(' '),
	];
	const step = d.step === null ? '' : ` · step ${d.step}`;
	return [
		{
			title: 'First divergence',
			columns: [left('run'), left('outcome'), left('target'), left('completion'), left('tokens')],
			rows: [d.first, d.second].map((one, i) => [runs[i]?.db ?? '', ...show(one)]),
			note: `model ${d.model} · template ${d.template} · temperature ${d.temperature ?? DASH} · seed ${d.seed} · source ${d.source} · draw ${d.draw}${step} · token ${d.token}`,
		},
	];
}

function groupTable(groups: readonly ShownRunGroup[]): PageTable {
	return {
		title: 'Does it matter?',
		columns: [
			left('kernel'),
			right('attempts'),
			right('changed'),
			left('95 %'),
			right('TV'),
			left('95 %'),
			right('p'),
			left('one kernel'),
			left('verdicts'),
		],
		rows: groups.map((one) => {
			const { outcomesChanged: share, likeness, adjustedP, rejected, verdicts } = one;
			const tv = likeness?.totalVariation ?? null;
			const heat = one.temperature === null ? '' : ` · T ${one.temperature}`;
			return [
				`${one.model} · ${one.template}${heat}`,
				one.compared,
				share === null ? null : Number(share.value.toPrecision(3)),
				share === null ? DASH : `${digits(share.lower)} … ${digits(share.upper)}`,
				tv === null ? null : Number(tv.value.toPrecision(3)),
				tv === null ? DASH : `${digits(tv.lower)} … ${digits(tv.upper)}`,
				adjustedP === null ? null : Number(adjustedP.toPrecision(3)),
				rejected === null ? 'not tested' : rejected ? 'rejected' : 'not rejected',
				verdictsText(verdicts),
			];
		}),
		note: 'changed: share of the attempts made with the same random numbers whose outcome is another; in expectation it is not below the total variation distance of the two laws · p: conservative, after Holm',
	};
}

function verdictsText(verdicts: ShownRunGroup['verdicts']): string {
	if (verdicts === null) return DASH;
	const [a, b] = verdicts;
	return a.verdict === b.verdict ? a.verdict : `${a.verdict} → ${b.verdict}`;
}
