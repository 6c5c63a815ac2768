import { spawnSync } from 'node:child_process';
import { LIMITS } from './defaults.js';
import { quote } from './faults.js';

export interface ChatInput {
	/** The one user message. */
	readonly content: string;
	readonly bosText: string;
	readonly eosText: string;
}

export type ChatReply = { readonly text: string } | { readonly fault: string };

/**
 * Runs in a process of its own, as a model file is untrusted: a template that loops or allocates
 * without end can only end that process. Its clock stands still and its locale is fixed, since
 * some templates write today's date into the prompt, and a prompt must be the same every day. The
 * date is the one that Llama's templates fall back to.
 */
const RENDER = `
const now = Date.UTC(2024, 6, 26);
globalThis.Date = class extends Date {
	constructor(...parts) { parts.length === 0 ? super(now) : super(...parts); }
	static now() { return now; }
};
Math.random = () => { throw new Error('a chat template may not use chance'); };
const { readFileSync } = await import('node:fs');
const { Template } = await import(process.argv[1]);
const { source, values, limit } = JSON.parse(readFileSync(0, 'utf8'));
let reply;
try {
	const text = new Template(source).render(values);
	reply = text.length > limit ? { tooLong: text.length } : { text };
} catch (error) {
	reply = { error: String(error?.message ?? error).slice(0, 2000) };
}
process.stdout.write(JSON.stringify(reply));
`;

/** Applies a model's Jinja chat template to one user message, asking for the beginning of the answer. */
export function applyChatTemplate(
	source: string,
	input: ChatInput,
	milliseconds: number = LIMITS.chatMilliseconds,
): ChatReply {
	if (source.length > LIMITS.chatTemplate)
		return {
			fault: `the model's chat template has ${source.length} characters; at most ${LIMITS.chatTemplate} are allowed`,
		};
	const values = {
		messages: [{ role: 'user', content: input.content }],
		add_generation_prompt: true,
		bos_token: input.bosText,
		eos_token: input.eosText,
	};
	const { SystemRoot } = process.env;
	const child = spawnSync(
		process.execPath,
		[
			'--max-old-space-size=192',
			'--input-type=module',
			'--eval',
			RENDER,
			import.meta.resolve('@huggingface/jinja'),
		],
		{
			input: JSON.stringify({ source, values, limit: LIMITS.chatOutput }),
			encoding: 'utf8',
			timeout: milliseconds,
			killSignal: 'SIGKILL',
			maxBuffer: 8 * LIMITS.chatOutput,
			windowsHide: true,
			env: {
				TZ: 'UTC',
				LC_ALL: 'en_US.UTF-8',
				// Windows starts no process without it.
				...(SystemRoot === undefined ? {} : { SystemRoot }),
			},
		},
	);
	return understand(child, milliseconds);
}

function understand(child: ReturnType<typeof spawnSync>, milliseconds: number): ChatReply {
	const code = child.error !== undefined && 'code' in child.error ? child.error.code : undefined;
	if (code === 'ETIMEDOUT')
		return { fault: `the model's chat template did not end within ${milliseconds} ms` };
	if (code !== undefined)
		return { fault: `the process for the model's chat template failed (${String(code)})` };
	if (child.status !== 0)
		return { fault: "the model's chat template used too much memory, or crashed its process" };
	const reply = JSON.parse(String(child.stdout)) as {
		readonly text?: string;
		readonly error?: string;
		readonly tooLong?: number;
	};
	if (reply.text !== undefined) return { text: reply.text };
	if (reply.tooLong !== undefined)
		return {
			fault: `the model's chat template wrote ${reply.tooLong} characters; at most ${LIMITS.chatOutput} are allowed`,
		};
	return { fault: `the model's chat template failed: ${quote(reply.error ?? '', 300)}` };
}
