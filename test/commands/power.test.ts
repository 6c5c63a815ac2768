/** `detbal power` as a user meets it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { detbal, json, listing } from './fixture.js';

const test = suite('power command');
let folder = '';

test.before(() => {
	folder = mkdtempSync(join(tmpdir(), 'detbal-power-'));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a design: a table, a curve, one JSON document, a figure', async () => {
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

	const options = ['--states', '6', '--valid', '1', '--depth', '0', '--affinity', '0.3'];
	const drawn = await detbal(
		folder,
		'power',
		...options,
		'--power',
		'0.9',
		'--svg',
		'p.svg',
		'--json',
	);
	const document = json(drawn);
	assert.is(drawn.stderr, 'wrote p.svg\n');
	assert.equal(
		[document.schema, document.source, document.file],
		['detbal/power/1', 'design', null],
	);
	assert.equal([document.affinities, document.powers, document.alpha], [[0.3], [0.9], 0.05]);
	const [kernel] = document.groups as { power: { needed: object[] } }[];
	assert.is(kernel!.power.needed.length, 1);
	assert.match(readFileSync(join(folder, 'p.svg'), 'utf8'), /^<svg .*<\/svg>\n$/s);
	const again = await detbal(folder, 'power', ...options, '--svg', 'p.svg');
	assert.equal([again.code, again.stdout], [2, '']);
	assert.match(again.stderr, /p\.svg is there already and is left alone/);
});

test('wrong numbers are refused by name', async () => {
	const cases: readonly [args: string, says: RegExp][] = [
		['', /say what the power is asked of/],
		['--states 2', /--states: found 2; allowed: a whole number from 3/],
		['--states 5 --valid 1.5', /--valid: found 1\.5; allowed: a number between 0 and 1/],
		['--states 5 --affinity 0.1,x', /--affinity: found x; allowed: numbers between 0 and 100/],
		['--states 5 --power 0.01', /--power: found 0\.01; allowed: numbers between 0\.05 and 1/],
		['--states 5 --alpha 0', /--alpha: found 0; allowed: a number between 0 and 1/],
		['counts.csv', /store its counts with detbal import counts\.csv/],
	];
	const before = listing(folder);
	for (const [args, says] of cases) {
		const words = args.split(' ').filter((word) => word !== '');
		const result = await detbal(folder, 'power', ...words);
		assert.equal([result.code, result.stdout], [2, ''], `${args}: ${result.stderr}`);
		assert.match(result.stderr, says);
	}
	assert.equal(listing(folder), before);
});

test.run();
