import { distance } from 'fastest-levenshtein';

export { distance };

const plain = (word: string) => word.toLowerCase().replaceAll(/[-_ ]/g, '');

/** The candidate a person most likely meant by `word`, or null where none is close. */
export function nearest(word: string, candidates: readonly string[]): string | null {
	if (word.length > 64) return null;
	const given = plain(word);
	let best: string | null = null;
	let bestDistance = Math.max(1, Math.floor(given.length / 3)) + 1;
	for (const candidate of candidates) {
		const d = distance(given, plain(candidate));
		if (d < bestDistance) [best, bestDistance] = [candidate, d];
	}
	return best;
}
