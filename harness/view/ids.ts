/** Names by which looks and judgements, made apart, know that they mean the same group. */

/** @param cell the first of the group, of `run` */
export function groupId(
	run: { readonly createdAt: string },
	cell: { readonly id: number },
): string {
	return `${run.createdAt} cell ${cell.id}`;
}

export function importId(one: { readonly id: number; readonly createdAt: string }): string {
	return `${one.createdAt} import ${one.id}`;
}
