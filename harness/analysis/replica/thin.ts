/** Every k-th item, so that at most `most` of `total` are kept. */
export function thin<T>(
	total: number,
	most: number,
	each: (visit: (item: T) => void) => void,
): T[] {
	if (most === 0) return [];
	const every = Math.max(1, Math.ceil(total / most));
	const kept: T[] = [];
	let at = 0;
	each((item) => {
		if (at % every === 0) kept.push(item);
		at += 1;
	});
	return kept;
}
