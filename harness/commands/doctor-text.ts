/** What the doctor found, told to a person. */
import { bytesText } from '../report/bytes.js';
import { DASH, digits } from '../report/numbers.js';
import { group } from '../report/progress.js';
import { type Column, fittedTable, printable, wrapped } from '../report/table.js';
import type { DoctorDocument, DoctorModel } from '../runner/doctor-document.js';
import type { DoctorRow } from '../runner/doctor-rows.js';

const WIDTH = 100;
/** Wider than this a table of all models is harder to read than one each. */
const MOST_COLUMNS = 6;

export function doctorText(found: DoctorDocument): string[] {
	return [
		...facts(found),
		'',
		...(found.models.length > 1 && found.models.length <= MOST_COLUMNS
			? matrix(found.models)
			: found.models.flatMap(oneModel)),
		'',
		...mending(found),
	];
}

function facts({ machine, threads, backend, gpu, packages, embedded }: DoctorDocument): string[] {
	const { memory, load, diskFree, coreLimit } = machine;
	const cores =
		coreLimit === null
			? `${machine.cores} cores`
			: `${machine.cores} cores, of which a control group grants ${digits(coreLimit)}`;
	const wrong = embedded.filter(({ state }) => state !== 'ok');
	const versions = Object.entries(packages).map(([name, it]) => `${name} ${it ?? 'not installed'}`);
	const lines: readonly (readonly [string, string])[] = [
		['machine', `${machine.cpu}, ${cores}, ${machine.os} ${machine.arch}, node ${machine.node}`],
		[
			'memory',
			`${bytesText(memory.available)} free of ${bytesText(memory.total)}${memory.limit === null ? '' : `, limit ${bytesText(memory.limit)}`}; disk: ${diskFree === null ? 'unknown' : `${bytesText(diskFree)} free`}`,
		],
		[
			'threads',
			`${threads.used} used, load ${load.join(' ')} before: ${threads.oversubscribed ? 'oversubscribed' : 'not oversubscribed'}`,
		],
		[
			'backend',
			`${backend.used}: ${backend.why}. ${backend.package} (${backend.build}), ${backend.llamaCpp}`,
		],
		...builds(backend),
		[
			'features',
			backend.cpuFeatures
				.replaceAll(/CPU : |[ =1]+\|/g, ' ')
				.replaceAll(/ +/g, ' ')
				.trim(),
		],
		['GPU', gpu],
		['packages', versions.join(', ')],
		[
			'models',
			wrong.length === 0
				? `the ${embedded.length} embedded ones match their manifest`
				: wrong.map(({ id, state }) => `${id} is ${state}`).join(', '),
		],
	];
	return lines.flatMap(([label, text]) => wrapped(`${label.padEnd(9)} ${text}`, WIDTH));
}

function builds({
	variant,
	variants,
	notLoadable,
	notTried,
}: DoctorDocument['backend']): [string, string][] {
	if (variant === null)
		return [['builds', 'which build of the backend is loaded cannot be told here']];
	const parts = [
		`${variant} was chosen of ${variants.length}`,
		...(notLoadable.length === 0 ? [] : [`this processor cannot load ${notLoadable.join(', ')}`]),
		...(notTried.length === 0 ? [] : [`not tried: ${notTried.join(', ')} (--builds tries them)`]),
	];
	return [['builds', parts.join('; ')]];
}

const nameOf = ({ knob, from, to }: DoctorRow): string =>
	[knob, [from, to].filter((text) => text !== '').join(' → ')].join(' ').trim();

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

/** Settings down, models across. */
function matrix(models: readonly DoctorModel[]): string[] {
	const names = [...new Set(models.flatMap(({ rows }) => rows.map(nameOf)))];
	const rows = names.map((name) => [
		name,
		...models.map(({ rows: theirs }) => {
			const found = theirs.find((one) => nameOf(one) === name);
			return found === undefined ? '' : cell(found);
		}),
	]);
	const titles = models.map(
		({ architecture, quantisation, id }) => `${architecture} ${quantisation ?? id}`,
	);
	const { attempts } = models[0] as DoctorModel;
	return [
		...fittedTable([left('one setting changed'), ...titles.map(right)], rows, WIDTH),
		...wrapped(
			`= the same bits in every law; else the largest |Δ log p| in nats, and after / how many of ${group(attempts)} attempts come out otherwise. ${models.map(({ id, laws, tokens }) => `${printable(id)}: ${laws} laws, attempts of up to ${tokens} tokens`).join('; ')}.`,
			WIDTH,
		),
		...untriedNotes(models).flatMap((note) => wrapped(note, WIDTH)),
	];
}

/** Why something was not tried, once for each reason. */
function untriedNotes(models: readonly DoctorModel[]): string[] {
	const rows = models.flatMap(({ rows: some }) => some).filter(({ equal }) => equal === null);
	return [...new Set(rows.map((row) => `${DASH} ${nameOf(row)}: ${row.note ?? ''}`))];
}

function cell({ equal, largest, changed }: DoctorRow): string {
	if (equal === null) return DASH;
	return equal ? '=' : `${largest === null ? '∞' : brief(largest)} / ${changed ?? 0}`;
}

/** Two significant digits: 0.0024, 8.8e-4. */
function brief(value: number): string {
	return value < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
}

function oneModel({
	id,
	architecture,
	quantisation,
	laws,
	attempts,
	tokens,
	rows,
}: DoctorModel): string[] {
	const table = fittedTable(
		[left('one setting changed'), left('bits'), right('largest |Δ log p|'), right('attempts')],
		rows.map((row) => [
			nameOf(row),
			row.equal === null
				? 'not tried'
				: row.equal
					? 'the same'
					: `${row.different} of ${row.laws} differ`,
			row.equal === null ? DASH : row.largest === null ? '∞' : digits(row.largest),
			row.changed === null ? DASH : group(row.changed),
		]),
		WIDTH,
	);
	return [
		`${printable(id)} (${printable(architecture)} ${printable(quantisation ?? '')}): ${laws} laws; ${group(attempts)} attempts of up to ${tokens} tokens: how many come out otherwise`,
		...table,
		...rows.flatMap((row) =>
			row.note === null ? [] : wrapped(`${DASH} ${nameOf(row)}: ${row.note}`, WIDTH),
		),
	];
}

function mending({ mend }: DoctorDocument): string[] {
	if (mend.length === 0) return ['nothing to mend'];
	return [
		'to mend:',
		...mend.flatMap(({ must, text }) => wrapped(`- ${must ? '' : 'better: '}${text}`, WIDTH)),
	];
}
