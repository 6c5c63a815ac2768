/** What every engine must keep, run against each of them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
	type Engine,
	logSumExp,
	type NextTokenLaw,
	type TokenPath,
} from '../../harness/engine/engine.js';
import { splitPrompt } from '../../harness/sampling/prompt.js';

export interface Subject {
	readonly engine: Engine;
	/** Words the kernel knows, states first. */
	readonly words: readonly string[];
	/** log T(words[j] | words[i]), nats. */
	readonly logKernel: readonly (readonly number[])[];
	/** Largest |Δ log T| allowed. */
	readonly tolerance: number;
}

/** State early, late, twice; short and long. */
export const TEMPLATES: Readonly<Record<string, string>> = {
	early: '{state} was the first word. The next word is:',
	late: 'Here is a word that somebody chose, and here is what came to mind: {state} ->',
	twice: 'Given {state}, and once more {state}, answer with one word.\nAnswer:',
	long: `${'This sentence is here to be long. '.repeat(8)}Word: {state}. New word:`,
};

const text = (template: string) => ({
	before: template.split('{state}')[0] as string,
	render: (state: string) => template.replaceAll('{state}', state),
	special: false,
});

export function pathOf(engine: Engine, template: string, state: string, answer = ''): TokenPath {
	const prompt = splitPrompt(engine, text(TEMPLATES[template] as string), state);
	return { ...prompt, completion: answer === '' ? [] : engine.tokenize(answer, false) };
}

export const sameBits = (a: NextTokenLaw, b: NextTokenLaw) =>
	Buffer.compare(Buffer.from(a.logits.buffer), Buffer.from(b.logits.buffer)) === 0 &&
	Object.is(a.logNormalizer, b.logNormalizer);

export function contract(name: string, open: () => Promise<Subject>): void {
	const test = suite(name);
	let subject: Subject;
	test.before(async () => {
		subject = await open();
	});
	test.after(async () => {
		await subject.engine.close();
	});

	const manyPaths = (): TokenPath[] => {
		const { engine, logKernel, words } = subject;
		return Object.keys(TEMPLATES).flatMap((template) =>
			logKernel.flatMap((_, i) => [
				pathOf(engine, template, words[i] as string),
				pathOf(engine, template, words[i] as string, words[(i + 1) % logKernel.length]),
			]),
		);
	};

	test('the same request gives the same bits', async () => {
		const path = pathOf(subject.engine, 'early', subject.words[0] as string);
		const [a] = await subject.engine.laws([path]);
		const [b] = await subject.engine.laws([path]);
		assert.ok(a && b && sameBits(a, b));
	});

	test('order, slot, neighbours and used cells change no bit', async () => {
		const paths = manyPaths();
		const together = await subject.engine.laws(paths);
		const alone: NextTokenLaw[] = [];
		for (const path of paths) alone.push(...(await subject.engine.laws([path])));
		const reversed = (await subject.engine.laws([...paths].reverse())).reverse();
		const odd = await subject.engine.laws(paths.filter((_, i) => i % 2 === 1));
		for (const [i, law] of together.entries()) {
			assert.ok(sameBits(law, alone[i] as NextTokenLaw), `path ${i} alone`);
			assert.ok(sameBits(law, reversed[i] as NextTokenLaw), `path ${i} in reverse`);
			if (i % 2 === 1) assert.ok(sameBits(law, odd[(i - 1) / 2] as NextTokenLaw), `path ${i} odd`);
		}
	});

	test('calls made at the same time are served one after the other', async () => {
		const paths = manyPaths().slice(0, 6);
		const expected = await subject.engine.laws(paths);
		const answers = await Promise.all(paths.map((path) => subject.engine.laws([path])));
		for (const [i, [law]] of answers.entries()) {
			assert.ok(law && sameBits(law, expected[i] as NextTokenLaw));
		}
	});

	test('laws are normalised in double precision', async () => {
		const path = pathOf(subject.engine, 'late', subject.words[1] as string);
		const [law] = (await subject.engine.laws([path])) as [NextTokenLaw];
		assert.is(law.logNormalizer, logSumExp(law.logits));
		let total = 0;
		for (const logit of law.logits) total += Math.exp(logit - law.logNormalizer);
		assert.ok(Math.abs(total - 1) < 1e-12);
	});

	test('the law of a known kernel is that kernel, under every template', async () => {
		const { engine, words, logKernel, tolerance } = subject;
		let worst = 0;
		for (const template of Object.keys(TEMPLATES)) {
			const laws = await engine.laws(
				logKernel.map((_, i) => pathOf(engine, template, words[i] as string)),
			);
			for (const [i, law] of laws.entries()) {
				for (const [j, word] of words.entries()) {
					const tokens = engine.tokenize(word, false);
					assert.is(tokens.length, 1, `${word} is one token`);
					const found = (law.logits[tokens[0] as number] as number) - law.logNormalizer;
					const known = (logKernel[i] as number[])[j] as number;
					if (known > -Infinity) worst = Math.max(worst, Math.abs(found - known));
					else assert.is(found, -Infinity, `${words[i]} → ${word} must be impossible`);
				}
			}
		}
		assert.ok(worst < tolerance, `largest |Δ log T| is ${worst}`);
	});

	test('after an answer the generation ends', async () => {
		const { engine, words } = subject;
		const [law] = await engine.laws([pathOf(engine, 'twice', words[0] as string, words[1])]);
		let ending = 0;
		for (const [token, logit] of (law as NextTokenLaw).logits.entries()) {
			if (engine.isEnd(token)) ending += Math.exp(logit - (law as NextTokenLaw).logNormalizer);
		}
		assert.ok(ending > 1 - 1e-6, `P(end) = ${ending}`);
	});

	test('text goes in and comes out', () => {
		const { engine, words } = subject;
		for (const word of words) {
			assert.is(engine.detokenize(engine.tokenize(word, false)).trim(), word);
		}
		assert.is(engine.detokenize([]), '');
	});

	test('paths that cannot be evaluated are refused by name, and harm nothing', async () => {
		const { engine, words } = subject;
		const good = pathOf(engine, 'early', words[0] as string);
		const refuse = async (path: TokenPath, what: RegExp) => {
			let said = '';
			try {
				await engine.laws([good, path]);
			} catch (error) {
				assert.instance(error, RangeError);
				said = (error as Error).message;
			}
			assert.match(said, what);
		};
		await refuse({ head: [1], rest: [], completion: [] }, /at least one token/);
		await refuse({ ...good, completion: [engine.facts.vocabularySize] }, /outside the vocabulary/);
		await refuse({ ...good, completion: [-1] }, /outside the vocabulary/);
		await refuse({ ...good, completion: [1.5] }, /outside the vocabulary/);
		await refuse({ ...good, rest: new Array(engine.contextSize + 1).fill(1) }, /does not fit/);
		const [law] = await engine.laws([good]);
		assert.ok(law);
	});

	test('the longest path that fits is served', async () => {
		const { engine, words } = subject;
		if (engine.contextSize > 4096) return;
		const good = pathOf(engine, 'early', words[0] as string);
		const filler = engine.tokenize('x', false)[0] as number;
		const room = engine.contextSize - good.head.length - good.rest.length;
		const path = {
			...good,
			rest: [...good.rest, ...new Array(room - 1).fill(filler)],
			completion: [filler],
		};
		const [a] = await engine.laws([path]);
		const [b] = await engine.laws([path]);
		assert.ok(a && b && sameBits(a, b));
	});

	test('closing twice is fine, asking afterwards is refused', async () => {
		const other = await open();
		await other.engine.close();
		await other.engine.close();
		let refused = false;
		await other.engine.laws([pathOf(other.engine, 'early', other.words[0] as string)]).catch(() => {
			refused = true;
		});
		assert.ok(refused);
	});

	test.run();
}
