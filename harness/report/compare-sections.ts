/** A comparison as plain sections: for the page, for Markdown and for a terminal. */
import { exactSection } from './compare-exact-section.js';
import { leftOutSection } from './compare-left-out-section.js';
import { likenessSection } from './compare-likeness-section.js';
import { potentialsSection } from './compare-potentials-section.js';
import { rowsSection } from './compare-rows-section.js';
import { runsSection } from './compare-runs-section.js';
import type { ShownComparison } from './compare-shown.js';
import { sidesSection } from './compare-sides-section.js';
import type { PageSection } from './page/section.js';

/**
 * Everything that a comparison shows.
 *
 * @param result of `compareDatabases`; names and texts in it are untrusted
 * @returns sections in order; those with nothing to say are left out
 */
export function compareSections(result: ShownComparison): PageSection[] {
	return [...result.runs.map(runsSection), ...sampledSections(result), ...exactSection(result)];
}

/** Of kernels that were sampled; one alone, beside exact ones, has nothing to stand beside. */
function sampledSections(result: ShownComparison): PageSection[] {
	if (result.kernels.length < 2) return [];
	return [
		likenessSection(result),
		sidesSection(result),
		...rowsSection(result),
		...potentialsSection(result),
		...leftOutSection(result),
	];
}
