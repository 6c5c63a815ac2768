/** The live view in a real browser, while a run goes on. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StoreWriter } from '../../harness/store/writer.js';
import type { View } from '../../harness/view/view.js';
import { ended, inPlace, newFolder, start, writeExperiment } from '../commands/fixture.js';
import { attempts, cellPlan, inFolder, runPlan, writeRun } from '../store/fixture.js';
import { eventually, withView } from '../view/fixture.js';
import { launch } from './chromium.js';
import { layoutFaults } from './layout.js';

const test = suite('live view in a browser');
const place = inPlace(test);

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const EVIL = '"><script>window.hit = 1</script><img src=x onerror="window.hit = 1">\u202e';

let browser: Browser;
test.before(async () => {
	browser = await launch();
});
test.after(async () => {
	await browser?.close();
});

/** Opens the page; fails on an error in it and on a request to anywhere else. */
async function opened(
	{ url }: View,
	work: (page: Page) => Promise<void>,
	options: BrowserContextOptions = {},
): Promise<void> {
	const context = await browser.newContext(options);
	const faults: string[] = [];
	const page = await context.newPage();
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type())) faults.push(message.text());
	});
	page.on('pageerror', (error) => faults.push(String(error)));
	page.on('request', (request) => {
		if (!request.url().startsWith(url) && !request.url().startsWith('data:')) {
			faults.push(`request to ${request.url()}`);
		}
	});
	try {
		await page.goto(url);
		await work(page);
		assert.equal(faults, []);
	} finally {
		await context.close();
	}
}

test('while a run goes on the page keeps up, marked as interim, and says when it is done', async () => {
	const folder = newFolder(place);
	const file = join(folder, 'live.sqlite');
	// The first tenth, so that there is a database to view; then the rest of ten times as much.
	const first = writeExperiment(folder, { attempts: 4000 });
	const before = await ended(start(folder, ['run', first, '--db', file]));
	assert.is(before.code, 0, before.stderr);
	await withView(file, (view) =>
		opened(view, async (page) => {
			await page.locator('#attempts', { hasText: '160,000 of 160,000' }).waitFor();
			writeExperiment(folder, { attempts: 40_000 });
			const running = ended(start(folder, ['run', first, '--db', file, '--resume']));
			await page.locator('#stage', { hasText: /^Interim\. [\d,]+ planned/ }).waitFor();
			assert.match((await page.locator('#stage').textContent()) ?? '', /is not a test/);
			await page.locator('#writer', { hasText: /^process \d+ on / }).waitFor();
			await page.locator('#rate', { hasText: /\d/ }).waitFor();
			const { code, stderr } = await running;
			assert.is(code, 0, stderr);
			await page.locator('#attempts', { hasText: '1,600,000 of 1,600,000 (100.0 %)' }).waitFor();
			await page.locator('#stage', { hasText: /^All planned attempts are made/ }).waitFor();
			await page.locator('#rows .drawn svg').first().waitFor();
			assert.is(await page.locator('#rows tr').count(), 4);
			const bound = await page.locator('#rows .drawn svg').first().getAttribute('aria-label');
			assert.match(bound ?? '', /^bound from [\d.]+ to [\d.]+ nats in \d+ looks?, tolerance 0\.1$/);
			assert.match(await page.title(), /^100\.0 % · live\.sqlite · detbal view$/);
		}),
	);
});

test('hostile labels are text, and no text lies over another at three widths', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		const labels = [EVIL, 'x'.repeat(400), 'an ordinary label'];
		writeRun(
			file,
			runPlan({
				cells: labels.map((label, i) => cellPlan({ label, model: `m${i}`, key: `cell ${i}` })),
			}),
		);
		await withView(file, async (view) => {
			await eventually(view, ({ groups }) => groups.every(({ judged }) => judged !== null));
			for (const width of [400, 800, 1400]) {
				await opened(
					view,
					async (page) => {
						await page.locator('#rows tr').nth(2).waitFor();
						const label = await page.locator('#rows bdi').first().textContent();
						assert.is(label, EVIL.replace('\u202e', '␦').slice(0, 80));
						assert.is(await page.evaluate('window.hit'), undefined);
						await page.locator('#rows summary').first().click();
						const { overlaps, overflow, texts } = await layoutFaults(page);
						assert.equal([overlaps, overflow], [[], 0], `at ${width}`);
						assert.ok(texts > 20);
					},
					{ viewport: { width, height: 900 } },
				);
			}
		});
	}));

for (const colorScheme of ['light', 'dark'] as const) {
	test(`axe finds no serious fault in ${colorScheme}, done and not done`, () =>
		inFolder(async (folder) => {
			const file = join(folder, 'run.sqlite');
			const writer = StoreWriter.open(file);
			const cells = [cellPlan({ attempts: 100 }), cellPlan({ model: 'n', key: 'b' })];
			const planned = writer.planRun(runPlan({ cells })).cells;
			writer.append(attempts(planned[0]?.id as number, { to: 50 }));
			writer.flush();
			await withView(file, (view) =>
				opened(
					view,
					async (page) => {
						await page.locator('#rows .drawn svg').first().waitFor();
						await page.addScriptTag({ path: AXE });
						assert.equal(await serious(page), []);
						await page.setViewportSize({ width: 400, height: 900 });
						assert.equal(await serious(page), []);
						await page.evaluate(`document.querySelector('#stage').style.color = '#888c90'`);
						await page.evaluate(`document.querySelector('#stage').style.background = '#808080'`);
						assert.ok((await serious(page)).some((fault) => fault.startsWith('color-contrast')));
					},
					{ colorScheme, bypassCSP: true },
				),
			);
			writer.close();
		}));
}

async function serious(page: Page): Promise<string[]> {
	return (await page.evaluate(`axe.run().then(({ violations }) => violations
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' | ')))`)) as string[];
}

test('a server that ended is said on the page, and its return too', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'run.sqlite');
		writeRun(file);
		const context = await browser.newContext();
		const page = await context.newPage();
		await withView(file, async (view) => {
			await page.goto(view.url);
			await page.locator('#attempts', { hasText: '80 of 80' }).waitFor();
			assert.ok(await page.locator('#connection').isHidden());
		});
		await page.locator('#connection', { hasText: /^No connection to detbal view/ }).waitFor();
		assert.match((await page.locator('#attempts').textContent()) ?? '', /^80 of 80/);
		await context.close();
	}));

test.run();
