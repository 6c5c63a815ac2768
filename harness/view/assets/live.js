/*
 * The live page. Texts of the database are only ever set as textContent: whatever they hold, they
 * stay text.
 */
const MOST_ROWS = 300;
const MOST_CELLS = 1000;
const MOST_POINTS = 200;
const SVG = 'http://www.w3.org/2000/svg';

const at = (id) => document.getElementById(id);
const grouped = (n) => n.toLocaleString('en-US');
const digits = (x) => (x === null ? '–' : x === 0 ? '0' : String(Number(x.toPrecision(3))));

/** An element with a class and children; texts become text nodes. */
function make(tag, className, ...children) {
	const element = document.createElement(tag);
	if (className) element.className = className;
	element.append(...children);
	return element;
}

/** Sets a text only where it is another one: what a person has marked or a reader reads stays. */
function say(element, text) {
	if (element.textContent !== text) element.textContent = text;
}

function show(element, text) {
	say(element, text ?? '');
	element.hidden = text === null;
}

function duration(seconds) {
	if (seconds < 90) return `${seconds} s`;
	if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
	if (seconds < 129600) return `${(seconds / 3600).toFixed(1)} h`;
	return `${(seconds / 86400).toFixed(1)} days`;
}

/** Model and template, kept from turning the direction of what stands beside them. */
function labels({ model, template, temperature }) {
	const first = make('bdi', '', model);
	const rest = make('bdi', 'small', `${template} · T ${temperature ?? '?'}`);
	return [first, rest];
}

// What each group has come to, in words.

const WORDS = {
	below: 'holds',
	above: 'above tolerance, not tested',
	open: 'not settled',
	'no loop': 'no loop to test',
};

function standing({ judged, done }, interim) {
	if (judged === null) return ['', done === 0 ? 'not begun' : 'too early to say'];
	const { standing, verdict } = judged;
	const word = standing === 'below' ? verdict : WORDS[standing];
	const later = standing === 'below' || standing === 'no loop';
	return [standing === 'no loop' ? '' : standing, interim && later ? `${word} so far` : word];
}

// The bound since the page was opened.

const history = new Map();

function remember({ id, judged }, judgements) {
	const upper = judged?.upper95 ?? null;
	const attempts = judged?.attempts ?? null;
	const points = history.get(id) ?? [];
	history.set(id, points);
	if (upper === null || attempts === null || !(upper > 0)) return points;
	if (points.at(-1)?.judgements === judgements) return points;
	if (points.at(-1)?.attempts === attempts) return points;
	points.push({ judgements, attempts, upper });
	// Every second one goes, the first and the last stay.
	if (points.length > MOST_POINTS) {
		history.set(
			id,
			points.filter((_, i) => i % 2 === 0 || i === points.length - 1),
		);
	}
	return history.get(id);
}

const WIDTH = 144;
const HEIGHT = 40;

function picture(points, tolerance) {
	const svg = document.createElementNS(SVG, 'svg');
	const first = points[0].upper;
	const last = points.at(-1).upper;
	const looks = `${points.length} ${points.length === 1 ? 'look' : 'looks'}`;
	svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
	svg.setAttribute('role', 'img');
	svg.setAttribute(
		'aria-label',
		`bound from ${digits(first)} to ${digits(last)} nats in ${looks}, tolerance ${digits(tolerance)}`,
	);
	const xs = points.map(({ attempts }) => Math.log(attempts));
	const ys = points.map(({ upper }) => Math.log(upper));
	const scale = (values, size) => {
		const low = Math.min(...values);
		const span = Math.max(...values) - low;
		return (value) => (span === 0 ? size / 2 : ((value - low) / span) * size);
	};
	const x = scale(xs, WIDTH - 8);
	const y = scale([...ys, Math.log(tolerance)], HEIGHT - 8);
	const place = (i) => [4 + x(xs[i]), HEIGHT - 4 - y(ys[i])];
	const level = HEIGHT - 4 - y(Math.log(tolerance));
	draw(svg, 'line', 'tolerance', { x1: 0, x2: WIDTH, y1: level, y2: level });
	const line = points
		.map((_, i) =>
			place(i)
				.map((n) => n.toFixed(1))
				.join(','),
		)
		.join(' ');
	draw(svg, 'polyline', 'line', { points: line });
	const [cx, cy] = place(points.length - 1);
	draw(svg, 'circle', 'last', { cx, cy, r: 3 });
	return svg;
}

function draw(svg, tag, className, attributes) {
	const shape = document.createElementNS(SVG, tag);
	shape.setAttribute('class', className);
	for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
	svg.append(shape);
}

// The table of groups: rows stay, and so do their open details and the focus.

const rows = new Map();

function newRow(group) {
	const row = make('tr');
	row.setAttribute('role', 'row');
	const titles = [...document.querySelectorAll('#groups th')].map((th) => th.textContent);
	const cell = (i, className, ...children) => {
		const td = make('td', className, ...children);
		td.setAttribute('role', 'cell');
		td.dataset.label = titles[i];
		row.append(td);
		return td;
	};
	cell(0, 'group quiet-label', ...labels(group));
	const bar = make('progress');
	const made = make('span');
	cell(1, 'made', make('div', '', made, bar));
	const chip = make('span', 'chip');
	const basis = make('span', 'small');
	const why = make('p', 'note');
	const details = make('details', '', make('summary', '', 'What the numbers say'), why);
	cell(2, 'so-far', make('div', '', chip, basis, details));
	const rms = make('span');
	const least = make('span', 'small');
	cell(3, 'rms', make('div', '', rms, least));
	const upper = cell(4, 'upper', make('span')).firstChild;
	const drawn = cell(5, 'drawn', make('span')).firstChild;
	const name = `${group.model}, ${group.template}`;
	bar.setAttribute('aria-label', `Attempts of ${name}`);
	return {
		row,
		bar,
		made,
		chip,
		basis,
		details,
		why,
		rms,
		least,
		upper,
		drawn,
		key: '',
		word: null,
	};
}

/** @returns what a reader of the screen should hear, or null */
function fill(shown, group, { interim, tolerance, judgements }) {
	const { planned, done, judged } = group;
	shown.bar.hidden = planned === null;
	if (planned !== null) {
		shown.bar.max = Math.max(1, planned);
		shown.bar.value = Math.min(done, planned);
		say(shown.made, `${grouped(done)} of ${grouped(planned)}`);
	} else {
		const all = judged?.attempts ?? null;
		say(shown.made, all === null ? 'imported' : `${grouped(all)}, imported`);
	}
	const [kind, word] = standing(group, interim);
	shown.chip.className = `chip ${kind}`;
	say(shown.chip, word);
	const looked = judged?.attempts ?? null;
	const part = looked !== null && planned !== null && looked !== done;
	show(shown.basis, part ? `on ${grouped(looked)} attempts` : null);
	shown.details.hidden = judged === null;
	say(shown.why, judged?.sentence ?? '');
	const { rms = null, lower95 = null, upper95 = null } = judged ?? {};
	const least = lower95 !== null && lower95 > 0 ? `at least ${digits(lower95)}` : '';
	say(shown.rms, digits(rms));
	say(shown.least, least);
	say(shown.upper, digits(upper95));
	const points = remember(group, judgements);
	const key = `${points.length} ${points.at(-1)?.attempts} ${tolerance}`;
	if (points.length > 0 && tolerance !== null && key !== shown.key) {
		shown.drawn.replaceChildren(picture(points, tolerance));
		shown.key = key;
	}
	const before = shown.word;
	shown.word = word;
	return before !== null && before !== word
		? `${group.model}, ${group.template}: ${before}, now ${word}`
		: null;
}

function showGroups(snapshot) {
	const { groups } = snapshot;
	const first = groups.slice(0, MOST_ROWS);
	const present = new Set(first.map(({ id }) => id));
	for (const [id, { row }] of rows) {
		if (present.has(id)) continue;
		row.remove();
		rows.delete(id);
		history.delete(id);
	}
	const news = [];
	for (const [i, group] of first.entries()) {
		const shown = rows.get(group.id) ?? newRow(group);
		rows.set(group.id, shown);
		if (at('rows').children[i] !== shown.row) {
			at('rows').insertBefore(shown.row, at('rows').children[i] ?? null);
		}
		const heard = fill(shown, group, snapshot);
		if (heard !== null) news.push(heard);
	}
	if (news.length > 3) say(at('news'), `${news.length} groups have come to something else.`);
	else if (news.length > 0) say(at('news'), news.join('. '));
	const more = groups.length - first.length;
	show(
		at('more'),
		more > 0 ? `${grouped(more)} more groups are in data.json and in the report.` : null,
	);
}

function showCells({ groups }) {
	const all = groups.flatMap((group) => group.cells.map((cell) => ({ group, cell })));
	const made = all.slice(0, MOST_CELLS).map(({ group, cell }) => {
		const name = `${group.model} · ${group.template} · T ${group.temperature ?? '?'}`;
		return make(
			'tr',
			'',
			make('td', '', make('bdi', '', name)),
			make('td', '', String(cell.run)),
			make('td', '', String(cell.seed)),
			make('td', '', cell.design),
			make('td', 'number', grouped(cell.done)),
			make('td', 'number', grouped(cell.planned)),
		);
	});
	at('cells').replaceChildren(...made);
	const more = all.length - made.length;
	show(at('more-cells'), more > 0 ? `${grouped(more)} more cells are in data.json.` : null);
}

// The whole.

function stage({ interim, missing, planned, groups, imports }) {
	if (planned === 0 && imports === 0) return 'The database holds no run yet.';
	const nothing = groups.every(({ judged }) => judged === null);
	const later =
		'A verdict with p-values is what the full report and detbal verify give: only there can a group be “violated”.';
	if (!interim) {
		return `${planned === 0 ? 'Imported counts.' : 'All planned attempts are made.'} The numbers here are bounds without p-values. ${later}`;
	}
	const missed = missing > 0 ? `${grouped(missing)} planned attempts are missing. ` : '';
	return `Interim. ${missed}Looking early and often is not a test: the bounds move while the data come in, and a run that is stopped because of what this page shows can claim no error level. ${nothing ? '' : later}`;
}

function showWhole(snapshot) {
	const { db, problem, planned, done, rate, secondsLeft, writing, writer, interim } = snapshot;
	const share = planned === 0 ? 0 : Math.min(1, done / planned);
	const percent = `${(Math.floor(1000 * share) / 10).toFixed(1)} %`;
	document.title = `${planned === 0 ? '' : `${percent} · `}${db} · detbal view`;
	say(at('db'), db);
	show(
		at('problem'),
		problem === null
			? null
			: `The database cannot be read at present: ${problem}. What is shown below is older; the page goes on trying.`,
	);
	at('all').value = share;
	say(
		at('attempts'),
		planned === 0 ? 'none planned' : `${grouped(done)} of ${grouped(planned)} (${percent})`,
	);
	say(at('rate'), rate === null ? '–' : grouped(rate));
	say(
		at('left'),
		!interim ? 'done' : secondsLeft === null ? '–' : `about ${duration(secondsLeft)}`,
	);
	say(
		at('writer'),
		writing
			? `process ${writer.pid} on ${writer.host}`
			: `none${interim && planned > 0 ? '; go on with detbal run FILE --resume' : ''}`,
	);
	say(at('stage'), stage(snapshot));
	const { judgements, judgementProblem, tolerance } = snapshot;
	const times = `${grouped(judgements)} ${judgements === 1 ? 'time' : 'times'}`;
	say(
		at('judgement'),
		judgementProblem === null
			? `The data were looked at ${times} since this server was started.`
			: `The statistics could not be made: ${judgementProblem}`,
	);
	say(at('tolerance'), digits(tolerance));
}

function render(snapshot) {
	showWhole(snapshot);
	showGroups(snapshot);
	showCells(snapshot);
}

function listen() {
	const events = new EventSource('/events');
	events.onmessage = ({ data }) => {
		show(at('connection'), null);
		render(JSON.parse(data));
	};
	events.onerror = () => {
		show(
			at('connection'),
			'No connection to detbal view: it was ended, or too many of its pages are open. The page goes on trying.',
		);
		// A refusal is final for an event source; another one may be let in later.
		if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
	};
}

listen();
