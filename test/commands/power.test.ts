/** `detbal power`: what it prints, and what it refuses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Arguments } from '../../harness/commands/command.js';
import type { Io } from '../../harness/commands/io.js';
import { run } from '../../harness/commands/power.js';
import { UsageError } from '../../harness/errors.js';
import { inFolder } from '../store/fixture.js';
import { detbal } from './fixture.js';

const test = suite('power command');

/** The command in this process, which saves the start of another. */
async function power(args: Arguments): Promise<{ out: string[]; say: string[] }> {
	const said = { out: [] as string[], say: [] as string[] };
	const io: Io = {
		json: args.json === true,
		signal: new AbortController().signal,
		out: (line) => void said.out.push(line),
		stream: async (text) => void said.out.push(text),
		say: (line) => void said.say.push(line),
		progress: () => ({ update() {}, stop() {} }),
	};
	assert.is(await run(args, io), 0);
	return said;
}

test('a design as a user meets it: a table and a curve within 100 columns', () =>
	inFolder(async (folder) => {
		const told = await detbal(folder, 'power', '--states', '6', '--valid', '0.9');
		assert.is(told.code, 0, told.stderr);
		assert.match(
			told.stderr,
			/^all states are taken to be equally likely; say otherwise with --depth\n$/,
		);
		assert.match(told.stdout, /^Attempts per state for the exact test at level 0\.05, 6 states\n/);
		assert.match(
			told.stdout,
			/\nTo see an rms cycle affinity of 0\.1 nats in 80 of 100 cases takes [\d,]+ /,
		);
		for (const line of told.stdout.split('\n')) assert.ok(line.length <= 100, line);
	}));

test('one JSON document, and a figure that does not overwrite', () =>
	inFolder(async (folder) => {
		const svg = join(folder, 'p.svg');
		const options = { states: 6, valid: 1, depth: 0, affinity: '0.3', power: '0.9, 0.6', svg };
		const { out, say } = await power({ ...options, json: true });
		assert.equal(say, [`wrote ${svg}`]);
		assert.is(out.length, 1);
		const document = JSON.parse(out[0]!);
		assert.equal(
			[document.schema, document.source, document.file],
			['detbal/power/1', 'design', null],
		);
		assert.equal([document.affinities, document.powers, document.alpha], [[0.3], [0.9, 0.6], 0.05]);
		assert.is(document.groups[0].power.needed.length, 2);
		assert.match(readFileSync(svg, 'utf8'), /^<svg .*<\/svg>\n$/s);
		let refusal = '';
		await power(options).catch((error: Error) => {
			refusal = error.message;
		});
		assert.match(refusal, /p\.svg is there already and is left alone/);
	}));

test('wrong numbers are refused by name', async () => {
	const cases: readonly [args: Arguments, says: RegExp][] = [
		[{}, /say what the power is asked of/],
		[{ states: 2 }, /--states: found 2; allowed: a whole number from 3/],
		[{ states: 5, valid: 1.5 }, /--valid: found 1\.5; allowed: a number between 0 and 1/],
		[{ states: 5, depth: -1 }, /--depth: found -1; allowed: a number between 0 and 100/],
		[{ states: 5, affinity: '0.1,x' }, /--affinity: found x; allowed: numbers between 0 and 100/],
		[{ states: 5, affinity: '0.1,' }, /--affinity: found ; allowed/],
		[{ states: 5, power: '0.01' }, /--power: found 0\.01; allowed: numbers between 0\.05 and 1/],
		[{ states: 5, alpha: 0 }, /--alpha: found 0; allowed: a number between 0 and 1/],
		[{ states: 5, alpha: 1e-9 }, /--alpha: found 1e-9; allowed: 0\.000001 or more/],
		[{ file: 'counts.csv' }, /store its counts with detbal import counts\.csv/],
	];
	for (const [args, says] of cases) {
		let refusal: unknown;
		await power(args).catch((error) => {
			refusal = error;
		});
		assert.instance(refusal, UsageError, JSON.stringify(args));
		assert.match((refusal as Error).message, says);
	}
});

test.run();
