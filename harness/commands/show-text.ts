/** One run, one source, one import, told to a person. */
import { quote } from '../experiment/faults.js';
import { bytesText } from '../report/bytes.js';
import { count, DASH, digits } from '../report/numbers.js';
import { group } from '../report/progress.js';
import { type Column, fittedTable, printable, wrapped } from '../report/table.js';
import type { ShownImport, ShownRun, ShownSource, ShowRequest } from '../runner/show.js';
import { safeLine } from '../safe-text.js';
import type { StoredRerun } from '../store/reruns.js';

const WIDTH = 100;
const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

export function runText(shown: ShownRun, { from }: ShowRequest): string[] {
	const { run, digest, planned, done, cells, cellsInAll } = shown;
	return [
		`run ${run.id}: ${printable(run.name)}${run.shard === null ? '' : ` (part ${run.shard.index}/${run.shard.count})`}`,
		`  attempts   ${group(done)}${done === planned ? '' : ` of ${group(planned)} planned: interim`}`,
		`  digest     ${digest}${done === planned ? '' : ' (of what there is)'}`,
		`  key        ${safeLine(run.key)}`,
		`  made       ${run.createdAt} by detbal ${printable(run.toolVersion)}`,
		...repetitions(shown.reruns),
		...examinations(shown.doctors),
		'',
		...identityTable(shown.identities),
		'contents in full: --json',
		'',
		...cellTable(cells),
		...(from + cells.length < cellsInAll || from > 0
			? [
					`cells ${from} … ${from + cells.length - 1} of ${cellsInAll}: --from ${from + cells.length}, --limit N`,
				]
			: []),
	];
}

function repetitions(reruns: readonly StoredRerun[]): string[] {
	if (reruns.length === 0) return ['  repeated   never: detbal rerun'];
	return reruns.map((rerun, i) => {
		const found = rerun.identical
			? `identical, ${group(rerun.compared)} transitions`
			: `not identical, ${group(rerun.different)} of ${group(rerun.compared)} transitions differ`;
		return `  ${(i === 0 ? 'repeated' : '').padEnd(10)} ${rerun.createdAt}: ${found}${rerun.seed === null ? '' : `, seed ${rerun.seed}`}`;
	});
}

/** The document itself is long, and is somebody's file: it is shown with --json only. */
function examinations(doctors: ShownRun['doctors']): string[] {
	return doctors.map(
		({ createdAt, toolVersion, sha256 }, i) =>
			`  ${(i === 0 ? 'doctor' : '').padEnd(10)} ${createdAt} by detbal ${printable(toolVersion)}, sha256 ${sha256.slice(0, 12)}; what it found: --json`,
	);
}

function identityTable(identities: ShownRun['identities']): string[] {
	const rows = identities.map(({ kind, sha256, content }) => [
		kind,
		sha256.slice(0, 12),
		JSON.stringify(content),
	]);
	return fittedTable([left('identity'), left('sha256'), left('content')], rows, WIDTH);
}

function cellTable(cells: ShownRun['cells']): string[] {
	const rows = cells.map((cell) => [
		String(cell.id),
		cell.model,
		cell.template,
		String(cell.sampling.temperature),
		cell.design,
		String(cell.seed),
		cell.done === cell.planned ? group(cell.done) : `${group(cell.done)} of ${group(cell.planned)}`,
		cell.digest.slice(0, 12),
	]);
	const columns = [
		right('cell'),
		left('model'),
		left('template'),
		right('T'),
		left('design'),
		right('seed'),
		right('attempts'),
		left('digest'),
	];
	return fittedTable(columns, rows, WIDTH);
}

export function sourceText(shown: ShownSource): string[] {
	const { cell, source, outcomes, rootLaw, draws, next } = shown;
	const all = Object.values(outcomes).reduce((a, b) => a + b, 0);
	const chained = draws.some(({ step }) => step !== null);
	const rows = draws.map(({ draw, step, outcome, target, text, tokens }) => [
		String(draw),
		...(chained ? [step === null ? DASH : String(step)] : []),
		outcome,
		target ?? DASH,
		quote(text, 200),
		tokens.join(' '),
	]);
	const columns = [
		right('draw'),
		...(chained ? [right('step')] : []),
		left('outcome'),
		left('target'),
		left('completion'),
		left('tokens'),
	];
	return [
		`${printable(source)}: ${count(all, 'attempt', 'attempts')} in cell ${cell.id} (${printable(cell.model)} · ${printable(cell.template)} · T ${cell.sampling.temperature} · seed ${cell.seed})`,
		Object.entries(outcomes)
			.map(([name, n]) => `${group(n)} ${name}`)
			.join(', '),
		...(rootLaw === null ? ['next-token law: not recorded'] : lawText(rootLaw)),
		'',
		...fittedTable(columns, rows, WIDTH),
		...(next === null ? [] : [`more: --from ${next}`]),
	];
}

function lawText({ top, checksum }: NonNullable<ShownSource['rootLaw']>): string[] {
	const likeliest = top.map(
		({ token, logProbability }) => `${token} ${digits(Math.exp(logProbability))}`,
	);
	const sum = top.reduce((all, { logProbability }) => all + Math.exp(logProbability), 0);
	return wrapped(
		`next-token law ${Buffer.from(checksum).toString('hex').slice(0, 12)}, likeliest tokens: ${likeliest.join(' · ')} · others ${digits(Math.max(0, 1 - sum))}`,
		WIDTH,
	);
}

export function importText(shown: ShownImport): string[] {
	const rows = [
		['model', shown.model],
		['template', shown.template],
		...Object.entries(shown.sampling).map(([name, value]) => [
			name,
			value === null ? DASH : String(value),
		]),
		['file', `${shown.origin} (${bytesText(shown.bytes)}, ${shown.format})`],
		['sha256', shown.sha256],
		['attempts', shown.attemptsTotal === null ? 'not said' : group(shown.attemptsTotal)],
		['states', group(shown.states)],
		['pairs', group(shown.pairs)],
		['outcomes', outcomesText(shown.outcomes)],
		...(shown.attemptsOrigin === null
			? []
			: [['attempts file', `${shown.attemptsOrigin} ${shown.attemptsSha256}`]]),
		['notes', JSON.stringify(shown.notes)],
		['made', `${shown.createdAt} by detbal ${shown.toolVersion}`],
	];
	return [
		`import ${shown.id}`,
		...rows.flatMap(([label = '', value = '']) =>
			wrapped(`  ${label.padEnd(13)} ${safeLine(value)}`, WIDTH),
		),
	];
}

const outcomesText = (outcomes: ShownImport['outcomes']): string =>
	Object.entries(outcomes)
		.filter(([, n]) => n > 0)
		.map(([name, n]) => `${group(n)} ${name}`)
		.join(', ');
