import { SCORED_VERDICTS } from '../analysis/scored/verdict.js';
import { VERDICTS } from '../analysis/verdict.js';
import { UsageError } from '../errors.js';
import { findingLines } from '../report/finding-text.js';
import { group } from '../report/progress.js';
import { printable } from '../report/table.js';
import {
	OUTCOME_LEGEND,
	outcomeTable,
	potentialTable,
	VERDICT_LEGEND,
	verdictSentences,
	verdictTable,
} from '../report/verify-text.js';
import { type VerifyRequest, type VerifyResult, verifyDatabase } from '../runner/verify.js';
import { type Arguments, EXIT, flag, needed, optional, wholeNumber } from './command.js';
import { exactJson, exactText } from './exact-text.js';
import type { Io } from './io.js';
import { verifyChanges } from './verify-options.js';
import { whileShown } from './watch.js';

/** Sections are printed unasked for at most so many groups, potentials for at most so many states. */
const UNASKED = { groups: 4, states: 40 };

export async function run(args: Arguments, io: Io): Promise<number> {
	const failOn = verdictsToFailOn(optional(args, 'fail-on'));
	const result = await verifyShown('verify', io, {
		db: needed(args, 'db'),
		run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
		workers: wholeNumber(args, 'workers', 1, 1024),
		options: verifyChanges(args),
	});
	if (result.missing > 0) {
		io.say(`interim: ${group(result.missing)} planned attempts are not made yet`);
	}
	if (result.leftOut > 0) {
		io.say(
			`${group(result.leftOut)} attempts are left out until their sources are finished: what is there of those was chosen by its outcome`,
		);
	}
	if (io.json) io.out(JSON.stringify(verifyJson(result)));
	else
		for (const line of verifyText(result, flag(args, 'details'), flag(args, 'outcomes')))
			io.out(line);
	const judged = [...result.groups, ...result.exact];
	const met = judged.filter(({ finding }) => failOn.includes(finding.verdict));
	if (met.length === 0) return EXIT.done;
	io.say(`--fail-on: ${met.length} of ${judged.length} groups`);
	return EXIT.failOn;
}

/** Verifies a database, showing how far it is. */
export function verifyShown(
	label: string,
	io: Io,
	request: Pick<VerifyRequest, 'db' | 'run' | 'options' | 'workers'>,
): Promise<VerifyResult> {
	return whileShown(label, io, (onGroup) =>
		verifyDatabase({ ...request, signal: io.signal, onGroup }),
	);
}

function verdictsToFailOn(option: string | null): readonly string[] {
	const verdicts = option === null ? [] : option.split(',').map((word) => word.trim());
	const known: readonly string[] = [...new Set<string>([...VERDICTS, ...SCORED_VERDICTS])];
	const unknown = verdicts.find((verdict) => !known.includes(verdict));
	if (unknown !== undefined) {
		throw new UsageError(`--fail-on: found ${unknown}; allowed: ${known.join(', ')}`);
	}
	return verdicts;
}

function verifyText(result: VerifyResult, details: boolean, outcomes: boolean): string[] {
	const sampled = result.groups.length > 0 ? sampledText(result, details, outcomes) : [];
	if (result.exact.length === 0) return sampled;
	const title = ['Exact kernels, scored from the laws of the models', ''];
	return [
		...sampled,
		...(sampled.length > 0 ? [''] : []),
		...title,
		...exactText(result.exact, details),
	];
}

function sampledText({ groups }: VerifyResult, details: boolean, outcomes: boolean): string[] {
	const shown = details || groups.length <= UNASKED.groups ? groups : [];
	return [
		...verdictTable(groups),
		'',
		...VERDICT_LEGEND,
		'',
		...(outcomes ? [...outcomeTable(groups), '', ...OUTCOME_LEGEND, ''] : []),
		...verdictSentences(groups),
		...shown.flatMap((one) => [
			'',
			`${printable(one.model)} · ${printable(one.template)}`,
			...findingLines(one.finding),
			...(one.finding.potential.length <= UNASKED.states ? ['', ...potentialTable(one)] : []),
		]),
		...(shown.length === 0 ? ['', 'every number of each group: --details, or --json'] : []),
	];
}

/** The document of `verify --json`; field names are a contract. */
export function verifyJson(result: VerifyResult): object {
	const { db, groups, missing, leftOut, options, exact } = result;
	return {
		schema: 'detbal/verify/1',
		db,
		missingAttempts: missing,
		leftOutAttempts: leftOut,
		options,
		groups: groups.map(({ finding, sampling, ...group }) => ({
			...group,
			temperature: sampling.temperature,
			sampling,
			...finding,
		})),
		exact: exact.map(exactJson),
	};
}
