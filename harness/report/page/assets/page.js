// The report is whole without this script, but for packed sections. It adds: sorting and filtering of
// tables, the theme button, opening and unpacking of sections, and copying.

const make = (tag, { text, ...attributes }) => {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
	if (text !== undefined) element.textContent = text;
	return element;
};

const button = (text, onClick) => {
	const element = make('button', { type: 'button', class: 'button', text });
	element.addEventListener('click', onClick);
	return element;
};

// --- tables ---

const FEWEST_TO_FILTER = 8;
const collator = new Intl.Collator('en', { numeric: true });
const order = ['none', 'ascending', 'descending'];

/** The number of a cell, or its text; null sorts last either way. */
const keyOf = (cell, numeric) => {
	const given = cell.dataset.key;
	if (given !== undefined) return given === '' ? null : Number(given);
	const text = cell.textContent.trim();
	if (!numeric) return text;
	const number = Number.parseFloat(text.replaceAll(',', ''));
	return Number.isNaN(number) ? null : number;
};

const compare = (a, b) => {
	if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
	return collator.compare(String(a), String(b));
};

const sortBy = (table, rows, at) => {
	const heads = [...table.tHead.rows[0].cells];
	const head = heads[at];
	const now = order[(order.indexOf(head.getAttribute('aria-sort')) + 1) % order.length];
	for (const other of heads) other.setAttribute('aria-sort', 'none');
	head.setAttribute('aria-sort', now);
	const sign = now === 'descending' ? -1 : 1;
	const numeric = head.classList.contains('n');
	const keyed = rows.map((row, i) => ({ row, i, key: keyOf(row.cells[at], numeric) }));
	if (now !== 'none') {
		keyed.sort((a, b) => {
			if (a.key === null || b.key === null) {
				return (a.key === null) - (b.key === null) || a.i - b.i;
			}
			return sign * compare(a.key, b.key) || a.i - b.i;
		});
	}
	table.tBodies[0].append(...keyed.map(({ row }) => row));
};

const makeSortable = (table, rows) => {
	for (const [at, head] of [...table.tHead.rows[0].cells].entries()) {
		const sorter = make('button', { type: 'button' });
		sorter.append(...head.childNodes);
		sorter.addEventListener('click', () => sortBy(table, rows, at));
		head.append(sorter);
		head.setAttribute('aria-sort', 'none');
	}
};

/** An input that hides what does not hold all of its words. */
const filterOf = (label, items, { noun, textOf }) => {
	const box = make('div', { class: 'filter' });
	const input = make('input', { type: 'search', 'aria-label': label, placeholder: 'Filter' });
	const said = make('span', { role: 'status' });
	const texts = items.map((item) => textOf(item).textContent.toLowerCase());
	input.addEventListener('input', () => {
		const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
		let shown = 0;
		for (const [i, item] of items.entries()) {
			item.hidden = !words.every((word) => texts[i].includes(word));
			if (!item.hidden) shown += 1;
		}
		said.textContent = words.length === 0 ? '' : `${shown} of ${items.length} ${noun}`;
	});
	box.append(input, said);
	return box;
};

/** Gives the tables below an element their controls. */
const enhance = (root) => {
	for (const holder of root.querySelectorAll('.table:not(.fixed)')) {
		const table = holder.querySelector('table');
		const rows = [...table.tBodies[0].rows];
		if (rows.length < 2) continue;
		makeSortable(table, rows);
		if (rows.length >= FEWEST_TO_FILTER) {
			const label = `Filter: ${table.caption.textContent}`;
			holder.prepend(filterOf(label, rows, { noun: 'rows', textOf: (row) => row }));
		}
	}
	for (const holder of root.querySelectorAll('[data-copy]')) addCopy(holder);
};

// --- copying ---

const addCopy = (holder) => {
	const text = holder.querySelector('pre');
	const copy = button(`Copy ${holder.dataset.copy}`, async () => {
		try {
			await navigator.clipboard.writeText(text.textContent);
			copy.textContent = 'Copied';
		} catch {
			getSelection().selectAllChildren(text);
			copy.textContent = 'Selected: copy it with the keyboard';
		}
	});
	holder.prepend(copy);
};

// --- packed sections ---

const unpack = async (base64) => {
	const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
	return new Response(stream).text();
};

const unpacking = new WeakMap();

/** Fills a section that is packed; what comes out was escaped when the page was made. */
const fill = (details) => {
	const packed = details.querySelector(':scope > .body > .packed');
	if (packed === null) return unpacking.get(details);
	const body = packed.parentElement;
	packed.remove();
	body.setAttribute('aria-busy', 'true');
	const filled = unpack(packed.textContent).then(
		(markup) => {
			body.innerHTML = markup;
			enhance(body);
			body.removeAttribute('aria-busy');
		},
		(error) => {
			body.textContent = `This section cannot be unpacked here (${error}); detbal report --figures writes its figures as files.`;
		},
	);
	unpacking.set(details, filled);
	return filled;
};

const open = async (details) => {
	details.open = true;
	await fill(details);
};

const sections = () => [...document.querySelectorAll('details.group')];

/** A link may point into a section that is not unpacked yet: `slug` or `slug.part`. */
const follow = async () => {
	const id = decodeURIComponent(location.hash.slice(1));
	if (id === '') return;
	const section = document.getElementById(id.split('.')[0]);
	if (section === null || !section.matches('details.group')) return;
	section.hidden = false;
	await open(section);
	document.getElementById(id)?.scrollIntoView();
};

const addGroupTools = () => {
	const tools = document.querySelector('.group-tools');
	const groups = sections();
	if (groups.length < 2) return;
	const everything = button('Open all, for printing', async () => {
		everything.disabled = true;
		for (const details of groups) await open(details);
		everything.disabled = false;
	});
	const none = button('Close all', () => {
		for (const details of groups) details.open = false;
	});
	if (groups.length >= FEWEST_TO_FILTER) {
		const textOf = (details) => details.querySelector('summary');
		tools.append(filterOf('Find a kernel by name or verdict', groups, { noun: 'kernels', textOf }));
	}
	tools.append(everything, none);
};

// --- theme ---

const addThemeButton = () => {
	const prefersDark = matchMedia('(prefers-color-scheme: dark)').matches;
	const toggle = button('Dark', () => {
		const dark = toggle.getAttribute('aria-pressed') !== 'true';
		toggle.setAttribute('aria-pressed', String(dark));
		document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
	});
	toggle.setAttribute('aria-pressed', String(prefersDark));
	document.querySelector('.tools').append(toggle);
};

// --- start ---

enhance(document);
addThemeButton();
addGroupTools();
document.addEventListener(
	'toggle',
	({ target }) => {
		if (target.open && target.matches('details.group')) fill(target);
	},
	true,
);
addEventListener('hashchange', follow);
addEventListener('beforeprint', () => {
	document.documentElement.style.colorScheme = '';
	for (const details of document.querySelectorAll('details.group, details.experiment')) {
		if (details.querySelector('.packed') === null) details.open = true;
	}
});
follow();
