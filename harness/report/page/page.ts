/** The report: one HTML file that asks for nothing from outside. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Dossier } from '../../dossier/dossier.js';
import { missingOverviewFigures, overviewFigures } from '../figures/figures.js';
import { exactSection } from './exact.js';
import { figureGrid, missingList } from './figure-grid.js';
import { groupSections, groupTable } from './groups.js';
import { html, type Markup, name, trusted } from './html.js';
import { identitySection } from './identity.js';
import { methodsSection } from './methods.js';
import { repetitionInShort } from './repetition.js';
import type { PageSection } from './section.js';
import { interimBanner, measured, summarySection } from './summary.js';
import { pageTableMarkup } from './table.js';

/** First bytes of every report: an earlier one may be overwritten, another file may not. */
export const REPORT_MARK = '<!DOCTYPE html>\n<!-- detbal report -->\n';

type Link = readonly [anchor: string, title: string];

/** Sections of the page by anchor, further ones after those of kernels. Anchors of kernels have no underscore. */
function contentsOf(dossier: Dossier, extra: readonly PageSection[]): readonly Link[] {
	const sampled: readonly Link[] = [
		['_verdicts', 'Verdicts'],
		['_overview', 'Overview'],
		['_groups', 'Kernels'],
	];
	const exact: readonly Link[] = [['_exact', 'Exact kernels']];
	return [
		...(isSampled(dossier) ? sampled : []),
		...(dossier.exact.length > 0 ? exact : []),
		...extra.map(({ id, title }): Link => [`_extra.${id}`, title]),
		['_identity', 'Identity'],
		['_methods', 'Methods'],
	];
}

/** Whether there is anything but exact kernels to show. */
const isSampled = ({ groups, runs, exact }: Dossier): boolean =>
	groups.length > 0 || runs.length > 0 || exact.length === 0;

/**
 * The whole page. The same dossier and sections give the same text.
 *
 * @param dossier what is shown; every text in it may be hostile
 * @param extra further sections, after those of the kernels
 * @returns HTML, UTF-16; write it as UTF-8
 */
export function reportPage(dossier: Dossier, extra: readonly PageSection[]): string {
	const script = asset('page.js');
	const title = titleOf(dossier);
	const page = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="detbal ${dossier.tool.version}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}: detbal report</title>
<style>
${trusted(asset('palette.css'))}${trusted(asset('page.css'))}</style>
</head>
<body>
<a class="skip" href="#_main">Skip to the verdicts</a>
${header(title, dossier, extra)}
<main id="_main" tabindex="-1">
${sampledSections(dossier)}${exactSection(dossier)}${extra.map(extraSection)}
${identitySection(dossier)}
${methodsSection(dossier)}
</main>
<footer>
<p>Made by detbal ${dossier.tool.version} from data of ${dossier.date}. This file needs no network; model output is shown as text.</p>
</footer>
<script>${trusted(script)}</script>
</body>
</html>
`;
	return REPORT_MARK + page.toString();
}

/** Lets this file's own script run and nothing else, and nothing be fetched. */
function policy(script: string): string {
	const hash = createHash('sha256').update(script).digest('base64');
	return `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

function asset(file: string): string {
	const text = readFileSync(new URL(`./assets/${file}`, import.meta.url), 'utf8');
	// A browser reads line breaks as line feeds before it hashes a script.
	return text.replaceAll('\r\n', '\n');
}

function titleOf({ runs, groups, exact }: Dossier): string {
	const scored = exact.map(({ experiment }) => experiment);
	const names = [...new Set([...runs.map((run) => run.name), ...scored])];
	const shown = names.length > 0 ? names : [...new Set(groups.map(({ model }) => model))];
	const listed = shown.slice(0, 4).map(name).join(', ');
	return shown.length > 4 ? `${listed} and ${shown.length - 4} more` : listed;
}

function header(title: string, dossier: Dossier, extra: readonly PageSection[]): Markup {
	const links = contentsOf(dossier, extra);
	return html`<header>
<p class="kicker">detbal report <span class="tools"></span></p>
<h1>${title}</h1>
<p class="lead">Does the model obey detailed balance? ${measured(dossier)} ${repetitionInShort(dossier)}</p>
${interimBanner(dossier)}${dossier.notices.map(
	(notice) => html`<p class="banner" role="note">${notice}</p>
`,
)}
<nav aria-label="Contents"><ul>
${links.map(
	([id, label]) => html`<li><a href="#${id}">${label}</a></li>
`,
)}</ul></nav>
</header>
`;
}

function sampledSections(dossier: Dossier): Markup | null {
	if (!isSampled(dossier)) return null;
	return html`${summarySection(dossier)}
${overviewSection(dossier)}
${groupsSection(dossier)}
`;
}

function overviewSection(dossier: Dossier): Markup {
	return html`<section id="_overview" aria-labelledby="_overview.title">
<h2 id="_overview.title">Overview</h2>
${figureGrid(overviewFigures(dossier))}
${missingList(missingOverviewFigures(dossier))}
</section>
`;
}

function groupsSection(dossier: Dossier): Markup {
	return html`<section id="_groups" aria-labelledby="_groups.title">
<h2 id="_groups.title">Kernels</h2>
${groupTable(dossier)}
${groupSections(dossier)}
</section>
`;
}

function extraSection({ id, title, paragraphs, tables }: PageSection): Markup {
	const anchor = `_extra.${id}`;
	return html`<section id="${anchor}" aria-labelledby="${anchor}.title">
<h2 id="${anchor}.title">${title}</h2>
${paragraphs.map(
	(text) => html`<p class="prose">${text}</p>
`,
)}
${tables.map((table, i) => pageTableMarkup(`${anchor}.${i + 1}`, table))}
</section>
`;
}
