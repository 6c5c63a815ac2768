import { VERDICTS } from '../analysis/verdict.js';
import { UsageError } from '../errors.js';
import { group, type Progress } from '../report/progress.js';
import {
	potentialTable,
	VERDICT_LEGEND,
	verdictSentences,
	verdictTable,
} from '../report/verify-text.js';
import { type VerifyRequest, type VerifyResult, verifyDatabase } from '../runner/verify.js';
import { type Arguments, EXIT, needed, optional, wholeNumber } from './command.js';
import type { Io } from './io.js';

/** Potentials are printed for at most so many groups and states; --json has them all. */
const POTENTIALS = { groups: 4, states: 40 };

export async function run(args: Arguments, io: Io): Promise<number> {
	const failOn = verdictsToFailOn(optional(args, 'fail-on'));
	const result = await verifyShown('verify', io, {
		db: needed(args, 'db'),
		run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
		samples: wholeNumber(args, 'samples', 19, 1_000_000),
	});
	if (result.missing > 0) {
		io.say(`interim: ${group(result.missing)} planned attempts are not made yet`);
	}
	if (io.json) io.out(JSON.stringify(verifyJson(result)));
	else for (const line of verifyText(result)) io.out(line);
	const met = result.groups.filter(({ finding }) => failOn.includes(finding.verdict));
	if (met.length === 0) return EXIT.done;
	io.say(`--fail-on: ${met.length} of ${result.groups.length} groups`);
	return EXIT.failOn;
}

/** Verifies a database, showing how far it is. */
export async function verifyShown(
	label: string,
	io: Io,
	request: Pick<VerifyRequest, 'db' | 'run' | 'samples'>,
): Promise<VerifyResult> {
	let shown: Progress | null = null;
	try {
		return await verifyDatabase({
			...request,
			signal: io.signal,
			onGroup(done, total, name) {
				shown ??= io.progress(label, total);
				shown.update(done, name);
			},
		});
	} finally {
		(shown as Progress | null)?.stop();
	}
}

function verdictsToFailOn(option: string | null): readonly string[] {
	const verdicts = option === null ? [] : option.split(',').map((word) => word.trim());
	const known: readonly string[] = VERDICTS;
	const unknown = verdicts.find((verdict) => !known.includes(verdict));
	if (unknown !== undefined) {
		throw new UsageError(`--fail-on: found ${unknown}; allowed: ${known.join(', ')}`);
	}
	return verdicts;
}

function verifyText({ groups }: VerifyResult): string[] {
	const shown = groups.filter(
		({ finding }, i) => i < POTENTIALS.groups && finding.potential.length <= POTENTIALS.states,
	);
	return [
		...verdictTable(groups),
		'',
		...VERDICT_LEGEND,
		'',
		...verdictSentences(groups),
		...(groups.length <= POTENTIALS.groups
			? shown.flatMap((one) => ['', `${one.model} · ${one.template}`, ...potentialTable(one)])
			: []),
	];
}

/** The document of `verify --json`; field names are a contract. */
export function verifyJson({ db, groups, missing }: VerifyResult): object {
	return {
		schema: 'detbal/verify/1',
		db,
		missingAttempts: missing,
		groups: groups.map(({ finding, model, architecture, template, sampling, seeds }) => ({
			model,
			architecture,
			template,
			temperature: sampling.temperature,
			sampling,
			seeds,
			...finding,
		})),
	};
}
