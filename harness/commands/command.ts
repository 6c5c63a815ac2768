import { UsageError } from '../errors.js';
import type { Io } from './io.js';

export type Arguments = Readonly<Record<string, unknown>>;

export interface Option {
	readonly type: 'string' | 'number' | 'boolean';
	readonly describe: string;
	readonly alias?: string;
	readonly choices?: readonly string[];
	/** A text that may be left out: the option alone reads as ''. Its value is given with `=` only. */
	readonly valueOptional?: true;
	/** Shown in the help where the default is not a fixed value. */
	readonly defaultText?: string;
}

export const JSON_OPTION: Option = {
	type: 'boolean',
	describe: 'print one JSON document on stdout',
};

export interface Positional {
	readonly describe: string;
	readonly choices?: readonly string[];
}

export interface CommandSpec {
	/** As yargs reads it: `<needed> [optional] [several..]`. */
	readonly usage: string;
	readonly describe: string;
	readonly positionals: Readonly<Record<string, Positional>>;
	readonly options: Readonly<Record<string, Option>>;
	readonly examples: readonly (readonly [command: string, what: string])[];
	/** Commands are loaded when they are called, so that help needs no native library. */
	readonly load: () => Promise<{ readonly run: Run }>;
}

/** @returns the exit code */
export type Run = (args: Arguments, io: Io) => Promise<number>;

export const EXIT = {
	done: 0,
	error: 1,
	usage: 2,
	failOn: 3,
	notReproduced: 4,
	interrupted: 130,
} as const;

/** @throws UsageError where a needed argument is missing or empty */
export function needed(args: Arguments, name: string): string {
	const value = optional(args, name);
	if (value === null) throw new UsageError(`${name} is missing; see --help`);
	return value;
}

/** @throws UsageError for an empty text, which a script's unset variable leaves, and for two of them */
export function optional(args: Arguments, name: string): string | null {
	const value = args[name];
	if (Array.isArray(value)) throw new UsageError(`--${name} is given twice; give it once`);
	if (value === '') throw new UsageError(`${name} is empty; give it a value or leave it out`);
	return typeof value === 'string' ? value : null;
}

export function several(args: Arguments, name: string): readonly string[] {
	const value = args[name];
	return Array.isArray(value) ? value.map(String) : [];
}

export function flag(args: Arguments, name: string): boolean {
	return args[name] === true;
}

/** @throws UsageError unless the value is a whole number from `least` to `most` */
export function wholeNumber(
	args: Arguments,
	name: string,
	least: number,
	most: number,
): number | null {
	const value = args[name];
	if (value === undefined) return null;
	if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
		throw new UsageError(
			`--${name}: found ${String(value)}; allowed: a whole number from ${least} to ${most}`,
		);
	}
	return value;
}

/** @throws UsageError unless the value is a number above `above` and below `below` */
export function numberBetween(
	args: Arguments,
	name: string,
	above: number,
	below: number,
): number | null {
	const value = args[name];
	if (value === undefined) return null;
	if (typeof value !== 'number' || !(value > above && value < below)) {
		const allowed =
			below === Infinity ? `a number above ${above}` : `a number between ${above} and ${below}`;
		throw new UsageError(`--${name}: found ${String(value)}; allowed: ${allowed}`);
	}
	return value;
}
