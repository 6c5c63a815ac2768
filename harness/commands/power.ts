import { existsSync, writeFileSync } from 'node:fs';
import { DEFAULT_POWER, type PowerQuestion } from '../analysis/power/power.js';
import { UsageError } from '../errors.js';
import { POWER_LEGEND, powerCurve, powerSentences, powerTableText } from '../report/power-text.js';
import { printable } from '../report/table.js';
import {
	findPower,
	type KernelPower,
	type PowerRequest,
	type PowerResult,
} from '../runner/power.js';
import { type Arguments, EXIT, numberBetween, optional, wholeNumber } from './command.js';
import type { Io } from './io.js';
import { whileShown } from './watch.js';

/** Curves are drawn, and words found, for at most so many kernels; --json and --svg have them all. */
const CURVES = 2;
const SENTENCES = 8;

export async function run(args: Arguments, io: Io): Promise<number> {
	const question = questionOf(args);
	const svg = optional(args, 'svg');
	if (svg !== null && existsSync(svg)) {
		throw new UsageError(`${svg} is there already and is left alone; name another file`);
	}
	const result = await powerShown(io, {
		file: optional(args, 'file'),
		run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
		outline: {
			states: wholeNumber(args, 'states', 3, 1_000_000),
			valid: validShare(args),
			depth: args.depth === 0 ? 0 : numberBetween(args, 'depth', 0, 100),
		},
		question,
	});
	for (const notice of result.notices) io.say(notice);
	if (svg !== null) await writeSvg(svg, result, io);
	if (io.json) io.out(JSON.stringify(powerJson(result, question)));
	else for (const line of powerText(result, question)) io.out(line);
	return EXIT.done;
}

function questionOf(args: Arguments): PowerQuestion {
	const alpha = numberBetween(args, 'alpha', 0, 1) ?? DEFAULT_POWER.alpha;
	if (alpha < 1e-6) throw new UsageError(`--alpha: found ${alpha}; allowed: 0.000001 or more`);
	return {
		alpha,
		affinities: numbers(args, 'affinity', [0, 100]) ?? DEFAULT_POWER.affinities,
		powers: numbers(args, 'power', [alpha, 1]) ?? DEFAULT_POWER.powers,
	};
}

/** Numbers separated by commas, each between the bounds. */
function numbers(
	args: Arguments,
	name: string,
	[above, below]: readonly [number, number],
): number[] | null {
	const text = optional(args, name);
	if (text === null) return null;
	return text.split(',').map((word) => {
		const value = word.trim() === '' ? Number.NaN : Number(word);
		if (value > above && value < below) return value;
		throw new UsageError(
			`--${name}: found ${printable(word)}; allowed: numbers between ${above} and ${below}, separated by commas`,
		);
	});
}

const validShare = (args: Arguments): number | null =>
	args.valid === 1 ? 1 : numberBetween(args, 'valid', 0, 1);

function powerShown(
	io: Io,
	request: Omit<PowerRequest, 'signal' | 'onKernel'>,
): Promise<PowerResult> {
	return whileShown('power', io, (onKernel) =>
		findPower({ ...request, signal: io.signal, onKernel }),
	);
}

function powerText({ source, kernels }: PowerResult, question: PowerQuestion): string[] {
	// Every kernel of an experiment file has the same outline: it is told once, without a name.
	const [first] = kernels as readonly [KernelPower];
	const told = source === 'pilot' ? kernels : [{ ...first, model: null, template: null }];
	const drawn = told.flatMap(({ power, ...kernel }) => (power === null ? [] : [{ power, kernel }]));
	return [
		`Attempts per state for the exact test at level ${question.alpha}${source === 'pilot' ? '' : `, ${first.states} states`}`,
		'',
		...powerTableText(told, question),
		'',
		...POWER_LEGEND,
		'',
		...powerSentences(told.slice(0, SENTENCES), question),
		...drawn
			.slice(0, CURVES)
			.flatMap(({ power, kernel: { model, template } }) => [
				'',
				...(source === 'pilot' ? [`${printable(model ?? '')} · ${printable(template ?? '')}`] : []),
				...powerCurve(power),
			]),
	];
}

/** The document of `power --json`; field names are a contract. */
export function powerJson(
	{ source, file, kernels, notices }: PowerResult,
	question: PowerQuestion,
): object {
	return {
		schema: 'detbal/power/1',
		source,
		file,
		...question,
		groups: kernels.map(({ sampling, ...kernel }) => ({
			...kernel,
			temperature: sampling?.temperature ?? null,
			sampling,
		})),
		notices,
	};
}

async function writeSvg(file: string, { kernels }: PowerResult, io: Io): Promise<void> {
	// Loaded only where it is wanted: the drawing library is large.
	const { powerFigure } = await import('../report/power-figure.js');
	const drawing = powerFigure(kernels);
	if (drawing === null) throw new UsageError(`${file}: no kernel has a loop, so there is no curve`);
	try {
		writeFileSync(file, drawing, { flag: 'wx' });
	} catch (error) {
		throw new UsageError(
			`${file} cannot be written: ${(error as Error).message}. Make its folder, or name another file.`,
		);
	}
	io.say(`wrote ${file}`);
}
