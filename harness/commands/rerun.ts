import { quote } from '../experiment/faults.js';
import { group } from '../report/progress.js';
import { printable, textTable } from '../report/table.js';
import type { LawSummary } from '../runner/law-summary.js';
import { noteRerun } from '../runner/note-rerun.js';
import { type FirstDivergence, type RerunResult, rerun } from '../runner/rerun.js';
import { safeLine } from '../safe-text.js';
import { version } from '../version.js';
import { type Arguments, EXIT, needed, optional, wholeNumber } from './command.js';
import type { Io } from './io.js';
import { watchProgress } from './watch.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const db = needed(args, 'db');
	const watch = watchProgress('rerun', io);
	const seed = wholeNumber(args, 'seed', 0, 2 ** 32 - 1);
	try {
		const result = await rerun({
			db,
			run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
			seed,
			models: optional(args, 'models'),
			threads: wholeNumber(args, 'threads', 1, 1024),
			width: wholeNumber(args, 'width', 1, 64),
			signal: io.signal,
			watch,
		});
		watch.stop();
		note(db, result, seed, io);
		if (io.json) io.out(JSON.stringify(rerunJson(result)));
		else for (const line of rerunText(result)) io.out(line);
		return result.identical ? EXIT.done : EXIT.notReproduced;
	} finally {
		watch.stop();
	}
}

/** What came of a repetition is noted in the database, where that can be written. */
export function note(db: string, result: RerunResult, seed: number | null, io: Io): void {
	const failed = noteRerun(db, result, { seed, toolVersion: version() });
	if (failed !== null) io.say(`not noted in ${db}: ${failed}`);
}

/** The document of `rerun --json`; field names are a contract. Checksums are hexadecimal. */
export function rerunJson({ firstDivergence, ...result }: RerunResult): object {
	const law = (summary: LawSummary | null) =>
		summary && { ...summary, checksum: Buffer.from(summary.checksum).toString('hex') };
	return {
		schema: 'detbal/rerun/1',
		...result,
		firstDivergence: firstDivergence && {
			...firstDivergence,
			recordedLaw: law(firstDivergence.recordedLaw),
			repeatedLaw: law(firstDivergence.repeatedLaw),
		},
	};
}

/** What a repetition found, for a person. */
export function rerunText(result: RerunResult): string[] {
	const { compared, planned, different, laws, numericsDifferences, firstDivergence, run } = result;
	const numerics = numericsDifferences.map((line) => `  ${safeLine(line)}`);
	const name = printable(run.name);
	const lines = [
		result.identical
			? `run ${run.id} (${name}): identical, all ${group(compared)} transitions matched bit for bit`
			: `run ${run.id} (${name}): not reproduced, ${group(different)} of ${group(compared)} transitions differ`,
		`laws: ${group(laws.compared - laws.different)} of ${group(laws.compared)} recorded next-token laws are the same bits`,
		...(planned > compared
			? [
					`the run is not finished: ${group(compared)} of ${group(planned)} planned attempts are made`,
				]
			: []),
		...(numerics.length > 0 ? ['numerics identity, recorded → here:', ...numerics] : []),
	];
	if (numerics.length === 0) lines.push('numerics identity: the same');
	return firstDivergence ? [...lines, ...divergenceText(firstDivergence)] : lines;
}

function divergenceText(d: FirstDivergence): string[] {
	const show = (t: FirstDivergence['repeated'] | null) =>
		t ? `${t.outcome} ${quote(t.text, 200)} [${t.tokens.join(' ')}]` : 'nothing recorded';
	return [
		'first divergence:',
		`  model ${printable(d.model)} · template ${printable(d.template)} · temperature ${d.temperature} · seed ${d.seed}`,
		`  source ${quote(d.source, 200)} · draw ${d.draw}${d.step === null ? '' : ` · step ${d.step}`} · token ${d.token}`,
		`  recorded  ${show(d.recorded)}`,
		`  here      ${show(d.repeated)}`,
		...lawsText(d.recordedLaw, d.repeatedLaw),
	];
}

function lawsText(recorded: LawSummary | null, here: LawSummary): string[] {
	const value = (law: LawSummary | null, i: number) => {
		const entry = law?.top[i];
		return entry ? [String(entry.token), entry.logProbability.toPrecision(9)] : ['', ''];
	};
	const rows = here.top.map((_, i) => [...value(recorded, i), ...value(here, i)]);
	return textTable(
		[
			{ title: 'recorded token', align: 'right' },
			{ title: 'log p', align: 'left' },
			{ title: 'token here', align: 'right' },
			{ title: 'log p', align: 'left' },
		],
		rows,
	).map((line) => `  ${line}`);
}
