/** The stream against JSON.parse, whatever the chunks. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../harness/errors.js';
import { JsonStream } from '../../harness/exchange/json-stream.js';
import { TextSource } from '../../harness/exchange/text-source.js';
import { inFolder } from './fixture.js';

/** What `work` makes of a stream over a text, read so many bytes at once. */
function streamed<T>(
	{ file, text, chunk }: { file: string; text: string; chunk: number },
	work: (json: JsonStream) => T,
): T {
	writeFileSync(file, text);
	const source = TextSource.open(file, chunk);
	try {
		return work(new JsonStream(source));
	} finally {
		source.close();
	}
}

/** A value built from the stream's own calls. */
function value(json: JsonStream): unknown {
	switch (json.peek()) {
		case 'text':
			return json.text();
		case 'list': {
			const list: unknown[] = [];
			for (let more = json.enterArray(); more; more = json.nextItem()) list.push(value(json));
			return list;
		}
		case 'object': {
			const members: [string, unknown][] = [];
			for (let key = json.enterObject(); key !== null; key = json.nextKey())
				members.push([key, value(json)]);
			return Object.fromEntries(members);
		}
		default: {
			const raw = json.raw(100);
			return raw === null ? raw : JSON.parse(raw);
		}
	}
}

const whole = (json: JsonStream) => {
	const found = value(json);
	json.end();
	return found;
};

const passedOver = (json: JsonStream) => {
	json.skip();
	json.end();
};

const blanks = fc.constantFrom('', ' ', '\n', '\t\r\n  ');
const jsonText = fc
	.tuple(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }), blanks, fc.nat({ max: 3 }))
	.map(([content, around, indent]) => around + JSON.stringify(content, null, indent) + around);

test('a whole text: the value that JSON.parse finds, for every size of chunk', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.json');
		fc.assert(
			fc.property(jsonText, fc.integer({ min: 1, max: 9 }), (text, chunk) => {
				assert.equal(streamed({ file, text, chunk }, whole), JSON.parse(text));
				const skipped = streamed({ file, text, chunk }, (json) => {
					const raw = json.raw(1_000_000);
					json.end();
					return raw;
				});
				assert.is(skipped, text.trim());
			}),
			{ numRuns: 150, seed: 1 },
		);
	}));

test('a damaged text is accepted only where JSON.parse accepts it', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.json');
		let [accepted, refused] = [0, 0];
		const characters = fc.constantFrom(...'{}[]":,\\u01e-+.tfn \n\u0001é');
		fc.assert(
			fc.property(jsonText, fc.nat(), characters, fc.nat({ max: 1 }), (text, at, put, take) => {
				const cut = at % (text.length + 1);
				const damaged = text.slice(0, cut) + put + text.slice(cut + take);
				// Half a surrogate pair cannot be written to the file.
				if (!damaged.isWellFormed() || damaged.trim() === '') return;
				for (const how of [whole, passedOver]) {
					let good = true;
					try {
						JSON.parse(damaged);
					} catch {
						good = false;
					}
					let fault: unknown = null;
					try {
						streamed({ file, text: damaged, chunk: 5 }, how);
					} catch (error) {
						fault = error;
					}
					assert.is(fault === null, good, `${damaged}: ${String(fault)}`);
					if (fault !== null) assert.ok(fault instanceof UsageError, String(fault));
					good ? accepted++ : refused++;
				}
			}),
			{ numRuns: 250, seed: 1 },
		);
		assert.ok(accepted > 50 && refused > 50, `${accepted}, ${refused}`);
	}));

test('faults name line and path', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.json');
		const text = '{\n "a": [1,\n  {"b\\u001b": [2, "x"]}]}';
		const work = (json: JsonStream) => {
			json.enterObject();
			json.enterArray();
			json.number('n');
			json.nextItem();
			json.enterObject();
			json.enterArray();
			json.number('n');
			json.nextItem();
			json.number('a number');
		};
		try {
			streamed({ file, text, chunk: 4 }, work);
			assert.unreachable();
		} catch (error) {
			const { message } = error as Error;
			assert.is(message, `${file}:3: a[1]."b\\u001b"[1]: found "x"; allowed: a number`);
		}
	}));

test('a text cut short anywhere says so', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.json');
		const text = '{"counts": [{"source": "\\u00e9\\n", "count": 12, "deep": [[true]]}]}';
		for (let length = 1; length < text.length; length++)
			assert.throws(
				() => streamed({ file, text: text.slice(0, length), chunk: 7 }, whole),
				(error: Error) =>
					/the file ends here in the middle of the JSON text: fetch it again|"(t|tr|tru)"/.test(
						error.message,
					),
				text.slice(0, length),
			);
	}));

test('nesting bombs are refused, lists within the limit are not', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.json');
		const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
		const skip = (json: JsonStream) => json.skip();
		streamed({ file, text: nested(64), chunk: 100 }, skip);
		for (const text of [nested(70), nested(1_000_000), '{"a":'.repeat(1_000_000)])
			assert.throws(
				() => streamed({ file, text, chunk: 1 << 16 }, skip),
				/nested deeper than 64 levels/,
			);
	}));

test('a record longer than wanted is null, and what follows is read', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.json');
		const text = `["${'x'.repeat(50)}", 7]`;
		for (const [most, found] of [
			[51, null],
			[52, `"${'x'.repeat(50)}"`],
		] as const)
			streamed({ file, text, chunk: 8 }, (json) => {
				json.enterArray();
				assert.is(json.raw(most), found);
				json.nextItem();
				assert.is(json.number('a number'), '7');
			});
	}));

test.run();
