import { UsageError } from '../errors.js';
import { bytesText } from '../report/bytes.js';
import { count } from '../report/numbers.js';
import { safeLine } from '../safe-text.js';
import { collect, type Part, type Waste, wasteOf } from '../store/collect.js';
import { type Arguments, EXIT, flag, needed } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const db = needed(args, 'db');
	const laws = flag(args, 'laws');
	if (flag(args, 'dry-run')) {
		const waste = wasteOf(db);
		if (io.json) io.out(JSON.stringify({ schema: 'detbal/gc/1', db, dryRun: true, laws, waste }));
		else for (const line of [...wasteText(waste, laws), 'nothing was changed']) io.out(line);
		return EXIT.done;
	}
	if (laws && !flag(args, 'yes')) {
		const { rows } = wasteOf(db).laws;
		throw new UsageError(
			`--laws drops ${count(rows, 'recorded next-token law', 'recorded next-token laws')} for good: a rerun can then still compare every transition, but not tell which law was another where one differs. Say --yes to go on, or --dry-run to see what it frees`,
		);
	}
	const collected = await collect({
		db,
		laws,
		signal: io.signal,
		onWaste(waste) {
			if (!io.json) for (const line of wasteText(waste, laws)) io.out(line);
		},
	});
	if (io.json) {
		io.out(JSON.stringify({ schema: 'detbal/gc/1', dryRun: false, laws, ...collected }));
		return EXIT.done;
	}
	const { before, after, runs } = collected;
	io.out(`${safeLine(db)}: ${bytesText(before)} → ${bytesText(after)}`);
	for (const { run: id, digest } of runs)
		io.out(`run ${id}: every attempt is there, digest ${digest}`);
	return EXIT.done;
}

function wasteText(waste: Waste, laws: boolean): string[] {
	const part = (name: string, { rows, bytes }: Part) =>
		`  ${name.padEnd(13)} ${count(rows, 'row', 'rows')}, ${bytesText(bytes)}`;
	return [
		'nothing refers to:',
		part('completions', waste.completions),
		part('states', waste.states),
		part('identities', waste.identities),
		...(laws ? ['dropped as asked:', part('laws', waste.laws)] : []),
		`free pages      ${bytesText(waste.freeBytes)}`,
		`room in pages   ${bytesText(waste.unusedBytes)}, of which compaction wins a part`,
		...waste.files.map(
			({ file, bytes }) => `left behind     ${safeLine(file)} (${bytesText(bytes)})`,
		),
	];
}
