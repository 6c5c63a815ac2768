import { loadExperiment } from '../experiment/parse.js';
import { parseShard } from '../experiment/shard.js';
import { group } from '../report/progress.js';
import { printable } from '../report/table.js';
import { type Estimate, estimateRun, type Range } from '../runner/estimate.js';
import { type Arguments, EXIT, needed, optional } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const experiment = loadExperiment(needed(args, 'file'));
	const shard = optional(args, 'shard');
	const estimate = await estimateRun(experiment, shard === null ? null : parseShard(shard), {
		say: (line) => io.say(line),
		signal: io.signal,
	});
	if (io.json) {
		io.out(JSON.stringify({ schema: 'detbal/plan/1', name: experiment.name, ...estimate }));
		return EXIT.done;
	}
	for (const warning of estimate.warnings) io.say(`warning: ${warning}`);
	for (const line of planText(experiment.name, estimate)) io.out(line);
	return EXIT.done;
}

function planText(name: string, estimate: Estimate): string[] {
	const { models, cells, sources, attempts, evaluations, seconds, bytes } = estimate;
	const list = models.map(
		({ id, architecture }) => `${printable(id)} (${printable(architecture)})`,
	);
	const shown = list.length > 6 ? [...list.slice(0, 6), `and ${list.length - 6} more`] : list;
	return [
		`plan of ${printable(name)} (nothing was written)`,
		`models       ${shown.join(', ')}`,
		`cells        ${group(cells)} (model × template × sampling setting × seed)`,
		`sources      ${group(sources)}`,
		`attempts     ${group(attempts)}`,
		`evaluations  ${range(evaluations, group)} of a model, from a pilot`,
		`time         ${range(seconds, duration)}`,
		`disk         ${(bytes / 2 ** 20).toFixed(1)} MiB`,
	];
}

function range({ least, most }: Range, show: (n: number) => string): string {
	const [low, high] = [show(least), show(most)];
	return low === high ? `about ${low}` : `between ${low} and ${high}`;
}

function duration(seconds: number): string {
	if (seconds < 1) return 'under 1 s';
	if (seconds < 120) return `${Math.round(seconds)} s`;
	if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
	return `${(seconds / 3600).toFixed(1)} h`;
}
