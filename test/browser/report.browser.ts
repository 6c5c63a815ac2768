/** The report in a real browser, opened from disk. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MOST_INLINE } from '../../harness/report/page/groups.js';
import { reportPage } from '../../harness/report/page/page.js';
import { ring } from '../analysis/scored/kernels.js';
import { dossierOf, star, table } from '../report/page-dossier.js';
import { exactRecord } from '../report/page-exact.js';
import { launch } from './chromium.js';
import { layoutFaults } from './layout.js';

const test = suite('report in a browser');

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const EVIL = '</pre></script><script>window.hit = 1</script><img src=x onerror="window.hit = 1">';

let browser: Browser;
let folder = '';
/** few kernels, inline, hostile; and many, packed */
const files = { few: '', many: '' };

test.before(async () => {
	browser = await launch();
	folder = mkdtempSync(join(tmpdir(), 'detbal-page-'));
	const texts = { completion: EVIL, prompt: EVIL, yaml: EVIL, notice: `a notice ${EVIL}` };
	const tables = [table(6, 0.8, (k) => (k === 2 ? EVIL : `STATE${k}`)), table(5, 0)];
	const few = await dossierOf({ tables, texts, missing: 7 });
	files.few = save('few', reportPage({ ...few, exact: EXACT }, [SECTION]));
	// Drawing takes its time: most of the many have no loop and few figures.
	const many = Array.from({ length: MOST_INLINE + 1 }, (_, i) =>
		i % 4 === 0 ? table(4, 0.8) : star(4),
	);
	files.many = save('many', reportPage(await dossierOf({ tables: many }), []));
});

test.after(async () => {
	await browser?.close();
	if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

/** One with hostile states that was sampled, too, and one that leaves much open. */
const EXACT = [
	exactRecord(ring(5, 0.4, 0.2), { group: 0, state: (k) => (k === 2 ? EVIL : `STATE${k}`) }),
	exactRecord(ring(4, 0.3, 0.2), { slug: 'exact-2', name: 'gpt2 · plain', left: 0.01 }),
];

const SECTION = {
	id: 'comparison',
	title: 'Comparison',
	paragraphs: ['Three rows.'],
	tables: [
		{
			title: 'Rows',
			columns: [
				{ title: 'name', align: 'left' as const },
				{ title: 'number', align: 'right' as const, unit: 'nats' },
			],
			rows: [
				['b10', 9],
				['b9', 1e-9],
				['a', 12000],
				['none', null],
			],
		},
	],
};

function save(name: string, page: string): string {
	const file = join(folder, `${name}.html`);
	writeFileSync(file, page);
	return pathToFileURL(file).href;
}

interface Opened {
	readonly page: Page;
	/** messages on the console, and errors */
	readonly said: readonly string[];
	/** addresses asked for, the file itself aside */
	readonly asked: readonly string[];
}

async function opened(
	address: string,
	look: (opened: Opened) => Promise<void>,
	options: BrowserContextOptions = {},
): Promise<void> {
	const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
	try {
		const page = await context.newPage();
		const [said, asked] = [[] as string[], [] as string[]];
		page.on('console', (message) => said.push(message.text()));
		page.on('pageerror', ({ message }) => said.push(message));
		page.on('request', (request) => {
			const url = request.url().split('#')[0]!;
			if (url !== address.split('#')[0] && !url.startsWith('data:')) asked.push(url);
		});
		await page.goto(address);
		await look({ page, said, asked });
		assert.equal(asked, [], 'requests');
		assert.equal(said, [], 'console');
	} finally {
		await context.close();
	}
}

const column = (page: Page, table: string, at: number): Promise<string[]> =>
	page.locator(`[id="${table}"] tbody tr:visible > :nth-child(${at})`).allTextContents();

test('opens from disk in silence, and a script in a completion does not run', async () => {
	await opened(files.few, async ({ page }) => {
		assert.is(await page.evaluate('window.hit'), undefined);
		const shown = await page.locator('.samples pre').first().textContent();
		assert.is(shown?.trim(), EVIL);
		assert.match((await page.locator('header .banner').first().textContent()) ?? '', /Interim/);
	});
});

test('the policy stops what would get in all the same', async () => {
	const context = await browser.newContext();
	const page = await context.newPage();
	const asked: string[] = [];
	await page.route(/^http/, (route) => {
		asked.push(route.request().url());
		return route.abort();
	});
	await page.goto(files.few);
	await page.evaluate(`(() => {
		document.body.insertAdjacentHTML('beforeend', '<img src="http://example.invalid/a.png">');
		const script = document.createElement('script');
		script.textContent = 'window.hit = 1';
		document.body.append(script);
		return fetch('http://example.invalid/b').catch(() => null);
	})()`);
	assert.is(await page.evaluate('window.hit'), undefined);
	assert.equal(asked, []);
	await context.close();
});

test('tables sort by mouse and by keyboard, numbers as numbers, unknown ones last', async () => {
	await opened(files.few, async ({ page }) => {
		const id = '_extra.comparison.1';
		const names = () => column(page, id, 1);
		const head = (title: string) => page.locator(`[id="${id}"] th`, { hasText: title });
		assert.equal(await names(), ['b10', 'b9', 'a', 'none']);
		await head('number').getByRole('button').click();
		assert.equal(await names(), ['b9', 'b10', 'a', 'none']);
		assert.is(await head('number').getAttribute('aria-sort'), 'ascending');
		await page.keyboard.press('Enter');
		assert.equal(await names(), ['a', 'b10', 'b9', 'none']);
		assert.is(await head('number').getAttribute('aria-sort'), 'descending');
		await page.keyboard.press('Space');
		assert.equal(await names(), ['b10', 'b9', 'a', 'none']);
		assert.is(await head('number').getAttribute('aria-sort'), 'none');
		await page.keyboard.press('Shift+Tab');
		await page.keyboard.press('Enter');
		assert.equal(await names(), ['a', 'b9', 'b10', 'none']);
		assert.is(await head('name').getAttribute('aria-sort'), 'ascending');
	});
});

test('a filter keeps the rows that hold all its words', async () => {
	await opened(files.few, async ({ page }) => {
		const input = page.getByLabel('Filter: Pairs').first();
		const rows = () => column(page, 'kernel-1.pairs', 1);
		const all = (await rows()).length;
		await input.fill('state0 STATE1');
		assert.is((await rows()).length, 1);
		assert.is(
			await page.locator('[id="kernel-1.pairs"] [role=status]').textContent(),
			`1 of ${all} rows`,
		);
		await input.fill('nothing of the kind');
		assert.is((await rows()).length, 0);
		await input.fill('');
		assert.is((await rows()).length, all);
	});
});

test('the theme follows the system until the button is used', async () => {
	const paper = (page: Page) =>
		page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
	for (const colorScheme of ['light', 'dark'] as const) {
		await opened(
			files.few,
			async ({ page }) => {
				const before = await paper(page);
				assert.is(before, colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 28)');
				const toggle = page.getByRole('button', { name: 'Dark' });
				assert.is(await toggle.getAttribute('aria-pressed'), String(colorScheme === 'dark'));
				await toggle.click();
				assert.is.not(await paper(page), before);
				await toggle.click();
				assert.is(await paper(page), before);
			},
			{ colorScheme },
		);
	}
});

/** Different colours among the pixels of what an element paints. */
async function colours(page: Page, selector: string): Promise<number> {
	const png = (await page.locator(selector).first().screenshot()).toString('base64');
	// In a blank page: the report's own policy would not let a data address be fetched.
	const blank = await page.context().newPage();
	const found = (await blank.evaluate(`(async () => {
		const image = new Image();
		image.src = 'data:image/png;base64,${png}';
		await image.decode();
		const canvas = new OffscreenCanvas(image.width, image.height);
		const context = canvas.getContext('2d');
		context.drawImage(image, 0, 0);
		const { data } = context.getImageData(0, 0, image.width, image.height);
		const seen = new Set();
		for (let i = 0; i < data.length; i += 4) seen.add(data[i] + ',' + data[i + 1] + ',' + data[i + 2]);
		return seen.size;
	})()`)) as number;
	await blank.close();
	return found;
}

test('a packed section unpacks when it is opened, and its figures are painted', async () => {
	await opened(files.many, async ({ page }) => {
		assert.is(await page.locator('.body figure').count(), 0);
		await page.locator('#kernel-1 summary').click();
		await page.locator('#kernel-1 figure').first().waitFor();
		const figures = await page.locator('#kernel-1 figure').count();
		assert.ok(figures >= 6, `${figures} figures`);
		assert.is(await page.locator('#kernel-3 figure').count(), 0);
		for (let i = 0; i < figures; i++) {
			const svg = `#kernel-1 figure:nth-child(${i + 1}) svg`;
			const box = await page.locator(svg).first().boundingBox();
			assert.ok(
				box !== null && box.width > 200 && box.height > 80,
				`figure ${i}: ${JSON.stringify(box)}`,
			);
			const painted = await colours(page, svg);
			assert.ok(painted > 8, `figure ${i} has ${painted} colours`);
		}
		await page.getByRole('button', { name: 'state', exact: false }).first().click();
		assert.is((await page.locator('[id="kernel-1.states"] th[aria-sort]').count()) > 3, true);
	});
});

test('links and addresses open the section they point to, also into its inside', async () => {
	await opened(files.many, async ({ page }) => {
		await page.locator('.matrix a.cell').nth(4).click();
		await page.locator('#kernel-5[open] figure').first().waitFor();
	});
	await opened(`${files.many}#kernel-9.pairs`, async ({ page }) => {
		await page.locator('[id="kernel-9.pairs"] table').waitFor();
		await page.waitForFunction(
			'Math.abs(document.getElementById("kernel-9.pairs").getBoundingClientRect().top) < 300',
		);
	});
});

test('sections are found by name, and all open for printing', async () => {
	await opened(files.many, async ({ page }) => {
		await page.getByLabel('Find a kernel').fill('violated');
		assert.equal(
			await page.locator('details.group:visible').evaluateAll((all) => all.map(({ id }) => id)),
			['kernel-1', 'kernel-5', 'kernel-9'],
		);
		await page.getByLabel('Find a kernel').fill('');
		await page.getByRole('button', { name: 'Open all' }).click();
		await page.locator('#kernel-9 figure').first().waitFor();
		assert.is(await page.locator('details.group[open]').count(), MOST_INLINE + 1);
		assert.is(await page.locator('.packed').count(), 0);
		await page.emulateMedia({ media: 'print' });
		assert.is(await page.locator('.button:visible, input:visible, nav:visible').count(), 0);
		assert.ok(await page.locator('#kernel-9 figure svg').first().isVisible());
		await page.emulateMedia({ media: null });
		await page.getByRole('button', { name: 'Close all' }).click();
		assert.is(await page.locator('details.group[open]').count(), 0);
	});
});

for (const width of [400, 800, 1400]) {
	test(`no text over text and no sideways scrolling at ${width} pixels`, async () => {
		const viewport = { width, height: 900 };
		await opened(
			files.few,
			async ({ page }) => {
				const closed = page.locator('details:not([open]) > summary');
				while ((await closed.count()) > 0) await closed.first().click();
				const faults = await layoutFaults(page);
				assert.ok(faults.texts > 500, `${faults.texts} texts`);
				assert.equal(faults.overlaps, []);
				assert.ok(faults.overflow <= 0, `${faults.overflow} px too wide`);
			},
			{ viewport },
		);
	});
}

test('the checker of the layout finds what it is for', async () => {
	await opened(files.few, async ({ page }) => {
		await page.evaluate(`document.querySelector('.lead').style.marginBottom = '-2.5rem'`);
		assert.ok((await layoutFaults(page)).overlaps.length > 0);
		await page.evaluate(`document.querySelector('.lead').style.marginBottom = ''`);
		assert.equal((await layoutFaults(page)).overlaps, []);
		await page.evaluate(
			`document.querySelectorAll('figure svg text')[3].setAttribute('transform', 'translate(60, 60)')`,
		);
		await page.evaluate(
			`document.querySelectorAll('figure svg text')[4].setAttribute('transform', 'translate(62, 60)')`,
		);
		assert.ok((await layoutFaults(page)).overlaps.length > 0);
		await page.evaluate(`document.querySelector('h1').style.width = '3000px'`);
		assert.ok((await layoutFaults(page)).overflow > 1000);
	});
});

for (const colorScheme of ['light', 'dark'] as const) {
	test(`axe finds no serious fault in ${colorScheme}`, async () => {
		await opened(
			files.few,
			async ({ page }) => {
				const faults = await serious(page);
				assert.equal(faults, []);
				await page.evaluate(`document.querySelector('.lead').style.color = '#888c90'`);
				await page.evaluate(`document.querySelector('.lead').style.background = '#808080'`);
				assert.ok((await serious(page)).some((fault) => fault.startsWith('color-contrast')));
			},
			{ colorScheme, bypassCSP: true },
		);
	});
}

async function serious(page: Page): Promise<string[]> {
	if ((await page.evaluate('typeof axe')) === 'undefined') await page.addScriptTag({ path: AXE });
	return (await page.evaluate(`axe.run().then(({ violations }) => violations
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 5).map(({ html }) => html.slice(0, 200)).join(' | ')))`)) as string[];
}

test('without JavaScript the page is whole but for packed sections, and says so', async () => {
	const context = await browser.newContext({ javaScriptEnabled: false });
	const page = await context.newPage();
	await page.goto(files.many);
	assert.match(
		(await page.locator('noscript').textContent()) ?? '',
		/detbal report DB --figures DIR/,
	);
	assert.is(await page.locator('[id="_groups.table"] tbody tr').count(), MOST_INLINE + 1);
	await page.goto(files.few);
	assert.ok(await page.locator('#kernel-1 figure svg').first().isVisible());
	await context.close();
});

test.run();
