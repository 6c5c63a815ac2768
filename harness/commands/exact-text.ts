/** Exact kernels as `kernel` and `verify` print them. */
import {
	SCORED_LEGEND,
	scoredLines,
	scoredPotentialTable,
	scoredSentences,
	scoredTable,
} from '../report/scored-text.js';
import { printable } from '../report/table.js';
import type { ExactFinding } from '../runner/exact-finding.js';

/** Sections are printed unasked for at most so many kernels, potentials for at most so many states. */
const UNASKED = { kernels: 4, states: 40 };

/** One exact kernel in `kernel --json` and `verify --json`; field names are a contract. */
export function exactJson({ finding, sampling, ...kernel }: ExactFinding): object {
	return { ...kernel, temperature: sampling.temperature, sampling, ...finding };
}

/** Table, legend and sentences; where they are few or asked for, everything of each. */
export function exactText(kernels: readonly ExactFinding[], details = false): string[] {
	const shown = kernels.map((kernel) => ({ ...kernel, temperature: kernel.sampling.temperature }));
	const whole = details || kernels.length <= UNASKED.kernels ? shown : [];
	return [
		...scoredTable(shown),
		'',
		...SCORED_LEGEND,
		'',
		...scoredSentences(shown),
		...kernels.flatMap(unfinished),
		...agreements(kernels),
		...whole.flatMap((one) => [
			'',
			`${printable(one.model)} · ${printable(one.template)} (exact)`,
			...scoredLines(one),
			...(one.finding.potential.length <= UNASKED.states ? ['', ...scoredPotentialTable(one)] : []),
		]),
		...(whole.length === 0
			? ['', 'every number of each exact kernel: verify --details, or --json']
			: []),
	];
}

function unfinished({ model, template, missing, unreached }: ExactFinding): string[] {
	const name = `${printable(model)} · ${printable(template)}`;
	return [
		...(missing === 0
			? []
			: [`${name}: ${missing} sources are not scored yet; the same command goes on`]),
		...(unreached === 0
			? []
			: [`${name}: ${unreached} sources used up their evaluations; give more with --most`]),
	];
}

function agreements(kernels: readonly ExactFinding[]): string[] {
	const lines = kernels.flatMap(({ model, template, agreement }) => {
		if (agreement === null) return [];
		const name = `${printable(model)} · ${printable(template)}`;
		if (agreement.p === null)
			return 'reason' in agreement ? [`   ${name}: not tested, ${agreement.reason}`] : [];
		const { p, attempts } = agreement;
		return [`   ${name}: p ${p.toFixed(3)}, ${attempts.toLocaleString('en-US')} attempts`];
	});
	return lines.length === 0
		? []
		: ['', 'Are the attempts draws from the exact kernel? (goodness of fit)', ...lines];
}
