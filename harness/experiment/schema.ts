import { z } from 'zod';
import { DEFAULTS, LIMITS } from './defaults.js';

/**
 * The shape of each part of an experiment file. Every schema's error is the sentence that says
 * what is allowed; what was found and where is added by the reader. Rules that join several parts
 * are in the readers.
 */

const says = (allowed: string) => ({ error: () => allowed });
const grouped = (n: number) => n.toLocaleString('en-US');

function whole(min: number, max: number, or = '') {
	const e = says(`${or}a whole number from ${grouped(min)} to ${grouped(max)}`);
	return z.number(e).int(e).min(min, e).max(max, e);
}

function wholeOrAuto(min: number, max: number) {
	// The union passes on the number's own sentence where the value is a number out of range.
	const number = whole(min, max, 'auto, or ');
	return z.union(
		[z.literal('auto'), number],
		says(`auto, or a whole number from ${grouped(min)} to ${grouped(max)}`),
	);
}

function choice<const T extends readonly [string, ...string[]]>(values: T) {
	return z.enum(values, says(values.join(', ')));
}

function text(allowed: string, test: (value: string) => boolean) {
	return z.string(says(allowed)).refine(test, says(allowed));
}

/** Unknown keys carry the known ones as their message; the reader picks the nearest. */
function mapping<T extends z.ZodRawShape>(what: string, shape: T) {
	const known = Object.keys(shape).join(', ');
	return z.strictObject(shape, {
		error: (issue) => (issue.code === 'unrecognized_keys' ? known : `${what} with ${known}`),
	});
}

const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

function label(length: number) {
	return text(
		`1 to ${length} of the characters A-Z a-z 0-9 . _ - : @ +, beginning with a letter or digit`,
		(s) => s.length <= length && /^[A-Za-z0-9][A-Za-z0-9._:@+-]*$/.test(s),
	);
}

const filePath = text(
	'the path of a file',
	(s) => s !== '' && s.length <= 4096 && !CONTROL.test(s),
);

/** What a part of the file must look like. */
export type Shape<T> = z.ZodType<T>;

export const nameSchema = text(
	`a file name of 1 to ${LIMITS.nameLength} of the characters A-Z a-z 0-9 . _ -, not beginning with a dot`,
	(s) => s.length <= LIMITS.nameLength && /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(s),
);

export const seedSchema = whole(0, LIMITS.seed);
export const attemptsSchema = whole(1, LIMITS.attempts);

const state = text(
	`text of 1 to ${grouped(LIMITS.stateLength)} characters in one line, without control characters or blanks around it`,
	(s) => s !== '' && s.length <= LIMITS.stateLength && !CONTROL.test(s) && s.trim() === s,
);

function stateList(min: number) {
	const e = says(`a list of ${min} to ${grouped(LIMITS.states)} states`);
	return z.array(state, e).min(min, e).max(LIMITS.states, e);
}

export const taskSchema = z.discriminatedUnion(
	'kind',
	[
		mapping('a closed task', {
			kind: z.literal('closed'),
			states: stateList(2),
			read: choice(['whole', 'first-word']).default(DEFAULTS.read),
		}),
		mapping('a words task', {
			kind: z.literal('words'),
			letterSum: whole(1, LIMITS.letterSum),
			list: filePath.optional(),
		}),
	],
	says('a mapping with kind: closed or kind: words'),
);

export const sourcesSchema = mapping('a mapping', {
	design: choice(['fixed', 'crawl', 'chain']).default(DEFAULTS.design),
	states: stateList(1).optional(),
});

export const modelSchema = mapping('a mapping', {
	id: label(LIMITS.idLength),
	path: filePath.optional(),
	sha256: text('64 hexadecimal digits', (s) => /^[0-9a-fA-F]{64}$/.test(s)).optional(),
});

const templateText = text(
	`text of at most ${grouped(LIMITS.fileBytes)} bytes with {state} in it`,
	(s) => s !== '' && Buffer.byteLength(s) <= LIMITS.fileBytes,
);

export const templateSchema = mapping('a mapping', {
	id: label(LIMITS.idLength),
	text: templateText.optional(),
	file: filePath.optional(),
	chat: z.boolean(says('true, false')).default(DEFAULTS.chat),
});

function between(allowed: string, test: (value: number) => boolean) {
	return z.number(says(allowed)).refine(test, says(allowed));
}

const stop = text(
	`text of 1 to ${LIMITS.stopLength} characters`,
	(s) => s !== '' && s.length <= LIMITS.stopLength && !/\p{Cs}/u.test(s),
);
const stopList = says(`a list of at most ${LIMITS.stops} different texts`);

export const samplingSchema = mapping('a mapping', {
	temperature: between(
		`a number from 0 to ${LIMITS.temperature}`,
		(x) => x >= 0 && x <= LIMITS.temperature,
	).default(DEFAULTS.sampling.temperature),
	topK: whole(0, LIMITS.topK).default(DEFAULTS.sampling.topK),
	topP: between('a number above 0 and at most 1', (x) => x > 0 && x <= 1).default(
		DEFAULTS.sampling.topP,
	),
	minP: between('a number from 0 to below 1', (x) => x >= 0 && x < 1).default(
		DEFAULTS.sampling.minP,
	),
	maxTokens: whole(1, LIMITS.maxTokens).default(DEFAULTS.sampling.maxTokens),
	stop: z
		.array(stop, stopList)
		.max(LIMITS.stops, stopList)
		.refine((list) => new Set(list).size === list.length, stopList)
		.default(() => [...DEFAULTS.sampling.stop]),
});

export const engineSchema = mapping('a mapping', {
	gpu: choice(['cpu', 'auto', 'cuda', 'vulkan', 'metal']).default(DEFAULTS.engine.gpu),
	gpuLayers: wholeOrAuto(0, LIMITS.gpuLayers).default(DEFAULTS.engine.gpuLayers),
	threads: wholeOrAuto(1, LIMITS.threads).default(DEFAULTS.engine.threads),
	width: whole(1, LIMITS.width).default(DEFAULTS.engine.width),
	contextSize: wholeOrAuto(16, LIMITS.contextSize).default(DEFAULTS.engine.contextSize),
	batchSize: whole(1, LIMITS.batchSize).default(DEFAULTS.engine.batchSize),
});
