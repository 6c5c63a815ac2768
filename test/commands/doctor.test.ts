/** detbal doctor as a user meets it, and a run made after it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { doctorText } from '../../harness/commands/doctor-text.js';
import { displayWidth } from '../../harness/report/width.js';
import type { DoctorDocument, DoctorModel } from '../../harness/runner/doctor-document.js';
import { detbal, inPlace, inside, json, newFolder, refuses, writeExperiment } from './fixture.js';

const test = suite('detbal doctor');
const place = inPlace(test);

test('one document on stdout and in the file; a run made here afterwards keeps it', async () => {
	const folder = newFolder(place);
	const asked = ['doctor', '--model', 'llama-driven', '--no-builds', '--out', 'doctor.json'];
	const result = await detbal(folder, ...asked, '--json');
	assert.is(result.code, 0, result.stderr);
	const document = json(result) as unknown as DoctorDocument;
	assert.is(document.schema, 'detbal/doctor/1');
	assert.equal(JSON.parse(readFileSync(join(folder, 'doctor.json'), 'utf8')), document);
	const [model] = document.models as [DoctorModel];
	assert.is(model.id, 'llama-driven');
	const equal = Object.fromEntries(model.rows.map(({ knob, equal: it }) => [knob, it]));
	for (const knob of ['asked twice', 'slot and neighbours', 'reused cells', 'fresh process'])
		assert.is(equal[knob], true, knob);
	assert.is(equal['flash attention'], false);
	assert.ok(document.embedded.every(({ state }) => state === 'ok'));
	assert.ok(!document.mend.some(({ must }) => must));
	// No name of the machine or its user: the document goes into databases that are published.
	assert.equal(
		Object.keys(document.machine).sort(),
		'arch coreLimit cores cpu diskFree load memory node os'.split(' '),
	);

	const experiment = writeExperiment(folder, {
		attempts: 2,
		seeds: [1],
		models: [{ id: 'llama-driven' }],
	});
	const ran = await inside(folder, 'run', experiment, '--db', 'run.sqlite');
	assert.is(ran.code, 0, ran.stderr);
	assert.not.match(ran.stderr, /doctor/);
	const shown = json(await inside(folder, 'show', 'run.sqlite', '--json'));
	const [kept] = shown.doctors as { content: unknown; createdAt: string }[];
	assert.equal(kept?.content, document);
	const text = await inside(folder, 'show', 'run.sqlite');
	assert.match(text.stdout, new RegExp(`^ {2}doctor +${document.createdAt} by detbal`, 'm'));

	for (const models of [[model], [model, { ...model, id: 'm2' }]]) {
		const lines = doctorText({ ...document, models });
		for (const line of lines) assert.ok(displayWidth(line) <= 100, line);
		assert.match(lines.join('\n'), /GPU/);
		assert.match(lines.join('\n'), /asked twice +(the same|= +=)/);
	}
});

test('nothing to mend is said so; what must be mended is told apart from what is only better', async () => {
	const file = join(newFolder(place), 'doctor.json');
	const bare = { models: [], mend: [] as DoctorDocument['mend'] };
	const text = (mend: DoctorDocument['mend']) => doctorText({ ...BASE, ...bare, mend }).join('\n');
	assert.match(text([]), /\nnothing to mend$/);
	const both = text([
		{ must: true, text: 'install again' },
		{ must: false, text: `name ${file}` },
	]);
	assert.match(both, /to mend:\n- install again\n- better: name/);
});

const BASE: DoctorDocument = {
	schema: 'detbal/doctor/1',
	...{ createdAt: '2026-01-01T00:00:00.000Z', toolVersion: '0', gpu: 'no GPU', packages: {} },
	machine: {
		...{ cpu: 'c', cores: 4, coreLimit: 1.5, diskFree: null, load: [0, 0, 0] },
		...{ os: 'linux 6', arch: 'x64', node: 'v20' },
		memory: { total: 2 ** 34, available: 2 ** 33, limit: 2 ** 33 },
	},
	threads: { used: 1, oversubscribed: false },
	backend: {
		...{ used: 'cpu', why: 'w', package: 'p', llamaCpp: 'l', build: 'b', devices: 'cpu' },
		cpuFeatures: 'CPU : SSE3 = 1 | AVX = 1 | ',
		...{ variant: 'haswell', variants: ['haswell', 'x64'], notLoadable: [], notTried: ['x64'] },
	},
	...{ embedded: [{ id: 'e', state: 'altered' }], models: [], mend: [] },
};

test('the machine is told: a limit of a control group, features, builds not tried, altered models', () => {
	const text = doctorText(BASE).join('\n');
	assert.match(text, /4 cores, of which a control group grants 1\.5/);
	assert.match(text, /features +SSE3 AVX$/m);
	assert.match(text, /haswell was chosen of 2; not tried: x64/);
	assert.match(text, /models +e is altered/);
});

test('an unknown model, a file that is none and a database that is not there are refused', async () => {
	const folder = newFolder(place);
	const experiment = writeExperiment(folder);
	for (const [args, says] of [
		[['--model', 'nobody.gguf'], [/nobody\.gguf/]],
		[['--model', experiment.replace('.yaml', '.gguf')], [/experiment\.gguf/]],
		[['--db', 'none.sqlite'], [/none\.sqlite is not there/]],
	] as const)
		await refuses(folder, ['doctor', ...args], { code: 2, says }, inside);
});

test.run();
