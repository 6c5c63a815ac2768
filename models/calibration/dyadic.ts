/**
 * Pseudo-random integer in [−limit, limit], a pure function of its name and indices: 32-bit
 * integer arithmetic only (FNV-1a, then the finaliser of MurmurHash3), so the same everywhere.
 * Twice `limit` + 1 must be far below 2³².
 */
export function dyadic(name: string, i: number, j: number, limit: number): number {
	let hash = 0x811c9dc5;
	for (const character of `${name}/${i}/${j}`)
		hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	hash ^= hash >>> 16;
	return ((hash >>> 0) % (2 * limit + 1)) - limit;
}
